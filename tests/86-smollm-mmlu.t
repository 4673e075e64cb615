#!/bin/sh
# SmolLM2's answers to MMLU against golden/smollm2 (transformers; lm-eval gives the same): log-probabilities of the four
# letters in f32 within 2e-4, the same picks but where the lead is less than twice that; in bf16 within 3 times what bf16
# products cost there (0.34 without shots, 0.069 with five). Prompts have the reference's numbers of tokens.
. "${0%/*}/tap.sh"
data=$COPPICE_SHARED/data/mmlu golden=$COPPICE_GOLDEN/smollm2/mmlu.json
need_data mmlu
need_smollm
cd "$T" || exit 1
all=abstract_algebra,anatomy,computer_security,conceptual_physics,global_facts,management,medical_genetics,world_religions

check() {	# NAME TOLERANCE SHOTS STYLE OPTION ...: the model is -m, or comes from standard input
	name=$1 tolerance=$2 shots=$3 style=$4
	shift 4
	rm -f s.sample
	eval-mmlu -q -k "$shots" --style="$style" --samples=s.sample "$@" "$data" >s.score
	ok "$name" evalcheck samples s.sample "$golden" "$style" "$shots" "$tolerance"
	diag "$(evalcheck samples s.sample "$golden" "$style" "$shots" "$tolerance")"
}
check 'f32, 0 shots, 40 questions' 2e-4 0 hendrycks -m "$COPPICE_SMOLLM" --dtype=f32 --limit=5 --subjects=$all
drop-layers -q -m "$COPPICE_SMOLLM" --layers=11-18 >n8.model
check 'f32, 0 shots, eight layers dropped, 20 questions' 2e-4 0 hendrycks --dtype=f32 --skip=5 --limit=5 \
	--subjects=anatomy,computer_security,management,world_religions <n8.model
check 'f32, 5 shots, 20 questions' 2e-4 5 hendrycks -m "$COPPICE_SMOLLM" --dtype=f32 --limit=10 --subjects=anatomy,management
check 'f32, 5 shots in the style of lm-eval, 10 questions' 2e-4 5 lm-eval -m "$COPPICE_SMOLLM" --dtype=f32 --limit=5 \
	--subjects=conceptual_physics,world_religions
check 'bf16, 0 shots, 40 questions' 1.0 0 hendrycks -m "$COPPICE_SMOLLM" --dtype=bf16 --skip=5 --limit=5 --subjects=$all
check 'bf16, 5 shots, 20 questions' 0.2 5 hendrycks -m "$COPPICE_SMOLLM" --dtype=bf16 --limit=10 \
	--subjects=anatomy,management
done_testing
