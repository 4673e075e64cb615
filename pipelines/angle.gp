# The angular distance between the inputs of layers l and l+n, for every block of n layers but the whole model: one row a
# width, shifted and scaled to [0, 1]. Marked is l*(n), the block to drop, the larger the surer: `sure` is the share of
# resamples of the documents in which it is the least; a ring is the runner-up. `angles`: a TSV file of n, l, distance;
# `blocks`: of n, l, distance, sure, runner-up, with the base in its first line; the last two may be missing.

wide = 580
high = 500
load ARG0[1:strlen(ARG0) - strlen("angle.gp")]."picture.gp"
eval terminal(wide, high)
stats angles using 1 nooutput
L = int(STATS_max)
array lo[L]
array hi[L]
array width[L]
do for [n = 1:L] {
	lo[n] = 1e300
	hi[n] = -1e300
}
take(n, d) = (lo[n] = d < lo[n] ? d : lo[n], hi[n] = d > hi[n] ? d : hi[n], 0)
stats angles using (take(int(column(1)), column(3))) nooutput
scaled(n, d) = hi[n] > lo[n] ? (d - lo[n]) / (hi[n] - lo[n]) : 0


known = 0
share(c) = valid(c) ? column(c) : -1
see(s) = (known = known || (s >= 0 && s <= 1), 0)
stats blocks every ::1 using (see(share(4))) nooutput
size(s) = s >= 0 && s <= 1 ? 0.15 + 0.65 * s : 0.55
off = -1e9		# where nothing is drawn

model = model_of(angles)
set label 1 model at screen 16.0 / wide, 1 - 16.0 / high left font ",13"
set label 2 "Angular distance of every block, scaled in each row".(last_part(angles) eq "positions.tsv" ? ", over chosen tokens" : "") at screen 16.0 / wide, 1 - (model ne "" ? 35.0 : 14.0) / high left \
	textcolor rgb "#555555"

set palette defined (0 "#fde725", 0.25 "#5ec962", 0.5 "#21918c", 0.75 "#3b528b", 1 "#440154")
set cbrange [0:1]
set cbtics 0, 0.25, 1 out nomirror
set cblabel "angular distance, scaled in each row" offset 0.6,0
set colorbox user origin graph 1.04,0 size graph 0.035,1

set xlabel "first layer of the block, l"
set ylabel "layers in the block, n"
set xrange [-0.5:L-0.5]
set yrange [0.5:L > 1 ? L-0.5 : 1.5]
step = L > 48 ? 10 : L > 12 ? 5 : 2
set xtics 0, step out nomirror
set ytics step, step out nomirror
set ytics add (1)
unset grid
set lmargin at screen 0.12
set rmargin at screen 0.80
set tmargin at screen 1 - 50.0 / high
set bmargin at screen 58.0 / high
set key at graph 0.99,0.97 right top Left reverse samplen 0.5 spacing 1.3

set style fill solid 1 noborder
plot angles using (column(1) < L ? column(2) : off):1:(0.505):(0.505):(scaled(int(column(1)), column(3))) with boxxyerror linecolor palette notitle, \
	blocks every ::1 using (known && valid(5) ? column(5) : off):1 with points pointtype 6 pointsize 0.45 linewidth 0.9 linecolor rgb "#000000" notitle, \
	blocks every ::1 using 2:1:(size(share(4))) with points pointtype 7 pointsize variable linecolor rgb "#000000" notitle, \
	off with points pointtype 7 pointsize (known ? size(1) : 0.55) linecolor rgb "#000000" \
		title known ? "l*(n), least in all resamples" : "l*(n), least in its row", \
	off with points pointtype 7 pointsize size(0.5) linecolor rgb known ? "#000000" : "#ffffff" title known ? "in half of them" : " ", \
	off with points pointtype 6 pointsize 0.45 linecolor rgb known ? "#000000" : "#ffffff" title known ? "runner-up" : " "
