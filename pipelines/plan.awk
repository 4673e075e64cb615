# plan.awk writes the plan of a run: a rule for each file, in the order of the method
#
# awk -v STAMPS=FILE -v WRONG=FILE -f words.awk -f wanted.awk -f plan.awk reads lines of words with
# tabs between:
#   method LINE                                     a line of method.txt
#   set NAME VALUE, given NAME VALUE, task NAME     what settings.awk prints
#   model NAME PATH LENGTH RANK RATE TARGETS EXTRA LAYERS
#                                                   a model; LAYERS is 0 if nobody can say yet
#   file SETTING PATH                               a file of TEXT, VALID, MMLU, BOOLQ, TASKS-NAME
#   here PATH                                       the folder of the scripts
#   places N                                        how many commands JOBS and HOSTS run at once
#   target FILE                                     a target that make was called with
# To STAMPS it writes a line for each stamp of the plan, FILE KIND WHAT TEXT, by which `plan` knows
# what to keep there; to WRONG a line for whatever cannot be. wanted.awk says what is to be made;
# drawn.awk writes what is drawn and told of it.

BEGIN { FS = OFS = "\t" }
$1 == "method" { add_method($2) }
$1 == "set" { setting[$2] = $3 }
$1 == "given" { header = header "# " $2 " = " $3 "\n" }
$1 == "task" { add_own_task($2) }
$1 == "here" { here = quoted($2) "/" }
$1 == "places" { places = $2 }
$1 == "file" { files[$2] = joined(files[$2], quoted($3)) }
$1 == "target" { asked_for[++n_asked] = $2 }
$1 == "model" {
	m = out() $2
	models[++n_models] = m
	named[m] = $2
	plain_path[m] = $3
	path[m] = quoted($3)
	len[m] = $4
	rank[m] = $5
	rate[m] = $6
	targets[m] = $7
	extra[m] = $8 == "-" ? "" : $8
	layers[m] = $9
}
END {
	for (i = 1; i <= n_models; i++)
		find_widths(models[i])
	for (f = 1; f <= n_figures; f++)
		want_figure(figures[f])
	for (i = 1; i <= n_asked; i++)
		want_target(asked_for[i])

	write_head()
	for (i = 1; i <= n_models; i++)
		write_model(models[i])
	write_figures()
	write_tables()
	write_comparisons()
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
function put_table(table, stream, keys) {
	put(table, stream " " list_stamp(table), "rec-cat --no-header -t " keys " " stream)
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
	if (name == "model-cost")
		text = setting["MEASURE"]
	return stamp(out() ".stamp/" name, "tool", name, text)
}
function script_stamp(name) { return stamp(out() ".stamp/" name, "script", name, "") }
function data_stamp(name) { return stamp(out() ".stamp/" name, "data", name, "") }
function model_stamp(m) { return stamp(m "/.stamp/model", "model", named[m], "") }
function path_stamp(m) { return stamp(m "/.stamp/path", "text", "-", plain_path[m]) }
function train_stamp(m) { return stamp(m "/.stamp/train", "text", "-", last_part(train(m))) }
function valid_stamp(m) { return stamp(m "/.stamp/valid", "text", "-", last_part(angle(m))) }
function loss_stamp(m) { return stamp(m "/.stamp/loss", "text", "-", last_part(loss(m))) }
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
	if (setting["POSITIONS"] != "")
		write_positions(m)
	for (r = 1; r <= n_rules; r++)
		write_cuts(m, rules[r])
	write_cost(m)
	print "# -- healed\n"
	for (i = 1; i <= n_healed[m]; i++)
		write_healed(m, healed_of[m, i])
	print "# -- scores\n"
	for (i = 1; i <= n_scores[m]; i++)
		write_score(m, score_of[m, i])
}

# Each sample is drawn by a seed of its own, so that none is a part of another.
function write_tokens(m) {
	put_tokens(m, train(m), "TEXT", setting["HEAL_DOCS"], 0)
	put_tokens(m, valid(m), "VALID", setting["VALID_DOCS"], 0)
	put_tokens(m, loss(m), "VALID", setting["C4_DOCS"], 1)
	if (held_out(m) != "")
		put_tokens(m, held_out(m), "VALID", setting["HELD_OUT"], 2)
}
function put_tokens(m, name, data, documents, seed) {
	put(name ".tokens", data_stamp(data) " " tool_stamp("c4-tokenize") " " model_stamp(m),
		tool("c4-tokenize") " -m " path[m] " -l " len[m] " --sample " documents \
		(seed ? " -s " seed : "") " " files_of(data))
}

function write_angles(m,   from, to, needs, dump) {
	from = valid(m) ".tokens"
	to = hidden(m) ".hidden"
	needs = from " " model_stamp(m) " " tool_stamp("hidden-dump")
	dump = tool("hidden-dump") " -m " path[m]
	if (is_split()) {
		put_parts(hidden(m), "hidden", needs, "'' hidden-dump " from, dump " PART " from)
		put(to, parts(hidden(m), "hidden"), "cat " parts(hidden(m), "hidden"))
	} else
		put(to, needs, dump " " from)
	put(angle(m) ".angle", to " " tool_stamp("angdist"), tool("angdist") " " to)
	put_table(m "/angle.tsv", angle(m) ".angle", "n,l,mean")
}

# Distances of other tokens than the last. The states may be very many, and are not kept.
function write_positions(m,   which, stem, base) {
	which = setting["POSITIONS"]
	stem = hidden(m) "-p" which others("angdist")
	base = cut(m, rules[1], "n0") ".block"
	put(stem ".angle", valid(m) ".tokens " model_stamp(m) " " tool_stamp("hidden-dump") " " \
		tool_stamp("angdist"),
		tool("hidden-dump") " -m " path[m] (which == "all" ? " --all-tokens " : " --positions=" which " ") \
		valid(m) ".tokens | " tool("angdist") (which == "all" ? "" : " --positions=" which))
	put_table(m "/positions.tsv", stem ".angle", "n,l,mean")
	put(stem ".block", base " " stem ".angle " tool_stamp("argmin-block"),
		"{ cat " base " && " tool("argmin-block") " -q -n all " stem ".angle; }")
	put_table(m "/positions.block.tsv", stem ".block", "n,l,mean,sure,second")
}

# The blocks that a rule chooses, and the models without them. RULE-n0 is the base, RULE-all has the
# base and every width, RULE-every-n8 all blocks of eight layers.
function write_cuts(m, how,   all, base, stem, i) {
	all = cut(m, how, "all")
	base = cut(m, how, "n0")
	print "# -- " how "\n"
	write_block(m, how, base)
	for (i = 1; i <= n_cuts[m, label(how)]; i++) {
		stem = cut_of[m, label(how), i]
		if (stem != base)
			write_block(m, how, stem)
	}
	put(all ".block", joined(base ".block", by_angle(how) ? angle(m) ".angle" : ""),
		"{ cat " base ".block && " choose(m, how, "all") "; }")
	put_table(m "/" how "-all.block.tsv", all ".block", "n,l,mean,sure,second")
	write_cut(m, all)
	for (i = 1; i <= n_cuts[m, label(how)]; i++)
		write_cut(m, cut_of[m, label(how), i])
}
function write_block(m, how, name,   n) {
	n = name
	sub(/.*-n/, "", n)
	put(name ".block",
		joined(by_angle(how) ? angle(m) ".angle " valid_stamp(m) : model_stamp(m), \
			tool_stamp("argmin-block")),
		choose(m, how, name ~ /-every-n[0-9]+$/ ? n " --every" : n))
}
function choose(m, how, n,   word, count, i, text) {
	count = split(command_of[how], word, /[ \t]+/)
	text = tool(word[1])
	if (word[1] in is_long && setting["STAGE_" word[1]] == "")
		text = text " -q"	# the plan keeps its tables
	for (i = 2; i <= count; i++)
		text = text " " meaning(m, word[i], n)
	return text
}
function meaning(m, word, n) {
	return word == "WIDTH" ? n : word == "ANGLE" ? angle(m) ".angle" : word == "MODEL" ? path[m] : word
}
function write_cut(m, name) {
	put(name ".model", name ".block " path_stamp(m) " " tool_stamp("drop-layers"),
		tool("drop-layers") " -m " path[m] " " name ".block")
}

# What each model takes, of the sequences of the recipe. Only the speed needs a run.
function write_cost(m,   all) {
	all = cut(m, rules[1], "all")
	put(all ".cost", all ".model " path_stamp(m) " " tool_stamp("model-cost"),
		tool("model-cost") (setting["MEASURE"] > 0 ? " --measure" : "") " --length=" len[m] " < " all ".model")
}

# qlora-heal resumes a healing that was interrupted, and of a complete one only writes the record.
# One that was begun with another model or other tokens is refused and stays. The held-out loss is
# taken twenty times.
function write_healed(m, name,   from, text, watched, watch) {
	from = healed_from[name] ".model"
	text = train(m) ".tokens"
	if (held_out(m) != "") {
		watched = held_out(m) ".tokens"
		watch = " --valid=" watched " --every=" int((setting["STEPS"] + 19) / 20)
	}
	put(name ".model",
		joined(from " " text, watched) " " path_stamp(m) " " train_stamp(m) " " tool_stamp("qlora-heal"),
		joined(tool("qlora-heal"), quoted_words(setting["HEAL"])) " --rank=" rank_of[name] \
		" --targets=" targets[m] " --lr=" rate[m] " --steps=" setting["STEPS"] " --batch=" setting["BATCH"] \
		watch " -s " seed_of[name] " --resume -o " name ".adapter " text " < " from)
}

# Samples are kept beside a score, for comparisons. Parts of a score have none, and a program in a
# tool's place may know of none.
function keeps_samples(name) { return !is_split() && setting["STAGE_" name] == "" }
function write_score(m, score,   name, model, of, ask, limit, data, needs) {
	name = substr(score, 1, length(score) - length(".score"))
	model = stem_of(score) ".model"
	of = base_task(task_of(score))
	ask = tool(tool_of[of]) task_options(task_of(score))
	limit = setting[limit_of[of]]
	needs = tool_stamp(tool_of[of])
	if (data_of[of] == "tokens") {
		data = loss(m) ".tokens"
		needs = data " " loss_stamp(m) " " needs
	} else {
		data = files_of(data_of[of])
		needs = data_stamp(data_of[of]) " " needs
	}
	if (keeps_samples(tool_of[of]))
		ask = ask " --samples " name ".samples"
	if (is_own_task(of)) {
		ask = ask " --name " of
		if (setting["TASK_SHOTS"] > 0 && ("TASK_TRAIN-" of) in files) {
			ask = ask " --train " files_of("TASK_TRAIN-" of)
			needs = needs " " data_stamp("TASK_TRAIN-" of)
		}
	}
	if (is_split()) {
		put_parts(name, "score", model " " needs, "'" limit "' " tool_of[of] " " data, ask " PART " data " < " model)
		put(score, parts(name, "score"), tool_of[of] " -q --merge " parts(name, "score"))
	} else
		put(score, model " " needs, ask (limit == "" ? "" : " --limit " limit) " " data " < " model)
}
function is_own_task(name) { return data_of[name] ~ /^TASKS-/ }
function task_options(name,   word, n, i, text) {	# of mmlu-k5-o7-qnf4
	n = split(name, word, "-")
	for (i = 2; i <= n; i++)
		text = text (word[i] ~ /^k/ ? " -k " : word[i] ~ /^o/ ? " --order-seed " : " --quant=") \
			substr(word[i], 2)
	return text
}
