#!/bin/sh
# The benchmark runs on a line that needs no model, and its TSV is well formed.
. "${0%/*}/tap.sh"

mkdir "$T/out"
ln -s "$O/bin" "$O/tests" "$T/out"
ok "a line runs" sh -c "O='$T/out' ONLY=limit J=2 REPEAT=2 tests/bench/run >'$T/table' 2>/dev/null"
tsv=$T/out/bench/bench.tsv
is "every row has the header's fields" "$(awk -F '\t' '{ print NF }' "$tsv" | sort -u)" 14
is "a product, before and after, and two copies in each of two rounds" \
	"$(awk -F '\t' 'NR > 1 && $3 == "machine" && $4 == ($7 == "GFLOP/s" ? 4 : 2) && $5 > 0 && $6 >= $5 { print $7 }' "$tsv" | tr '\n' ' ')" \
	"GFLOP/s GB/s GB/s "
is "the table for people has the same rows" "$(wc -l <"$T/table")" "$(wc -l <"$tsv")"
fails "a line that there is not" 2 "no line nonesuch: limit " env O="$T/out" ONLY=nonesuch tests/bench/run

# Two runs of ours, one of a peer: medians, the best, the share of the fastest product, how many times faster.
runs() {
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' limit machine p 300 GFLOP/s - - - - '' \
		limit machine p 400 GFLOP/s - - - - '' x coppice a 10 tok/s 200 5 2 3 80 x coppice a 30 tok/s 300 6 1 2 80 \
		x peer b 5 tok/s - 7 1 1 '' x coppice c 3 s - 5 3 3 '' x peer d 6 s - 5 6 6 ''
}
row() { runs | awk -f tests/bench/table.awk | awk -F '\t' -v job="$1" '$2 == job' | tr '\t' ' '; }
is "rates" "$(row a)" "x a coppice 2 20 30 tok/s 62.5 6 1.5 1 1.75 80 "
is "a rate beside ours" "$(row b)" "x b peer 1 5 5 tok/s - 7 1 1 1  4.00 x"
is "a time beside ours" "$(row d)" "x d peer 1 6 6 s - 5 6 6 1  2.00 x"

ok "a command is timed" timed "$T/took" sh -c 'sleep 0.2'
ok "and its seconds are right" awk '{ exit !($1 > 0.19 && $1 < 20 && $4 > 100) }' "$T/took"
is "its status is passed on" "$(timed "$T/took" sh -c 'exit 7'; echo $?)" 7

# By hand: 64 wide, 4 heads of 16, 2 of them for keys; FFN 96; 7 layers. A token is 2 (64 (64+32+32) + 64 64 + 3 64 96)
# a layer, and for each key seen 4 16 4; an output row is 2 64 300. Two sequences of 3 and 1 tokens see 6 + 1 keys.
make-tiny llama "$T/m"
printf '{"doc":0,"ids":[1,2,3]}\n{"doc":1,"ids":[4]}\n' | rec-make tokens >"$T/tokens"
layer=$((4 * 2 * (64 * 128 + 64 * 64 + 3 * 64 * 96) + 7 * 4 * 16 * 4))
gflop() { awk "BEGIN { printf \"4 %.9f\", $1 * 1e-9 }"; }
is "work of states" "$(work -m "$T/m" states "$T/tokens")" "$(gflop $((7 * layer)))"
is "work of a loss" "$(work -m "$T/m" loss "$T/tokens")" "$(gflop $((7 * layer + 2 * 2 * 64 * 300)))"
argmin-block -q -n 1-2 --simple -m "$T/m" | drop-layers -q -m "$T/m" >"$T/two.model"
is "work of two models that share four layers" "$(work -m "$T/two.model" states "$T/tokens")" "$(gflop $((7 * layer)))"
done_testing
