# What every picture shares: its terminal by `type`, svg, png or pdf; hues, marks, dashes; the name over it. Names reach
# gnuplot as data or as strings that are never run, and no text has markup.

set datafile separator "\t"

# The command for a picture of so many pixels: those of a svg; a pdf has 72 of them an inch, a png three for one.
terminal(w, h) = type eq "png" ? \
	sprintf("set terminal pngcairo noenhanced size %d,%d font 'DejaVu Sans,10' fontscale 3 linewidth 3 pointscale 3", 3*w, 3*h) : \
	type eq "pdf" ? sprintf("set terminal pdfcairo noenhanced size %f,%f font 'DejaVu Sans,10' fontscale 1 linewidth 1.4 pointscale 1.1", \
		w/72.0, h/72.0) : \
	sprintf("set terminal svg noenhanced size %d,%d font 'DejaVu Sans, Helvetica, sans-serif,10' background 'white'", w, h)

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

# A png and a pdf have no glyphs for what is written in three or four bytes but for U+2000 to U+2FFF, signs and arrows, and
# would show a huge box. Strings are bytes, as they are with LC_ALL=C.
three = "\340\341\343\344\345\346\347\350\351\352\353\354\355\356\357"
four = "\360\361\362\363\364\365\366\367"
plain(s) = strlen(s) < 1 ? "" : strstrt(three, s[1:1]) ? "?".plain(s[4:]) : strstrt(four, s[1:1]) ? "?".plain(s[5:]) : s[1:1].plain(s[2:])
shown(s) = type eq "svg" ? s : plain(s[1:200])

last_part(path) = strstrt(path, "/") ? last_part(path[strstrt(path, "/") + 1:]) : path
folder(path) = strlen(path) > strlen(last_part(path)) ? path[1:strlen(path) - strlen(last_part(path)) - 1] : ""
model_of(path) = shown(last_part(folder(path)))

set border 3 linecolor rgb "#444444"
set grid ytics linetype 1 linewidth 0.4 linecolor rgb "#dddddd"
