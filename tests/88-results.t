#!/bin/sh
# --json FILE: results in lm-eval's form, beside the tables and scores of the same run. With COPPICE_PYTHON, a Python
# with lm-eval, its own table maker prints them.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
make-tiny --set num_hidden_layers=4 llama tiny >/dev/null || exit 1
mkdir -p sets/test sets/dev
for s in college_physics world_religions anatomy knots; do
	for i in 1 2 3 4 5; do echo "q $s $i,a,b,c,d,$(echo ABCDA | cut -c $i)"; done >sets/test/${s}_test.csv
	for i in 1 2; do echo "d $s $i,a,b,c,d,C"; done >sets/dev/${s}_dev.csv
done
for i in 0 1 2 3 4; do echo "{\"question\":\"is it $i\",\"passage\":\"so $i\",\"answer\":$([ $i -lt 3 ] && echo true || echo false)}"; done >q.jsonl
for i in 0 1 2 3; do echo "{\"text\":\"abc $i def ghi\"}"; done | c4-tokenize -q -m tiny >t.tokens
for i in 0 1 2; do echo "{\"goal\":\"g $i\",\"sol1\":\"abc\",\"sol2\":\"abcd $i\",\"label\":$((i % 2))}"; done >p.jsonl

mmlu() { eval-mmlu -q -k 1 -m tiny "$@" sets; }
boolq() { eval-boolq -q -m tiny "$@" q.jsonl; }
c4() { eval-c4 -q -m tiny "$@" t.tokens; }
choice() { eval-choice -q -m tiny "$@" p.jsonl; }
for tool in mmlu boolq c4 choice; do
	$tool >plain.$tool
	$tool --json $tool.json >with.$tool
	same "$tool: the score is no other" plain.$tool with.$tool
	$tool --json table.json --table >table
	same "$tool: beside a table it is the same" table.json $tool.json
	ok "$tool: no file is left beside it" test ! -e $tool.json.part
	eval-$tool -q --merge --json merged.json with.$tool >/dev/null
	if command -v jq >/dev/null; then
		is "$tool: of a stream it is the same, but for the step" "$(jq -c 'del(.made)' merged.json)" "$(jq -c 'del(.made)' $tool.json)"
	fi
done
if command -v jq >/dev/null; then
	near() { jq -r "$1" "$2" | awk -v want="$3" '{ d = $1 - want; print (d < 1e-12 && d > -1e-12) ? "yes" : $1 " is not " want }'; }
	value() { rec-cat --no-header -t "$1" "$2"; }	# KEY SCORE
	is 'mmlu: the accuracy' "$(near '.results.mmlu["acc,none"]' mmlu.json "$(value value with.mmlu)")" yes
	is 'mmlu: its error' "$(near '.results.mmlu["acc_stderr,none"]' mmlu.json "$(value stderr with.mmlu)")" yes
	is 'mmlu: a subject' "$(near '.results.mmlu_anatomy["acc,none"]' mmlu.json "$(value subjects.anatomy.value with.mmlu)")" yes
	is 'mmlu: groups, and subjects that are in none' "$(jq -c '.group_subtasks' mmlu.json)" \
		'{"mmlu":["mmlu_humanities","mmlu_stem","mmlu_knots"],"mmlu_humanities":["mmlu_world_religions"],"mmlu_stem":["mmlu_anatomy","mmlu_college_physics"]}'
	is 'mmlu: versions, shots, questions' "$(jq -c '[.versions.mmlu, .versions.mmlu_stem, .versions.mmlu_knots, .["n-shot"].mmlu_knots,
		.["n-samples"].mmlu_knots.effective, .higher_is_better.mmlu.acc]' mmlu.json)" '[2,2,1,1,5,true]'
	is 'c4: the loss' "$(near '.results.c4["loss,none"]' c4.json "$(value value with.c4)")" yes
	is 'c4: less is better' "$(jq -c '.higher_is_better.c4' c4.json)" '{"loss":false,"bits_per_byte":false,"normalised":false,"perplexity":false}'
	is 'choice: both metrics' "$(jq -c '.results.piqa | keys' choice.json)" '["acc,none","acc_norm,none","acc_norm_stderr,none","acc_stderr,none","alias"]'
	is 'what was measured' "$(jq -r '.config.model_args.print' boolq.json)" "$(value model.print with.boolq)"
	is 'and how' "$(jq -c '.made' boolq.json)" "$(rec-cat --header-json with.boolq | jq -c '.made')"
	boolq --limit 1 --json one.json >/dev/null
	is 'an error that is not known' "$(jq -r '.results.boolq["acc_stderr,none"]' one.json)" N/A
	drop-layers -q -m tiny --layers 1 >one.model
	{ drop-layers -q -m tiny --layers 2-3; cat one.model; } >two.model
	eval-boolq -q --json two.json q.jsonl <two.model >/dev/null
	is 'several models: a list, in their order' "$(jq -c '[.[] | .config.model_args.keep]' two.json)" '[[0,1],[0,2,3]]'
	is '... of what one alone has' "$(jq -c '.[1] | del(.made)' two.json)" \
		"$(eval-boolq -q --json a.json q.jsonl <one.model >/dev/null && jq -c 'del(.made)' a.json)"
fi

# -- all or nothing
echo 'a letter' >letter
fails 'no file is written over that is no JSON' 1 'letter: exists, and is no JSON' boolq --json letter
is '... and it stays' "$(cat letter)" 'a letter'
fails 'no folder' 1 'nope/x.json' boolq --json nope/x.json
fails 'not into the model' 1 'tiny' boolq --json tiny/x.json
fails 'no room for the score' 1 'No space left' sh -c 'eval-boolq -q -m tiny --json full.json q.jsonl >/dev/full'
is '... and no results' "$(ls full.json* 2>/dev/null)" ''

# -- lm-eval itself
if [ -n "$COPPICE_PYTHON" ] && "$COPPICE_PYTHON" -c 'import lm_eval' 2>/dev/null; then
	for tool in mmlu boolq choice; do
		is "$tool: lm-eval's table maker reads it" "$("$COPPICE_PYTHON" -c 'import json, sys, lm_eval.utils as u
r = json.load(open(sys.argv[1]))
print(u.make_table(r))' $tool.json | grep -c '|acc ')" "$(jq '.results | length' $tool.json)"
	done
fi
done_testing
