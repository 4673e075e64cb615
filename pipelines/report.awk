# report.awk makes the tables of a report from lines with tabs between, by the variable `part`:
#
#   healed    method.txt, `rows`, then blocks: those of healed models, a line of a list each
#   scores    the same: a row for each number of layers dropped; of each task, before and after healing
#             where there are both
#   guessing  method.txt: what guessing gives
#   pairs     method.txt, then what `compare` prints
#   costs     n layers parameters bf16 nf4 flop kv rate peak, a line a model
#   saved     the same: what a quarter of the layers is, as a line of a list
#
# blocks: n l mean layers sure second. `model` of the environment is the name whose rows count. A
# line of rows has more columns than one of blocks.

BEGIN { FS = "\t" }
part ~ /costs|saved/ { cost[++n_costs] = $0; next }
NF < 2 { add_label($0); next }
part == "pairs" { pair($0); next }
NF > 6 {
	read_row($0)
	if (model == ENVIRON["model"])
		take_score()
	next
}
part == "healed" && $1 in any_healed { tell_block(); next }
part == "scores" {
	if (!n_blocks++)
		head_of_scores()
	row_of_scores()
}
END {
	if (part == "costs")
		table_of_costs()
	if (part == "saved")
		tell_saved()
	if (part == "guessing")
		tell_guessing()
}

function html(s) {
	gsub(/&/, "\\&amp;", s)
	gsub(/</, "\\&lt;", s)
	gsub(/>/, "\\&gt;", s)
	gsub(/"/, "\\&quot;", s)
	return s
}
function td(text) { return "<td>" text "</td>" }
function shown_number(x, form) { return is_number(x) ? sprintf(form, x) : x ~ /inf/ ? "inf" : "" }
function bytes(x, places) { return amount(x, places, "B") }
function named(l, n) { return n == 1 ? l : l "–" l + n - 1 }

# -- scores

function take_score(   is_nf4) {
	if (healed)
		any_healed[n]
	if (order != "-")
		return
	if (first_rule == "")
		first_rule = rule
	is_nf4 = n == 0 && quant == "nf4"
	if (rule != first_rule || task in shots_of && shots_of[task] != shots || (is_nf4, healed, task, n) in cell)
		return
	shots_of[task] = shots
	if (!(task in known)) {
		known[task]
		shown[++n_shown] = task
	}
	if (is_loss)
		loss_tasks[task]
	if (healed)
		is_healed[task]
	has_nf4 = has_nf4 || is_nf4
	cell[is_nf4, healed, task, n] = decimal(y, 3) (is_number(y) && error > 0 ? " ± " decimal(error, 3) : "")
}
function head_of_scores(   i, task) {
	printf "<thead><tr><th>n</th><th>dropped</th><th>of all</th><th>distance</th><th>sure</th>"
	for (i = 1; i <= n_shown; i++) {
		task = shown[i]
		printf "<th%s>%s%s</th>", task in is_healed ? " colspan=2" : "", \
			html(task in loss_tasks ? axis_of(task) : title_of(task)), \
			task in is_healed ? "<br>not healed, healed" : ""
	}
	print "</tr></thead>\n<tbody>"
}
function row_of_scores() {
	line_of_scores($1, $1 == 0 ? "none: the base" : named($2, $1), sprintf("%.0f %%", 100 * $1 / $4), \
		$1 ? sprintf("%.4f", $3) : "", $5 ~ /[0-9]/ ? percent($5) : "", 0)
	if ($1 == 0 && has_nf4)
		line_of_scores(0, "none: the base, NF4", "0 %", "", "", 1)
}
function line_of_scores(n, what, of, mean, sure, is_nf4,   i, text, task) {
	text = td(n) td(what) td(of) td(mean) td(sure)
	for (i = 1; i <= n_shown; i++) {
		task = shown[i]
		text = text td(cell[is_nf4, 0, task, n]) (task in is_healed ? td(cell[is_nf4, 1, task, n]) : "")
	}
	print "<tr>" text "</tr>"
}
function tell_block(   text) {
	text = "n = " $1 ": without layer" ($1 == 1 ? " " : "s ") named($2, $1)
	if ($5 ~ /[0-9]/)
		text = text sprintf(", the block with the least distance in %s of resamples of the documents%s", percent($5), \
			$6 ~ /[0-9]/ ? " (the next: layer" ($1 == 1 ? " " : "s ") named($6, $1) ")" : "")
	print "<li>" text ".</li>"
}

function tell_guessing(   i, text) {
	for (i = 1; i <= n_tasks; i++)
		if (guess_of[tasks[i]] < 1)
			text = text (text == "" ? "Guessing " : ", ") title_of(tasks[i]) " gives " guess_of[tasks[i]]
	print text "."
}

# -- pairs: columns by their names, which stand in the first line

function pair(line,   f, i, n) {
	n = split(line, f, "\t")
	if (!n_pairs++) {
		for (i = 1; i <= n; i++)
			at[f[i]] = i
		print "<thead><tr><th>n</th><th>task</th><th>first</th><th>second</th><th>second − first</th>" \
			"<th>error</th><th>p</th><th>only first right</th><th>only second right</th></tr></thead>\n<tbody>"
	} else if (is_number(f[at["difference"]]))
		print "<tr>" td(f[at["n"]]) td(html(title_of(f[at["task"]]))) td(html(f[at["a"]])) td(html(f[at["b"]])) \
			td(shown_number(f[at["difference"]], "%+.4f")) td(shown_number(f[at["stderr"]], "%.4f")) \
			td(shown_number(f[at["p"]], "%.2g")) td(f[at["only_a"]]) td(f[at["only_b"]]) "</tr>"
}

# -- costs

function table_of_costs(   i, f, text, is_measured) {
	for (i = 1; i <= n_costs; i++) {
		split(cost[i], f, "\t")
		is_measured = is_measured || is_number(f[8])
	}
	print "<thead><tr><th>n</th><th>layers</th><th>parameters</th><th>bf16</th><th>NF4</th><th>FLOP a token</th>" \
		"<th>KV bytes a token</th>" (is_measured ? "<th>tokens/s</th><th>peak memory</th>" : "") "</tr></thead>\n<tbody>"
	for (i = 1; i <= n_costs; i++) {
		split(cost[i], f, "\t")
		text = td(f[1] + 0) td(f[2] - f[1]) td(sprintf("%.4g", f[3])) td(bytes(f[4], 2)) td(bytes(f[5], 2)) \
			td(sprintf("%.4g", f[6])) td(sprintf("%.6g", f[7]))
		if (is_measured)
			text = text td(sprintf("%.0f", f[8])) td(bytes(f[9], 2))
		print "<tr>" text "</tr>"
	}
}
function tell_saved(   i, f, base, layers) {
	for (i = 1; i <= n_costs; i++) {
		split(cost[i], f, "\t")
		if (f[2] > layers)
			layers = f[2] + 0
		if (f[1] + 0 == 0)
			split(cost[i], base, "\t")
	}
	for (i = 1; i <= n_costs && base[4] && layers >= 4; i++) {
		split(cost[i], f, "\t")
		if (f[1] == int(layers / 4))
			printf "<li>A quarter of the layers, n = %d, are %s of the bytes in bf16 (%s of %s), %s in NF4, and %s of" \
				" the operations of a token.</li>\n", f[1], percent(1 - f[4] / base[4]), bytes(base[4] - f[4], 1), \
				bytes(base[4], 1), percent(1 - f[5] / base[5]), percent(1 - f[6] / base[6])
	}
}
