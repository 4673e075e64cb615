#!/bin/sh
# A real model of 30 layers, SmolLM2-135M in Q4_1, in f32: its tokens, angles and best blocks on 64 documents of C4.
. "${0%/*}/tap.sh"
. "${0%/*}/golden.sh"
G=${COPPICE_SHARED:-../shared}/golden/smollm2 C4=${COPPICE_SHARED:-../shared}/data/c4/c4-validation.sample.json.gz
M=${COPPICE_SMOLLM:-$O/demo/SmolLM2-135M-Instruct.Q4_1.gguf}
[ -d "$G" ] || skip_all "no $G"
[ -f "$M" ] || skip_all "no $M; make demo fetches it"

c4-tokenize -m "$M" -l 512 --limit=64 "$C4" >"$T/tokens"
golden-get --ids "$G/tokens.json" ids | rec-make tokens >"$T/golden.tokens"
rec-cat --full "$T/tokens" >"$T/a"
rec-cat --full "$T/golden.tokens" >"$T/b"
same "64 documents have golden's tokens" "$T/a" "$T/b"

hidden-dump -q -m "$M" --dtype=f32 "$T/tokens" >"$T/hidden"
rec-cat --full "$T/hidden" 2>/dev/null | head -n 1 >"$T/first.json"
golden-get "$T/first.json" x.data | awk '{ printf "%d\t%d\t%s\n", $1 / 576, $1 % 576, $2 }' >"$T/x"
golden-get "$G/angles.json" x_of_first_document >"$T/want"
for l in 0 15 30; do
	awk -v l=$l '$1 == l' "$T/x" >"$T/a"
	awk -v l=$l '$1 == l' "$T/want" >"$T/b"
	near "x($l) of the first document, to the largest" "$T/a" "$T/b" 2e-6
done

angdist "$T/hidden" >"$T/angle"
rec-cat -t n,l,mean "$T/angle" >"$T/a"
golden-get "$G/angles.json" mean >"$T/b"
near "all 465 mean distances" "$T/a" "$T/b" 1e-6 abs
rec-cat -t n,l,sem "$T/angle" >"$T/a"
golden-get "$G/angles.json" sem >"$T/b"
near "their standard errors" "$T/a" "$T/b" 1e-6 abs
argmin-block -q -n 1-29 "$T/angle" | rec-cat -t n,l >"$T/a"
golden-get "$G/angles.json" best | awk '$1 < 30' >"$T/b"
same "l*(n) for n = 1 .. 29 is golden's" "$T/a" "$T/b"
done_testing
