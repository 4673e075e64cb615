# series - from the columns of `rows` to what panels.gp draws of a figure
#
# awk -v figure=fig-2: panels and the series in them, numbered from 1 as they come:
#   panel series hue dash x y error panel-title y-label series-title
# dash 1: solid, 2: dotted. x "-": a line across the panel; hue 0: grey.

BEGIN {
	FS = OFS = "\t"
	of_task["mmlu"] = "MMLU accuracy"
	of_task["boolq"] = "BoolQ accuracy"
	of_task["c4"] = "C4 loss / ln V"
	split("mmlu boolq c4", tasks, " ")
	for (i = 1; i <= 3; i++)			# an order that doesn't depend on that of the scores
		number("panel", (figure == "fig-5" ? "before healing: " : "") of_task[tasks[i]])
	for (i = 1; i <= 3 && figure == "fig-5"; i++)
		number("panel", "after healing: " of_task[tasks[i]])
	if (figure !~ /^fig-(1d|5)$/)
		count["panel"] = 0
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
function across(panel, label, series, hue, y) {
	if (!((panel, series) in drawn))
		put(panel, label, series, hue, 2, "-", y, 0)
	drawn[panel, series] = 1
}

function family(model) {
	sub(/[-_0-9].*/, "", model)
	return model
}

{
	model = $1; rule = $2; task = $3; n = $4; layers = $5; healed = $6; rank = $7; seed = $8; shots = $9; order = $10
	y = $11; error = $12; x = n / layers
	if (error == "nan" || error == "")
		error = 0
	if (task == "c4") {
		error = $13 / y * error
		y = $13
	}
	label = of_task[task]
	random = task == "c4" ? 1 : task == "mmlu" ? 0.25 : 0.5
	dash = healed ? 1 : 2
	state = healed ? "healed" : "not healed"
}
n == 0 && figure ~ /^fig-(1d|5)$/ {
	across(figure == "fig-5" ? "before healing: " label : label, label, "unpruned", 3, y)
	if (figure == "fig-5")
		across("after healing: " label, label, "unpruned", 3, y)
}
# The base is where the healed ones begin, too.
n == 0 && figure == "fig-1d" { put(label, label, "healed", 1, 1, x, y, error) }
n == 0 && figure ~ /^fig-(2|6)$/ { put(family(model), label, model ", healed", number("hue", model), 1, x, y, error) }
{ title = "" }
figure == "fig-1d" { title = label; put(title, label, state, 1, dash, x, y, error) }
figure ~ /^fig-(2|6)$/ { title = family(model); put(title, label, model ", " state, number("hue", model), dash, x, y, error) }
figure == "fig-3" { title = (healed ? "after" : "before") " healing"; put(title, label, model, number("hue", model), 1, x, y, error) }
figure == "fig-5" { title = (healed ? "after" : "before") " healing: " label; put(title, label, rule, rule == "simple" ? 2 : 1, 1, x, y, error) }
figure == "fig-7" && order != "-" { title = "order of " shots " shots"; put(title, label, "order " order, number("order", order), 1, x, y, error) }
figure == "fig-7" && order == "-" { title = "number of shots"; put(title, label, shots " shots", number("shots", shots), 1, x, y, error) }
figure == "fig-8" { title = "seeds of the healing"; put(title, label, "seed " seed, number("seed", seed), 1, x, y, error) }
figure == "fig-9" { title = model ", " (task == "c4" ? "C4" : rule); put(title, label, "rank " rank, number("rank", rank), 1, x, y, error) }
{ across(title, label, "random", 0, random) }
