# Panels of curves, from what panels.awk writes, which see: `data`, a TSV file with a line of the columns' names, and then
#   panel series hue dash x y error title label name
# Panels of one label have one scale. What is above it is drawn at its upper edge, as a triangle.

load ARG0[1:strlen(ARG0) - strlen("panels.gp")]."picture.gp"

# -- a curve is a run of rows, from its first to its last
stats data every ::1 using 1 nooutput
panels = int(STATS_max)
rows = int(STATS_records)
array first[rows]
array last[rows]
array panel[rows]
array hue[rows]
array dash[rows]
array is_line[rows]
array at[rows]
array name[rows]
array title[panels + 1]
array label[panels + 1]
array top[panels + 1]
array bottom[panels + 1]
do for [p = 1:panels + 1] {
	top[p] = -1e300
	bottom[p] = 1e300
	title[p] = ""
	label[p] = ""
}
model = ""
heading = ""
note = ""
curves = 0
row = 0
off = -1e9		# where nothing is drawn
before = ""
number(k) = strcol(k) eq "inf" || strcol(k) eq "+inf" ? 1e300 : column(k)
text(k) = strcol(k) eq "-" ? "" : shown(strcol(k))
greater(a, b) = a > b ? a : b
take(p) = (row = row + 1, strcol(1)." ".strcol(2) ne before ? begin(p) : 0, last[curves] = row, \
	p > 0 && number(6) < 1e300 ? stretch(p, number(6), column(7)) : 0)
begin(p) = (before = strcol(1)." ".strcol(2), curves = curves + 1, first[curves] = row, panel[curves] = p, hue[curves] = int(column(3)), \
	dash[curves] = int(column(4)), is_line[curves] = strcol(5) eq "-", at[curves] = number(6), name[curves] = text(10), \
	curves == 1 ? begin_figure(0) : p > 0 ? (title[p] = text(8), label[p] = text(9), 0) : 0)
begin_figure(i) = (x_label = strcol(5), across = int(column(6)), model = text(8), heading = text(9), note = text(10), 0)
stretch(p, y, e) = (top[p] = greater(top[p], y + e), bottom[p] = -greater(-bottom[p], e - y), 0)
stats data every ::1 using (take(int(column(1)))) nooutput

if (panels == 0) {
	eval terminal(720, 120)
	unset border
	unset tics
	set label 1 (model ne "" ? model.": " : "").heading.": there is nothing to draw. ".note at screen 0.04, 0.5
	plot [0:1] [0:1] -1 notitle
	exit
}

# Fractions of layers are from 0 to 1, and values beside them from 0. A loss far worse than guessing is no news.
is_fraction = strstrt(x_label, "fraction")
highest(what) = strstrt(what, "accuracy") ? 1 : strstrt(what, "ln V") ? 1.5 : 1e300
do for [p = 1:panels] {
	do for [q = 1:panels] {
		if (label[q] eq label[p]) {
			top[p] = greater(top[p], top[q])
			bottom[p] = -greater(-bottom[p], -bottom[q])
		}
	}
}
do for [p = 1:panels] {
	if (top[p] < bottom[p]) {
		top[p] = 1.0
		bottom[p] = 0.0
	}
	bottom[p] = is_fraction || bottom[p] >= 0 && bottom[p] < 0.3 * top[p] ? 0 : bottom[p] - 0.06 * (top[p] - bottom[p])
	room = 0.06 * (top[p] - bottom[p])
	top[p] = top[p] + room < highest(label[p]) ? top[p] + room : highest(label[p])
	if (top[p] <= bottom[p]) { top[p] = bottom[p] + 1 }
}
nice(r) = r < 1.5 ? 1 : r < 3.5 ? 2 : r < 7.5 ? 5 : 10
step(range) = 10**floor(log10(range / 4.0)) * nice(range / 4.0 / 10**floor(log10(range / 4.0)))

# -- the picture: names, panels of one size, the key
entries = 0
longest = 1
has_titles = 0
do for [k = 2:curves] {
	if (panel[k] == 0) {
		entries = entries + 1
		longest = greater(longest, strlen(name[k]))
	}
}
do for [p = 1:panels] { has_titles = has_titles || title[p] ne "" }
if (across == 0) { across = panels == 4 ? 2 : panels < 3 ? panels : 3 }
down = (panels + across - 1) / across
head = 12 + (model ne "" ? 20 : 0) + (heading ne "" ? 16 : 0)
cell_y = (panels == 1 ? 300.0 : 240.0) + (has_titles ? 22 : 0)
entry = 48 + 6.4 * longest
wide = greater(panels == 1 ? 440.0 : 300.0 * across, greater(entry + 60, 40 + 6.2 * greater(strlen(heading), 1.35 * strlen(model))))
wide = greater(wide, 40 + 5.4 * strlen(note))
cell_x = wide / across
columns = greater(1, int((wide - 40) / entry))
key_rows = int((entries + columns - 1) / columns)
high = head + cell_y * down + 17 * key_rows + (note ne "" ? 20 : 0) + 8
eval terminal(wide, high)
x_of(p, x) = ((p - 1) % across * cell_x + x) / wide
y_of(p, y) = 1 - (head + (p - 1) / across * cell_y + y) / high

set label 1 model at screen 16 / wide, 1 - 16 / high left font ",13"
set label 2 heading at screen 16 / wide, 1 - (model ne "" ? 35 : 14) / high left textcolor rgb "#555555"
set label 3 note at screen 16 / wide, 12 / high left font ",9" textcolor rgb "#555555"

array lines[curves]
array drawn[curves]
do for [k = 1:curves] {		# gnuplot reads what it draws none of, too
	lines[k] = 1
	drawn[k] = 1
}
if (is_fraction) {
	set xrange [0:1]
	set xtics 0, 0.2, 1 out nomirror format "%.1f"
} else {
	set xrange [*:*]
	set xtics auto out nomirror format "%g"
}
set xlabel x_label offset 0,0.5
set multiplot
do for [p = 1:panels] {
	set lmargin at screen x_of(p, 68)
	set rmargin at screen x_of(p, cell_x - 14)
	set tmargin at screen y_of(p, has_titles ? 26 : 8)
	set bmargin at screen y_of(p, cell_y - 46)
	set title title[p] offset 0,-0.6
	set ylabel label[p] offset 0.2,0
	set yrange [bottom[p]:top[p]]
	set ytics step(top[p] - bottom[p]) out nomirror format "%g"
	n_lines = 0
	n_drawn = 0
	do for [k = 1:curves] {
		if (panel[k] == p && is_line[k]) {
			n_lines = n_lines + 1
			lines[n_lines] = k
		}
		if (panel[k] == p && !is_line[k]) {
			n_drawn = n_drawn + 1
			drawn[n_drawn] = k
		}
	}
	# error bars, lines across, curves, what is above
	plot for [i = 1:n_drawn] data every ::first[drawn[i]]::last[drawn[i]] \
			using 5:(number(6) > top[p] || !(column(7) > 0) ? off : column(6)):7 \
			with yerrorbars pointtype 0 linewidth 0.6 linecolor rgb curve_colour(dash[drawn[i]], hue[drawn[i]]) notitle, \
		for [i = 1:n_lines] at[lines[i]] with lines dashtype across_dash(dash[lines[i]]) linewidth 1.2 \
			linecolor rgb colour(hue[lines[i]]) notitle, \
		for [i = 1:n_drawn] data every ::first[drawn[i]]::last[drawn[i]] \
			using 5:(number(6) > top[p] ? top[p] : column(6)) with lines dashtype curve_dash(dash[drawn[i]]) linewidth 1.4 \
			linecolor rgb curve_colour(dash[drawn[i]], hue[drawn[i]]) notitle, \
		for [i = 1:n_drawn] data every ::first[drawn[i]]::last[drawn[i]] \
			using 5:(number(6) > top[p] ? off : column(6)) with points pointtype point(dash[drawn[i]], hue[drawn[i]]) \
			pointsize point_size(dash[drawn[i]]) linewidth 1.2 linecolor rgb curve_colour(dash[drawn[i]], hue[drawn[i]]) notitle, \
		for [i = 1:n_drawn] data every ::first[drawn[i]]::last[drawn[i]] using 5:(number(6) > top[p] ? top[p] : off) \
			with points pointtype up pointsize 0.9 linecolor rgb curve_colour(dash[drawn[i]], hue[drawn[i]]) notitle
	unset label		# the figure's own, once
}

# The key: a cell of its own, in pixels.
set lmargin at screen 0
set rmargin at screen 1
set tmargin at screen 1
set bmargin at screen 0
unset border
unset tics
unset grid
unset xlabel
unset ylabel
unset title
set xrange [0:wide]
set yrange [0:high]
set samples 2
key_x(k) = 20 + (k - 1) / key_rows * entry
key_y(k) = 9 + (note ne "" ? 20 : 0) + 17 * (key_rows - 1 - (k - 1) % key_rows)
do for [k = 1:entries] { set label (k) name[k + 1] at first key_x(k) + 36, key_y(k) left textcolor rgb "#222222" }
plot for [k = 1:entries] '+' using (key_x(k) + 28 * column(0)):(is_point(dash[k + 1]) && !is_line[k + 1] ? off : key_y(k)) with lines \
		dashtype is_line[k + 1] ? across_dash(dash[k + 1]) : curve_dash(dash[k + 1]) linewidth 1.4 linecolor rgb curve_colour(is_line[k + 1] ? 1 : dash[k + 1], hue[k + 1]) notitle, \
	for [k = 1:entries] '+' every ::0::0 using (key_x(k) + 14):(is_line[k + 1] ? off : key_y(k)) with points \
		pointtype point(dash[k + 1], hue[k + 1]) pointsize point_size(dash[k + 1]) linewidth 1.2 linecolor rgb curve_colour(dash[k + 1], hue[k + 1]) notitle
unset multiplot
