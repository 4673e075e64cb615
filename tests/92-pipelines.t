#!/bin/sh
# The whole flow of pipelines/flow.mk on a tiny model: every stream is made and whole, a second run does nothing, a
# changed option makes again what depends on it and nothing else, an interrupted healing goes on; and README.md's own
# Python stage.
. "${0%/*}/tap.sh"

LC_ALL=C
export LC_ALL
root=$PWD
flow="make --no-print-directory -C $T/run -f $root/pipelines/flow.mk N=2 LEN=48 VALID_DOCS=12 HEAL_DOCS=24
	MODEL=../model TEXT=../train.json VALID=../valid.json MMLU=../mmlu BOOLQ=../boolq.jsonl SHOTS=1"
heal='HEAL=--steps=3 --batch=4 --warmup=1 --rank=4'

mkdir -p "$T/run" "$T/mmlu/dev" "$T/mmlu/test"
make-tiny --set num_hidden_layers=6 --set max_position_embeddings=4096 llama "$T/model" || exit 1
letters() { awk -v n="$1" -v seed="$2" 'BEGIN { srand(seed); for (i = 0; i < n; i++) { s = ""; for (j = 0; j < 60; j++)
	s = s substr("abcdefgh ", 1 + int(rand() * 9), 1); print "{\"text\":\"" s "\",\"timestamp\":\"\",\"url\":\"\"}" } }'; }
letters 40 1 >"$T/train.json"
letters 20 2 >"$T/valid.json"
for subject in astronomy anatomy; do
	for split in dev test; do
		printf 'Which %s?,one,two,three,four,%s\n' first A second B third C >"$T/mmlu/$split/${subject}_$split.csv"
	done
done
for i in 0 1 2 3; do
	echo "{\"question\": \"is it $i\", \"passage\": \"It -- It is $i.\", \"idx\": $i, \"label\": $([ $i -gt 1 ] && echo true || echo false)}"
done >"$T/boolq.jsonl"

ok 'make goes through the whole flow' $flow "$heal"
cd "$T/run" || exit 1
for f in *.tokens *.hidden *.angle *.block *.model *.score; do
	ok "$f is whole" rec-cat -c "$f"
done
is 'a stream for each arrow, none half done' "$(ls | grep -vE '\.(tsv|png|svg|txt)$' | tr '\n' ' ')" \
	'all.block base.block base.boolq.score base.c4.score base.mmlu.score base.model n2-healed.boolq.score n2-healed.c4.score n2-healed.mmlu.score n2-healed.model n2.adapter n2.block n2.boolq.score n2.c4.score n2.mmlu.score n2.model sweep.block sweep.boolq.score sweep.c4.score sweep.mmlu.score sweep.model train.tokens valid.angle valid.hidden valid.tokens '
is 'the table has a line for each model and one for guessing' "$(sed '/^$/,$d' table.txt | awk '{ print $1 }' | tr '\n' ' ')" \
	'model base layers layers guessing '
is 'the pictures are pictures' "$(head -c 4 angle.png | tail -c 3)$(head -c 4 sweep.png | tail -c 3) $(grep -c '</svg>' angle.svg sweep.svg | tr '\n' ' ')" \
	'PNGPNG angle.svg:1 sweep.svg:1 '
is 'the sweep gives the base the same loss as it has alone' \
	"$(rec-cat -t model.block.n,value sweep.c4.score | head -1)" "$(rec-cat -t model.block.n,value base.c4.score)"
is 'the sweep gives the pruned model the same loss' \
	"$(rec-cat -t model.block.n,value sweep.c4.score | grep '^2')" "$(rec-cat -t model.block.n,value n2.c4.score)"

is 'another N: its files and what shows them' "$($flow N=3 "$heal" -n | awk '{ print $1 }' | grep -vE '^(test|cat)$' | sort | uniq -c | tr -s ' \n' ' ')" \
	" 1 $root/pipelines/table 1 argmin-block 1 drop-layers 2 eval-boolq 2 eval-c4 2 eval-mmlu 2 gnuplot 1 qlora-heal 1 rec-cat "
is 'a second make does nothing' "$($flow "$heal" -n | grep -v '^cat table.txt')" ''
touch -d '1 hour ago' .stamp/*
is 'nor does one with newer tools of the same version' "$($flow "$heal" -n | grep -v '^cat table.txt')" ''
again=$($flow 'HEAL=--steps=4 --batch=4 --warmup=1 --rank=4' -n)
is 'another recipe heals, measures and draws again, no more' "$(echo "$again" | awk '{ print $1 }' | grep -v '^test' | sort | uniq -c | tr -s ' \n' ' ')" \
	" 1 $root/pipelines/table 1 cat 1 eval-boolq 1 eval-c4 1 eval-mmlu 2 gnuplot 1 qlora-heal 1 rec-cat "
ok 'and does so' $flow 'HEAL=--steps=4 --batch=4 --warmup=1 --rank=4'

if /usr/bin/python3 -c 'import msgpack' 2>/dev/null; then
	sed -n '/^```python/,/^```/p' "$root/README.md" | grep -v '^```' >influence
	chmod +x influence
	cp all.block angle.block
	is "README.md's stage: what depends on it is made again" \
		"$($flow 'HEAL=--steps=4 --batch=4 --warmup=1 --rank=4' STAGE_angdist=./influence -n | awk '{ print $1 }' | grep -E 'influence|angdist|argmin|hidden' | sort | uniq -c | tr -s ' \n' ' ')" \
		' 1 ./influence 3 argmin-block '
	ok "and goes through the whole flow" $flow 'HEAL=--steps=4 --batch=4 --warmup=1 --rank=4' STAGE_angdist=./influence
	ok "its stream is whole" rec-cat -c valid.angle
	ok "it gives other blocks than the angle" sh -c '! cmp -s all.block angle.block'
	is "the influence of a block is that of its layers together" "$(rec-cat -t n,l,mean valid.angle | awk '
		$1 == 1 { one[$2] = $3 } $1 == 3 { d = $3 - one[$2] - one[$2 + 1] - one[$2 + 2]; worst = d * d > worst ? d * d : worst }
		END { print (worst < 1e-18 && one[0] > 0) }')" 1
	is "of one layer: one less the cosine, computed another way" "$(rec-cat --full valid.hidden | sed 's/.*"shape":\[\([0-9]*\),\([0-9]*\)\],"data":\[\([^]]*\)\].*/\2,\3/' |
		awk -F, '{ d = $1; dot = a = b = 0; for (i = 2; i <= d + 1; i++) { dot += $i * $(i + d); a += $i ^ 2; b += $(i + d) ^ 2 }
			s += 1 - dot / sqrt(a * b) } END { printf "%.9f", s / NR }')" \
		"$(rec-cat -t n,l,mean valid.angle | awk '$1 == 1 && $2 == 0 { printf "%.9f", $3 }')"
	echo '# changed' >>influence
	is "a changed program is run again" "$($flow 'HEAL=--steps=4 --batch=4 --warmup=1 --rank=4' STAGE_angdist=./influence -n | awk '{ print $1 }' | head -1)" './influence'
fi
cd "$root" || exit 1
done_testing
