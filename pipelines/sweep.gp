# Loss and accuracies against the fraction of layers dropped. From sweep.tsv, healed.tsv (task, n, L, value, standard
# error) and guess.tsv (task, value; majority: the accuracy of BoolQ's more frequent answer); type is svg or png.

if (type eq "png") {
	set terminal pngcairo size 2880,1110 font "DejaVu Sans,10" fontscale 3 linewidth 3 pointscale 3
} else {
	set terminal svg size 960,370 font "DejaVu Sans, Helvetica, sans-serif,10" background "white"
}

of(task, file) = sprintf("<awk -F'\\t' '$1 == \"%s\"' %s", task, file)
base(task) = real(system(sprintf("awk -F'\\t' '$1 == \"%s\" && $2 == 0 { print $4 }' sweep.tsv", task)))
guess(task) = real(system(sprintf("awk -F'\\t' '$1 == \"%s\" { print $2 }' guess.tsv", task)))
majority = guess("majority")

blue = "#0072b2"
red = "#d55e00"
set style fill transparent solid 0.2 noborder
set style line 1 dashtype 2 linewidth 1.3 linecolor rgb "#000000"
set style line 2 dashtype 3 linewidth 1.8 linecolor rgb "#777777"
set style line 3 dashtype 4 linewidth 1.3 linecolor rgb "#777777"
set style line 4 pointtype 7 pointsize 0.45 linewidth 1.3 linecolor rgb blue
set style line 5 pointtype 13 pointsize 1 linewidth 1.5 linecolor rgb red

set datafile separator "\t"
set border 3
set xrange [0:1]
set xtics 0, 0.2, 1 out nomirror format "%.1f"
set ytics auto out nomirror format "%g"
set xlabel "fraction of layers dropped"
set grid ytics linetype 1 linewidth 0.4 linecolor rgb "#dddddd"
set bmargin at screen 0.27
set tmargin at screen 0.97
unset key

set multiplot
do for [i = 1:3] {
	task = word("c4 mmlu boolq", i)
	left = 0.06 + 0.325 * (i - 1)
	set lmargin at screen left
	set rmargin at screen left + 0.255
	if (i == 1) { set ylabel "loss (nats per token)" offset 0.5,0; set yrange [*:1.3*guess("c4")] }
	if (i == 2) { set ylabel "MMLU accuracy"; set yrange [0:0.6<*<1]; set ytics 0, 0.1, 1 format "%.1f" }
	if (i == 3) { set ylabel "BoolQ accuracy" }
	b = base(task)
	g = guess(task)
	m = i == 3 && abs(majority - g) > 0.005 ? majority : NaN
	plot of(task, "sweep.tsv") using ($2/$3):($4-$5):($4+$5) with filledcurves linecolor rgb blue, \
		b with lines linestyle 1, g with lines linestyle 2, m with lines linestyle 3, \
		of(task, "sweep.tsv") using ($2/$3):4 with linespoints linestyle 4, \
		of(task, "healed.tsv") using ($2/$3):4:5 with yerrorbars linestyle 5
}

# one key for the three
set lmargin at screen 0.03
set rmargin at screen 0.97
set tmargin at screen 0.1
set bmargin at screen 0.02
unset border
unset tics
unset xlabel
unset ylabel
set yrange [0:1]
set key center center horizontal Left reverse samplen 2.2 width 1
plot -1 with lines linestyle 1 title "base model", \
	keyentry with linespoints linestyle 4 title "pruned", \
	keyentry with filledcurves linecolor rgb blue title "± standard error", \
	keyentry with yerrorbars linestyle 5 title "healed", \
	keyentry with lines linestyle 2 title "guessing", \
	keyentry with lines linestyle 3 title m == m ? "always the commoner answer" : ""
unset multiplot
