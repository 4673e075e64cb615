# wanted.awk names the files of a run and finds which models and scores its figures show
#
# plan.awk calls it. What add_method reads of method.txt is kept in arrays by the names there. From
# plan.awk it has the models, which are folders, and of each: named, layers, len, rank, rate, extra.
# It finds, in the order in which they are first wanted:
#
#   cut_of[m, rule, 1 ...]   stems of pruned models, MODEL/RULE-n3, MODEL/RULE-every-n3
#   healed_of[m, 1 ...]      stems of healed ones; of each healed_from, rank_of and seed_of
#   score_of[m, 1 ...]       scores, MODEL/RULE-n3-r64-....mmlu-k5.score

# -- method.txt

function add_method(line,   word, name) {
	split(line, word, /[ \t]+/)
	name = word[2]
	if (word[1] == "tool")
		is_long[name] = word[3] == "long"
	else if (word[1] == "rule") {
		rules[++n_rules] = name
		command_of[name] = rest_behind(2, line)
	} else if (word[1] == "task")
		add_task(name, word[3], word[4], word[5], word[6])
	else if (word[1] == "data") {
		made_by[name] = word[3]
		command_of_data[name] = rest_behind(3, line)
	} else if (word[1] == "figure") {
		figures[++n_figures] = name
		is_of_each[name] = word[3] == "each"
		script_of[name] = word[4]
		varies[name] = word[5]
		find_shown(name, word[6])
		shows_scores[name] = word[7]
		drawn_from[name] = word[8] == "" ? "series" : word[8]
	}
}
function rest_behind(words, line) {
	for (; words; words--)
		sub(/^[^ \t]+[ \t]+/, "", line)
	return line
}
function add_task(name, scores, by, data, limit) {
	scores_called[name] = scores
	tool_of[name] = by
	data_of[name] = data
	limit_of[name] = limit
}
function add_own_task(name) {
	add_task(name, name "-kTASK_SHOTS", "eval-choice", "TASKS-" name, "TASK_QUESTIONS")
	own_tasks = own_tasks (own_tasks == "" ? "" : "+") name
}
function find_shown(f, models,   word, n) {
	for (n = split(models, word, ","); n; n--)
		shows[f, word[n]]
}

# -- names

function out() { return setting["OUT"] == "" ? "" : setting["OUT"] "/" }
function tokens(m, what, documents) {
	return m "/" what "-l" len[m] "-n" setting[documents] others("c4-tokenize")
}
function train(m) { return tokens(m, "train", "HEAL_DOCS") }
function valid(m) { return tokens(m, "valid", "VALID_DOCS") }
function loss(m) { return tokens(m, "loss", "C4_DOCS") }
function held_out(m) { return setting["HELD_OUT"] > 0 ? tokens(m, "heldout", "HELD_OUT") : "" }
function hidden(m) { return valid(m) others("hidden-dump") }
function angle(m) { return hidden(m) others("angdist") }

# What stands in the place of a tool is in the name of all that it makes: +influence.
function others(tools,   word, n, i, name, list) {
	n = split(tools, word, " ")
	for (i = 1; i <= n; i++)
		if (setting["STAGE_" word[i]] != "") {
			name = setting["STAGE_" word[i]]
			sub(/ .*/, "", name)
			sub(/\/+$/, "", name)
			sub(/.*\//, "", name)
			gsub(/[^A-Za-z0-9_]/, "_", name)
			list = list "+" name
		}
	return list
}
function by_angle(how) { return command_of[how] ~ /ANGLE/ }
function label(how) {
	return how others((by_angle(how) ? "c4-tokenize hidden-dump angdist " : "") \
		"argmin-block drop-layers")
}
function cut(m, how, which) { return m "/" label(how) "-" which }
function healing(m, r) { return "-r" r "-lr" rate[m] "-t" setting["STEPS"] "-s" }
function healed(m, how, n, r, seed,   name) {
	name = cut(m, how, "n" n) healing(m, r) seed extra[m] others("c4-tokenize qlora-heal")
	healed_from[name] = cut(m, how, "n" n)
	rank_of[name] = r
	seed_of[name] = seed
	return name
}

# The widths at which a model is healed: NS, or one to seven tenths of its layers.
function find_widths(m,   tenth, n, last) {
	widths[m] = setting["NS"]
	if (setting["NS"] == "" && !layers[m])
		refuse("NS= is not given, and " named[m] " is not there yet to say its layers")
	for (tenth = 1; tenth <= 7 && setting["NS"] == ""; tenth++) {
		n = int(layers[m] * tenth / 10 + 0.5)
		if (n > 0 && n < layers[m] && n != last)
			widths[m] = joined(widths[m], n)
		last = n
	}
	check_widths(m, "NS")
	check_widths(m, "EVERY")
	every[m] = setting["EVERY"]
	if (every[m] == "" && layers[m] > 1)
		every[m] = int((layers[m] + 2) / 4)
}
function check_widths(m, name,   word, n, i) {
	n = split(setting[name], word, " ")
	for (i = 1; i <= n; i++)
		if (layers[m] && word[i] >= layers[m])
			refuse(name "=" word[i] ": " named[m] " has " layers[m] " layers")
}

# What the scores of a task are called. A setting's name in the form stands for each of its values.
function score_names(task) {
	return names_of(scores_called[task], others(tool_of[task] \
		(data_of[task] == "tokens" ? " c4-tokenize" : "")))
}
function names_of(form, behind,   word, n, i, name, list) {
	if (!match(form, /[A-Z_]+/)) {
		if (behind != "" && form != "")
			sub(/(-|$)/, behind "&", form)
		return form
	}
	name = substr(form, RSTART, RLENGTH)
	n = split(setting[name], word, " ")
	for (i = 1; i <= n; i++)
		list = joined(list, names_of(replaced(form, name, word[i]), behind))
	return list
}
function replaced(text, old, new) {
	return substr(text, 1, index(text, old) - 1) new substr(text, index(text, old) + length(old))
}

# -- what figures show

# The scores that a figure shows of a model, in the order in which they are drawn.
function scores_of(f, m) {
	find_models_of(f, m)
	return scores_found[f, m]
}
# The stems of healed models that it shows.
function healings_of(f, m) {
	find_models_of(f, m)
	return healings_found[f, m]
}
function find_models_of(f, m,   value, n, i, pair, n_pairs, p, how, task, n_tasks, t, first, stems) {
	if ((f, m) in scores_found)
		return
	scores_found[f, m] = healings_found[f, m] = ""
	if (shows_scores[f] == "-")
		return
	n = split(values_of(f, m), value, " ")
	n_pairs = split(shows_scores[f], pair, ",")
	for (i = 1; i <= n; i++)
		for (p = 1; p <= n_pairs; p++) {
			how = substr(pair[p], 1, index(pair[p], "/") - 1)
			if (p == 1)
				first = how
			stems = healed_stems(f, m, how, varies[f], value[i])
			healings_found[f, m] = joined(healings_found[f, m], stems)
			n_tasks = split(with_own_tasks(substr(pair[p], length(how) + 2)), task, "+")
			for (t = 1; t <= n_tasks; t++)
				if (has_data(task[t]))
					scores_found[f, m] = joined(scores_found[f, m], \
						scores_of_task(f, m, how, first, task[t], stems))
		}
	scores_found[f, m] = without_repeats(scores_found[f, m])
}
function values_of(f, m,   list) {
	if (varies[f] == "-")
		return "-"
	list = setting[varies[f]]
	return varies[f] == "RANKS" ? sorted_numbers(joined(list, rank[m])) : list
}
function healed_stems(f, m, how, varies, value,   width, n, k, list) {
	if (!((f, "healed") in shows))
		return ""
	n = split(widths[m], width, " ")
	for (k = 1; k <= n; k++)
		list = joined(list, healed(m, how, width[k], varies == "RANKS" ? value : rank[m], \
			varies == "SEEDS" ? value : 0))
	return list
}
# A task whose data is not given is left out of figures.
function has_data(task) {
	return task in data_of && (data_of[task] ~ /^(tokens$|TASKS-)/ || setting[data_of[task]] != "")
}
function with_own_tasks(list) {
	return index(list, "TASKS") ? replaced(list, "TASKS", own_tasks) : list
}

# Of the base, which is the same by any rule, what the sweep has not. What is not healed is as QUANT
# says.
function scores_of_task(f, m, how, first, task, stems,   name, n, i, base, quant, swept, list) {
	base = cut(m, first, "n0")
	quant = setting["QUANT"] == "" ? "" : "-q" setting["QUANT"]
	swept = (f, "sweep") in shows
	n = split(score_names(task), name, " ")
	for (i = 1; i <= n; i++) {
		if ((f, "base") in shows && !(swept && quant == ""))
			list = joined(list, base "." name[i] ".score")
		if ((f, "nf4") in shows && !(swept && quant != ""))
			list = joined(list, base "." name[i] "-qnf4.score")
		if (swept)
			list = joined(list, cut(m, how, "all") "." name[i] quant ".score")
		if ((f, "every") in shows && every[m])
			list = joined(list, base "." name[i] quant ".score " \
				cut(m, how, "every-n" every[m]) "." name[i] quant ".score")
		list = joined(list, behind_each("." name[i] ".score", stems))
	}
	return list
}
function scores_of_all(f,   i, list) {
	for (i = 1; i <= n_models; i++)
		list = joined(list, scores_of(f, models[i]))
	return list
}

# -- what is wanted

function want_figure(f,   i, k, stem, n) {
	want_scores(scores_of_all(f))
	for (i = 1; i <= n_models && drawn_from[f] == "losses"; i++) {
		n = split(healings_of(f, models[i]), stem, " ")
		for (k = 1; k <= n; k++)
			want_model(models[i], stem[k])
	}
}
function want_scores(list,   score, n, i, m) {
	n = split(list, score, " ")
	for (i = 1; i <= n; i++)
		if (!(score[i] in wanted)) {
			wanted[score[i]]
			m = folder(score[i])
			score_of[m, ++n_scores[m]] = score[i]
			want_model(m, stem_of(score[i]))
		}
}

# The name of a model is MODEL/RULE-all, MODEL/RULE-nN, MODEL/RULE-every-nN, or that of a healed one.
function want_model(m, name,   how) {
	if (name in wanted)
		return
	wanted[name]
	if (name in healed_from) {
		healed_of[m, ++n_healed[m]] = name
		want_model(m, healed_from[name])
	} else if (name !~ /-all$/) {
		how = last_part(name)
		sub(/(-every)?-n[0-9]+$/, "", how)
		cut_of[m, how, ++n_cuts[m, how]] = name
	}
}

# A target may be any block, model or score by its name, shown in a figure or not.
function want_target(file,   m, name, r) {
	m = folder(file)
	name = file
	if (!(m in path) || !sub(/(\.block|\.model|\.[^.]*\.score)$/, "", name))
		return
	for (r = 1; r <= n_rules; r++)
		if (is_model(m, rules[r], name)) {
			if (file !~ /\.score$/)
				want_model(m, name)
			else if (base_task(task_of(file)) in tool_of)
				want_scores(file)
		}
}
function is_model(m, how, name,   n, r, seed, rest) {
	if (index(name, cut(m, how, "")) != 1)
		return 0
	rest = substr(name, length(cut(m, how, "")) + 1)
	if (rest ~ /^(all|(every-)?n[0-9]+)$/)
		return 1
	if (rest !~ /^n[0-9]+-r[0-9]+-lr/)
		return 0
	n = substr(rest, 2) + 0
	r = substr(rest, index(rest, "-r") + 2) + 0
	seed = substr(rest, length("n" n healing(m, r)) + 1) + 0
	return healed(m, how, n, r, seed) == name
}
function base_task(name) {	# mmlu of mmlu-k5-o7, c4 of c4+mine
	sub(/[-+].*/, "", name)
	return name
}
