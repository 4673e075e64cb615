#!/bin/sh
# SmolLM2's answers to BoolQ against golden/smollm2 (transformers; lm-eval gives the same): log-probabilities of " no"
# and " yes" in f32 within 2e-4, the same picks; in bf16 within 3 times what bf16 products cost there (0.118).
. "${0%/*}/tap.sh"
data=$COPPICE_SHARED/data/boolq/val.jsonl golden=$COPPICE_GOLDEN/smollm2/boolq.json
need_data boolq
need_smollm
cd "$T" || exit 1

check() {	# NAME TOLERANCE OPTION ...: the model is -m, or comes from standard input
	name=$1 tolerance=$2
	shift 2
	rm -f s.sample
	eval-boolq -q --samples=s.sample "$@" "$data" >s.score
	ok "$name" evalcheck samples s.sample "$golden" lm-eval 0 "$tolerance"
	diag "$(evalcheck samples s.sample "$golden" lm-eval 0 "$tolerance")"
}
check 'f32, 24 questions' 2e-4 -m "$COPPICE_SMOLLM" --dtype=f32 --limit=24
drop-layers -q -m "$COPPICE_SMOLLM" --layers=11-18 >n8.model
check 'f32, eight layers dropped, 12 questions' 2e-4 --dtype=f32 --skip=48 --limit=12 <n8.model
check 'bf16, 30 questions' 0.35 -m "$COPPICE_SMOLLM" --dtype=bf16 --skip=20 --limit=30
done_testing
