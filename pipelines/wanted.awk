# wanted.awk names the files of a run and finds which models and scores its figures show
#
# plan.awk calls it. What add_method reads of method.txt is kept in arrays by the names there. From
# plan.awk it has the models, which are folders, and of each: named, layers, len, rank and rate. It
# finds, in the order in which they are first wanted:
#
#   cut_of[m, rule, 1 ...]   stems of pruned models, MODEL/RULE-n3
#   healed_of[m, 1 ...]      stems of healed ones; of each healed_from, rank_of and seed_of
#   score_of[m, 1 ...]       scores, MODEL/RULE-n3-r64-....mmlu-k5.score

# -- method.txt

function add_method(line,   word, name) {
	split(line, word, /[ \t]+/)
	name = word[2]
	if (word[1] == "tool") {
		is_long[name] = word[3] == "long"
	} else if (word[1] == "rule") {
		rules[++n_rules] = name
		sub(/^rule[ \t]+[^ \t]+[ \t]+/, "", line)
		command_of[name] = line
	} else if (word[1] == "task") {
		scores_called[name] = word[3]
		tool_of[name] = word[4]
		data_of[name] = word[5]
		limit_of[name] = word[6]
	} else if (word[1] == "figure") {
		figures[++n_figures] = name
		is_of_each[name] = word[3] == "each"
		script_of[name] = word[4]
		varies[name] = word[5]
		shows_models[name] = word[6]
		shows_scores[name] = word[7]
	}
}

# -- names

function out() { return setting["OUT"] == "" ? "" : setting["OUT"] "/" }
function train(m) { return m "/train-l" len[m] "-n" setting["HEAL_DOCS"] }
function valid(m) { return m "/valid-l" len[m] "-n" setting["VALID_DOCS"] }
function healing(m, r) { return "-r" r "-lr" rate[m] "-t" setting["STEPS"] "-s" }
function healed(m, how, n, r, seed,   name) {
	name = m "/" how "-n" n healing(m, r) seed extra
	healed_from[name] = m "/" how "-n" n
	rank_of[name] = r
	seed_of[name] = seed
	return name
}

# The widths at which a model is healed: NS, or one to seven tenths of its layers.
function find_widths(m,   tenth, n, last, word, i) {
	widths[m] = setting["NS"]
	if (setting["NS"] == "" && !layers[m])
		refuse("NS= is not given, and " named[m] " is not there yet to say its layers")
	for (tenth = 1; tenth <= 7 && setting["NS"] == ""; tenth++) {
		n = int(layers[m] * tenth / 10 + 0.5)
		if (n > 0 && n < layers[m] && n != last)
			widths[m] = joined(widths[m], n)
		last = n
	}
	n = split(setting["NS"], word, " ")
	for (i = 1; i <= n; i++)
		if (layers[m] && word[i] >= layers[m])
			refuse("NS=" word[i] ": " named[m] " has " layers[m] " layers")
}

# What the scores of a task are called. A setting's name in the form stands for each of its values.
function score_names(form,   word, n, i, name, list) {
	if (!match(form, /[A-Z_]+/))
		return form
	name = substr(form, RSTART, RLENGTH)
	n = split(setting[name], word, " ")
	for (i = 1; i <= n; i++)
		list = joined(list, score_names(replaced(form, name, word[i])))
	return list
}
function replaced(text, old, new) {
	return substr(text, 1, index(text, old) - 1) new substr(text, index(text, old) + length(old))
}

# -- what figures show

# The scores that a figure shows of a model, in the order in which they are drawn.
function scores_of(f, m,   value, n, i, pair, n_pairs, p, how, task, n_tasks, t, list) {
	if (shows_scores[f] == "-")
		return ""
	n = varies[f] == "-" ? 1 : split(setting[varies[f]], value, " ")
	n_pairs = split(shows_scores[f], pair, ",")
	for (i = 1; i <= n; i++)
		for (p = 1; p <= n_pairs; p++) {
			how = substr(pair[p], 1, index(pair[p], "/") - 1)
			n_tasks = split(substr(pair[p], length(how) + 2), task, "+")
			for (t = 1; t <= n_tasks; t++)
				list = joined(list, scores_of_task(f, m, how, task[t], \
					varies[f] == "RANKS" ? value[i] : rank[m], varies[f] == "SEEDS" ? value[i] : 0))
		}
	return list
}
function scores_of_task(f, m, how, task, r, seed,   name, n_names, width, n_widths, i, k, list) {
	n_names = split(score_names(scores_called[task]), name, " ")
	n_widths = split(widths[m], width, " ")
	for (i = 1; i <= n_names; i++) {
		if (shows_models[f] ~ /sweep/)
			list = joined(list, m "/" how "-all." name[i] ".score")
		for (k = 1; k <= n_widths && shows_models[f] ~ /healed/; k++)
			list = joined(list, healed(m, how, width[k], r, seed) "." name[i] ".score")
	}
	return list
}
function scores_of_all(f,   i, list) {
	for (i = 1; i <= n_models; i++)
		list = joined(list, scores_of(f, models[i]))
	return list
}

# -- what is wanted

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

# The name of a model is MODEL/RULE-all, MODEL/RULE-nN, or that of a healed one.
function want_model(m, name,   how) {
	if (name in wanted)
		return
	wanted[name]
	if (name in healed_from) {
		healed_of[m, ++n_healed[m]] = name
		want_model(m, healed_from[name])
	} else if (name !~ /-all$/) {
		how = last_part(name)
		sub(/-n[0-9]+$/, "", how)
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
	if (index(name, m "/" how "-") != 1)
		return 0
	rest = substr(name, length(m "/" how "-") + 1)
	if (rest ~ /^(all|n[0-9]+)$/)
		return 1
	if (rest !~ /^n[0-9]+-r[0-9]+-lr/)
		return 0
	n = substr(rest, 2) + 0
	r = substr(rest, index(rest, "-r") + 2) + 0
	seed = substr(rest, length("n" n healing(m, r)) + 1) + 0
	return healed(m, how, n, r, seed) == name
}
function base_task(name) {	# mmlu of mmlu-k5-o7
	sub(/-.*/, "", name)
	return name
}
