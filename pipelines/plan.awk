# plan.awk - writes the plan of a run: one rule a file, in the order of the method
#
# in, with tabs between:
#   method LINE                                   of method.txt
#   set NAME VALUE, given NAME VALUE, extra TEXT  from settings.awk
#   model NAME PATH LENGTH RANK RATE LAYERS       a model; LAYERS 0: not known yet
#   file SETTING PATH                             the files of TEXT, VALID, MMLU, BOOLQ
#   here PATH, places N                           the folder of the scripts; of JOBS and HOSTS
#   goal TARGET                                   what make is asked for: scores that no figure has are planned, too
# out: the plan. To the file STAMPS goes what each stamp of the plan stands for, by lines FILE KIND WHAT TEXT, and to the
# file WRONG what can't be.

BEGIN { FS = OFS = "\t" }
$1 == "method" { add_method($2) }
$1 == "set" { setting[$2] = $3 }
$1 == "given" { header = header "# " $2 " = " $3 "\n" }
$1 == "extra" { extra = $2 }
$1 == "here" { here = quoted($2) }
$1 == "places" { places = $2 }
$1 == "file" { files[$2] = files[$2] " " quoted($3) }
$1 == "goal" { goal[++n_goals] = $2 }
$1 == "model" {
	m = out() $2
	models[++n_models] = m
	named[m] = $2; plain_path[m] = $3; path[m] = quoted($3); layers[m] = $7
	len[m] = $4; rank[m] = $5; rate[m] = $6
}
END {
	find_widths()
	for (f = 1; f <= n_figures; f++)
		for (i = 1; i <= n_models; i++)
			want_all(scores_of(figures[f], models[i]))
	for (i = 1; i <= n_goals; i++)
		want_goal(goal[i])
	write_head()
	for (i = 1; i <= n_models; i++)
		write_model(models[i])
	write_figures()
	write_tables()
	write_stamps()
}

# -- tables and settings ---------------------------------------------------------------------------------------------------

function add_method(line,   word) {
	split(line, word, /[ \t]+/)
	if (word[1] == "tool") {
		tools[++n_tools] = word[2]
		is_long[word[2]] = word[3] == "long"
	} else if (word[1] == "rule") {
		rules[++n_rules] = word[2]
		sub(/^rule[ \t]+[^ \t]+[ \t]+/, "", line)
		command_of[word[2]] = line
	} else if (word[1] == "task") {
		scores_called[word[2]] = word[3]
		tool_of[word[2]] = word[4]; data_of[word[2]] = word[5]; limit_of[word[2]] = word[6]
	} else if (word[1] == "figure") {
		figures[++n_figures] = word[2]
		for_each[word[2]] = word[3] == "each"; script_of[word[2]] = word[4]
		varies[word[2]] = word[5]; of_models[word[2]] = word[6]; shows[word[2]] = word[7]
	}
}
function out() {
	return setting["OUT"] == "" ? "" : setting["OUT"] "/"
}

# A path or word as the shell reads it, and all words of a text.
function quoted(word) {
	if (word ~ /[#&'"`()*;<>?[{|}~!\\$[:cntrl:]]/) {
		gsub(/'/, "'\\''", word)
		return "'" word "'"
	}
	return word
}
function quoted_words(text,   word, n, i) {
	n = split(text, word, " ")
	text = ""
	for (i = 1; i <= n; i++)
		text = text (i > 1 ? " " : "") quoted(word[i])
	return text
}

# The widths that a model is healed at: NS, or tenths of its layers.
function find_widths(   i, m, tenth, n, word, k) {
	for (i = 1; i <= n_models; i++) {
		m = models[i]
		if (setting["NS"] == "" && !layers[m])
			refuse("NS= is not given, and " named[m] " is not there yet to say how many layers it has")
		for (tenth = 1; tenth <= 7 && setting["NS"] == ""; tenth++) {
			n = int(layers[m] * tenth / 10 + 0.5)
			if (n > 0 && n < layers[m] && n != last_width(m))
				widths[m] = widths[m] " " n
		}
		n = split(setting["NS"], word, " ")
		for (k = 1; k <= n; k++) {
			if (layers[m] && word[k] >= layers[m])
				refuse("NS=" word[k] ": " named[m] " has " layers[m] " layers")
			widths[m] = widths[m] " " word[k]
		}
	}
}
function last_width(m,   word) {
	return word[split(widths[m], word, " ")]
}
function refuse(text) {
	print text >>WRONG
}

# -- names -----------------------------------------------------------------------------------------------------------------

function train(m) { return m "/train-l" len[m] "-n" setting["HEAL_DOCS"] }
function valid(m) { return m "/valid-l" len[m] "-n" setting["VALID_DOCS"] }
function healed(m, rule, n, r, seed,   stem) {
	stem = m "/" rule "-n" n healing(m, r) seed extra
	healed_from[stem] = m "/" rule "-n" n
	rank_of[stem] = r
	seed_of[stem] = seed
	return stem
}
function healing(m, r) { return "-r" r "-lr" rate[m] "-t" setting["STEPS"] "-s" }

# The names of a task's scores: a setting's name in capitals stands for it, or for each of its list.
function score_names(task) {
	return filled(scores_called[task])
}
function filled(form,   word, n, i, name, list) {
	if (!match(form, /[A-Z_]+/))
		return form
	name = substr(form, RSTART, RLENGTH)
	n = split(setting[name], word, " ")
	for (i = 1; i <= n; i++)
		list = list " " filled(substr(form, 1, index(form, name) - 1) word[i] substr(form, index(form, name) + length(name)))
	return list
}

# The scores that a figure shows of a model, in the order in which they are drawn.
function scores_of(f, m,   value, n, i, ranks, seed, pair, n_pairs, p, task, n_tasks, t, list) {
	n = varies[f] == "-" ? 1 : split(setting[varies[f]], value, " ")
	n_pairs = split(shows[f], pair, ",")
	for (i = 1; i <= n; i++)
		for (p = 1; p <= n_pairs; p++) {
			n_tasks = pair[p] == "-" ? 0 : split(substr(pair[p], index(pair[p], "/") + 1), task, "+")
			for (t = 1; t <= n_tasks; t++)
				list = list scores_of_task(f, m, substr(pair[p], 1, index(pair[p], "/") - 1), task[t],
					varies[f] == "RANKS" ? value[i] : rank[m], varies[f] == "SEEDS" ? value[i] : 0)
		}
	return list
}
function scores_of_task(f, m, rule, task, r, seed,   name, n_names, width, n_widths, i, k, list) {
	n_names = split(score_names(task), name, " ")
	n_widths = split(widths[m], width, " ")
	for (i = 1; i <= n_names; i++) {
		if (of_models[f] ~ /sweep/)
			list = list " " m "/" rule "-all." name[i] ".score"
		for (k = 1; k <= n_widths && of_models[f] ~ /healed/; k++)
			list = list " " healed(m, rule, width[k], r, seed) "." name[i] ".score"
	}
	return list
}
function scores_of_figure(f, m,   i, list) {	# of one model, or of all
	if (m != "")
		return scores_of(f, m)
	for (i = 1; i <= n_models; i++)
		list = list scores_of(f, models[i])
	return list
}

# -- what is wanted: scores, and the blocks and models that they are of -----------------------------------------------------

function want_all(list,   score, n, i) {
	n = split(list, score, " ")
	for (i = 1; i <= n; i++)
		want_score(score[i])
}
function want_score(file,   m, stem) {
	if (file in wanted)
		return
	wanted[file]
	m = folder(file)
	n_scores[m]++
	score_of[m, n_scores[m]] = file
	stem = file
	sub(/\.[^.]*\.score$/, "", stem)
	want_stem(m, stem)
}
function want_stem(m, stem,   rule_name) {	# RULE-all, RULE-nN, or healed
	if (stem in wanted)
		return
	wanted[stem]
	if (stem in healed_from) {
		n_healed[m]++
		healed_of[m, n_healed[m]] = stem
		want_stem(m, healed_from[stem])
	} else if (stem !~ /-all$/) {
		rule_name = substr(stem, length(m) + 2)
		sub(/-n[0-9]+$/, "", rule_name)
		n_cuts[m, rule_name]++
		cut_of[m, rule_name, n_cuts[m, rule_name]] = stem
	}
}
function folder(file) {
	sub(/\/[^\/]*$/, "", file)
	return file
}

# A file by its name, such as MODEL/similarity-n5.block, .model or .c4.score, healed or not.
function want_goal(file,   m, r, stem) {
	m = folder(file)
	stem = file
	if (!(m in path) || !sub(/(\.block|\.model|\.[^.]*\.score)$/, "", stem))
		return
	for (r = 1; r <= n_rules; r++)
		if (is_stem(m, rules[r], stem)) {
			if (file !~ /\.score$/)
				want_stem(m, stem)
			else if (is_task(task_of(file)))
				want_score(file)
		}
}
function is_stem(m, rule_name, stem,   name, n, r, seed) {
	if (index(stem, m "/" rule_name "-") != 1)
		return 0
	name = substr(stem, length(m "/" rule_name "-") + 1)
	if (name ~ /^(all|n[0-9]+)$/)
		return 1
	if (name !~ /^n[0-9]+-r[0-9]+-lr/)
		return 0
	n = substr(name, 2) + 0
	r = substr(name, index(name, "-r") + 2) + 0
	seed = substr(name, length("n" n healing(m, r)) + 1) + 0
	return healed(m, rule_name, n, r, seed) == stem
}

# -- rules -----------------------------------------------------------------------------------------------------------------

function put(target, needs, command) {
	printf "%s: %s\n\t%s > %s\n\n", target, needs, command, target
}

# What a file hangs on besides files is text in a stamp. of_list: the names of what it is made of.
function stamp(file, kind, what, text) {
	stamps[file] = kind OFS what OFS text
	return file
}
function of_tool(name,   task, text) {	# with what no score's name says
	for (task in tool_of)
		if (tool_of[task] == name)
			text = setting[limit_of[task]]
	return stamp(out() ".stamp/" name, "tool", name, text)
}
function of_script(name) { return stamp(out() ".stamp/" name, "script", name, "") }
function of_data(name) { return stamp(out() ".stamp/" name, "data", name, "") }
function of_model(m) { return stamp(m "/.stamp/model", "model", named[m], "") }
function of_path(m) { return stamp(m "/.stamp/path", "text", "-", plain_path[m]) }
function of_train(m) { return stamp(m "/.stamp/train", "text", "-", substr(train(m), length(m) + 2)) }
function of_valid(m) { return stamp(m "/.stamp/valid", "text", "-", substr(valid(m), length(m) + 2)) }
function of_list(target,   name) {
	name = target
	sub(/.*\//, "", name)
	return substr(target, 1, length(target) - length(name)) ".stamp/" name ".list"
}

# A tool as it is called: long ones in their place, and with RUN.
function tool(name,   before, jobs, hosts) {
	jobs = setting["JOBS"]
	hosts = setting["HOSTS"]
	if (is_long[name] && jobs hosts != "")
		before = here "/spread " (jobs == "" ? "" : "-j " jobs " ") (hosts == "" ? "" : "-h " quoted(hosts) " ") \
			(out() == "" ? "" : "-d " out() ".places ")
	if (is_long[name] && setting["RUN"] != "")
		before = before quoted_words(setting["RUN"]) " "
	return before (setting["STAGE_" name] == "" ? name : quoted_words(setting["STAGE_" name]))
}
function of_files(name) {	# where there are none, a word that no tool takes
	return name in files ? substr(files[name], 2) : name "="
}

# STEM-1of4.KIND ... with SPLIT=4
function parts(stem, kind,   k, list) {
	for (k = 1; k <= setting["SPLIT"] && setting["SPLIT"] > 1; k++)
		list = list (k > 1 ? " " : "") stem "-" k "of" setting["SPLIT"] "." kind
	return list
}
function write_parts(stem, kind, needs, counted, command, input,   name, n, k) {
	n = split(parts(stem, kind), name, " ")
	for (k = 1; k <= n; k++)
		put(name[k], needs, here "/part " k "of" n " " counted " -- " command " PART " input)
	if (n)
		printf "# Parts that have gone are made again only where what they are for has gone.\n.SECONDARY: %s\n\n", parts(stem, kind)
}

function write_head() {
	print "# The plan of this run, one rule a file: what it is made of, and the command that makes it. `plan` has written it, of the"
	print "# settings below, and writes it anew when they change. Edited, it is kept as it is, until it is removed; what an edited"
	print "# command is to make anew is removed by hand. paper.mk says more, also of what .stamp/ is."
	print "#"
	printf "%s# sum -\n\n.SUFFIXES:\n.DELETE_ON_ERROR:\n", header
	if (places)
		print "MAKEFLAGS += -j " 2 + places
	print ""
}

# -- a model ---------------------------------------------------------------------------------------------------------------

function write_model(m,   r, i) {
	printf "# == %s, %s: %slength %s, rank %s, rate %s\n\n", named[m], path[m], layers[m] ? layers[m] " layers, " : "", len[m], rank[m], rate[m]
	write_tokens(m)
	write_angles(m)
	for (r = 1; r <= n_rules; r++)
		write_cuts(m, rules[r])
	for (i = 1; i <= n_healed[m]; i++)
		write_healed(m, healed_of[m, i])
	for (i = 1; i <= n_scores[m]; i++)
		write_score(m, score_of[m, i])
}
function write_tokens(m) {
	put(train(m) ".tokens", of_data("TEXT") " " of_tool("c4-tokenize") " " of_model(m),
		tool("c4-tokenize") " -m " path[m] " -l " len[m] " --sample " setting["HEAL_DOCS"] " " of_files("TEXT"))
	put(valid(m) ".tokens", of_data("VALID") " " of_tool("c4-tokenize") " " of_model(m),
		tool("c4-tokenize") " -m " path[m] " -l " len[m] " --sample " setting["VALID_DOCS"] " " of_files("VALID"))
}
function write_angles(m,   tokens, needs, dump) {
	tokens = valid(m) ".tokens"
	needs = tokens " " of_model(m) " " of_tool("hidden-dump")
	dump = tool("hidden-dump") " -m " path[m]
	write_parts(valid(m), "hidden", needs, "'' hidden " tokens, dump, tokens)
	if (setting["SPLIT"] > 1)
		put(valid(m) ".hidden", parts(valid(m), "hidden"), "cat " parts(valid(m), "hidden"))
	else
		put(valid(m) ".hidden", needs, dump " " tokens)
	put(valid(m) ".angle", valid(m) ".hidden " of_tool("angdist"), tool("angdist") " " valid(m) ".hidden")
	put(m "/angle.tsv", valid(m) ".angle", "rec-cat -t n,l,mean " valid(m) ".angle")
}

# The blocks of a rule, and the models without them; "all" has the base and one for each width.
function write_cuts(m, rule_name,   all, base, i) {
	all = m "/" rule_name "-all"
	base = m "/" rule_name "-n0"
	write_block(m, rule_name, base)
	for (i = 1; i <= n_cuts[m, rule_name]; i++)
		if (cut_of[m, rule_name, i] != base)
			write_block(m, rule_name, cut_of[m, rule_name, i])
	put(all ".block", base ".block" (by_angle(rule_name) ? " " valid(m) ".angle" : ""),
		"{ cat " base ".block && " choose(m, rule_name, "all") "; }")
	put(all ".block.tsv", all ".block", "rec-cat -t n,l,mean " all ".block")
	write_cut(m, all)
	for (i = 1; i <= n_cuts[m, rule_name]; i++)
		write_cut(m, cut_of[m, rule_name, i])
}
function write_block(m, rule_name, stem,   n) {
	n = stem
	sub(/.*-n/, "", n)
	put(stem ".block",
		(by_angle(rule_name) ? valid(m) ".angle " of_valid(m) : of_model(m)) " " of_tool("argmin-block"),
		choose(m, rule_name, n))
}
function write_cut(m, stem) {
	put(stem ".model", stem ".block " of_path(m) " " of_tool("drop-layers"),
		tool("drop-layers") " -m " path[m] " " stem ".block")
}
function by_angle(rule_name) { return command_of[rule_name] ~ /ANGLE/ }
function choose(m, rule_name, n,   word, count, i, text) {
	count = split(command_of[rule_name], word, /[ \t]+/)
	text = tool(word[1])
	for (i = 2; i <= count; i++)
		text = text " " (word[i] == "WIDTH" ? n : word[i] == "ANGLE" ? valid(m) ".angle" : word[i] == "MODEL" ? path[m] : word[i])
	return text
}

# An interrupted healing goes on where it was, a whole one says its record again. One that was begun with other tokens or
# another model is refused by qlora-heal, and stays.
function write_healed(m, stem,   from) {
	from = healed_from[stem]
	put(stem ".model", from ".model " train(m) ".tokens " of_path(m) " " of_train(m) " " of_tool("qlora-heal"),
		tool("qlora-heal") " " (setting["HEAL"] == "" ? "" : quoted_words(setting["HEAL"]) " ") "--rank=" rank_of[stem] \
		" --lr=" rate[m] " --steps=" setting["STEPS"] " --batch=" setting["BATCH"] " -s " seed_of[stem] " --resume -o " \
		stem ".adapter " train(m) ".tokens < " from ".model")
}

# A score: its task stands in its name, with the task's options.
function task_of(file) {
	sub(/\.score$/, "", file)
	sub(/.*\./, "", file)
	return file
}
function write_score(m, file,   stem, task, with, limit, data, needs) {
	stem = substr(file, 1, length(file) - 6)
	task = task_of(file)
	with = options_of(task)
	sub(/-.*/, "", task)
	limit = setting[limit_of[task]]
	if (data_of[task] == "tokens") {
		data = valid(m) ".tokens"
		needs = data " " of_valid(m)
	} else {
		data = of_files(data_of[task])
		needs = of_data(data_of[task])
	}
	needs = model_of(stem) " " needs " " of_tool(tool_of[task])
	with = tool(tool_of[task]) with
	write_parts(stem, "score", needs, "'" limit "' " task " " data, with, data " < " model_of(stem))
	if (setting["SPLIT"] > 1)
		put(file, parts(stem, "score"), tool_of[task] " -q --merge " parts(stem, "score"))
	else
		put(file, needs, with (limit == "" ? "" : " --limit " limit) " " data " < " model_of(stem))
}
function model_of(stem) {
	sub(/\.[^.]*$/, "", stem)
	return stem ".model"
}
function is_task(task) {
	sub(/-.*/, "", task)
	return index(scores_called[task], task) == 1
}
function options_of(task,   word, n, i, text) {
	n = split(task, word, "-")
	for (i = 2; i <= n; i++)
		text = text (word[i] ~ /^k/ ? " -k " : " --order-seed ") substr(word[i], 2)
	return text
}

# -- figures ---------------------------------------------------------------------------------------------------------------

function write_figures(   i, k, f, all) {
	print "# == figures\n"
	for (i = 1; i <= n_figures; i++) {
		f = figures[i]
		all = all " " f
		printf ".PHONY: %s\n%s:%s\n\n", f, f, pictures(f, ".svg") pictures(f, ".png")
		for (k = 1; k <= n_models && for_each[f]; k++)
			write_figure(f, models[k] "/", models[k])
		if (!for_each[f])
			write_figure(f, out(), "")
	}
	printf ".PHONY: figures\nfigures:%s\n\n", all
}
function pictures(f, kind,   i, list) {
	for (i = 1; i <= n_models && for_each[f]; i++)
		list = list " " models[i] "/" f kind
	return for_each[f] ? list : " " out() f kind
}
function write_figure(f, into, m,   data, names, scores) {
	if (shows[f] == "-") {
		data = into "angle.tsv " into "similarity-all.block.tsv"
		names = "angles = '" into "angle.tsv'; blocks = '" into "similarity-all.block.tsv'"
	} else {
		data = into f ".tsv"
		names = "data = '" data "'"
		scores = substr(scores_of_figure(f, m), 2)
		put(data, unique(scores) " " of_list(data) " " of_script("rows") " " of_script("series") " " of_script("series.awk"),
			here "/series " f " " unique(scores))
	}
	write_picture(into f, "svg", data, names, script_of[f])
	write_picture(into f, "png", data, names, script_of[f])
}
function write_picture(stem, type, data, names, script) {
	put(stem "." type, data " " of_script(script), "gnuplot -d -e \"type = '" type "'; " names "\" " here "/" script)
}

# -- tables, the report ----------------------------------------------------------------------------------------------------

function write_tables(   i, m, scores, all) {
	print "# == tables, the report\n"
	for (i = 1; i <= n_models; i++) {
		m = models[i]
		all = all " " m "/table.txt"
		scores = substr(scores_of("fig-1d", m), 2)
		put(m "/table.txt", scores " " of_list(m "/table.txt") " " of_script("table"), here "/table " scores)
	}
	printf ".PHONY: tables\ntables:%s\n\tcat%s\n\n", all, all
	write_report(out() "report")
}
function write_report(stem,   scores, pics, i, blocks, of, paths) {
	scores = report_scores()
	pics = report_pictures()
	for (i = 1; i <= n_models; i++) {
		blocks = blocks models[i] "/similarity-all.block "
		of = of "-m " models[i] " " path[models[i]] " "
		paths = paths " " of_path(models[i])
	}
	put(stem ".tsv", scores of_script("rows") " " of_list(stem ".tsv"), here "/rows " trimmed(scores))
	put(stem ".html", stem ".tsv " pics blocks of_script("report") " " of_script("method.txt") " " of_list(stem ".html") paths,
		here "/report " stem ".tsv " of each_with("-p", pics) trimmed(scores))
}

# The scores of figure 1d come first: the tables show these, where others have the same task and width.
function report_scores(   word, n, i, k, all, first, list) {
	n = split(setting["REPORT"], word, " ")
	for (i = 1; i <= n; i++)
		for (k = 1; k <= n_models; k++)
			all = all scores_of(word[i], models[k])
	for (k = 1; k <= n_models; k++)
		first = first scores_of("fig-1d", models[k])
	all = " " sorted(all)
	n = split(sorted(first), word, " ")
	for (i = 1; i <= n; i++)
		if (index(all, " " word[i] " "))
			list = list word[i] " "
	first = " " list
	n = split(all, word, " ")
	for (i = 1; i <= n; i++)
		if (!index(first, " " word[i] " "))
			list = list word[i] " "
	return list
}
function report_pictures(   word, n, i, k, list) {
	n = split(setting["REPORT"], word, " ")
	for (k = 1; k <= n_models; k++)
		for (i = 1; i <= n; i++)
			if (for_each[word[i]])
				list = list models[k] "/" word[i] ".svg "
	for (i = 1; i <= n; i++)
		if (word[i] in for_each && !for_each[word[i]])
			list = list out() word[i] ".svg "
	return list
}

# Lists: with a word before each; each once; each once and sorted.
function each_with(before, text,   word, n, i, list) {
	n = split(text, word, " ")
	for (i = 1; i <= n; i++)
		list = list before " " word[i] " "
	return list
}
function unique(text,   word, n, i, seen, list) {
	n = split(text, word, " ")
	for (i = 1; i <= n; i++) {
		if (!(word[i] in seen))
			list = list (list == "" ? "" : " ") word[i]
		seen[word[i]]
	}
	return list
}
function sorted(text,   word, n, i, j, gap, held, list) {
	n = split(unique(text), word, " ")
	for (gap = int(n / 2); gap > 0; gap = int(gap / 2))
		for (i = gap + 1; i <= n; i++) {
			held = word[i]
			for (j = i; j > gap && held "" < word[j - gap] ""; j -= gap)
				word[j] = word[j - gap]
			word[j] = held
		}
	for (i = 1; i <= n; i++)
		list = list word[i] " "
	return list
}
function trimmed(text) {
	sub(/ $/, "", text)
	return text
}
function write_stamps(   file) {
	for (file in stamps)
		print file, stamps[file] >STAMPS
}
