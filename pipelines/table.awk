# table.awk lays out what is left of one model: method.txt, then lines of
#   task n l layers adapter quant parameters value stderr normalised guess
# where n of a model that nothing was dropped from may be empty. The variable `name` of the
# environment is the model's. ~ stands for the sign of an error, which has two bytes.

BEGIN {
	FS = "\t"
	LINE = 80
}
NF < 2 { add_label($0); next }
{ take() }
END {
	print ENVIRON["name"] (layers ? ": " layers " layers" : "")
	edge = last_width()
	for (from = 1; from <= n_shown; from = to + 1) {
		to = from + int((LINE - 30) / 17) - 1
		if (to > n_shown)
			to = n_shown
		if (from > 1)
			print ""
		one_table()
	}
	print ""
}

function take(   is, n, task) {
	task = $1
	is = known($5) ? "healed" : $2 + 0 == 0 && $6 == "nf4" ? "NF4" : "pruned"
	n = $2 + 0
	has[is, n]
	l[n] = $3
	if (known($4))
		layers = $4
	if (known($7))
		parameters[is, n] = $7
	if (is == "healed")
		any_healed = 1
	if (!(task in seen)) {
		seen[task]
		shown[++n_shown] = task
		if (task in guess_of && guess_of[task] < 1)
			guessing[task] = guess_of[task]
	}
	if (is_value($10))
		is_loss[task]
	if (is_number($10) && $10 > 0)
		guessing[task] = $8 / $10
	if (!(task in guessing) && known($11))
		guessing[task] = $11
	if (!((is, n, task) in value)) {
		value[is, n, task] = $8
		error[is, n, task] = $9
	}
}
function known(x) { return x != "" && x != "null" && x != "-" }

# The last n before the fall, of the task by which that is told.
function last_width(   k, n, task, right) {
	for (k = 1; k <= n_shown; k++)
		if (!(shown[k] in is_loss) && tells_more(shown[k], task))
			task = shown[k]
	if (!(("pruned", 0, task) in value) || !known(guessing[task]))
		return 0
	for (n = 0; n <= layers; n++)
		if (("pruned", n, task) in value)
			right[n] = value["pruned", n, task]
	return last_before_the_fall(right, guessing[task])
}

function one_table(   n, dropped, k) {
	printf " n  %-8s %-11s%7s", "dropped", "", "params"
	for (k = from; k <= to; k++)
		printf "  %15s", substr(title_of(shown[k]), 1, 15)
	print ""
	row("base", "-", "pruned", 0)
	if (("NF4", 0) in has)
		row("base, NF4", "-", "NF4", 0)
	for (n = 1; n <= layers; n++) {
		dropped = n == 1 ? l[n] : l[n] "-" l[n] + n - 1
		if (("healed", n) in has || !any_healed && ("pruned", n) in has || n == edge)
			row("not healed", dropped, "pruned", n)
		if (("healed", n) in has)
			row("healed", dropped, "healed", n)
	}
	row("guessing", "", "none", -1)
}
function row(what, dropped, is, n,   k, text, size) {
	size = parameters[is, n]
	text = sprintf("%2s  %-8s %-11s%7s", what == "guessing" ? "" : n, dropped, what, \
		known(size) ? amount(size, 2, "") : "")
	for (k = from; k <= to; k++)
		text = text sprintf("  %15s", what == "guessing" ? decimal(guessing[shown[k]], 3) : cell(is, n, shown[k]))
	sub(/ +$/, "", text)
	print text
}
function cell(is, n, task,   v, e) {
	v = value[is, n, task]
	e = error[is, n, task]
	return decimal(v, 3) (is_number(v) && is_number(e) && e > 0 ? " ~ " decimal(e, 3) : "")
}
