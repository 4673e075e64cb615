#!/bin/sh
# A real model of 30 layers, SmolLM2-135M in Q4_1, in f32: its tokens, angles and best blocks on 64 documents of C4. The
# documents' text is others'; golden has their ids.
. "${0%/*}/tap.sh"
. "${0%/*}/golden.sh"
G=$COPPICE_GOLDEN/smollm2 M=$COPPICE_SMOLLM
need_smollm

golden-get --ids "$G/tokens.json" ids | rec-make tokens >"$T/tokens"
if has_data c4; then
	c4-tokenize -q -m "$M" -l 512 --limit=64 "$COPPICE_SHARED/data/c4/c4-validation.sample.json.gz" | rec-cat --full >"$T/a"
	rec-cat --full "$T/tokens" >"$T/b"
	same "64 documents have golden's tokens" "$T/a" "$T/b"
else
	skip "64 documents have golden's tokens" "$lacks"
fi

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
rec-cat --no-header -t n,l,mean "$T/angle" >"$T/a"
golden-get "$G/angles.json" mean >"$T/b"
near "all 465 mean distances" "$T/a" "$T/b" 1e-6 abs
rec-cat --no-header -t n,l,sem "$T/angle" >"$T/a"
golden-get "$G/angles.json" sem >"$T/b"
near "their standard errors" "$T/a" "$T/b" 1e-6 abs
argmin-block -q -n 1-29 "$T/angle" | rec-cat --no-header -t n,l >"$T/a"
golden-get "$G/angles.json" best | awk '$1 < 30' >"$T/b"
same "l*(n) for n = 1 .. 29 is golden's" "$T/a" "$T/b"
done_testing
