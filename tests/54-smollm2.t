#!/bin/sh
# The same model's angles and best blocks in bf16: 3 times what bf16 products cost in golden/smollm2.
. "${0%/*}/tap.sh"
. "${0%/*}/golden.sh"
G=$COPPICE_GOLDEN/smollm2 M=$COPPICE_SMOLLM
need_smollm

golden-get --ids "$G/tokens.json" ids | rec-make tokens >"$T/tokens"
hidden-dump -q -m "$M" --dtype=bf16 "$T/tokens" | angdist >"$T/angle"
rec-cat --no-header -t n,l,mean "$T/angle" >"$T/a"
golden-get "$G/angles.json" mean >"$T/b"
near "all 465 mean distances of 64 documents" "$T/a" "$T/b" 3.2e-4 abs
argmin-block -q -n 1-29 "$T/angle" | rec-cat --no-header -t n,l >"$T/a"
golden-get "$G/angles.json" best | awk '$1 < 30' >"$T/b"
same "l*(n) for n = 1 .. 29 is golden's" "$T/a" "$T/b"
done_testing
