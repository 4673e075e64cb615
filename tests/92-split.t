#!/bin/sh
# pipelines/part, and paper.mk with SPLIT=: parts are of what is there, whatever was asked for, and merged records are those of
# one run: C4_DOCS below, at and above VALID_DOCS and the corpus; more parts than documents; one document; documents of one token.
. "${0%/*}/tap.sh"
LC_ALL=C
export LC_ALL
root=$(cd "${0%/*}/.." && pwd)
P=$root/pipelines
cd "$T" || exit 1

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
is "of a stream: about equal, the last one open" "$(parts 3 '' hidden valid.tokens)" \
	"--skip=0 --limit=3 a  b --skip=3 --limit=2 a  b --skip=5 a  b "
is "where less is wanted" "$(parts 2 4 hidden valid.tokens)" "--skip=0 --limit=2 a  b --skip=2 --limit=2 a  b "
is "where more is wanted than there is" "$(parts 2 99 hidden valid.tokens)" "--skip=0 --limit=4 a  b --skip=4 --limit=95 a  b "
is "a part of nothing is a stream of no records" "$("$P/part" 2of9 1 hidden valid.tokens -- false | cksum)" "$empty"
is "a sequence of one token is no part for a loss" "$(parts 6 '' c4 valid.tokens)" "--skip=0 --limit=1 a  b --skip=1 --limit=1 a  b \
--skip=2 --limit=1 a  b --skip=3 --limit=2 a  b --skip=5 --limit=1 a  b --skip=6 a  b "
is "questions of subjects: quoted lines, no newline at the end" "$(parts 2 '' mmlu mmlu)" "--skip=0 --limit=2 a  b --skip=2 a  b "
is "lines, packed" "$(gzip -k boolq.jsonl; parts 2 '' boolq boolq.jsonl.gz)" "--skip=0 --limit=2 a  b --skip=2 a  b "
is "with a long window" "$(zstd -q --long=30 <boolq.jsonl >long.zst; parts 2 '' boolq long.zst)" "--skip=0 --limit=2 a  b --skip=2 a  b "
unreadable() { "$P/part" 1of2 '' c4 nosuch.tokens -- true; }
fails "what can't be counted is no part of nothing" 1 nosuch.tokens unreadable

# -- paper.mk
run() {	# FOLDER [VARIABLE=VALUE ...] TARGET ...
	folder=$1
	shift
	mkdir -p "$folder"
	make --no-print-directory -C "$folder" -f "$P/paper.mk" MODELS="$T/tiny" VALID="$T/valid.json" MMLU="$T/mmlu" \
		BOOLQ="$T/boolq.jsonl" LEN=48 NS=2 SHOTS=1 "$@" >"$folder.log" 2>&1 || { tail -3 "$folder.log"; return 1; }
}
loss=tiny/similarity-n2.c4.score
for case in 4,2 4,4 4,6 99,3 99,99 1,1 99,7; do
	docs="VALID_DOCS=${case%,*} C4_DOCS=${case#*,}"
	run plain $docs $loss
	rec-cat plain/$loss plain/tiny/*.angle >want
	for split in 2 7; do
		run split $docs $loss SPLIT=$split
		rec-cat split/$loss split/tiny/*.angle >got 2>&1
		same "$docs, in $split parts: the loss and the angles of one run" got want
		rm -rf split
	done
	rm -rf plain
done
exams='tiny/similarity-n2.mmlu-k1.score tiny/similarity-n2.boolq-k0.score'
for number in "QUESTIONS= BOOLQ_QUESTIONS=" "QUESTIONS=2 BOOLQ_QUESTIONS=2" "QUESTIONS=50 BOOLQ_QUESTIONS=50"; do
	run plain $number $exams
	run split $number $exams SPLIT=3
	(cd plain && rec-cat $exams) >want
	(cd split && rec-cat $exams) >got 2>&1
	same "$number, in 3 parts: the scores of one run" got want
done
cd "$root" || exit 1
done_testing
