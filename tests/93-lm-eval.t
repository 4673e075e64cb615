#!/bin/sh
# The same questions through lm-eval, both in float32: log-probabilities within 1e-3, the same picks but for ties that
# are nearer than these differ. Needs COPPICE_PYTHON, a Python with lm-eval, and COPPICE_HF, a model's folder;
# COPPICE_QUESTIONS (default 20): of BoolQ, and of MMLU over its subjects below.
. "${0%/*}/tap.sh"
here=$(cd "${0%/*}" && pwd)
D=$COPPICE_SHARED/data
subjects=abstract_algebra,astronomy,business_ethics,conceptual_physics,elementary_mathematics,global_facts,marketing,medical_genetics,miscellaneous,public_relations

"$COPPICE_PYTHON" -c 'import lm_eval' 2>/dev/null || skip_all "COPPICE_PYTHON names no Python with lm-eval"
[ -d "$COPPICE_HF" ] || skip_all "COPPICE_HF names no model's folder"
need_data mmlu
need_data boolq
n=${COPPICE_QUESTIONS:-20}
lm_eval() { HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 HF_HOME="$T/hf" "$COPPICE_PYTHON" "$here/lmeval.py" "$@" 2>"$T/err"; }

eval-mmlu -q -m "$COPPICE_HF" --dtype=f32 --style=lm-eval --subjects=$subjects --limit=$((n / 10)) --samples="$T/mmlu.sample" \
	"$D/mmlu" >"$T/mmlu.score"
rec-cat --full "$T/mmlu.sample" >"$T/mmlu.json"
ok "MMLU, 5 shots: the same answers" lm_eval mmlu "$COPPICE_HF" "$D/mmlu" $subjects $((n / 10)) "$T/mmlu.json"
sed 's/^/#   /' "$T/.out"
eval-boolq -q -m "$COPPICE_HF" --dtype=f32 --limit=$n --samples="$T/boolq.sample" "$D/boolq/val.jsonl" >"$T/boolq.score"
rec-cat --full "$T/boolq.sample" >"$T/boolq.json"
ok "BoolQ, 0 shots: the same answers" lm_eval boolq "$COPPICE_HF" "$D/boolq/val.jsonl" $n "$T/boolq.json"
sed 's/^/#   /' "$T/.out"
# COPPICE_CHOICES='arc=FILE hellaswag=FILE': the prompts of choice tasks, and lm-eval's picks from their log-probabilities.
for pair in $COPPICE_CHOICES; do
	form=${pair%%=*} file=${pair#*=}
	eval-choice -q -m "$COPPICE_HF" --dtype=f32 --task="$form" --samples="$T/$form.sample" "$file" >"$T/$form.score"
	rec-cat --full "$T/$form.sample" >"$T/$form.json"
	pose 0 - "$form" "$file" >"$T/$form.posed"
	ok "$form: the same prompts and picks" env HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 HF_HOME="$T/hf" "$COPPICE_PYTHON" "$here/lmchoice.py" \
		"$form" "$file" 0 - "$T/$form.posed" "$T/$form.json"
done
done_testing
