# settings.awk puts the settings of a run together and checks them, and names its models
#
# in: lines of several files, each after a word that says which file, and a tab:
#   setting   settings.txt
#   method    method.txt
#   recipe    recipes.txt
#   file      the settings of the run, NAME = value
#   given     NAME=VALUE of the command line, which wins
# out, with tabs between:
#   set NAME VALUE         every setting, with its default
#   given NAME VALUE       those that were given and make the plan
#   named NAME PATH LENGTH RANK RATE TARGETS EXTRA
#                          every model; EXTRA is what the names of healed ones have behind the seed,
#                          "-" for nothing
#   task NAME              every task of TASKS
#   path SETTING PATH      every path of files and questions, as it was given; of TASKS and
#                          TASK_TRAIN it is SETTING-NAME
#   later WORD             every word of LATER
#   wrong TEXT             what cannot be, a line each
#
# Lists are words with blanks between, so that no path may have a blank; a link helps. A path may
# have any other character but a dollar sign, since it reaches the shell quoted. A model's name may
# not: it becomes a folder, a target of make and a part of figures.

BEGIN {
	FS = OFS = "\t"
	odd = "[]%:=^#&'\"`()*;<>?[{|}~!\\\\$[:cntrl:]]"
	taken = "^[.-]|^fig-|^report\\.|^plan\\.|^(figures|tables|comparisons|mend|demo|help|plan|settings|FORCE)$"
	place = "(last|-?[0-9]+(--?[0-9]+)?)"
	positions = "^(all|" place "(," place ")*)$"
	n_settings = n_recipes = 0
}
$1 == "setting" && $2 ~ /^[A-Z]/ { add_setting($2) }
$1 == "method" { add_method($2) }
$1 == "recipe" && $2 ~ /^[a-z]/ { recipe[++n_recipes] = $2 }
$1 == "file" { add_line(substr($0, 6)) }
$1 == "given" {
	name = substr($2, 1, index($2, "=") - 1)
	take(name, substr($0, 7 + length(name) + 1), "")
}
END {
	for (i = 1; i <= n_settings; i++)
		check(order[i])
	if (value["HEAL_DOCS"] == "")
		value["HEAL_DOCS"] = sprintf("%.0f", value["STEPS"] * value["BATCH"])
	value["HOSTS"] = at(value["HOSTS"])
	sub(/\/$/, "", value["OUT"])
	extra = usual_or_said()
	find_models()
	find_tasks()
	find_paths()
	for (i = 1; i <= n_settings; i++)
		print "set", order[i], value[order[i]]
	for (i = 1; i <= n_settings; i++)
		if (order[i] in is_given && order[i] !~ /^(OUT|SETTINGS|LATER)$/)
			print "given", order[i], value[order[i]]
}

# The name says the batch and the documents if they are not the usual ones.
function usual_or_said(   text) {
	if (value["BATCH"] != usual["BATCH"])
		text = "-b" value["BATCH"]
	if (value["HEAL_DOCS"] != value["STEPS"] * value["BATCH"])
		text = text "-d" value["HEAL_DOCS"]
	if (value["HELD_OUT"] != usual["HELD_OUT"])
		text = text "-v" value["HELD_OUT"]
	return text healing_options()
}
function refuse(text) {
	print "wrong", text
}

# -- the tables

function new_setting(name, of_kind, default_value) {
	order[++n_settings] = name
	kind[name] = of_kind
	gsub(/,/, " ", default_value)
	value[name] = usual[name] = default_value == "-" ? "" : default_value
}
function add_setting(line,   word) {
	split(line, word, /[ \t]+/)
	new_setting(word[1], word[2], word[3])
}
function add_method(line,   word) {
	split(line, word, /[ \t]+/)
	if (word[1] == "tool")
		new_setting("STAGE_" word[2], "command", "-")
	if (word[1] == "task")
		is_task[word[2]]
	if (word[1] == "figure")
		figures = figures " " word[2]
}

# -- what is given

# A line of the run's settings. A comment begins with # at the beginning of a line or after a blank;
# a line that ends in \ goes on in the next.
function add_line(line,   equals, where) {
	where = "settings, line " ++line_number ": "
	sub(/(^|[ \t])#.*/, "", line)
	line = carried line
	if (sub(/\\$/, " ", line)) {
		carried = line
		return
	}
	carried = ""
	if (line ~ /^[ \t\r]*$/)
		return
	equals = index(line, "=")
	if (!equals)
		return refuse(where "is no NAME = value: " trimmed(line))
	take(trimmed(substr(line, 1, equals - 1)), substr(line, equals + 1), where)
}
function trimmed(text) {
	sub(/^[ \t\r]+/, "", text)
	sub(/[ \t\r]+$/, "", text)
	return text
}
function take(name, text, where,   near) {
	gsub(/[ \t]+/, " ", text)
	text = trimmed(text)
	near = name in kind ? "" : nearest(name)
	if (!(name in kind))
		refuse(where name "=: no variable that is read here" \
			(near == "" ? "" : ": is it " near "=?"))
	else if (index(text, "$"))
		refuse(where name "=" text ": has a dollar sign")
	else if (where != "" && name ~ /^(OUT|SETTINGS)$/)
		refuse(where name "= is given on the command line only")
	else {
		value[name] = text
		is_given[name]
	}
}

# The setting whose name differs least from a word, by a third of its letters and one at most.
function nearest(word,   i, d, least, best) {
	least = length(word) / 3 + 1
	for (i = 1; i <= n_settings; i++) {
		d = distance(word, order[i])
		if (d <= least) {
			least = d - 0.5
			best = order[i]
		}
	}
	return best
}
function distance(a, b,   i, j, row, above, left) {	# letters to insert, delete or change
	for (j = 0; j <= length(b); j++)
		row[j] = j
	for (i = 1; i <= length(a); i++) {
		left = row[0]
		row[0] = i
		for (j = 1; j <= length(b); j++) {
			above = row[j]
			row[j] = left + (substr(a, i, 1) != substr(b, j, 1))
			if (above + 1 < row[j]) row[j] = above + 1
			if (row[j - 1] + 1 < row[j]) row[j] = row[j - 1] + 1
			left = above
		}
	}
	return row[length(b)]
}

# -- checks

# A setting that is refused gets its default, so that the others can still be checked.
function check(name,   i, n, said) {
	n = split(faults(name), said, "\n")
	for (i = 1; i < n; i++)
		refuse(said[i])
	if (n)
		value[name] = usual[name]
}
function faults(name,   of, word, n, i, text) {
	of = kind[name]
	n = split(value[name], word, " ")
	if (n > 1 && of ~ /^(number|count|rate|path|targets|quant|positions)$/)
		return name "=" value[name] ": one word is wanted: it has a blank\n"
	if (!n && usual[name] != "" && of ~ /^(number|count)$/)
		return name "=: a number is wanted\n"
	for (i = 1; i <= n; i++) {
		if (of ~ /^(number|count)s?$/ && !is_number(word[i]))
			text = text name "=" word[i] ": is no whole number below 10^9\n"
		else if (of ~ /^numbers?$/ && word[i] == 0)
			text = text name "=0: at least 1 is wanted\n"
		else if (of == "rate" && !is_rate(word[i]))
			text = text name "=" word[i] ": is no number\n"
		else if (of == "targets" && ordered(word[i]) == "")
			text = text name "=" word[i] ": is no list of gate, up, down and out\n"
		else if (of == "positions" && word[i] !~ positions)
			text = text name "=" word[i] ": is no list of places: 0,100-127,-1, or all\n"
		else if (of == "quant" && word[i] != "nf4")
			text = text name "=" word[i] ": is not nf4\n"
		else if (of == "tasks")
			text = text faults_of_task(name, word[i])
		else if (of == "figures" && !index(figures " ", " " word[i] " "))
			text = text name ": " word[i] ": no such figure:" figures "\n"
	}
	if (name == "OUT" && (value[name] ~ odd || value[name] ~ /^-/))
		text = text "OUT=" value[name] ": has a character that make or the shell reads\n"
	return text
}

function is_number(word) { return word ~ /^(0|[1-9][0-9]*)$/ && length(word) <= 9 }
function is_rate(word) { return word ~ /^([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$/ }

# A task's name is a part of files' names, and a word of method.txt.
function faults_of_task(setting, word,   name) {
	name = word
	sub(/=.*/, "", name)
	if (word !~ /^[a-z0-9_]+=./)
		return setting ": " word ": is no NAME=FILE, with a name of a-z, 0-9 and _\n"
	if (name in is_task)
		return setting ": " word ": " name " is a task already: give it another name\n"
	if ((setting, name) in named_in)
		return setting ": two are called " name "\n"
	named_in[setting, name]
}

# A list of targets in the order of a layer, "" if it is none.
function ordered(list,   site, part, n, i, k, has, text, found) {
	n = split(list, part, ",")
	for (i = 1; i <= n; i++)
		has[part[i]]
	for (k = split("gate up down out", site, " "); k; k--)
		if (site[k] in has) {
			text = site[k] (text == "" ? "" : ",") text
			delete has[site[k]]
		}
	for (k in has)
		return ""
	return text
}

# HEAL: options that change no result are free, some are given by the plan, and all others become
# part of the healed model's name. The plan's own are refused under each name that may mean them.
function healing_options(   free, word, n, i, key, used, text, j, written) {
	free = "^(-[qv]|-j.*|--(quiet|verbose)|--(threads|micro|memory|save|stop-after)=.*)$"
	written = "options are written --option=value"
	n = split(value["HEAL"], word, " ")
	for (i = 1; i <= n; i++) {
		key = word[i]
		sub(/=.*/, "", key)
		if (word[i] !~ /^-/)
			return refuse("HEAL: " word[i] ": is no option: " written)
		if (is_ours(key))
			return refuse("HEAL: " word[i] ": is paper.mk's own " \
				"(RANK= LR= STEPS= BATCH= SEEDS= TARGETS= HELD_OUT=)")
		if (word[i] !~ free && word[i] !~ /^--.*=/)
			return refuse("HEAL: " word[i] ": " written)
		if (word[i] !~ free && key != "--ignore" && key in used)
			return refuse("HEAL: " key " is given twice")
		used[key]
	}
	for (i = 2; i <= n; i++)	# sorted, so that their order does not matter
		for (j = i; j > 1 && word[j] "" < word[j - 1] ""; j--) {
			key = word[j]; word[j] = word[j - 1]; word[j - 1] = key
		}
	for (i = 1; i <= n; i++)
		if (word[i] !~ free && (i == 1 || word[i] != word[i - 1]))
			text = text in_name(word[i])
	return text
}

function is_ours(key,   word, n, i) {
	if (key ~ /^-[hmso]/)
		return 1
	n = split("help version resume seed output model init base adapter rank lr steps batch " \
		"targets valid every", word, " ")
	for (i = 1; i <= n; i++)
		if (length(key) > 2 && index("--" word[i], key) == 1)
			return 1
	return 0
}

# --dropout=0.1 is -dropout0.1 in a name; a value that no name can have is left out.
function in_name(option,   bare) {
	bare = option
	gsub(/[=^]/, "", bare)
	if (bare ~ odd || bare ~ /\//)
		sub(/=.*/, "", option)
	gsub(/=/, "", option)
	sub(/^-/, "", option)
	return option
}

# -- models, paths

function find_models(   word, n, i, name, path, rename) {
	rename = "give it another name as NAME=PATH"
	n = split(value["MODELS"], word, " ")
	for (i = 1; i <= n; i++) {
		path = word[i]
		name = ""
		if (match(path, /^[^\/=]+=/)) {
			name = substr(path, 1, RLENGTH - 1)
			path = substr(path, RLENGTH + 1)
		}
		path = at(path)
		if (name == "")
			name = own_name(path)
		if (name == "")
			refuse("MODELS: " word[i] ": has no name: give it one as NAME=PATH")
		else if (name ~ odd || name ~ taken)
			refuse("MODELS: " word[i] ": can't be called " name " here: " rename)
		else if (name in called)
			refuse("MODELS: two are called " name ": give one another name as NAME=PATH")
		else
			print "named", name, path, recipe_of(name)
		called[name]
	}
}
function find_tasks(   word, n, i) {
	n = split(value["TASKS"], word, " ")
	for (i = 1; i <= n; i++)
		print "task", task_name(word[i])
	n = split(value["TASK_TRAIN"], word, " ")
	for (i = 1; i <= n; i++)
		if (!(("TASKS", task_name(word[i])) in named_in))
			refuse("TASK_TRAIN: " word[i] ": TASKS= has no " task_name(word[i]))
}
function task_name(word) {
	sub(/=.*/, "", word)
	return word
}
function find_paths(   word, n, i, s) {
	for (s = 1; s <= n_settings; s++) {
		n = split(value[order[s]], word, " ")
		for (i = 1; i <= n; i++)
			if (kind[order[s]] ~ /^(files|questions)$/)
				print "path", order[s], at(word[i])
			else if (kind[order[s]] == "tasks")
				print "path", order[s] "-" task_name(word[i]), at(substr(word[i], index(word[i], "=") + 1))
			else if (kind[order[s]] == "later")
				print "later", word[i]
	}
}
function at(path) {
	if (path ~ /^~\//)
		path = ENVIRON["HOME"] substr(path, 2)
	return path ~ /^-/ ? "./" path : path
}

# A model is called by the last part of its path, without .gguf. In the hub's cache,
# .../models--ORG--NAME/snapshots/HASH, that is NAME.
function own_name(path,   part, n, last) {
	n = parts(path ~ /^\// ? path : ENVIRON["PWD"] "/" path, part)
	if (n > 2 && part[n - 1] == "snapshots" && part[n - 2] ~ /^models--/)
		last = part[n - 2]
	else {
		sub(/\/+$/, "", path)
		last = path
		sub(/.*\//, "", last)
	}
	if (last ~ /^models--/)
		sub(/.*--/, "", last)
	else
		sub(/\.gguf$/, "", last)
	return last
}
function parts(path, part,   word, n, i, m) {	# splits a path, without . and ..
	n = split(path, word, "/")
	for (i = 1; i <= n; i++)
		if (word[i] == "..")
			m -= (m > 0)
		else if (word[i] != "" && word[i] != ".")
			part[++m] = word[i]
	return m
}

# The length, rank, rate and targets of a model, and what its adapters' names end with, with tabs
# between. Targets that are not the recipe's are in the name.
function recipe_of(name,   i, word, others, lower, large, targets, said) {
	lower = tolower(name)
	large = match(lower, /[0-9]+(\.[0-9]+)?b/) && substr(lower, RSTART, RLENGTH) + 0 >= 13
	others = large ? "large-others" : "others"
	for (i = 1; i <= n_recipes; i++) {
		split(recipe[i], word, /[ \t]+/)
		if (index(lower, word[1]) && word[1] !~ /others$/ || word[1] == others)
			break
	}
	targets = ordered(either(value["TARGETS"], word[5]))
	said = (targets == ordered(word[5]) ? "" : "-targets" targets) extra
	return either(value["LEN"], word[2]) OFS either(value["RANK"], word[3]) \
		OFS either(value["LR"], word[4]) OFS targets OFS either(said, "-")
}
function either(given, usual) { return given == "" ? usual : given }
