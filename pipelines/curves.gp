# The angular distance between the inputs of layers l and l+n against l: a curve for each n, and l*(n), the least of each.



if (type eq "png") {
	set terminal pngcairo size 1740,1200 font "DejaVu Sans,11" fontscale 3 linewidth 3 pointscale 3
} else {
	set terminal svg size 580,400 font "DejaVu Sans, Helvetica, sans-serif,11" background "white"
}

stats angles using 1 nooutput
L = int(STATS_max)
set datafile separator "\t"
set palette defined (0 "#440154", 0.25 "#3b528b", 0.5 "#21918c", 0.75 "#5ec962", 1 "#fde725")
set cbrange [1:L]
set cblabel "layers in the block, n" offset 0.6,0
set xlabel "first layer of the block, l"
set ylabel "angular distance (fraction of π)"
set xrange [0:L-1]
set yrange [0:*]
set border 3
set tics out nomirror
set cbtics out
set key left top Left reverse samplen 1.5
plot for [n = 1:L] sprintf("<awk -F'\\t' '$1 == %d' '%s'", n, angles) using 2:3:1 with lines linecolor palette notitle, \
	blocks every ::1 using 2:3 with linespoints pointtype 7 pointsize 0.4 linewidth 1.5 linecolor rgb "#000000" title "smallest of each n, l*(n)"
