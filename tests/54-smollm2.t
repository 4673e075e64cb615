#!/bin/sh
# The same model's C4 losses, whole and pruned, in f32; and its angles and losses in bf16.
. "${0%/*}/tap.sh"
. "${0%/*}/golden.sh"
G=${COPPICE_SHARED:-../shared}/golden/smollm2
M=${COPPICE_SMOLLM:-$O/demo/SmolLM2-135M-Instruct.Q4_1.gguf}
[ -d "$G" ] || skip_all "no $G"
[ -f "$M" ] || skip_all "no $M; make demo fetches it"

# golden FIRST LAST: number of each result, and its loss over those documents
golden() {
	golden-get --ids "$G/tokens.json" ids | awk -F, '{ print NF - 2 }' >"$T/predicted"
	golden-get "$G/c4.json" results | awk -v first="$1" -v last="$2" '
		FNR == NR { n[FNR - 1] = $1; next }
		$2 == "f32" && $3 == "sequences" && $4 >= first && $4 <= last { sum[$1] += $NF * n[$4]; count[$1] += n[$4] }
		END { for (i = 0; i in sum; i++) printf "%d\t%.17g\n", i, sum[i] / count[i] }' "$T/predicted" -
}

golden-get --ids "$G/tokens.json" ids | rec-make tokens >"$T/tokens"
{
	argmin-block -q --simple -n 0 -m "$M" | drop-layers -q -m "$M"
	for l in 25-26 27-28 2-5 25-28 11-18 21-28; do
		drop-layers -q -m "$M" --layers=$l
	done
} >"$T/models"

eval-c4 -q --dtype=f32 --limit=8 "$T/tokens" <"$T/models" | rec-cat -t value | awk '{ printf "%d\t%s\n", NR - 1, $1 }' >"$T/a"
golden 0 7 >"$T/b"
near "losses of 7 models over 8 documents, f32" "$T/a" "$T/b" 3e-5 abs

# Three times golden's own differences between f32 and bf16 products.
hidden-dump -q -m "$M" --dtype=bf16 "$T/tokens" | angdist >"$T/angle"
rec-cat -t n,l,mean "$T/angle" >"$T/a"
golden-get "$G/angles.json" mean >"$T/b"
near "all 465 mean distances of 64 documents, bf16" "$T/a" "$T/b" 3.2e-4 abs
argmin-block -q -n 1-29 "$T/angle" | rec-cat -t n,l >"$T/a"
golden-get "$G/angles.json" best | awk '$1 < 30' >"$T/b"
same "l*(n) for n = 1 .. 29 is golden's in bf16 too" "$T/a" "$T/b"
{
	argmin-block -q --simple -n 0 -m "$M" | drop-layers -q -m "$M"
	drop-layers -q -m "$M" --layers=11-18
} | eval-c4 -q --dtype=bf16 --limit=16 "$T/tokens" | rec-cat -t value >"$T/losses"
golden 0 15 | awk '$1 == 0 || $1 == 5 { print $2 }' >"$T/b"
for line in 1 2; do
	sed -n ${line}p "$T/losses" >"$T/a$line"
	sed -n ${line}p "$T/b" >"$T/b$line"
done
near "loss over 16 documents, bf16" "$T/a1" "$T/b1" 1.4e-3 abs
near "the same without layers 11-18" "$T/a2" "$T/b2" 3.6e-3 abs
done_testing
