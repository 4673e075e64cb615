#!/bin/sh
# SmolLM2's C4 losses against golden/smollm2 (transformers): in f32 within 3e-5, for the whole model and the pruned ones;
# in bf16 within 3 times what bf16 products cost there, a mean of 16 documents (4.6e-4 whole, 1.2e-3 at n = 8).
. "${0%/*}/tap.sh"
data=$COPPICE_SHARED/data/c4/c4-validation.sample.json.gz golden=$COPPICE_SHARED/golden/smollm2
[ -r "$data" ] || skip_all "no $data"
[ -r "$COPPICE_SMOLLM" ] || skip_all "no SmolLM2 ($COPPICE_SMOLLM)"
cd "$T" || exit 1
export OMP_WAIT_POLICY=passive

c4-tokenize -q -m "$COPPICE_SMOLLM" -l 512 --limit=16 "$data" >v.tokens
is 'the same tokens as the reference (16 documents)' "$(rec-cat --full v.tokens | sed 's/.*"data":\[\([0-9,]*\)\].*/\1/')" \
	"$(tr -d '\n ' <"$golden/tokens.json" | sed 's/.*"ids":\[\[//; s/\]\].*//; s/\],\[/\n/g' | head -16)"
for l in 25-26 2-5 11-18 27-28 25-28 21-28; do drop-layers -q -m "$COPPICE_SMOLLM" --layers=$l; done >pruned.model

eval-c4 -q -m "$COPPICE_SMOLLM" --dtype=f32 --limit=4 v.tokens >f32.score
ok 'f32: the whole model within 3e-5' evalcheck losses f32.score "$golden" 4 3e-5
eval-c4 -q --dtype=f32 --limit=4 v.tokens <pruned.model >f32.score
ok 'f32: six pruned models in one sweep within 3e-5' evalcheck losses f32.score "$golden" 4 3e-5
diag "$(evalcheck losses f32.score "$golden" 4 3e-5)"
eval-c4 -q -m "$COPPICE_SMOLLM" --dtype=bf16 v.tokens >bf16.score
ok 'bf16: the whole model within 1.4e-3' evalcheck losses bf16.score "$golden" 16 1.4e-3
drop-layers -q -m "$COPPICE_SMOLLM" --layers=11-18 | eval-c4 -q --dtype=bf16 v.tokens >bf16.score
ok 'bf16: eight layers dropped, within 3.6e-3' evalcheck losses bf16.score "$golden" 16 3.6e-3
done_testing
