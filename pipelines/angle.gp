# The angular distance between the inputs of layers l and l+n, for every block of n layers: one row a width, shifted
# and scaled to [0, 1], with l*(n), the block to drop, marked. `angles` and `blocks`: TSV files of n, l, distance, the
# second with the base in its first line; type is svg or png.

if (type eq "png") {
	set terminal pngcairo size 1740,1440 font "DejaVu Sans,11" fontscale 3 linewidth 3 pointscale 3
} else {
	set terminal svg size 580,480 font "DejaVu Sans, Helvetica, sans-serif,11" background "white"
}

# n, l, scaled distance; a row of one value is 0
scaled = "<awk -F'\\t' '{ n[NR] = $1; l[NR] = $2; d[NR] = $3; if (!($1 in lo) || $3 < lo[$1]) lo[$1] = $3; if (!($1 in hi) || $3 > hi[$1]) hi[$1] = $3 }" \
	." END { for (i = 1; i <= NR; i++) { w = hi[n[i]] - lo[n[i]]; print n[i], l[i], (w > 0 ? (d[i] - lo[n[i]]) / w : 0) } }' '" . angles . "'"
stats angles using 1 nooutput
L = int(STATS_max)

set palette defined (0 "#fde725", 0.25 "#5ec962", 0.5 "#21918c", 0.75 "#3b528b", 1 "#440154")
set cbrange [0:1]
set cbtics 0, 0.25, 1 out nomirror
set cblabel "angular distance, scaled in each row" offset 0.6,0
set colorbox user origin graph 1.04,0 size graph 0.035,1

set xlabel "first layer of the block, l"
set ylabel "layers in the block, n"
set xrange [-0.5:L-0.5]
set yrange [0.5:L+0.5]
step = L > 48 ? 10 : L > 12 ? 5 : 2
set xtics 0, step out nomirror
set ytics step, step out nomirror
set ytics add (1)
set border 3
set lmargin at screen 0.12
set rmargin at screen 0.80
set tmargin at screen 0.96
set bmargin at screen 0.13
set key at graph 0.98,0.96 right top Left reverse samplen 1.5 spacing 1.2

set style fill solid 1 noborder
plot scaled using 2:1:(0.505):(0.505):3 with boxxyerror linecolor palette notitle, \
	blocks every ::1 using 2:1 with points pointtype 7 pointsize 0.55 linecolor rgb "#000000" title "smallest in its row, l*(n)"
