# drawn.awk writes the rules for figures, tables and the report, after plan.awk's

# -- figures

function write_figures(   i, k, f, all, pictures) {
	print "# == figures\n"
	for (i = 1; i <= n_figures; i++) {
		f = figures[i]
		if (lacks(f) != "") {
			put_goal(f, stamp(out() ".stamp/" lacks(f), "text", "-", ""), "")
			continue
		}
		all = joined(all, f)
		pictures = ""
		for (k = 1; k <= n_models && is_of_each[f]; k++)
			pictures = joined(pictures, write_figure(f, models[k] "/", models[k]))
		if (!is_of_each[f])
			pictures = write_figure(f, out(), "")
		put_goal(f, pictures, "")
	}
	put_goal("figures", all, "")
}

# A setting without which a figure shows nothing, if that is not given.
function lacks(f,   word, n, i, first) {
	if (drawn_from[f] == "positions")
		return setting["POSITIONS"] == "" ? "POSITIONS" : ""
	n = split(shows_scores[f], word, /[,+\/]/)
	for (i = 1; i <= n; i++) {
		if (word[i] == "-" || word[i] == "TASKS" && own_tasks != "" || has_data(word[i]))
			return ""
		if (first == "" && (word[i] == "TASKS" || word[i] in data_of))
			first = word[i] == "TASKS" ? word[i] : data_of[word[i]]
	}
	return first
}

# Writes the rules of a figure of model m, or of all, that is in the folder INTO; returns its
# pictures.
function write_figure(f, into, m,   word, n, i, data, names, type, scripts) {
	n = split(command_of_data[drawn_from[f]], word, /[ \t]+/)
	for (i = 1; i <= n && word[i] ~ /=/; i++) {
		data = joined(data, into substr(word[i], index(word[i], "=") + 1))
		names = names " " replaced(word[i], "=", "=" into)
	}
	if (data == "") {
		data = into f ".tsv"
		names = " data=" data
		write_data(f, data, m, word, n)
	}
	scripts = script_stamps(script_of[f] ",picture.gp,draw")
	split("svg png pdf", type, " ")
	for (i = 1; i <= 3; i++)
		put(into f "." type[i], data " " scripts, here "draw " type[i] " " script_of[f] names)
	return into f ".svg " into f ".png " into f ".pdf"
}

# The numbers of a figure, by the words of its line of data.
function write_data(f, data, m, word, n,   scripts, i, needs, command) {
	scripts = made_by[drawn_from[f]]
	for (i = 1; i <= n; i++) {
		needs = joined(needs, needed(f, m, word[i]))
		command = joined(command, named_files(f, m, word[i]))
	}
	needs = needs " " list_stamp(data)
	put(data, joined(needs, scripts == "-" ? "" : script_stamps(scripts)), (scripts == "-" ? "" : here) command)
}
function script_stamps(names,   script, n, i, list) {
	n = split(names, script, ",")
	for (i = 1; i <= n; i++)
		list = joined(list, script_stamp(script[i]))
	return list
}
function named_files(f, m, word) {
	if (word == "FIGURE")
		return f
	return word == "LOSSES" ? behind_each(".adapter/heal.loss", healings_of(f, m)) : \
		needed(f, m, word) == "" ? word : needed(f, m, word)
}
function needed(f, m, word) {
	if (word == "SCORES")
		return m == "" ? without_repeats(scores_of_all(f)) : scores_of(f, m)
	if (word == "LOSSES")
		return behind_each(".model", healings_of(f, m))
	if (word == "EVERY")
		return cut(m, rule_of(f), "every-n" every[m]) ".block"
	return word == "COST" ? cut(m, rule_of(f), "all") ".cost" : ""
}
function rule_of(f) {	# the first
	return substr(shows_scores[f], 1, index(shows_scores[f], "/") - 1)
}

# -- tables, the report

function write_tables(   i, table, tables, scores) {
	print "# == tables, the report\n"
	for (i = 1; i <= n_models; i++) {
		table = models[i] "/table.txt"
		tables = joined(tables, table)
		scores = scores_of("fig-1d", models[i])
		put(table, scores " " list_stamp(table) " " script_stamps("table,table.awk,tasks.awk,numbers.awk,method.txt"),
			here "table " scores)
	}
	put_goal("tables", tables, "cat " tables)
}
function write_comparisons(   i, file, files, scores) {
	for (i = 1; i <= n_models; i++) {
		file = models[i] "/comparisons.tsv"
		files = joined(files, file)
		scores = scores_of("fig-5", models[i])
		put(file, scores " " list_stamp(file) " " script_stamps("compare,compare.awk"), here "compare " scores)
	}
	put_goal("comparisons", files, "")
}
function write_report(name,   scores, pictures, i, m, needs, given, blocks, cost) {
	scores = report_scores()
	pictures = report_pictures()
	needs = joined(name ".tsv", pictures)
	for (i = 1; i <= n_models; i++) {
		m = models[i]
		blocks = cut(m, rules[1], "all") ".block"
		cost = costs_are_drawn() ? cut(m, rules[1], "all") ".cost" : "-"
		given = joined(given, "-m " m " " path[m] " " blocks " " cost)
		needs = joined(needs, blocks " " path_stamp(m) (cost == "-" ? "" : " " cost))
	}
	needs = needs " " list_stamp(name ".html") " " script_stamps("report,report.css,report.awk,seen,seen.awk," \
		"compare,compare.awk,rows.awk,tasks.awk,numbers.awk,method.txt")
	given = joined(given, before_each("-p ", pictures))
	put(name ".tsv", joined(scores, script_stamp("rows") " " list_stamp(name ".tsv")),
		joined(here "rows", scores))
	put(name ".html", needs, joined(joined(here "report " name ".tsv", given), scores))
}

# The report has a table of costs where it has their figure: measuring them takes time.
function costs_are_drawn() { return (" " setting["REPORT"] " ") ~ / fig-cost / }

# The scores of figure 1d come first, since the report's tables show the first of a task and width.
function report_scores(   f, n, i, first, wanted_too, score, is_first, list) {
	n = split(setting["REPORT"], f, " ")
	for (i = 1; i <= n; i++)
		wanted_too = joined(wanted_too, scores_of_all(f[i]))
	n = split(sorted(scores_of_all("fig-1d")), score, " ")
	for (i = 1; i <= n; i++)
		is_first[score[i]]
	n = split(sorted(wanted_too), score, " ")
	for (i = 1; i <= n; i++)
		if (score[i] in is_first)
			first = joined(first, score[i])
		else
			list = joined(list, score[i])
	return joined(first, list)
}
function report_pictures(   f, n, i, k, list) {
	n = split(setting["REPORT"], f, " ")
	for (k = 1; k <= n_models; k++)
		for (i = 1; i <= n; i++)
			if (is_of_each[f[i]] && lacks(f[i]) == "")
				list = joined(list, models[k] "/" f[i] ".svg")
	for (i = 1; i <= n; i++)
		if (!is_of_each[f[i]] && lacks(f[i]) == "")
			list = joined(list, out() f[i] ".svg")
	return list
}
