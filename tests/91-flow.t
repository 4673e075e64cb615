#!/bin/sh
# The whole flow on a small model, every tool in its place: whole streams, the same bytes again and with any number of
# threads, the same records from parts, and stages swapped for sort and head or ten lines of Python.
. "${0%/*}/tap.sh"
cd "$T" || exit 1

# -- data: documents of words, an exam of two subjects, yes-or-no questions
words() {	# SEED COUNT: as many documents
	awk -v seed="$1" -v count="$2" 'BEGIN {
		n = split("the man said that it is time to go home and see what has been left of an old tree on hill", w, " ")
		x = seed
		for (d = 0; d < count; d++) {
			printf "{\"text\": \""
			x = (x * 1103515245 + 12345) % 2147483648
			for (i = x % 40 + 5; i > 0; i--) {
				x = (x * 1103515245 + 12345) % 2147483648
				printf "%s%s", w[int(x / 65536) % n + 1], i == 1 ? "." : " "
			}
			print "\"}"
		}
	}'
}
words 1 60 | gzip >train.json.gz
words 7 40 >valid.json
mkdir -p mmlu/dev mmlu/test
for s in hills trees; do
	for i in 1 2 3 4 5; do echo "What is $i of $s?,one,two,three,four,$(echo $i | tr 12345 ABCDA)"; done >mmlu/dev/${s}_dev.csv
	for i in 1 2 3 4 5 6; do echo "Where is $i of $s?,here,there,at home,gone,$(echo $i | tr 123456 BACDAB)"; done >mmlu/test/${s}_test.csv
done
for i in $(seq 12); do
	[ $((i % 3)) = 0 ] && label=true || label=false
	echo "{\"question\": \"is tree $i old\", \"passage\": \"Tree $i -- it is $i of an old kind.\", \"idx\": $i, \"label\": $label}"
done >boolq.jsonl
make-tiny --gguf=f32 llama m

# -- one run, stage by stage; OPTIONS for every tool that has threads
flow() (	# FOLDER OPTIONS
	mkdir "$1" && cd "$1" && shift && ln -s ../m m || exit 1
	c4-tokenize -q -m m -l 64 "$@" ../train.json.gz >train.tokens &&
		c4-tokenize -q -m m -l 64 "$@" ../valid.json >valid.tokens &&
		hidden-dump -q -m m "$@" valid.tokens >valid.hidden &&
		angdist -q "$@" valid.hidden >valid.angle &&
		argmin-block -q -n 3 valid.angle >n3.block &&
		drop-layers -q -m m "$@" n3.block >n3.model &&
		qlora-heal -q -o n3.adapter --steps=4 --batch=4 --rank=4 --lr=1e-2 "$@" train.tokens <n3.model >healed.model &&
		merge-lora -q -o merged "$@" <healed.model >merged.model || exit 1
	for model in n3 healed merged; do
		eval-c4 -q "$@" valid.tokens <$model.model >$model-c4.score &&
			eval-mmlu -q -k 2 --samples=$model.sample "$@" ../mmlu <$model.model >$model-mmlu.score &&
			eval-boolq -q "$@" ../boolq.jsonl <$model.model >$model-boolq.score || exit 1
	done
	rm m
)

ok "tokens, hidden, angles, block, pruned, healed, merged and nine scores" flow one
for f in one/*.tokens one/*.hidden one/*.angle one/*.block one/*.model one/*.score one/*.sample one/n3.adapter/heal.loss; do
	ok "$f is a whole stream" rec-cat -c "$f"
done
flow two
ok "a second run gives the same bytes, adapter and merged checkpoint too" diff -r one two
flow three -j 1
ok "one thread (-j 1) gives the same bytes" diff -r one three
flow four -j 3
ok "three threads give the same bytes" diff -r one four

# -- what comes out
is "three layers fewer" "$(rec-cat --no-header -t model.block.n,model.block.layers one/healed-c4.score)" "$(printf '3\t7')"
loss() { rec-cat --no-header -t value one/$1-c4.score; }
ok "healing lowers the loss ($(loss n3) to $(loss healed))" awk "BEGIN { exit !($(loss healed) < $(loss n3)) }"
ok "the merged checkpoint has the healed model's loss within 1e-2 ($(loss merged))" \
	awk "BEGIN { d = $(loss merged) - $(loss healed); exit !(d < 1e-2 && d > -1e-2) }"
is "four layers in the merged config" "$(golden-get one/merged/config.json num_hidden_layers)" 4
is "steps of the log" "$(rec-cat --no-header -t step one/n3.adapter/heal.loss | tr '\n' ' ')" '0 1 2 3 '
like "made tells every step" "$(rec-cat --header-json one/healed-c4.score)" \
	'c4-tokenize.*hidden-dump.*angdist.*argmin-block.*drop-layers.*qlora-heal.*eval-c4'

# -- as one pipe, and from a GGUF file
ln -s ../m one/m
cd one || exit 1
c4-tokenize -q -m m -l 64 ../valid.json | hidden-dump -q -m m | angdist -q | argmin-block -q -n 3 | drop-layers -q -m m |
	eval-c4 -q valid.tokens | rec-cat >pipe
rec-cat n3-c4.score >files
same "one pipe gives the score of the stages" pipe files
hidden-dump -q -m m/model.gguf valid.tokens | angdist -q | rec-cat >gguf.angles
rec-cat valid.angle >angles
same "the same weights from GGUF: the same angles" gguf.angles angles
c4-tokenize -q -m m/model.gguf -l 64 ../valid.json | rec-cat --full >gguf.tokens
rec-cat --full valid.tokens >folder.tokens
same "and its tokenizer the same tokens" gguf.tokens folder.tokens

# -- in parts, as on three machines
for part in 0,13 13,1 14,100; do
	c4-tokenize -q -m m -l 64 --skip=${part%,*} --limit=${part#*,} ../valid.json >part.tokens
	hidden-dump -q -m m part.tokens >part$part.hidden
	angdist -q part$part.hidden >part$part.angle
	eval-c4 -q --skip=${part%,*} --limit=${part#*,} valid.tokens <n3.model >part$part.score
done
angdist -q part*.hidden | rec-cat >merged-hidden
same "hidden in three parts: the same angles, bit for bit" merged-hidden angles
cat part14,100.angle part0,13.angle part13,1.angle | angdist -q | rec-cat >merged-angles
same "angles in three parts, in another order: the same" merged-angles angles
argmin-block -q -n 3 part*.angle | rec-cat >merged-block
rec-cat n3.block >block
same "and the same block, straight from the parts" merged-block block
eval-c4 -q --merge part0,13.score part13,1.score part14,100.score | rec-cat >merged-score
same "a loss in three parts: the same score" merged-score files

# -- stages swapped
for n in 1 2 3 4 5 6; do
	rec-cat --no-header -t n,l,mean valid.angle | awk -v n=$n '$1 == n' | sort -s -k3,3g | head -n 1 | cut -f1,2
done >by-sort
argmin-block -q -n all valid.angle | rec-cat --no-header -t n,l >by-tool
same "l*(n) by sort and head over rec-cat's TSV" by-sort by-tool

cat >angdist.py <<'END'
import json, math, msgpack, struct, sys
sums, count = {}, 0
for r in msgpack.Unpacker(sys.stdin.buffer):
	if "x" in r:
		rows, d = r["x"]["shape"]
		f = struct.unpack("<%df" % (rows * d), r["x"]["data"])
		x, count = [f[i * d:(i + 1) * d] for i in range(rows)], count + 1
		dot = lambda a, b: sum(p * q for p, q in zip(a, b))
		for n, l in [(n, l) for n in range(1, rows) for l in range(rows - n)]:
			cos = dot(x[l], x[l + n]) / math.sqrt(dot(x[l], x[l]) * dot(x[l + n], x[l + n]))
			a = math.acos(max(-1, min(1, cos))) / math.pi
			s, q = sums.get((n, l), (0, 0))
			sums[n, l] = s + round(a * 2**40), q + round(a * a * 2**40)
for (n, l), (s, q) in sorted(sums.items()):
	print(json.dumps(dict(n=n, l=l, count=count, mean=s / 2**40 / count, sem=0, sum=s, sumsq=q)))
END
python=
for p in python3 /usr/bin/python3; do
	$p -c 'import msgpack' 2>/dev/null && python=$p
done
if [ -n "$python" ]; then
	zstd -qdc valid.hidden | $python angdist.py | rec-make angle | argmin-block -q -n all | rec-cat --no-header -t n,l >by-python
	same "l*(n) with angdist in ten lines of Python" by-python by-tool
else
	tap_result 0 "l*(n) with angdist in ten lines of Python # SKIP no python3 with msgpack"
fi

# -- a stage that fails: everything after it fails, in any shell
head -c 20000 valid.hidden >cut.hidden
fails "a cut stream is refused, in one line" 1 'cut.hidden' angdist -q cut.hidden
{ angdist -q cut.hidden | argmin-block -q -n 3 | drop-layers -q -m m >cut.model; } 2>errors
is "a pipe behind it ends with status 1" $? 1
is "and every stage says so" "$(wc -l <errors | tr -d ' ')" 3
done_testing
