# panels.awk holds the panels, curves and key of a figure, and prints them for panels.gp
#
# awk -f numbers.awk -f panels.awk -f FIGURE.awk: a figure adds points and calls write_figure. What is
# printed has a line of names, and then
#   panel series hue dash x y error title label name
# sorted by panel, series and x. dash: of a curve 1: solid, 2: dotted, 5: faint, 6: without marks, 7:
# without marks and dashed; 3, 4: a point, of a base that is quantised or is not; of a line across
# the panel, which has "-" for x, 1: dashed, 2: dashes and dots, 3: short dashes. hue 0: grey.
# Panel 0 is the figure's own: series 0 has the x axis, the number of panels beside each other (0:
# whatever fits), the model's name, the figure's title and a note; the others are the entries of the
# key.

BEGIN {
	FS = OFS = "\t"
	x_label = "fraction of layers dropped"
}

# Numbers of panels and of a panel's curves, from 1 as they come.
function number(list, key) {
	if (!((list, key) in number_of)) {
		number_of[list, key] = ++count[list]
		key_of[list, count[list]] = key
	}
	return number_of[list, key]
}
function panel(title, label) { return number("panel", text(title) OFS text(label)) }

# A curve's number; how: hue and dash.
function curve(p, name, how,   s) {
	s = number("curve " p, name)
	if (!((p, s) in look))
		look[p, s] = how
	return s
}

# A point of a curve, in its place by x. An error that is not known is "".
function add(p, s, x, y, error,   k) {
	for (k = ++n_points[p, s]; k > 1 && x < x_of[p, s, k - 1]; k--) {
		x_of[p, s, k] = x_of[p, s, k - 1]
		rest_of[p, s, k] = rest_of[p, s, k - 1]
	}
	x_of[p, s, k] = x
	rest_of[p, s, k] = y OFS (error == "" ? 0 : error)
	no_error += error == ""
}

# A line across the panel, once.
function add_line(p, name, how, y) {
	if (!is_value(y) || ("curve " p, name) in number_of)
		return
	in_key("lines", name, how OFS "-")
	add(p, curve(p, name, how), "-", y, 0)
}

# The key has hues first, then dashes, points and lines. how: hue, dash and 0, or "-" of a line.
function in_key(part, name, how) {
	if (name == "" || (part, name) in key_has)
		return
	key_has[part, name]
	entry[part, ++n_entries[part]] = how OFS text(name)
}

# gnuplot reads quotes in its own way, and an empty last field as the one before.
function text(s) {
	gsub(/"/, "'", s)
	return s == "" ? "-" : s
}

# The model of a stream's path is its folder.
function model_of(path) {
	if (!sub(/\/[^\/]*$/, "", path))
		return ""
	sub(/.*\//, "", path)
	return path == "." ? "" : path
}

function write_figure(model, heading, across) {
	if (no_error)
		note = "Points without a bar: no standard error is known." (note == "" ? "" : " ") note
	if (left_out)
		note = note (note == "" ? "" : " ") "Left out: " left_out " that are no numbers."
	print "panel", "series", "hue", "dash", "x", "y", "error", "title", "label", "name"
	print 0, 0, 0, 0, x_label, across + 0, 0, text(model), text(heading), text(note)
	write_key()
	write_panels()
}
function write_key(   part, n_parts, i, k, f, n) {
	n_parts = split("hues dashes points lines", part, " ")
	for (i = 1; i <= n_parts; i++)
		for (k = 1; k <= n_entries[part[i]]; k++) {
			split(entry[part[i], k], f, "\t")
			print 0, ++n, f[1], f[2], f[3], 0, 0, "-", "-", f[4]
		}
}
function write_panels(   p, s, k, shown) {
	for (p = 1; p <= count["panel"]; p++) {
		shown += count["curve " p] > 0
		for (s = 1; s <= count["curve " p]; s++)
			for (k = 1; k <= n_points[p, s]; k++)
				print shown, s, look[p, s], x_of[p, s, k], rest_of[p, s, k], \
					key_of["panel", p], text(key_of["curve " p, s])
	}
}
