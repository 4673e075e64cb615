#!/bin/sh
# What qlora-heal is given to train on, and options that would have no effect beside others.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
make-tiny --set num_hidden_layers=3 llama m >/dev/null || exit 1
seq_of() {	# LENGTH ...: sequences of these lengths, as tokens
	i=0
	for n; do
		ids=$(yes "$((i + 3))" | head -"$n" | paste -sd,)
		echo "{\"doc\":$i,\"ids\":{\"dtype\":\"u32\",\"shape\":[$n],\"data\":[$ids]}}"
		i=$((i + 1))
	done | rec-make tokens
}
seq_of 1 1 1 >ones.tokens
seq_of 5 1 1 6 1 >mixed.tokens
seq_of 5 6 7 >three.tokens
seq_of 1 >one.tokens
seq_of 5 6 1 1 5 >late.tokens	# two at a time: 0-1, 2-3
seq_of 1 5 1 5 1 >again.tokens	# 0-1, 2-3, 4-0
heal() { qlora-heal -m m -o "$@"; }

nothing='there is nothing to train on'
fails "sequences of one token" 1 "ones.tokens: no sequence has more than one token: $nothing" heal a --steps 2 ones.tokens
fails "one of them" 1 "$nothing" heal a --steps 2 --batch 1 one.tokens
fails "... --resume in a new folder" 1 "$nothing" heal a --steps 2 --resume ones.tokens
fails "... held-out ones" 1 'ones.tokens: no sequence .* nothing to measure' heal a --steps 2 --valid ones.tokens three.tokens
fails "a step that predicts nothing" 1 'step 1 \(from 1 on\) have one token each' heal a --steps 3 --batch 1 mixed.tokens
ok "... which isn't reached" heal b --steps 1 --batch 1 mixed.tokens
fails "... of two sequences" 1 'step 1 \(from 2 on\)' heal a --steps 4 --batch 2 late.tokens
fails "... of two, the second time over" 1 'step 2 \(from 4 on\)' heal a --steps 4 --batch 2 again.tokens
is "no folder was made" "$(ls -d a 2>/dev/null)" ""
ok "a batch that always has some" heal c --steps 5 --batch 3 mixed.tokens

said() { heal "$@" 2>&1 >/dev/null | grep 'go over them'; }
is "sequences gone over again are said, once" "$(said d --steps 2 --batch 4 three.tokens)" \
	"qlora-heal: three.tokens: 3 sequences: 2 steps of 4 go over them 2.7 times"
is "... also where one batch takes them twice" "$(said e --steps 1 --batch 6 three.tokens)" \
	"qlora-heal: three.tokens: 3 sequences: 1 steps of 6 go over them 2.0 times"
is "... not where they suffice" "$(said f --steps 1 --batch 3 three.tokens)" ""

fails "no steps" 2 'steps: 0: at least 1' heal g --steps 0 three.tokens
fails "--every without --valid" 2 'every .* needs --valid' heal g --every 3 three.tokens
for option in --rank=4 --alpha=3 --targets=out --targets=gate,up,down; do
	fails "--init with $option" 2 'init brings its own' heal g --init b $option three.tokens
done
fails "--alpha=-1" 2 'alpha is above 0' heal g --alpha=-1 three.tokens
fails "--alpha=0" 2 'alpha is above 0' heal g --alpha=0 three.tokens
done_testing
