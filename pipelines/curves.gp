# The angular distance between the inputs of layers l and l+n against l: a curve for each n, and l*(n), the least of each.
# `angles` and `blocks`: TSV files of n, l, distance, the second with the base in its first line.

wide = 580
high = 420
load ARG0[1:strlen(ARG0) - strlen("curves.gp")]."picture.gp"
eval terminal(wide, high)
stats angles using 1 nooutput
L = int(STATS_max)
set palette defined (0 "#440154", 0.25 "#3b528b", 0.5 "#21918c", 0.75 "#5ec962", 1 "#fde725")
set cbrange [1:L]
set cblabel "layers in the block, n" offset 0.6,0
set xlabel "first layer of the block, l"
set ylabel "angular distance (fraction of π)"
set xrange [0:L-1]
set yrange [0:*]
unset grid
model = model_of(angles)
set label 1 model at screen 16.0 / wide, 1 - 16.0 / high left font ",13"
set label 2 "Angular distance between the inputs of layers l and l+n" at screen 16.0 / wide, 1 - (model ne "" ? 35.0 : 14.0) / high left \
	textcolor rgb "#555555"
set tmargin at screen 1 - 50.0 / high
set tics out nomirror
set cbtics out
set key left top Left reverse samplen 1.5
plot for [n = 1:L] angles using (int(column(1)) == n ? column(2) : NaN):3:1 with lines linecolor palette notitle, \
	blocks every ::1 using 2:3 with linespoints pointtype 7 pointsize 0.4 linewidth 1.5 linecolor rgb "#000000" title "least of each n, l*(n)"
