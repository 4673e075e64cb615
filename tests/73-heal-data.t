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
heal() { qlora-heal -m m --order stream -o "$@"; }

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

# The order. Eight sequences, one a step: the loss of a step tells which one it was, so long as the
# adapter is not trained (rate 0, no dropout).
seq_of 5 6 7 8 9 10 11 12 >eight.tokens
order() {	# FOLDER OPTION ...: the losses of its steps
	to=$1
	shift
	qlora-heal -q -m m -o "$to" --lr 0 --dropout 0 --batch 1 "$@" eight.tokens >/dev/null &&
		rec-cat "$to/heal.loss" | sed 's/.*"ce":\([^,}]*\).*/\1/'
}
order in-order --steps 16 --order stream >stream
is "in the stream's order, an epoch is like the other" "$(sed -n 1,8p stream)" "$(sed -n 9,16p stream)"
order by-seed --steps 16 >shuffled
# coppice-method(7), Order of sequences: the numbers are those of a program that knows the page alone
is "shuffled, by the seed 0, and anew in each epoch" "$(cat shuffled)" \
	"$(for i in 4 5 3 1 6 0 7 2 6 7 1 0 2 4 3 5; do sed -n $((i + 1))p stream; done)"
order with-7 -s 7 --steps 16 >of-7
is "another seed, another order" "$(cmp -s shuffled of-7; echo $?)" 1
is "... of the same sequences" "$(sed -n 1,8p of-7 | sort)" "$(sed -n 1,8p shuffled | sort)"
qlora-heal -q -m m -o whole --batch 3 --steps 7 eight.tokens >/dev/null
qlora-heal -q -m m -o pieces --batch 3 --steps 7 --save 1 --stop-after 0.001 eight.tokens >/dev/null
for i in 1 2 3 4 5 6 7; do
	qlora-heal -q -m m -o pieces --batch 3 --steps 7 --save 1 --stop-after 0.001 --resume --micro 1 -j 1 eight.tokens >/dev/null
done
qlora-heal -q -m m -o pieces --batch 3 --steps 7 --resume eight.tokens >/dev/null
same "resumed step by step, the same adapter" whole/adapter_model.safetensors pieces/adapter_model.safetensors
fails "resumed in another order" 1 'order' qlora-heal -m m -o pieces --batch 3 --steps 7 --resume --order stream eight.tokens
fails "an order that there is not" 2 'order' qlora-heal -m m -o n --order random eight.tokens
seq_of 1 1 1 1 1 1 1 6 >rare.tokens
fails "a step of single tokens, shuffled" 1 'the sequences of step [0-9]+ have one token each' \
	qlora-heal -m m -o n --batch 2 --steps 4 rare.tokens
ok "... which no batch as large as two epochs' can be" qlora-heal -q -m m -o large --batch 15 --steps 2 rare.tokens
done_testing
