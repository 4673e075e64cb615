# called.awk reads method.txt, and says how long a file took and what it is, by its name. In the
# environment `file` is the name, and `ns` the nanoseconds.

$1 == "rule" && usual_rule == "" { usual_rule = $2 }
{ add_label($0) }
END {
	folder = name = ENVIRON["file"]
	sub(/.*\//, "", name)
	folder = substr(folder, 1, length(folder) - length(name) - 1)
	sub(/.*\//, "", folder)
	stem = kind = name
	sub(/.*\./, "", kind)
	sub(/\.[^.]*$/, "", stem)
	part = match(stem, /-[0-9]+of[0-9]+$/) ? ", part " substr(stem, RSTART + 1) : ""
	sub(/-[0-9]+of[0-9]+$/, "", stem)
	printf "%9s  %s%s%s\n", time(ENVIRON["ns"] / 1e9), folder == "" ? "" : folder ": ", what(kind, stem), part
}

function time(s) {
	if (s < 99.95)
		return sprintf("%.1f s", s)
	if (s < 3600)
		return sprintf("%d:%02d", int(s / 60), int(s) % 60)
	return sprintf("%d:%02d:%02d", int(s / 3600), int(s / 60) % 60, s % 60)
}
function behind(stem, key) {	# the number behind -r in similarity-n8-r32-lr1e-3-t12-s0
	return match(stem, "-" key "[0-9]+") ? substr(stem, RSTART + 2, RLENGTH - 2) : ""
}
function layers(stem,   n) {
	n = behind(stem, "n")
	return n == 1 ? "one layer" : n " layers"
}
function models(stem,   rule, text) {
	rule = stem
	sub(/-.*/, "", rule)
	text = stem ~ /-every-n/ ? "without each block of " layers(stem) : stem ~ /-all$/ ? "of the base and of each width" : \
		stem ~ /-n0$/ ? "of the base" : "without " layers(stem)
	if (stem ~ /-r[0-9]+-lr/)
		text = text ", healed at rank " behind(stem, "r") ", seed " behind(stem, "s")
	return text (rule == usual_rule ? "" : " (" rule ")")
}
function score(stem,   task, how, stage) {	# of similarity-n8.mmlu-k5-qnf4
	task = stem
	sub(/.*\./, "", task)
	sub(/\.[^.]*$/, "", stem)
	if (sub(/-qnf4$/, "", task))
		how = ", in 4 bits"
	if (sub(/-o[0-9]+$/, "&", task))
		how = ", order " behind(task, "o") how
	if (match(task, /-k[0-9]+/)) {
		how = (behind(task, "k") > 0 ? ", " behind(task, "k") " shots" : "") how
		task = substr(task, 1, RSTART - 1)
	}
	stage = match(task, /[+].*/) ? substr(task, RSTART) : ""	# c4+mine
	sub(/[+].*/, "", task)
	return measure_of(task) stage " " models(stem) how
}
function what(kind, stem) {
	if (kind == "tokens")
		return "documents become tokens, " stem
	if (kind == "hidden")
		return "the state that enters each layer"
	if (kind == "angle")
		return "how far each block turns that state"
	if (kind == "block")
		return stem ~ /-n0$/ ? "no layer to drop" : stem ~ /-every-n/ ? "all blocks of " layers(stem) : \
			stem ~ /-all$/ ? "the block to drop, of each width" : "the " layers(stem) " to drop"
	if (kind == "model")
		return "model " models(stem)
	if (kind == "cost")
		return "memory and time " models(stem)
	return kind == "score" ? score(stem) : stem "." kind
}
