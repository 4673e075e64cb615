#!/bin/sh
# Killed at any moment, every tool that writes files can simply be run again: the same bytes as of a run that was left
# alone, and nothing beside them. Two runs at once: one does it, the other says so. COPPICE_FAULTS=all kills more often.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
[ "$COPPICE_FAULTS" = all ] && times=150 pairs=60 step=50 || times=6 pairs=3 step=6

make-tiny --set num_hidden_layers=8 --set hidden_size=128 --set intermediate_size=512 --gguf=f16 llama m >/dev/null || exit 1
make-adapter ada 2 4 6 mlp.up_proj:512:128
for i in $(seq 24); do
	[ $((i % 3)) = 0 ] && label=true || label=false
	echo "{\"question\": \"is it $i\", \"passage\": \"Number $i -- it is $i, as every $i.\", \"idx\": $i, \"label\": $label}"
done >boolq.jsonl
mkdir -p mmlu/dev mmlu/test
for i in 1 2 3 4 5 6 7 8; do echo "knots $i,a,b,c,d,B"; done | tee mmlu/dev/knots_dev.csv >mmlu/test/knots_test.csv
for i in $(seq 30); do echo "{\"text\": \"# Document $i speaks of $i things, and of $((i * i)) more.\"}"; done >text.jsonl
c4-tokenize -q -m m text.jsonl >v.tokens
drop-layers -q -m m --layers 2,6 >p.model
drop-layers -q -m m/model.gguf --layers 2,6 >g.model
drop-layers -q -m m --layers 3 >other.model

# what each of them writes is beside its record in the folder w, and nothing else
run() {	# WHAT: sets the command; each writes w/record, and w/out or more
	case $1 in
	"drop-layers -o, a folder") set -- drop-layers -q -m m --layers 2,6 -o w/out ;;
	"drop-layers -o, a GGUF file") set -- drop-layers -q -m m/model.gguf --layers 2,6 -o w/out ;;
	"merge-lora -o, a folder") set -- merge-lora -q -m p.model --adapter ada -o w/out ;;
	"merge-lora -o, a GGUF file") set -- merge-lora -q -m g.model --adapter ada -o w/out ;;
	"qlora-heal --save=1 --resume") set -- qlora-heal -q -m p.model -o w/out --resume --save=1 --rank=4 --steps=5 --batch=2 --dtype=f32 v.tokens ;;
	"eval-c4 --samples") set -- eval-c4 -q -m p.model --dtype=f32 --samples=w/out v.tokens ;;
	"eval-boolq --samples") set -- eval-boolq -q -m p.model --dtype=f32 --samples=w/out --prompts boolq.jsonl ;;
	"eval-mmlu --samples") set -- eval-mmlu -q -m p.model --dtype=f32 -k 1 --samples=w/out mmlu ;;
	"c4-tokenize") set -- c4-tokenize -q -m m text.jsonl ;;
	esac
	killat $signal "$us" "$@" >w/record 2>said
}
signal=9
sum() { (cd w && find . -type f | sort | xargs cksum); }

loop() {	# WHAT
	rm -rf w && mkdir w
	us=60000000
	began=$(date +%s%N)
	run "$1" || { ok "$1" false; cat said; return; }
	length=$((($(date +%s%N) - began) / 1000))
	want=$(sum) bad= killed=0 whole=0
	for i in $(seq $times); do
		rm -rf w/* && us=$((length * (i * 37 % 100) / 95))
		run "$1"
		[ $? = 137 ] && killed=$((killed + 1))
		us=60000000
		case $1 in
		*-lora\ -o* | drop*)	# whole, and said: or else run again
			if [ -e w/out ]; then
				whole=$((whole + 1))
				rm -rf w/out.part
			else
				run "$1" || bad="$bad status-$i"
			fi ;;
		*) run "$1" || bad="$bad status-$i" ;;
		esac
		[ "$(sum)" = "$want" ] || bad="$bad bytes-$i"
	done
	is "$1: killed $killed of $times times ($whole were whole by then)" "$bad" ''
	[ -z "$bad" ] || { cat said; ls -R w; } | head -20 | sed 's/^/# /'
}
for what in "drop-layers -o, a folder" "drop-layers -o, a GGUF file" "merge-lora -o, a folder" "merge-lora -o, a GGUF file" \
	"qlora-heal --save=1 --resume" "eval-c4 --samples" "eval-boolq --samples" "eval-mmlu --samples" c4-tokenize; do
	loop "$what"
done

# asked to go: what was on its way is gone, or whole and the program ends well
for what in "drop-layers -o, a folder" "merge-lora -o, a GGUF file"; do
	rm -rf w && mkdir w
	us=60000000
	began=$(date +%s%N)
	run "$what"
	length=$((($(date +%s%N) - began) / 1000)) want=$(sum) signal=15 bad= gone=0
	for i in $(seq $times); do
		rm -rf w/* && us=$((length * (i * 37 % 100) / 95))
		run "$what"
		case "$?:$(ls w | tr '\n' ' ')" in
		0:*) [ "$(sum)" = "$want" ] || bad="$bad bytes-$i" ;;
		143:"record ") gone=$((gone + 1)) ;;
		*) bad="$bad left-$i" ;;
		esac
	done
	is "$what: SIGTERM $times times, gone $gone times" "$bad" ''
	signal=9
done

# a second signal, while temporaries are being removed, leaves none
python3 - >said <<'EOF'
import os, signal, subprocess, time
for second in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    p = subprocess.Popen(["clitest", "-o", "two", "wait"], stdout=subprocess.PIPE)
    p.stdout.readline()
    for i in range(5000):
        os.mkdir("two.folder/%d" % i)
    p.send_signal(signal.SIGTERM)
    time.sleep(0.003)
    p.send_signal(second)
    print(p.wait(), sorted(f for f in os.listdir(".") if f.startswith("two")))
EOF
is 'two signals: nothing is left' "$(cat said)" "$(printf -- '-15 []\n-15 []\n-15 []')"

# killed again and again, and never helped: each run gets a little further
for what in "qlora-heal --save=1 --resume" "eval-boolq --samples"; do
	rm -rf w && mkdir w
	us=60000000
	began=$(date +%s%N)
	run "$what"
	us=$((($(date +%s%N) - began) / 3000)) want=$(sum) runs=0
	rm -rf w/*
	until run "$what"; do us=$((us + us / step)) runs=$((runs + 1)); done
	is "$what: killed $runs times in a row, and then not: equal bytes" "$(sum)" "$want"
done

# -- two at once
two() {	# NAME FIRST SECOND: commands that write w/out and a record; w/out is of one of them, whole
	rm -rf w first second && mkdir w
	sh -c "$2" >/dev/null 2>&1 && mv w first && mkdir w
	sh -c "$3" >/dev/null 2>&1 && mv w second && mkdir w
	bad= both=0
	for i in $(seq $pairs); do
		sh -c "$2" >r1 2>e1 & a=$!
		sh -c "$3" >r2 2>e2 & b=$!
		wait $a; s=$?
		wait $b; t=$?
		case $s$t in
		00) both=$((both + 1)) ;;
		01) diff -r w first >/dev/null || bad="$bad bytes-$i"; grep -q 'is being written by another run$\|: exists' e2 || bad="$bad said-$i" ;;
		10) diff -r w second >/dev/null || bad="$bad bytes-$i"; grep -q 'is being written by another run$\|: exists' e1 || bad="$bad said-$i" ;;
		*) bad="$bad status-$s-$t" ;;
		esac
		diff -r w first >/dev/null || diff -r w second >/dev/null || bad="$bad mixed-$i"
		rm -rf w/*
	done
	is "two at once, $pairs times, one after the other $both times: $1" "$bad" ''
	[ -z "$bad" ] || cat e1 e2 | sed 's/^/# /'
}
two "drop-layers -o" "drop-layers -q -m m --layers 2,6 -o w/out" "drop-layers -q -m m --layers 3 -o w/out"
two "merge-lora -o" "merge-lora -q -m g.model --adapter ada -o w/out" "merge-lora -q -m p.model --adapter ada -o w/out"
two "qlora-heal -o" "qlora-heal -q -m p.model -o w/out --rank=2 --steps=2 --batch=1 v.tokens" \
	"qlora-heal -q -m p.model -o w/out --rank=4 --steps=2 --batch=1 v.tokens"
two "eval-boolq --samples" "eval-boolq -q -m p.model --samples=w/out boolq.jsonl" "eval-boolq -q -m other.model --samples=w/out boolq.jsonl"
two "eval-c4 --samples" "eval-c4 -q -m p.model --samples=w/out v.tokens" "eval-c4 -q -m other.model --samples=w/out v.tokens"
done_testing
