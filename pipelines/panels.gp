# Panels of values against the fraction of layers dropped, from what series.awk writes: `data`, a TSV file of
#   panel series hue dash x y error panel-title y-label series-title
# type is svg or png. A hue has its own point too, so that the figure reads in grey.

field(k, where) = system(sprintf("awk -F'\\t' '%s { print $%d; exit }' '%s'", where, k, data))
panels = int(system(sprintf("cut -f1 '%s' | sort -n | tail -1", data)))
series(p) = int(system(sprintf("awk -F'\\t' '$1 == %d { print $2 }' '%s' | sort -n | tail -1", p, data)))
of(p, s) = sprintf("$1 == %d && $2 == %d", p, s)
rows(p, s) = sprintf("\"<awk -F'\\t' '%s' '%s'\"", of(p, s), data)

# Every panel is a cell of the same size: title, plot, axis, key; that in two columns where its words are short.
across = panels < 3 ? panels : 3
down = (panels + across - 1) / across
longest = int(system(sprintf("cut -f10 '%s' | awk '{ n = length($0); if (n > m) m = n } END { print m }'", data)))
columns = longest > 14 ? 1 : 2
most = int(system(sprintf("cut -f2 '%s' | sort -n | tail -1", data)))
key_rows = (most + columns - 1) / columns
cell_x = 320.0
cell_y = 284.0 + 17 * key_rows
if (type eq "png") {
	set terminal pngcairo noenhanced size 3*cell_x*across,3*cell_y*down font "DejaVu Sans,10" fontscale 3 linewidth 3 pointscale 3
} else {
	set terminal svg noenhanced size cell_x*across,cell_y*down font "DejaVu Sans, Helvetica, sans-serif,10" background "white"
}
at_x(p, x) = ((p - 1) % across + x / cell_x) / across
at_y(p, y) = 1 - ((p - 1) / across + y / cell_y) / down

array hue[8] = ["#0072b2", "#d55e00", "#cc0000", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"]
array point[8] = [7, 5, 1, 9, 11, 13, 4, 6]
colour(h) = h == 0 ? "#777777" : hue[(h - 1) % 8 + 1]
mark(h) = point[(h + 7) % 8 + 1]

set datafile separator "\t"
set border 3
set xrange [0:1]
set xtics 0, 0.2, 1 out nomirror format "%.1f"
set ytics auto out nomirror format "%g"
set xlabel "fraction of layers dropped" offset 0,0.5
set grid ytics linetype 1 linewidth 0.4 linecolor rgb "#dddddd"

set multiplot
do for [p = 1:panels] {
	set lmargin at screen at_x(p, 66)
	set rmargin at screen at_x(p, cell_x - 14)
	set tmargin at screen at_y(p, 28)
	set bmargin at screen at_y(p, 224)
	set key at screen at_x(p, 40),at_y(p, 274) left top vertical maxrows key_rows Left reverse samplen 2 width 1
	set title field(8, sprintf("$1 == %d", p)) offset 0,-0.5
	what = field(9, sprintf("$1 == %d", p))
	set ylabel what offset 0.6,0
	# what is far worse than guessing leaves the panel
	if (strstrt(what, "accuracy")) { set yrange [0:*] } else { set yrange [0:*<1.5] }
	draw = ""
	do for [s = 1:series(p)] {
		h = int(field(3, of(p, s)))
		d = int(field(4, of(p, s)))
		t = field(10, of(p, s))
		if (field(5, of(p, s)) eq "-") {
			draw = draw . sprintf(", %s with lines dashtype %d linewidth 1.4 linecolor rgb \"%s\" title \"%s\"", \
				field(6, of(p, s)), d == 3 ? 3 : 4, colour(h), t)
		} else {
			draw = draw . sprintf(", %s using 5:6:7 with yerrorbars pointtype 0 linewidth 0.4 linecolor rgb \"%s\" notitle", \
				rows(p, s), colour(h))
			draw = draw . sprintf(", %s using 5:6 with linespoints dashtype %d linewidth 1.4 pointtype %d pointsize 0.5 linecolor rgb \"%s\" title \"%s\"", \
				rows(p, s), d == 1 ? 1 : 3, mark(h), colour(h), t)
		}
	}
	eval "plot " . draw[3:]
}
unset multiplot
