#!/bin/sh
# Paired comparisons of a run: samples beside its scores, which of them are pairs, and their numbers against
# compare-samples itself.
. "${0%/*}/tap.sh"
. "${0%/*}/pipeline.sh"

# -- which are pairs
pairs() { printf '%s\n' "$@" | awk -f "$P/compare.awk" | awk -F '\t' '{ print $4, $1, $5, $6 }'; }
is "two rules, by the number of layers" "$(pairs m/similarity-all.c4.samples m/simple-all.c4.samples)" "similarity-all n simple-all -"
is "not two tasks" "$(pairs m/similarity-all.c4.samples m/simple-all.mmlu-k5.samples)" ""
is "healed or not, by the layers, of one rule" \
	"$(pairs m/similarity-n3-r2-lr3e-4-t2-s0.c4.samples m/similarity-all.c4.samples m/simple-all.c4.samples)" \
	"$(printf 'similarity-all keep similarity-n3-r2-lr3e-4-t2-s0 3\nsimilarity-all n simple-all -')"
is "healings that differ in rule, rank or rate, not in two things, nor in width" \
	"$(pairs m/similarity-n3-r2-lr3e-4-t2-s0.c4.samples m/simple-n3-r2-lr3e-4-t2-s0.c4.samples m/similarity-n3-r4-lr3e-4-t2-s0.c4.samples \
		m/similarity-n2-r2-lr3e-4-t2-s0.c4.samples m/similarity-n3-r2-lr3e-5-t2-s0.c4.samples | awk '{ print $1, $3 }')" \
	"$(printf 'similarity-n3-r2-lr3e-4-t2-s0 %s\n' simple-n3-r2-lr3e-4-t2-s0 similarity-n3-r4-lr3e-4-t2-s0 similarity-n3-r2-lr3e-5-t2-s0)"

# -- a run
make-tiny --set num_hidden_layers=4 --set max_position_embeddings=4096 llama tiny >/dev/null || exit 1
letters 20 1 >train.json
letters 12 2 >valid.json
questions
mkdir run
paper() {
	make --no-print-directory -C run -f "$P/paper.mk" MODELS="$T/tiny" TEXT="$T/train.json" VALID="$T/valid.json" \
		MMLU="$T/mmlu" BOOLQ="$T/boolq.jsonl" SHOTS=1 LEN=48 VALID_DOCS=6 C4_DOCS=6 STEPS=1 NS=2 RANK=2 HELD_OUT=2 "$@" 2>&1
}
ok "the target comparisons" paper comparisons
f=run/tiny/comparisons.tsv
is "its columns" "$(head -1 $f | tr '\t' ' ')" \
	"a b n task metric layers_a layers_b count value_a value_b difference stderr p both only_a only_b neither"
is "three tasks, each with four widths of two rules, two healings, and one rule beside the other when healed" \
	"$(awk 'NR > 1' $f | cut -f4 | sort | uniq -c | awk '{ print $2, $1 }' | tr '\n' ' ')" "boolq 7 c4 7 mmlu 7 "
is "n is the layers that are missing" "$(awk -F '\t' 'NR > 1 && $3 != 4 - $7' $f)" ""
compare-samples --by n run/tiny/similarity-all.c4.samples run/tiny/simple-all.c4.samples | sed 1d | cut -f1,2,5- >want
awk -F '\t' '$1 == "similarity-all" && $2 == "simple-all" && $4 == "c4"' $f | cut -f4- >got
same "the numbers are those of compare-samples" got want
is "where both drop nothing there is no difference" "$(awk -F '\t' '$3 == 0 && $2 == "simple-all" { print $11, $13 }' $f | sort -u)" "0 1"
healed=$(ls run/tiny/similarity-n2-*.c4.samples)
compare-samples --by keep run/tiny/similarity-all.c4.samples "$healed" | sed 1d | cut -f1,2,5- >want
awk -F '\t' '$1 == "similarity-all" && $2 ~ /^similarity-n2-/ && $4 == "c4"' $f | cut -f4- >got
same "... also of what was healed" got want
like "a second make has nothing to do" "$(paper comparisons)" 'Nothing to be done'
rm run/tiny/simple-all.c4.samples $f
like "samples that are gone are named, and what is there is compared" "$(paper comparisons)" \
	'compare: tiny/simple-all.c4.score: has no samples beside it: remove it'
is "... all but these" "$(awk -F '\t' 'NR > 1 && $4 == "c4"' $f | wc -l)" 2
echo damaged >run/tiny/simple-all.boolq-k0.samples
rm $f
ok "damaged samples are no comparison" sh -c '! "$@"' - make -s -C run -f plan.mk comparisons
ok "... and leave none" test ! -e $f
paper mend >/dev/null
ok "mend takes them away" test ! -e run/tiny/simple-all.boolq-k0.samples
is "parts have no samples" "$(paper -n comparisons SPLIT=2 | grep -c -e --samples)" 0
done_testing
