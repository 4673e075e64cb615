# series - from the columns of `rows` to what panels.gp draws of a figure
#
# cat method.txt ROWS | awk -v figure=fig-2 -f series.awk. The line `layout` of method.txt says what
# makes a panel, a hue and a dash of the figure. What is printed has a line of names, and then
#   panel series hue dash x y error title label name
# sorted by panel, series and x. dash 1: a solid curve, 2: a dotted one; 3, 4: a point for a base,
# quantised or not; of a line across the panel, which has "-" for x, 1: dashed, 2: dashes and dots, 3: short dashes. hue 0: grey. Panel 0 is
# the figure's own: series 0 has the model's name, the figure's title and a note, the others are the
# entries of the key.

BEGIN {
	FS = OFS = "\t"
	shown = "+"
}
NF < 2 { add_method($0); next }
{
	row[++n_rows] = $0
	if (!($1 in seen)) {
		seen[$1]
		models[++n_models] = $1
	}
}
END {
	for (i = 1; i <= n_rows; i++) {
		read_row(i)
		if (is_base && start_key(quant) in base)
			used[i]				# what two rules begin with
		else if (is_base)
			base[start_key(quant)] = i
	}
	number_panels()
	for (i = 1; i <= n_rows; i++) {
		read_row(i)
		if (!is_base)
			draw_row()
	}
	draw_bases_alone()
	write_key()
	write_panels()
}

# -- method.txt: its lines have no tabs

function add_method(line,   word) {
	split(line, word, /[ \t]+/)
	if (word[1] == "label") {
		tasks[++n_tasks] = word[2]
		guess_of[word[2]] = word[3]
		label_of[word[2]] = after(line, 3)
	} else if (word[1] == "layout" && (word[2] == figure || word[2] == "*" && !(figure in by))) {
		by[figure]
		panels_by = word[3]
		hue_by = word[4]
		dash_by = word[5]
		has_line = word[6] == "line"
	} else if (word[1] == "figure" && word[2] == figure) {
		is_of_each = word[3] == "each"
		gsub(/[,\/]/, "+", word[7])
		shown = "+" word[7] "+"
	} else if (word[1] == "title" && word[2] == figure)
		heading = after(line, 2)
}
function after(line, n) {
	for (; n > 0; n--)
		sub(/^[^ \t]+[ \t]+/, "", line)
	return line
}

# -- a row

function read_row(i,   f) {
	current = i
	split(row[i], f, "\t")
	model = f[1]
	rule = f[2]
	task = f[3]
	n = f[4] + 0
	x = n ? n / f[5] : 0
	healed = f[6] + 0
	rank = f[7]
	seed = f[8]
	shots = f[9]
	order = f[10]
	is_loss = f[13] ~ /[0-9]/
	y = is_loss ? f[13] : f[11]
	error = is_number(f[12]) && f[12] >= 0 ? f[12] : ""
	if (error != "" && is_loss)
		error = is_number(f[11]) && f[11] != 0 ? f[13] / f[11] * f[12] : ""
	commoner = f[14]
	quant = f[15] == "" ? "-" : f[15]
	guess = is_number(f[16]) ? f[16] : task in guess_of ? guess_of[task] : "-"
	category = f[17]
	is_base = n == 0 && !healed
	label = task in label_of ? label_of[task] : task " accuracy"
}
function is_number(s) { return s ~ /^[-+]?[0-9.]+([eE][-+]?[0-9]+)?$/ }
function start_key(q) { return model SUBSEP task SUBSEP shots SUBSEP order SUBSEP category SUBSEP q }

# What a word of the layout is of this row: in a panel's title, or in a curve's name.
function panel_word(word) {
	if (word == "state") return healed ? "after healing" : "before healing"
	if (word == "family") return family_title(model)
	if (word == "shuffle") return order == "-" ? "number of shots" : "order of " shots " shots"
	if (word == "model") return model
	if (word == "rule") return task == "c4" ? "C4" : rule
	if (word == "category") return category
	return ""
}
function curve_word(word) {
	if (word == "state") return healed ? "healed" : "not healed"
	if (word == "model") return is_of_each ? "" : model
	if (word == "rule") return rule
	if (word == "rank") return "rank " rank
	if (word == "seed") return "seed " seed
	if (word == "shuffle") return order == "-" ? shots " shots" : "order " order
	return ""
}
function words_of(list, in_panel,   word, count, i, text, all) {
	count = split(list, word, "+")
	for (i = 1; i <= count; i++) {
		text = in_panel ? panel_word(word[i]) : curve_word(word[i])
		if (text != "")
			all = all (all == "" ? "" : ", ") text
	}
	return all
}

# Models whose names begin alike are a family: a panel each, but those without one together.
function family(name,   whole) {
	whole = name
	sub(/[-_0-9.].*/, "", name)
	return name == "" ? whole : name
}
function family_title(of,   i, count, alone, n_alone, title, one) {
	for (i = 1; i <= n_models; i++) {
		if (family(models[i]) == family(of)) {
			title = count++ ? in_common(title, models[i]) : models[i]
		}
	}
	if (count > 1)
		return title
	for (i = 1; i <= n_models; i++)
		if (family_size(models[i]) == 1) {
			alone = alone (n_alone++ ? ", " : "") models[i]
		}
	return length(alone) <= 44 || n_alone == 1 ? alone : n_alone == n_models ? "" : "other models"
}
function family_size(of,   i, count) {
	for (i = 1; i <= n_models; i++)
		count += family(models[i]) == family(of)
	return count
}
# The words that two names begin with alike.
function in_common(a, b,   i, end, c) {
	for (i = 1; i <= length(a) + 1; i++) {
		if (end_of_word(a, i) && end_of_word(b, i))
			end = i - 1
		if (substr(a, i, 1) != substr(b, i, 1))
			break
	}
	return end > 0 ? substr(a, 1, end) : family(a)
}
function end_of_word(s, i) { return substr(s, i, 1) ~ /^[-_ .]?$/ && i > 1 }

# -- panels and curves

# Panels of several tasks are in an order that doesn't depend on that of the scores.
function number_panels(   i, k, order_of_task) {
	if (panels_by !~ /^(state\+)?task$/)
		return
	for (i = 1; i <= n_tasks; i++)
		if (index(shown, "+" tasks[i] "+"))
			order_of_task[tasks[i]] = i
	for (k = 0; k < (panels_by ~ /state/ ? 2 : 1); k++)
		for (i = 1; i <= n_tasks; i++)
			if (tasks[i] in order_of_task) {
				healed = k
				number("panel", text(words_of(panels_by, 1)) "\t" label_of[tasks[i]])
			}
}
function number(list, key) {
	if (!((list, key) in number_of)) {
		number_of[list, key] = ++count[list]
		key_of[list, count[list]] = key
	}
	return number_of[list, key]
}


function draw_row(   p, s) {
	if (!is_value(y)) {
		left_out++
		return
	}
	p = number("panel", text(words_of(panels_by, 1)) "\t" label)
	s = number("curve " p, curve_name(words_of(hue_by)))
	if (!((p, s) in look)) {
		look[p, s] = hue() OFS dash()
		in_key("hues", hue_name(), look_of_hue())
		if (dash_by != "-" && dash_by != hue_by)
			in_key("dashes", words_of(dash_by), 0 OFS dash() OFS 0)
		begin_curve(p, s)
	}
	add(p, s, x, y, error)
	draw_lines(p)
}
function is_value(v) { return is_number(v) || v ~ /^\+?inf/ }
function hue_name() { return words_of(hue_by) }
function hue(   name) {
	if (hue_by == "state")
		return healed ? 1 : 7
	name = hue_name()
	gsub(/\+[^,]*/, "", name)		# a rule with a stage of the user's own is that rule
	return number("hue", name)
}
function look_of_hue() { return hue() OFS (hue_by == dash_by ? dash() : 1) OFS 0 }
function dash() { return dash_by == "state" && !healed ? 2 : 1 }
function curve_name(name,   state) {
	state = dash_by == "-" || dash_by == hue_by ? "" : words_of(dash_by)
	return name (name != "" && state != "" ? ", " : "") state
}

# Healed models are of a quantised base, and their curves begin at it; others at what they are of.
# The base that is not quantised may have a line across the panel, too.
function begin_curve(p, s,   now, key, plain) {
	now = current
	key = start_key(healed ? "nf4" : quant)
	plain = start_key("-")
	if (!(key in base) && healed)
		key = plain
	if (key in base) {
		read_row(base[key])
		used[current]
		add(p, s, 0, y, error)
		if (quant != "-")
			draw_base(p)
	}
	if (has_line && plain in base) {
		read_row(base[plain])
		used[current]
		draw_line(p, "unpruned", 3, 1, y)
	}
	read_row(now)
}

# A base as a point of its own.
function draw_base(p,   name, what, s) {
	if (!is_value(y))
		return
	what = quant == "-" ? "base" : "base, " quant
	name = hue_by ~ /model/ && !is_of_each ? model ", " what : what
	s = number("curve " p, name)
	if (!((p, s) in look)) {
		look[p, s] = (name == what ? 0 : number("hue", hue_name())) OFS (quant == "-" ? 4 : 3)
		in_key("points", what, 0 OFS (quant == "-" ? 4 : 3) OFS 0)
		add(p, s, 0, y, error)
	}
}
function draw_bases_alone(   i, p) {
	for (i = 1; i <= n_rows; i++) {
		read_row(i)
		if (!is_base || i in used)
			continue
		p = number("panel", text(words_of(panels_by, 1)) "\t" label)
		draw_base(p)
		draw_lines(p)
	}
}

# What stays when nothing is known.
function draw_lines(p) {
	if (is_number(guess))
		draw_line(p, "random", 0, 3, guess)
	if (is_number(commoner) && commoner > 0.505)
		draw_line(p, "the commoner answer", 0, 2, commoner)
}
function draw_line(p, name, of_hue, of_dash, y,   s) {
	s = number("curve " p, name)
	if ((p, s) in look || !is_value(y))
		return
	look[p, s] = of_hue OFS of_dash
	in_key("lines", name, of_hue OFS of_dash OFS "-")
	add(p, s, "-", y, 0)
}

# The points of a curve, by x.
function add(p, s, x, y, error,   k) {
	for (k = ++n_points[p, s]; k > 1 && x < x_of[p, s, k - 1]; k--) {
		x_of[p, s, k] = x_of[p, s, k - 1]
		rest_of[p, s, k] = rest_of[p, s, k - 1]
	}
	x_of[p, s, k] = x
	rest_of[p, s, k] = y OFS (error == "" ? 0 : error)
	no_error += error == ""
}

# -- what is printed

function in_key(part, name, how) {
	if (name == "" || (part, name) in key_has)
		return
	key_has[part, name]
	entry[part, ++n_entries[part]] = how OFS name
}
function write_key(   part, count, i, k, f, n, note) {
	if (no_error)
		note = "Points without a bar: no standard error is known."
	if (left_out)
		note = note (note == "" ? "" : " ") "Left out: " left_out " that are no numbers."
	print "panel", "series", "hue", "dash", "x", "y", "error", "title", "label", "name"
	print 0, 0, 0, 0, "-", 0, 0, text(is_of_each ? models[1] : ""), text(heading), text(note)
	count = split("hues dashes points lines", part, " ")
	for (i = 1; i <= count; i++)
		for (k = 1; k <= n_entries[part[i]]; k++) {
			split(entry[part[i], k], f, "\t")
			print 0, ++n, f[1], f[2], f[3], 0, 0, "-", "-", f[4]
		}
}
function write_panels(   p, s, k, shown_as) {
	for (p = 1; p <= count["panel"]; p++) {
		shown_as += count["curve " p] > 0
		for (s = 1; s <= count["curve " p]; s++)
			for (k = 1; k <= n_points[p, s]; k++)
				print shown_as, s, look[p, s], x_of[p, s, k], rest_of[p, s, k], \
					key_of["panel", p], text(key_of["curve " p, s])
	}
}
function text(s) { return s == "" ? "-" : s }
