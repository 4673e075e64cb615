#!/bin/sh
# A model larger than --memory streams its layers from the file: the same bytes, and a peak that stays near it.
. "${0%/*}/tap.sh"
cd "$T" || exit 1

make-tiny --set hidden_size=512 --set intermediate_size=1400 --set num_hidden_layers=12 --set num_attention_heads=8 llama m
for i in 1 2 3 4 5 6 7 8 9; do
	echo "{\"text\": \"The man said that it is time to go home, $i times, and see what has been left of tree $i.\"}"
done | c4-tokenize -q -m m >tokens
argmin-block -q --simple -n 0-3 -m m | drop-layers -q -m m >models

peak() { sed -n 's/.*, \([0-9]*\)[.0-9]* MiB at most/\1/p' log; }

hidden-dump -q --dtype=f32 -m m tokens >all.hidden
eval-c4 -q --dtype=f32 tokens <models >all.score
for memory in 60 32; do
	hidden-dump -v --dtype=f32 --memory=${memory}M -m m tokens >some.hidden 2>log
	same "130 MiB of weights, ${memory} MiB: hidden-dump gives the same bytes" some.hidden all.hidden
	ok "$(peak) MiB at most: 48 MiB for code, file pages and packing at hand" test "$(peak)" -le $((memory + 48))
	eval-c4 -v --dtype=f32 --memory=${memory}M tokens <models >some.score 2>log
	same "$memory MiB: so does eval-c4 for four models" some.score all.score
	ok "$(peak) MiB at most" test "$(peak)" -le $((memory + 48))
done
fails "less than one layer is refused, and what is needed said" 1 '^hidden-dump: --memory: 8 MiB are too few: the least is [0-9]+ MiB' \
	hidden-dump -q --dtype=f32 --memory=8M -m m tokens
done_testing
