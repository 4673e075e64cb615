# What every picture shares: its terminal by `type`, svg, png or pdf; hues, marks, dashes; the name over it. Scripts set
# `wide` and `high`, in pixels of the svg, and load this first; a pdf has 72 of them an inch, a png three for one.
# Names reach gnuplot as data or as strings that are never run, and no text has markup.

if (type eq "png") {
	set terminal pngcairo noenhanced size 3*wide,3*high font "DejaVu Sans,10" fontscale 3 linewidth 3 pointscale 3
}
if (type eq "pdf") {
	set terminal pdfcairo noenhanced size wide/72.0,high/72.0 font "DejaVu Sans,10" fontscale 1 linewidth 1 pointscale 0.8
}
if (type eq "svg") {
	set terminal svg noenhanced size wide,high font "DejaVu Sans, Helvetica, sans-serif,10" background "white"
}

# Each hue has a lightness and a mark of its own, so that a figure reads in grey: these are, from 0 to 100, 27 62 39 53 14
# 75 69 47. Hue 0 is for lines of reference.
array hues[8] = ["#003a8c", "#e07b00", "#b0202f", "#2a9050", "#3b0a4f", "#e0b400", "#5fb0e8", "#b04a8f"]
array marks[8] = [7, 5, 13, 11, 15, 4, 6, 10]
colour(h) = h < 1 ? "#777777" : hues[(int(h) - 1) % 8 + 1]
mark(h) = h < 1 ? 0 : marks[(int(h) - 1 + (int(h) - 1) / 8) % 8 + 1]
point(dash, hue) = dash == 3 ? 12 : dash == 4 ? 4 : dash > 4 ? -1 : mark(hue)
is_point(dash) = dash == 3 || dash == 4
point_size(dash) = is_point(dash) ? 1.2 : 0.55
curve_dash(dash) = dash == 2 ? 3 : dash == 7 ? 2 : 1
curve_colour(dash, hue) = dash == 5 ? "#a0".colour(hue)[2:7] : colour(hue)
across_dash(dash) = dash == 3 ? "- " : dash == 2 ? "_ . " : "_ "
up = 9		# a triangle at the upper edge: the value is further up

last_part(path) = strstrt(path, "/") ? last_part(path[strstrt(path, "/") + 1:]) : path
folder(path) = strlen(path) > strlen(last_part(path)) ? path[1:strlen(path) - strlen(last_part(path)) - 1] : ""
model_of(path) = last_part(folder(path))

set datafile separator "\t"
set border 3 linecolor rgb "#444444"
set grid ytics linetype 1 linewidth 0.4 linecolor rgb "#dddddd"
