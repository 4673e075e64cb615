#!/bin/sh
# SmolLM2's C4 losses against golden/smollm2 (transformers): in f32 within 3e-5, for the whole model and the pruned ones;
# in bf16 within 3 times what bf16 products cost there, a mean of 16 documents (4.6e-4, pruned 1.2e-3).
. "${0%/*}/tap.sh"
golden=$COPPICE_GOLDEN/smollm2
need_smollm
cd "$T" || exit 1

golden-get --ids "$golden/tokens.json" ids | head -16 | rec-make tokens >v.tokens
echo '{"n":0,"l":0,"mean":null,"sem":null,"layers":30,"rule":"simple"}' | rec-make block >none.block
drop-layers -q -m "$COPPICE_SMOLLM" none.block >whole.model
for l in 25-26 2-5 11-18 27-28 25-28 21-28; do drop-layers -q -m "$COPPICE_SMOLLM" --layers=$l >$l.model; done

cat whole.model ??-??.model 2-5.model | eval-c4 -q --dtype=f32 --limit=4 v.tokens >f32.score
ok 'f32: the whole model and six pruned ones in one sweep, within 3e-5' evalcheck losses f32.score "$golden" 4 3e-5
diag "$(evalcheck losses f32.score "$golden" 4 3e-5)"
cat whole.model 11-18.model | eval-c4 -q --dtype=bf16 v.tokens >bf16.score
rec-cat bf16.score | head -1 | rec-make score >whole.score
rec-cat bf16.score | tail -1 | rec-make score >pruned.score
ok 'bf16: the whole model within 1.4e-3' evalcheck losses whole.score "$golden" 16 1.4e-3
ok 'bf16: eight layers dropped, within 3.6e-3' evalcheck losses pruned.score "$golden" 16 3.6e-3
diag "$(evalcheck losses whole.score "$golden" 16 1.4e-3; evalcheck losses pruned.score "$golden" 16 3.6e-3)"
done_testing
