# plan.awk writes the plan of a run: a rule for each file, in the order of the method
#
# awk -v STAMPS=FILE -v WRONG=FILE -f words.awk -f wanted.awk -f plan.awk reads lines of words with
# tabs between:
#   method LINE                                     a line of method.txt
#   set NAME VALUE, given NAME VALUE, extra TEXT    what settings.awk prints
#   model NAME PATH LENGTH RANK RATE LAYERS         a model; LAYERS is 0 if nobody can say yet
#   file SETTING PATH                               a file of TEXT, VALID, MMLU or BOOLQ
#   here PATH                                       the folder of the scripts
#   places N                                        how many commands JOBS and HOSTS run at once
#   target FILE                                     a target that make was called with
# To STAMPS it writes a line for each stamp of the plan, FILE KIND WHAT TEXT, by which `plan` knows
# what to keep there; to WRONG a line for whatever cannot be.

BEGIN { FS = OFS = "\t" }
$1 == "method" { add_method($2) }
$1 == "set" { setting[$2] = $3 }
$1 == "given" { header = header "# " $2 " = " $3 "\n" }
$1 == "extra" { extra = $2 }
$1 == "here" { here = quoted($2) "/" }
$1 == "places" { places = $2 }
$1 == "file" { files[$2] = joined(files[$2], quoted($3)) }
$1 == "target" { targets[++n_targets] = $2 }
$1 == "model" {
	m = out() $2
	models[++n_models] = m
	named[m] = $2
	plain_path[m] = $3
	path[m] = quoted($3)
	len[m] = $4
	rank[m] = $5
	rate[m] = $6
	layers[m] = $7
}
END {
	for (i = 1; i <= n_models; i++)
		find_widths(models[i])
	for (f = 1; f <= n_figures; f++)
		want_scores(scores_of_all(figures[f]))
	for (i = 1; i <= n_targets; i++)
		want_target(targets[i])

	write_head()
	for (i = 1; i <= n_models; i++)
		write_model(models[i])
	write_figures()
	write_tables()
	write_report(out() "report")
	write_stamps()
}
function refuse(text) {
	print text >>WRONG
}

# -- rules

function put(target, needs, command) {
	printf "%s: %s\n\t%s > %s\n\n", target, needs, command, target
}
function put_goal(target, needs, command) {
	printf ".PHONY: %s\n%s: %s\n%s\n", target, target, needs, command == "" ? "" : "\t" command "\n"
}

# What a file depends on besides other files is a text in a stamp, of the run or of a model.
function stamp(file, kind, what, text) {
	stamps[file] = kind OFS what OFS text
	return file
}
function tool_stamp(name,   task, text) {	# has the limit, too, which no score's name says
	for (task in tool_of)
		if (tool_of[task] == name)
			text = setting[limit_of[task]]
	return stamp(out() ".stamp/" name, "tool", name, text)
}
function script_stamp(name) { return stamp(out() ".stamp/" name, "script", name, "") }
function data_stamp(name) { return stamp(out() ".stamp/" name, "data", name, "") }
function model_stamp(m) { return stamp(m "/.stamp/model", "model", named[m], "") }
function path_stamp(m) { return stamp(m "/.stamp/path", "text", "-", plain_path[m]) }
function train_stamp(m) { return stamp(m "/.stamp/train", "text", "-", last_part(train(m))) }
function valid_stamp(m) { return stamp(m "/.stamp/valid", "text", "-", last_part(valid(m))) }
function list_stamp(file,   name) {	# has the names of all else that the file depends on
	name = last_part(file)
	return substr(file, 1, length(file) - length(name)) ".stamp/" name ".list"
}
function write_stamps(   file) {
	for (file in stamps)
		print file, stamps[file] >STAMPS
}

# A tool as it is called. Long ones wait for a place of JOBS and HOSTS and are run by RUN.
function tool(name,   called) {
	called = setting["STAGE_" name] == "" ? name : quoted_words(setting["STAGE_" name])
	if (!is_long[name])
		return called
	return joined(joined(in_a_place(), quoted_words(setting["RUN"])), called)
}
function in_a_place(   text) {
	if (!places)
		return ""
	text = here "spread"
	if (setting["JOBS"] != "")
		text = text " -j " setting["JOBS"]
	if (setting["HOSTS"] != "")
		text = text " -h " quoted(setting["HOSTS"])
	if (out() != "")
		text = text " -d " out() ".places"
	return text
}
function files_of(name) {	# NAME= is a word that no tool finds
	return name in files ? files[name] : name "="
}

# With SPLIT=4 NAME.KIND is joined from NAME-1of4.KIND to NAME-4of4.KIND.
function is_split() { return setting["SPLIT"] > 1 }
function parts(name, kind,   k, list) {
	for (k = 1; k <= setting["SPLIT"]; k++)
		list = joined(list, name "-" k "of" setting["SPLIT"] "." kind)
	return list
}
function put_parts(name, kind, needs, counted, command,   part, n, k) {
	n = split(parts(name, kind), part, " ")
	for (k = 1; k <= n; k++)
		put(part[k], needs, here "part " k "of" n " " counted " -- " command)
	print "# Parts that were removed are made again only with what they are for."
	print ".SECONDARY: " parts(name, kind) "\n"
}

function write_head() {
	print "# The plan of this run: a rule for each file. It was written from the settings below, and"
	print "# will be again when they change. If you edit it, it is kept until you remove it; remove"
	print "# the files, too, that an edited command should make anew. paper.mk says what .stamp is."
	print "#"
	printf "%s# sum -\n\n.SUFFIXES:\n.DELETE_ON_ERROR:\n", header
	if (places)
		print "MAKEFLAGS += -j " 2 + places
	print ""
}

# -- a model

function write_model(m,   r, i) {
	printf "# == %s, %s: %slength %s, rank %s, rate %s\n\n", named[m], path[m], \
		layers[m] ? layers[m] " layers, " : "", len[m], rank[m], rate[m]
	write_tokens(m)
	write_angles(m)
	for (r = 1; r <= n_rules; r++)
		write_cuts(m, rules[r])
	print "# -- healed\n"
	for (i = 1; i <= n_healed[m]; i++)
		write_healed(m, healed_of[m, i])
	print "# -- scores\n"
	for (i = 1; i <= n_scores[m]; i++)
		write_score(m, score_of[m, i])
}

function write_tokens(m) {
	put_tokens(m, train(m) ".tokens", "TEXT", setting["HEAL_DOCS"])
	put_tokens(m, valid(m) ".tokens", "VALID", setting["VALID_DOCS"])
}
function put_tokens(m, file, data, documents) {
	put(file, data_stamp(data) " " tool_stamp("c4-tokenize") " " model_stamp(m),
		tool("c4-tokenize") " -m " path[m] " -l " len[m] " --sample " documents " " files_of(data))
}

function write_angles(m,   tokens, hidden, angle, needs, dump) {
	tokens = valid(m) ".tokens"
	hidden = valid(m) ".hidden"
	angle = valid(m) ".angle"
	needs = tokens " " model_stamp(m) " " tool_stamp("hidden-dump")
	dump = tool("hidden-dump") " -m " path[m]
	if (is_split()) {
		put_parts(valid(m), "hidden", needs, "'' hidden " tokens, dump " PART " tokens)
		put(hidden, parts(valid(m), "hidden"), "cat " parts(valid(m), "hidden"))
	} else
		put(hidden, needs, dump " " tokens)
	put(angle, hidden " " tool_stamp("angdist"), tool("angdist") " " hidden)
	put(m "/angle.tsv", angle, "rec-cat --no-header -t n,l,mean " angle)
}

# The blocks that a rule chooses, and the models without them. RULE-n0 is the base, RULE-all has the
# base and every width.
function write_cuts(m, how,   all, base, i) {
	all = m "/" how "-all"
	base = m "/" how "-n0"
	print "# -- " how "\n"
	write_block(m, how, base)
	for (i = 1; i <= n_cuts[m, how]; i++)
		if (cut_of[m, how, i] != base)
			write_block(m, how, cut_of[m, how, i])
	put(all ".block", joined(base ".block", by_angle(how) ? valid(m) ".angle" : ""),
		"{ cat " base ".block && " choose(m, how, "all") "; }")
	put(all ".block.tsv", all ".block", "rec-cat --no-header -t n,l,mean " all ".block")
	write_cut(m, all)
	for (i = 1; i <= n_cuts[m, how]; i++)
		write_cut(m, cut_of[m, how, i])
}
function write_block(m, how, name,   n) {
	n = name
	sub(/.*-n/, "", n)
	put(name ".block",
		joined(by_angle(how) ? valid(m) ".angle " valid_stamp(m) : model_stamp(m), \
			tool_stamp("argmin-block")),
		choose(m, how, n))
}
function by_angle(how) { return command_of[how] ~ /ANGLE/ }
function choose(m, how, n,   word, count, i, text) {
	count = split(command_of[how], word, /[ \t]+/)
	text = tool(word[1])
	for (i = 2; i <= count; i++)
		text = text " " meaning(m, word[i], n)
	return text
}
function meaning(m, word, n) {
	return word == "WIDTH" ? n : word == "ANGLE" ? valid(m) ".angle" : word == "MODEL" ? path[m] : word
}
function write_cut(m, name) {
	put(name ".model", name ".block " path_stamp(m) " " tool_stamp("drop-layers"),
		tool("drop-layers") " -m " path[m] " " name ".block")
}

# qlora-heal resumes a healing that was interrupted, and of a complete one only writes the record.
# One that was begun with another model or other tokens is refused and stays.
function write_healed(m, name,   from, tokens) {
	from = healed_from[name] ".model"
	tokens = train(m) ".tokens"
	put(name ".model",
		from " " tokens " " path_stamp(m) " " train_stamp(m) " " tool_stamp("qlora-heal"),
		joined(tool("qlora-heal"), quoted_words(setting["HEAL"])) " --rank=" rank_of[name] \
		" --lr=" rate[m] " --steps=" setting["STEPS"] " --batch=" setting["BATCH"] \
		" -s " seed_of[name] " --resume -o " name ".adapter " tokens " < " from)
}

function write_score(m, score,   name, model, of, ask, limit, data, needs) {
	name = substr(score, 1, length(score) - length(".score"))
	model = stem_of(score) ".model"
	of = base_task(task_of(score))
	ask = tool(tool_of[of]) task_options(task_of(score))
	limit = setting[limit_of[of]]
	if (data_of[of] == "tokens") {
		data = valid(m) ".tokens"
		needs = model " " data " " valid_stamp(m) " " tool_stamp(tool_of[of])
	} else {
		data = files_of(data_of[of])
		needs = model " " data_stamp(data_of[of]) " " tool_stamp(tool_of[of])
	}
	if (is_split()) {
		put_parts(name, "score", needs, "'" limit "' " of " " data, ask " PART " data " < " model)
		put(score, parts(name, "score"), tool_of[of] " -q --merge " parts(name, "score"))
	} else
		put(score, needs, ask (limit == "" ? "" : " --limit " limit) " " data " < " model)
}
function task_options(name,   word, n, i, text) {	# of mmlu-k5-o7
	n = split(name, word, "-")
	for (i = 2; i <= n; i++)
		text = text (word[i] ~ /^k/ ? " -k " : " --order-seed ") substr(word[i], 2)
	return text
}

# -- figures

function write_figures(   i, k, f, all, pictures) {
	print "# == figures\n"
	for (i = 1; i <= n_figures; i++) {
		f = figures[i]
		all = joined(all, f)
		pictures = ""
		for (k = 1; k <= n_models && is_of_each[f]; k++)
			pictures = joined(pictures, write_figure(f, models[k] "/", scores_of(f, models[k])))
		if (!is_of_each[f])
			pictures = write_figure(f, out(), scores_of_all(f))
		put_goal(f, pictures, "")
	}
	put_goal("figures", all, "")
}

# Writes the rules of a figure that is in the folder INTO; returns its pictures.
function write_figure(f, into, scores,   data, names) {
	if (shows_scores[f] == "-") {
		data = into "angle.tsv " into "similarity-all.block.tsv"
		names = "angles = '" into "angle.tsv'; blocks = '" into "similarity-all.block.tsv'"
	} else {
		data = into f ".tsv"
		names = "data = '" data "'"
		scores = without_repeats(scores)
		put(data, joined(scores, list_stamp(data) " " script_stamp("rows") " " script_stamp("series") \
			" " script_stamp("series.awk") " " script_stamp("method.txt")),
			here "series " f " " scores)
	}
	put_picture(into f ".svg", "svg", data, names, script_of[f])
	put_picture(into f ".png", "png", data, names, script_of[f])
	return into f ".svg " into f ".png"
}
function put_picture(picture, type, data, names, script) {
	put(picture, data " " script_stamp(script),
		"gnuplot -d -e \"type = '" type "'; " names "\" " here script)
}

# -- tables, the report

function write_tables(   i, table, tables, scores) {
	print "# == tables, the report\n"
	for (i = 1; i <= n_models; i++) {
		table = models[i] "/table.txt"
		tables = joined(tables, table)
		scores = scores_of("fig-1d", models[i])
		put(table, scores " " list_stamp(table) " " script_stamp("table"), here "table " scores)
	}
	put_goal("tables", tables, "cat " tables)
}
function write_report(name,   scores, pictures, i, m, needs, given) {
	scores = report_scores()
	pictures = report_pictures()
	needs = joined(name ".tsv", pictures)
	for (i = 1; i <= n_models; i++) {
		m = models[i]
		given = joined(given, "-m " m " " path[m])
		needs = joined(needs, m "/similarity-all.block")
	}
	needs = needs " " script_stamp("report") " " script_stamp("method.txt") " " \
		list_stamp(name ".html")
	for (i = 1; i <= n_models; i++)
		needs = joined(needs, path_stamp(models[i]))
	given = joined(given, before_each("-p ", pictures))
	put(name ".tsv", joined(scores, script_stamp("rows") " " list_stamp(name ".tsv")),
		joined(here "rows", scores))
	put(name ".html", needs, joined(joined(here "report " name ".tsv", given), scores))
}

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
			if (is_of_each[f[i]])
				list = joined(list, models[k] "/" f[i] ".svg")
	for (i = 1; i <= n; i++)
		if (!is_of_each[f[i]])
			list = joined(list, out() f[i] ".svg")
	return list
}
