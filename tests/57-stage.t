#!/bin/sh
# A stage of one's own in place of angdist: README's, as it stands there, on a tiny model and on the demo's; and measures
# of any size and sign, that argmin-block orders as sort does.
. "${0%/*}/tap.sh"
root=$PWD
cd "$T" || exit 1
awk '/^```python$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$root/README.md" >influence
chmod +x influence

run() {	# NAME MODEL TOKENS: README's lines, from tokens to a pruned model's score
	hidden-dump -q -m "$2" "$3" >$1.hidden || return 1
	./influence $1.hidden >$1.angle || return 1
	argmin-block -q -n 2 $1.angle | drop-layers -q -m "$2" | eval-c4 -q "$3" >$1.score
}
texts() { for i in 1 2 3 4 5; do echo "{\"text\":\"text $i of some words, and $i$i more of them\"}"; done; }

make-tiny --set num_hidden_layers=5 llama m
texts >five.jsonl
c4-tokenize -q -m m five.jsonl >tiny.tokens
ok "README's stage on a tiny model, to the end" run tiny m tiny.tokens
is "... a record for each pair, a score" "$(rec-cat tiny.angle | wc -l) $(rec-cat tiny.score | wc -l)" '15 1'
if [ -r "$COPPICE_SMOLLM" ]; then
	c4-tokenize -q -m "$COPPICE_SMOLLM" five.jsonl >smollm.tokens
	ok "README's stage on the demo's model" run smollm "$COPPICE_SMOLLM" smollm.tokens
	ok '... where values above 1 are among the sums' [ "$(rec-cat --no-header -t mean smollm.angle | awk '$1 > 1' | wc -l)" -gt 0 ]
else
	skip "README's stage on the demo's model" "$no_smollm"
fi

# VALUE ...: one sample of each of the pairs n = 1, l = 0, 1, ...
angles() {
	python3 -c '
import json, sys
from fractions import Fraction
for l, d in enumerate(map(float, sys.argv[2:])):
	one = 2**40 * Fraction(d)
	s, q = (round(one), round(one * Fraction(d))) if sys.argv[1] == "int" else (2**40 * d, 2**40 * d * d)
	print(json.dumps({"n": 1, "l": l, "count": 1, "mean": d, "sem": 0, "sum": s, "sumsq": q}))' "$@" | rec-make angle
}
takes() {	# L VALUE ...: the block that argmin-block takes, and its mean
	want=$1
	shift
	for form in int float; do
		angles $form "$@" >x.angle && angdist x.angle | argmin-block -q -n 1 >x.block
		is "$form: of $*: $want" "$(rec-cat --no-header -t l,mean x.block)" "$(printf '%s\t' "$want"; echo "$@" | cut -d ' ' -f $((want + 1)))"
	done
}
takes 1 3.5 1.25 2.5
takes 2 0.5 0.25 -0.75 1.5
takes 2 -1000000.0 -2000000.0 -3000000.0
takes 0 1000000.0 2000000.0
takes 1 1e+20 1e+18 1e+19
takes 3 1e+100 1e+140 0.0 -1e+140
angles float 3e-13 1e-13 2e-13 >tiny.angle
is 'floats: values far below 2^-40' "$(argmin-block -q -n 1 tiny.angle | rec-cat --no-header -t l,mean)" "$(printf '1\t1e-13')"
angles int 3e-13 1e-13 2e-13 >tiny.angle
fails '... which whole numbers lose: refused' 1 'n = 1: whole numbers of 2\^-40 are too coarse for values of 3e-13: .* floats' \
	argmin-block tiny.angle
angles float 3 1 2 >a.angle
angles int -3 2 3 >b.angle
is 'parts of both forms add up' "$(argmin-block -q -n 1 a.angle b.angle | rec-cat --no-header -t l,mean)" "$(printf '0\t0.0')"

refused() {	# NAME PATTERN RECORD
	echo "$3" >x.jsonl
	fails "$1" 1 "$2" rec-make angle x.jsonl
}
refused 'a mean of other samples than the sum' "key 'mean'" '{"n":1,"l":0,"count":2,"mean":1,"sem":0,"sum":1099511627776,"sumsq":1099511627776}'
refused 'a sum in other units' "key 'mean'" '{"n":1,"l":0,"count":1,"mean":0.5,"sem":0,"sum":0.5,"sumsq":0.25}'
refused 'squares that are none' "key 'sumsq'" '{"n":1,"l":0,"count":1,"mean":1,"sem":0,"sum":1099511627776,"sumsq":0}'
refused 'no number' "key 'mean': not finite" '{"n":1,"l":0,"count":1,"mean":"nan","sem":0,"sum":"nan","sumsq":"nan"}'
refused 'an infinite sum' "key 'sum': not finite" '{"n":1,"l":0,"count":1,"mean":1,"sem":0,"sum":"inf","sumsq":0}'
refused 'no samples' "key 'count'" '{"n":1,"l":0,"count":0,"mean":0,"sem":0,"sum":0,"sumsq":0}'
refused 'a block beyond any model' '512 layers' '{"n":500,"l":13,"count":1,"mean":0,"sem":0,"sum":0,"sumsq":0}'

# a block by a rule of one's own goes on to the score
echo '{"n":2,"l":1,"mean":-2e6,"sem":null,"layers":5,"rule":"greedy, by loss"}' | rec-make block |
	drop-layers -q -m m | eval-c4 -q tiny.tokens >own.score
is 'any rule of few words stands in the score' "$(rec-cat --no-header -t model.block.rule,model.block.mean own.score)" "$(printf 'greedy, by loss\t-2000000.0')"
done_testing
