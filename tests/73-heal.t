#!/bin/sh
# qlora-heal from the outside: equal bytes for any -j, --micro, --memory; killed, stopped and resumed at every step;
# what it refuses.
. "${0%/*}/tap.sh"

ids() {	# SEED N LENGTH ...: sequences of random ids below 300, as lines for rec-make
	awk -v seed="$1" -v n="$2" 'BEGIN {
		srand(seed); split("24 40 64 131 7 1 33", len, " ")
		for (i = 0; i < n; i++) {
			m = len[i % 7 + 1]
			printf "{\"doc\":%d,\"ids\":{\"dtype\":\"u32\",\"shape\":[%d],\"data\":[", i, m
			for (t = 0; t < m; t++) printf "%s%d", t ? "," : "", int(rand() * 300)
			print "]}}"
		}
	}'
}

cd "$T" || exit 1
make-tiny llama m
ids 1 10 | rec-make tokens >t.tokens
ids 2 3 | rec-make tokens >v.tokens
drop-layers -m m --layers 3-4 >p.model

heal() {	# DIR OPTIONS ...
	dir=$1
	shift
	qlora-heal -q -o "$dir" --rank 4 --steps 6 --batch 4 --lr 1e-2 --dtype f32 --aux 0.1 --valid v.tokens --every 2 \
		"$@" t.tokens <p.model >"$dir.model"
}
result() {	# DIR: hash of all that a finished run must give
	cat "$1/adapter_model.safetensors" "$1/adapter_config.json" "$1/heal.loss" "$1/state.safetensors" | cksum
}

ok "a run" heal a
want=$(result a)
ok "with one thread, one sequence at a time, saved each step" heal b -j 1 --micro 1 --save 1
is "... equal bytes" "$(result b)" "$want"
ok "with two threads, three sequences at a time" heal c -j 2 --micro 3
is "... equal bytes" "$(result c)" "$want"
least=$(heal k --memory 1M 2>&1 | sed -n 's/.* the least is \([0-9]*\) MiB$/\1/p')
ok "too little memory leaves no folder" test ! -e k
ok "with the least memory, $least MiB" heal k --memory "${least}M"
is "... equal bytes" "$(result k)" "$want"
is "the log: steps, held-out losses at every second one" \
	"$(rec-cat --no-header -t step a/heal.loss | tr '\n' ' ')$(rec-cat a/heal.loss | grep -c valid)" "0 1 2 3 4 5 3"
like "the record: layers, quantisation, adapter" "$(rec-cat a.model)" \
	'"keep":\[0,1,2,5,6\],"adapter":"a","adapter_print":"[0-9a-f]{16}","quant":"nf4"'
like "an evaluation reads the healed model" "$(eval-c4 -q v.tokens <a.model 2>&1 | rec-cat 2>&1)" '"task":"c4"'

# one step at a time
heal d --stop-after 0.001s
is "stopped after a step: status 75" $? 75
for i in 1 2 3 4 5 6 7 8 9; do
	heal d --resume --stop-after 0.001s && break
done
is "stopped and resumed at every step: equal bytes" "$(result d)" "$want"
before=$(cksum <d.model)
heal d --resume
is "--resume of a finished run says the same record" "$(cksum <d.model)" "$before"

# killed at any moment
tries=0
mkdir e
until heal e --resume --save 1; do :; done &
loop=$!
while kill -0 $loop 2>/dev/null && [ $tries -lt 25 ]; do
	sleep "0.0$((tries * 7 % 10))$((tries * 3 % 10))"
	pid=$(pgrep -P $loop qlora-heal) && kill -9 "$pid" 2>/dev/null && tries=$((tries + 1))
done 2>/dev/null
wait $loop 2>/dev/null
is "killed $tries times with SIGKILL: equal bytes" "$(result e)" "$want"
is "... and nothing is left of what was being written" "$(ls e | tr '\n' ' ')" \
	"adapter_config.json adapter_model.safetensors heal.loss state.safetensors "

long() {	# OPTIONS ...: a run that would take hours
	exec env --default-signal=INT qlora-heal -q -o f --rank 4 --steps 1000000 --batch 4 --dtype f32 "$@" t.tokens <p.model
}
for sig in TERM INT; do
	rm -rf f
	long >f.model &
	pid=$!
	while [ ! -e f/heal.loss ] && kill -0 $pid; do sleep 0.05; done
	sleep 0.5
	fails "while it is at work, another run" 1 'f: is being written by another run$' \
		qlora-heal -q -o f --rank 4 --steps 1000000 --batch 4 --dtype f32 --resume -m p.model t.tokens
	kill -$sig $pid
	wait $pid
	is "SIG$sig: status 75" $? 75
	(long --resume --stop-after 0.001s >f.model)
	is "... and the run goes on" $? 75
done

cp a.model healed
fails "an existing folder without --resume" 1 'a: exists' heal a
fails "another recipe" 1 'a: was begun with lr 0.01, not 0.02: .* remove a or give another -o$' heal a --resume --lr 0.02
cp t.tokens keep.tokens
ids 3 10 | rec-make tokens >t.tokens
fails "other tokens" 1 'a: was begun with tokens .* remove a or give another -o$' heal a --resume
mv keep.tokens t.tokens
mkdir g && echo mine >g/file
fails "--resume in a folder of something else" 1 'g: exists, and holds no state' heal g --resume
fails "inside the base's folder" 1 'm/new: lies in the base.s folder .*, which is never written to' \
	qlora-heal -o m/new -m p.model t.tokens
fails "the base's folder" 1 'm: exists, and is the base.s folder' qlora-heal -o m/ --resume -m p.model t.tokens
fails "a folder that the base lies in" 1 'exists, and the base.s folder .*/m lies in it' qlora-heal -o "$PWD" --resume -m p.model t.tokens
fails "the adapter that it starts from" 1 'a: exists, and is the adapter.s folder' \
	qlora-heal -o a --init a --resume -m p.model t.tokens
fails "a file" 1 't.tokens: exists, and is no folder' qlora-heal -o t.tokens --resume -m p.model t.tokens
fails "no room for the first state" 1 'write: File too large' sh -c 'ulimit -f 1; qlora-heal -q -o none -m p.model t.tokens'
ok "... leaves no folder" test ! -e none
fails "a folder that is not there" 1 'no/x: No such file' qlora-heal -o no/x -m p.model t.tokens
mkdir locked && chmod 500 locked
fails "a folder that may not be written to" 1 'locked/x: create: Permission denied' plain qlora-heal -o locked/x -m p.model t.tokens

# the state and its sum
heal s --stop-after 0.001s
cp s/state.safetensors kept.state
flips=$([ "$COPPICE_FAULTS" = all ] && echo 150 || echo 9)
python3 - "$flips" <<'EOF'
import random, sys
state, n = open("kept.state", "rb").read(), int(sys.argv[1])
places = [0, 9, len(state) - 1, len(state) - 8] + [random.Random(1).randrange(len(state)) for _ in range(n)]
for i, at in enumerate(places):
    b = bytearray(state)
    b[at] ^= 1 << i % 8
    open(f"flip.{i}", "wb").write(b)
EOF
bad='' n=0
for flip in flip.*; do
	cp $flip s/state.safetensors
	heal s --resume 2>said
	[ $? = 1 ] && [ "$(wc -l <said)" = 1 ] && grep -q 's/state.safetensors: is damaged: .* remove s or give another -o$' said || bad="$bad $flip"
	n=$((n + 1))
done
is "a state with one wrong bit, $n times: named" "$bad" ''
head -c -1 kept.state >s/state.safetensors
fails "a state that lacks a byte" 1 'is damaged' heal s --resume
cp kept.state s/state.safetensors
ok "the state as it was goes on, with other --save, --every, --micro, --memory and -j" \
	heal s --resume --save 2 --every 3 --micro 1 --memory 1G -j 1
same "... to the same adapter" s/adapter_model.safetensors a/adapter_model.safetensors
cat >flip.py <<'EOF'
import random, sys
b = bytearray(open(sys.argv[1], "rb").read())
at = int(sys.argv[2]) % len(b)
b[at] ^= 1 << at % 8
open(sys.argv[1], "wb").write(b)
EOF
eval-c4 -q --dtype=f32 -m p.model --adapter a v.tokens >plain.score
bad='' n=0
for file in adapter_model.safetensors adapter_config.json; do
	size=$(stat -c %s a/$file)
	for i in $(seq "$flips"); do
		rm -rf hurt && cp -r a hurt && python3 flip.py hurt/$file $((i * 7919 % size))
		eval-c4 -q --dtype=f32 -m p.model --adapter hurt v.tokens 2>/dev/null >hurt.score && [ "$(rec-cat --no-header -t value hurt.score)" != "$(rec-cat --no-header -t value plain.score)" ] && bad="$bad $file-$i"
		n=$((n + 1))
	done
done
is "an adapter with one wrong bit, $n times: refused, or the same" "$bad" ''
sed 's/"lora_alpha": 4/"lora_alpha": 5/' a/adapter_config.json >hurt/adapter_config.json
cp a/adapter_model.safetensors hurt/
fails "another alpha than it was trained with" 1 'lora_alpha is 5, but .* 4 \(--ignore=coppice.alpha' \
	eval-c4 -m p.model --adapter hurt v.tokens
ok "... but on purpose" eval-c4 -q -m p.model --adapter hurt --ignore=coppice.alpha v.tokens
fails "no room for the record" 1 'standard output: write: No space' sh -c \
	'qlora-heal -q -m p.model -o full --steps 1 --batch 1 --rank 2 t.tokens >/dev/full'
ok "... and --resume says it" sh -c 'qlora-heal -q -m p.model -o full --resume --steps 1 --batch 1 --rank 2 t.tokens >full.model && rec-cat full.model'

fails "two needs for standard input" 2 'model.*tokens' qlora-heal -o h
fails "no output" 2 'o DIR is needed' qlora-heal -m m t.tokens
fails "a model that is healed already" 1 'has an adapter already' qlora-heal -m healed -o h t.tokens
fails "--aux without a gap" 1 'gaps' qlora-heal -m m -o h --aux 1 t.tokens
fails "a loss that is not finite" 1 'step [1-9]: the loss is not finite: layer [0-9] \(layer [0-9] of the base\)' \
	qlora-heal -q -m p.model -o j --lr 1e30 --schedule constant --steps 9 --batch 2 --save 1 t.tokens
like "... and the last good state stays" "$(rec-cat j/heal.loss)" '"step":0,'
ok "--init goes on from an adapter" qlora-heal -q -m p.model --init a -o i --steps 1 --batch 1 -q t.tokens
is "... with its rank" "$(grep '"r"' i/adapter_config.json)" '  "r": 4,'
done_testing
