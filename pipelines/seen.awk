# seen.awk says in sentences what is to be seen in a run: method.txt, then what `rows` prints. The
# variable `only` of the environment is a model, or empty for all.

BEGIN { FS = "\t" }
NF < 2 { add_label($0); next }
{
	read_row($0)
	if (ENVIRON["only"] == "" || model == ENVIRON["only"])
		take()
}
END {
	for (i = 1; i <= n_models; i++)
		if (layers_of[models[i]])
			tell(models[i])
}

function take() {
	if (!(model in rule_of)) {
		rule_of[model] = rule
		models[++n_models] = model
	}
	if (rule != rule_of[model] || order != "-" || n == 0 && quant == "nf4")
		return
	if (layers > 0)
		layers_of[model] = layers
	if (n > most[model])
		most[model] = n
	if (is_loss)
		first_of(loss, model SUBSEP n SUBSEP healed)
	else {
		if (tells_more(task, told[model])) {
			told[model] = task
			shots_of[model] = shots
			guessing[model] = guess
		}
		first_of(share, model SUBSEP task SUBSEP shots SUBSEP n SUBSEP healed)
	}
}
function first_of(values, key) {
	if (!(key in values))
		values[key] = value
}

# Of one model: right[n], and healed_right[n], of the task that is told.
function tell(m,   key, f, right, healed_right, last) {
	for (key in share) {
		split(key, f, SUBSEP)
		if (f[1] != m || f[2] != told[m] || f[3] != shots_of[m])
			continue
		if (f[5])
			healed_right[f[4]] = share[key]
		else
			right[f[4]] = share[key]
	}
	if (n_models > 1)
		print m ":"
	if (0 in right && guessing[m] > 0) {
		last = last_before_the_fall(right, guessing[m])
		tell_fall(m, right, last)
	}
	if (last > 0 && (m, last, 0) in loss && (m, 0, 0) in loss)
		print "The loss grows from " decimal(loss[m, 0, 0], 2) " to " decimal(loss[m, last, 0], 2) " by then."
	tell_healed(m, right, healed_right)
}
function tell_fall(m, right, last,   text) {
	if (right[0] <= guessing[m]) {
		print "The answers of the base to " title_of(told[m]) " are no better than guessing."
		return
	}
	print last " of " layers_of[m] " layers can go before the answers to " title_of(told[m]) " fall:"
	text = percent(right[0]) " are right with all layers"
	if (last > 0)
		text = listed(text, percent(right[last]) " without " last)
	if (last + 1 in right)
		text = listed(text, percent(right[last + 1]) " without " last + 1)
	print text "; guessing gives " percent(guessing[m]) "."
}
function tell_healed(m, right, healed_right,   k, text, of_loss) {
	for (k = 1; k <= most[m]; k++) {
		if (k in right && k in healed_right)
			text = listed(text, "n = " k " from " percent(right[k]) " to " percent(healed_right[k]))
		if ((m, k, 0) in loss && (m, k, 1) in loss)
			of_loss = listed(of_loss, "n = " k " from " decimal(loss[m, k, 0], 2) " to " decimal(loss[m, k, 1], 2))
	}
	if (text != "")
		print "Healing brings " text "."
	if (of_loss != "")
		print "Its loss: " of_loss "."
}
function listed(text, more) { return text (text == "" ? "" : ", ") more }
