# series.awk lays out a figure of scores, from the columns of `rows`
#
# cat method.txt ROWS | awk -v figure=fig-2, with numbers.awk, tasks.awk, rows.awk and panels.awk. The
# line `layout` of method.txt says what makes a panel, a hue and a dash of the figure. Behind the rows
# may be what `compare` prints, which the figure's note sums up.

NF < 2 { add_method($0); next }
$1 == "a" && $2 == "b" { in_pairs = 1; next }
in_pairs { pair[++n_pairs] = $0; next }
{
	row[++n_rows] = $0
	if (!($1 in seen)) {
		seen[$1]
		models[++n_models] = $1
	}
	if (!($3 in label_of))
		add_task($3, "-", axis_of($3))
}
END {
	for (i = 1; i <= n_rows; i++) {
		go_to(i)
		if (is_base && start_key(quant) in base)
			used[i]				# what two rules begin with
		else if (is_base)
			base[start_key(quant)] = i
	}
	number_panels()
	for (i = 1; i <= n_rows; i++) {
		go_to(i)
		if (!is_base)
			draw_row()
	}
	draw_bases_alone()
	note = said_of_pairs()
	write_figure(is_of_each ? models[1] : "", heading, panels_by ~ /^state.task$/ && tasks_seen < 5 ? tasks_seen : 0)
}

# -- method.txt: its lines have no tabs

function add_method(line,   word) {
	split(line, word, /[ \t]+/)
	add_label(line)
	if (word[1] == "layout" && (word[2] == figure || word[2] == "*" && !(figure in by))) {
		by[figure]
		panels_by = word[3]
		hue_by = word[4]
		dash_by = word[5]
		has_line = word[6] == "line"
	} else if (word[1] == "figure" && word[2] == figure)
		is_of_each = word[3] == "each"
	else if (word[1] == "title" && word[2] == figure)
		heading = after(line, 2)
}

# -- a row

function go_to(i) {
	current = i
	read_row(row[i])
	x = n ? n / layers : 0
}
function start_key(q) {
	return model SUBSEP task SUBSEP shots SUBSEP order SUBSEP category SUBSEP q
}

# What a word of the layout is of this row: in a panel's title, or in a curve's name.
function panel_word(word) {
	if (word == "state") return healed ? "after healing" : "before healing"
	if (word == "family") return family_title(model)
	if (word == "shuffle") return order == "-" ? "number of shots" : "order of " shots " shots"
	if (word == "model") return model
	if (word == "rule") return is_loss ? short_title(task) : rule
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
function words_of(list, in_panel,   word, n_words, i, one, all) {
	n_words = split(list, word, "+")
	for (i = 1; i <= n_words; i++) {
		one = in_panel ? panel_word(word[i]) : curve_word(word[i])
		if (one != "")
			all = all (all == "" ? "" : ", ") one
	}
	return all
}

# Models whose names begin alike are a family: a panel each, but those without one together.
function family(name,   whole) {
	whole = name
	sub(/[-_0-9.].*/, "", name)
	return name == "" ? whole : name
}
function family_title(of,   i, size, title, alone, n_alone) {
	for (i = 1; i <= n_models; i++)
		if (family(models[i]) == family(of))
			title = size++ ? in_common(title, models[i]) : models[i]
	if (size > 1)
		return title
	for (i = 1; i <= n_models; i++)
		if (family_size(models[i]) == 1)
			alone = alone (n_alone++ ? ", " : "") models[i]
	return length(alone) <= 44 || n_alone == 1 ? alone : n_alone == n_models ? "" : "other models"
}
function family_size(of,   i, size) {
	for (i = 1; i <= n_models; i++)
		size += family(models[i]) == family(of)
	return size
}
# The words that two names begin with alike.
function in_common(a, b,   i, end) {
	for (i = 1; i <= length(a) + 1; i++) {
		if (ends_word(a, i) && ends_word(b, i))
			end = i - 1
		if (substr(a, i, 1) != substr(b, i, 1))
			break
	}
	return end > 0 ? substr(a, 1, end) : family(a)
}
function ends_word(s, i) { return i > 1 && substr(s, i, 1) ~ /^[-_ .]?$/ }

# -- panels and curves

# Panels of several tasks are in an order that doesn't depend on that of the scores.
function number_panels(   i, k, present) {
	for (i = 1; i <= n_rows; i++) {
		go_to(i)
		present[task]
	}
	for (i = 1; i <= n_tasks; i++)
		tasks_seen += tasks[i] in present
	if (panels_by !~ /^(state.)?task$/)
		return
	for (k = 0; k < (panels_by ~ /state/ ? 2 : 1); k++)
		for (i = 1; i <= n_tasks; i++) {
			healed = k
			panel(words_of(panels_by, 1), label_of[tasks[i]])
		}
}
function panel_of_row() { return panel(words_of(panels_by, 1), label_of[task]) }

function draw_row(   p, name) {
	if (!is_value(y)) {
		left_out++
		return
	}
	p = panel_of_row()
	name = curve_name()
	if (!(("curve " p, name) in number_of)) {
		curve(p, name, hue() OFS dash())
		in_key("hues", words_of(hue_by), hue() OFS (hue_by == dash_by ? dash() : 1) OFS 0)
		if (dash_by != "-" && dash_by != hue_by)
			in_key("dashes", words_of(dash_by), 0 OFS dash() + (dash() == 1 ? 5 : 0) OFS 0)
		begin_curve(p, name)
	}
	add(p, curve(p, name), x, y, error)
	draw_lines(p)
}
function hue(   name) {
	if (hue_by == "state")
		return healed ? 1 : 7
	name = words_of(hue_by)
	gsub(/[+][^,]*/, "", name)		# a rule with a stage of the user's own is that rule
	return number("hue", name)
}
function dash() { return dash_by == "state" && !healed ? 2 : 1 }
function curve_name(   name, state) {
	name = words_of(hue_by)
	state = dash_by == "-" || dash_by == hue_by ? "" : words_of(dash_by)
	return name (name != "" && state != "" ? ", " : "") state
}

# Healed models are of a quantised base, and their curves begin at it; others at what they are of.
# The base that is not quantised may have a line across the panel, too.
function begin_curve(p, name,   now, key, plain) {
	now = current
	key = start_key(healed ? "nf4" : quant)
	plain = start_key("-")
	if (!(key in base) && healed)
		key = plain
	if (key in base) {
		go_to(base[key])
		used[current]
		if (is_value(y))
			add(p, curve(p, name), 0, y, error)
		if (quant != "-")
			draw_base(p)
	}
	if (has_line && plain in base) {
		go_to(base[plain])
		used[current]
		add_line(p, "unpruned", 3 OFS 1, y)
	}
	go_to(now)
}

# A base as a point of its own.
function draw_base(p,   what, whose, name, mark) {
	if (!is_value(y))
		return
	what = quant == "-" ? "base" : "base, " quant
	whose = hue_by == "shuffle" || hue_by ~ /model/ && !is_of_each ? words_of(hue_by) : ""
	name = whose (whose == "" ? "" : ", ") what
	mark = quant == "-" ? 4 : 3
	if (("curve " p, name) in number_of)
		return
	in_key("points", what, 0 OFS mark OFS 0)
	add(p, curve(p, name, (whose == "" ? 0 : number("hue", whose)) OFS mark), 0, y, error)
}
function draw_bases_alone(   i, p) {
	for (i = 1; i <= n_rows; i++) {
		go_to(i)
		if (is_base && !(i in used)) {
			p = panel_of_row()
			draw_base(p)
			draw_lines(p)
		}
	}
}

# What stays when nothing is known.
function draw_lines(p) {
	add_line(p, "random", 0 OFS 3, guess)
	if (is_number(commoner) && commoner > 0.505)
		add_line(p, "the commoner answer", 0 OFS 2, commoner)
}

# -- pairs: the difference of two models on the same questions or documents

# Of the pairs that differ in what has the figure's hues, how many one side is better in.
function said_of_pairs(   i, f, kind, task, wanted, n, said, all) {
	wanted = hue_by
	for (i = 1; i <= n_pairs; i++) {
		split(pair[i], f, "\t")
		if (pair_kind(f[1], f[2]) != wanted || !is_number(f[13]))
			continue
		if (first_rule == "") {
			first_rule = stem_rule(f[1])
			second_rule = stem_rule(f[2])
		}
		task = f[4]
		n_of[task]++
		if (f[13] < 0.05)
			better[task, winner(f, wanted)]++
	}
	for (i = 1; i <= n_tasks; i++)
		if (tasks[i] in n_of) {
			said = said_of_task(tasks[i], wanted)
			all = all (all == "" ? "Pairs that differ, p < 0.05 each: " : "; ") said
		}
	return all == "" ? "" : all "."
}
function said_of_task(task, wanted,   name) {
	name = short_title(task)
	if (wanted == "seed")
		return name ", " better[task, 1] + better[task, 2] " of " n_of[task]
	return name ", " side(1, wanted) " better " better[task, 1] + 0 ", " side(2, wanted) " " \
		better[task, 2] + 0 " of " n_of[task]
}
function short_title(task,   name) {
	name = title_of(task)
	sub(/ loss$/, "", name)
	return name
}
function side(which, wanted) {
	if (wanted == "state") return which == 1 ? "healed" : "not healed"
	if (wanted == "rule") return which == 1 ? first_rule : second_rule
	return which == 1 ? "lower rank" : "higher"
}
function stem_rule(stem) {
	sub(/-.*/, "", stem)
	return stem
}
function number_behind(stem, key) {
	if (!match(stem, "-" key "[0-9]+(-|$)"))
		return ""
	return substr(stem, RSTART + 2) + 0
}
function pair_kind(a, b) {
	if (stem_rule(a) != stem_rule(b)) return "rule"
	if ((a ~ /-r[0-9]/) != (b ~ /-r[0-9]/)) return "state"
	if (number_behind(a, "r") != number_behind(b, "r")) return "rank"
	return number_behind(a, "s") != number_behind(b, "s") ? "seed" : ""
}
# The side that is better: of a loss the smaller is. f[11] is b - a.
function winner(f, wanted,   b_wins, b_first) {
	b_wins = (f[11] > 0) != (f[5] == "loss")
	if (wanted == "state")
		b_first = f[2] ~ /-r[0-9]/
	else if (wanted == "rank")
		b_first = number_behind(f[2], "r") < number_behind(f[1], "r")
	else if (wanted == "rule")
		b_first = stem_rule(f[2]) == first_rule
	return b_wins == b_first ? 1 : 2
}
