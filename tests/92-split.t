#!/bin/sh
# pipelines/part, and paper.mk with SPLIT=: parts are of what is there, whatever was asked for, and merged records are those
# of the tools alone: C4_DOCS below, at and above VALID_DOCS and the corpus; more parts than documents; one document; documents
# of one token.
. "${0%/*}/tap.sh"
. "${0%/*}/pipeline.sh"

make-tiny --set num_hidden_layers=4 --set max_position_embeddings=4096 llama tiny >/dev/null || exit 1
for i in 1 2 3 4 5 6; do
	echo "{\"text\": \"$(seq -s ' ' $i $((i * 3)))\"}"
	[ $i != 3 ] || echo '{"text": "a"}'
done >valid.json
mkdir -p mmlu/dev mmlu/test
for s in alpha beta; do
	printf 'Which %s?,one,two,three,four,%s\n' first A second B >mmlu/dev/${s}_dev.csv
	printf 'Which %s?,one,two,three,four,%s\n' first A second B third C >mmlu/test/${s}_test.csv
done
printf '"Which\nof two\nlines?",one,two,three,"four, ""it"" is",D' >>mmlu/test/beta_test.csv
for i in 0 1 2; do
	echo "{\"question\": \"is it $i\", \"passage\": \"It -- It is $i.\", \"label\": $([ $i -gt 1 ] && echo true || echo false)}"
done >boolq.jsonl

# -- parts
parts() {	# N LIMIT KIND DATA
	n=$1 limit=$2
	shift 2
	for k in $(seq $n); do "$P/part" ${k}of$n "$limit" "$@" -- echo PART "$(printf 'a  b')" | grep -a . | tr '\n' ' '; done
}
c4-tokenize -q -m tiny -l 48 valid.json >valid.tokens
empty=$(rec-make hidden </dev/null | cksum)
is "of a stream: about equal, the last one open" "$(parts 3 '' hidden-dump valid.tokens)" \
	"--skip=0 --limit=3 a  b --skip=3 --limit=2 a  b --skip=5 a  b "
is "where less is wanted" "$(parts 2 4 hidden-dump valid.tokens)" "--skip=0 --limit=2 a  b --skip=2 --limit=2 a  b "
is "where more is wanted than there is" "$(parts 2 99 hidden-dump valid.tokens)" "--skip=0 --limit=4 a  b --skip=4 --limit=95 a  b "
is "a part of nothing is a stream of no records" "$("$P/part" 2of9 1 hidden-dump valid.tokens -- false | cksum)" "$empty"
is "a sequence of one token is no part for a loss" "$(parts 6 '' eval-c4 valid.tokens)" "--skip=0 --limit=1 a  b --skip=1 --limit=1 a  b \
--skip=2 --limit=1 a  b --skip=3 --limit=2 a  b --skip=5 --limit=1 a  b --skip=6 a  b "
is "questions of subjects: quoted lines, no newline at the end" "$(parts 2 '' eval-mmlu mmlu)" "--skip=0 --limit=2 a  b --skip=2 a  b "
is "lines, packed" "$(gzip -k boolq.jsonl; parts 2 '' eval-boolq boolq.jsonl.gz)" "--skip=0 --limit=2 a  b --skip=2 a  b "
is "with a long window" "$(zstd -q --long=30 <boolq.jsonl >long.zst; parts 2 '' eval-boolq long.zst)" "--skip=0 --limit=2 a  b --skip=2 a  b "
unreadable() { "$P/part" 1of2 '' eval-c4 nosuch.tokens -- true; }
fails "what can't be counted is no part of nothing" 1 nosuch.tokens unreadable

# -- paper.mk, against the tools one after another
split() {	# VARIABLE=VALUE ... TARGET ...: into a fresh folder
	rm -rf split
	mkdir split
	make --no-print-directory -C split -f "$P/paper.mk" MODELS="$T/tiny" VALID="$T/valid.json" MMLU="$T/mmlu" \
		BOOLQ="$T/boolq.jsonl" LEN=48 NS=2 SHOTS=1 "$@" >log 2>&1 || { tail -3 log; return 1; }
}
whole() {	# VALID_DOCS
	c4-tokenize -q -m "$T/tiny" -l 48 --sample "$1" valid.json >whole.tokens
	hidden-dump -q -m "$T/tiny" whole.tokens | angdist -q >whole.angle
	argmin-block -q -n 2 whole.angle | drop-layers -q -m "$T/tiny" >whole.model
}
for case in 4,2,2 4,4,7 4,6,2 99,3,7 99,99,2 99,99,7 1,1,2 99,7,7; do
	IFS=, read -r valid c4 parts <<-END
		$case
	END
	whole $valid
	c4-tokenize -q -m tiny -l 48 --sample $c4 -s 1 valid.json >loss.tokens 2>/dev/null
	eval-c4 -q loss.tokens <whole.model >whole.score 2>/dev/null
	rec-cat whole.score whole.angle >want
	split VALID_DOCS=$valid C4_DOCS=$c4 SPLIT=$parts tiny/similarity-n2.c4.score
	rec-cat split/tiny/similarity-n2.c4.score split/tiny/*.angle >got 2>&1
	same "VALID_DOCS=$valid C4_DOCS=$c4, in $parts parts: the loss and the angles of one run" got want
done
whole 10000 2>/dev/null
for n in '' 2 50; do
	eval-mmlu -q -k 1 ${n:+--limit $n} mmlu <whole.model 2>/dev/null >mmlu.score
	eval-boolq -q -k 0 ${n:+--limit $n} boolq.jsonl <whole.model 2>/dev/null >boolq.score
	rec-cat mmlu.score boolq.score >want
	split QUESTIONS=$n BOOLQ_QUESTIONS=$n SPLIT=3 tiny/similarity-n2.mmlu-k1.score tiny/similarity-n2.boolq-k0.score
	rec-cat split/tiny/similarity-n2.mmlu-k1.score split/tiny/similarity-n2.boolq-k0.score >got 2>&1
	same "QUESTIONS=$n, in 3 parts: the scores of one run" got want
done
cd "$root" || exit 1
done_testing
