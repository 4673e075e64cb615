# series - from the columns of `rows` to what panels.gp draws of a figure
#
# cat method.txt ROWS | awk -v figure=fig-2 -f series.awk: panels and the series in them, numbered
# from 1 as they come:
#   panel series hue dash x y error panel-title y-label series-title
# dash 1: solid, 2: dotted, 3: finer. x "-": a line across the panel; hue 0: grey.

BEGIN { FS = OFS = "\t" }

# Lines of method.txt have no tabs: labels of tasks, and the tasks of this figure.
NF < 2 {
	split($0, word, /[ \t]+/)
	if (word[1] == "label") {
		tasks[++n_tasks] = word[2]
		guessing[word[2]] = word[3]
		sub(/^label[ \t]+[^ \t]+[ \t]+[^ \t]+[ \t]+/, "")
		of_task[tasks[n_tasks]] = $0
	} else if (word[1] == "figure" && word[2] == figure) {
		shown = "+" word[7] "+"
		gsub(/[,\/]/, "+", shown)
	}
	next
}

# Panels of several tasks are in an order that doesn't depend on that of the scores.
function number_panels(before,   i) {
	for (i = 1; i <= n_tasks; i++)
		if (index(shown, "+" tasks[i] "+"))
			number("panel", before of_task[tasks[i]])
}
function number(list, key) {
	if (!((list, key) in number_of))
		number_of[list, key] = ++count[list]
	return number_of[list, key]
}

function put(panel, label, series, hue, dash, x, y, error,   p) {
	p = number("panel", panel)
	print p, number("series " p, series), hue, dash, x, y, error, panel, label, series
}

# What stays when nothing is known, and when nothing is dropped; once a panel.
function across(panel, label, series, hue, dash, y) {
	if (!((panel, series) in drawn))
		put(panel, label, series, hue, dash, "-", y, 0)
	drawn[panel, series] = 1
}

# Models whose name begins alike are a family: a panel each, but those of one model in a panel
# together.
function family(model) {
	sub(/[-_0-9].*/, "", model)
	return model
}
function family_panel(model) {
	return models_in[family(model)] > 1 ? family(model) : alone
}

{
	row[++n_rows] = $0
	if ($1 in seen)
		next
	seen[$1]
	models_in[family($1)]++
	families[++n_families] = family($1)
}
END {
	if (figure == "fig-1d")
		number_panels("")
	if (figure == "fig-5") {
		number_panels("before healing: ")
		number_panels("after healing: ")
	}
	for (i = 1; i <= n_families; i++)
		if (models_in[families[i]] == 1)
			alone = alone (alone == "" ? "" : ", ") families[i]
	for (i = 1; i <= n_rows; i++) {
		$0 = row[i]
		draw()
	}
}

function draw(   model, rule, task, n, healed, rank, seed, shots, order, y, error, x, label, dash, state, hue, title) {
	model = $1; rule = $2; task = $3; n = $4; healed = $6; rank = $7; seed = $8; shots = $9; order = $10
	y = $11; error = $12; x = n ? n / $5 : 0
	if (error == "nan" || error == "")
		error = 0
	if (task == "c4") {
		error = $13 / y * error
		y = $13
	}
	if (n == 0 && (figure ~ /^fig-[789]$/ || $15 == "nf4"))
		return
	label = task in of_task ? of_task[task] : task " accuracy"
	dash = healed ? 1 : 2
	state = healed ? "healed" : "not healed"
	if (n == 0 && figure ~ /^fig-(1d|5)$/) {
		across(figure == "fig-5" ? "before healing: " label : label, label, "unpruned", 3, 2, y)
		if (figure == "fig-5")
			across("after healing: " label, label, "unpruned", 3, 2, y)
	}
	if (figure == "fig-1d") {
		title = label
		put(title, label, state, healed ? 1 : 7, dash, x, y, error)
		if (n == 0)			# the base is where the healed ones begin, too
			put(title, label, "healed", 1, 1, x, y, error)
	} else if (figure ~ /^fig-(2|6)$/) {
		title = family_panel(model)
		hue = number("hue", model)
		put(title, label, model ", " state, hue, dash, x, y, error)
		if (n == 0)
			put(title, label, model ", healed", hue, 1, x, y, error)
	} else if (figure == "fig-3") {
		title = (healed ? "after" : "before") " healing"
		put(title, label, model, number("hue", model), 1, x, y, error)
	} else if (figure == "fig-5") {
		title = (healed ? "after" : "before") " healing: " label
		put(title, label, rule, rule == "simple" ? 2 : 1, 1, x, y, error)
	} else if (figure == "fig-7" && order != "-") {
		title = "order of " shots " shots"
		put(title, label, "order " order, number("order", order), 1, x, y, error)
	} else if (figure == "fig-7") {
		title = "number of shots"
		put(title, label, shots " shots", number("shots", shots), 1, x, y, error)
	} else if (figure == "fig-8") {
		title = "seeds of the healing"
		put(title, label, "seed " seed, number("seed", seed), 1, x, y, error)
	} else if (figure == "fig-9") {
		title = model ", " (task == "c4" ? "C4" : rule)
		put(title, label, "rank " rank, number("rank", rank), 1, x, y, error)
	} else {
		title = label
		put(title, label, model ", " rule ", " state, number("hue", model " " rule), dash, x, y, error)
	}
	across(title, label, "random", 0, 2, task in guessing ? guessing[task] : $16)
	if ($14 != "-" && $14 > 0.505)
		across(title, label, "the commoner answer", 0, 3, $14)
}
