#!/bin/sh
# Fetching data: make data on copies made here, and pipelines/fetch against a server of our own that drops connections,
# stalls, is busy, cannot continue, or gives something else. No network.
. "${0%/*}/tap.sh"

command -v curl >/dev/null || skip_all "curl is absent"
command -v python3 >/dev/null || skip_all "python3 is absent"

root=$PWD
FETCH_PAUSE=0 FETCH_TRIES=4 no_proxy=127.0.0.1
export FETCH_PAUSE FETCH_TRIES no_proxy
fetch() { "$root/pipelines/fetch" "$@"; }
sum() { sha256sum <"$1" | cut -d' ' -f1; }
absent() { for a; do [ ! -e "$a" ] || return 1; done; }

# -- make data, on copies: a tar file with more in it than is asked for, a zip file, shards with their pointers
mkdir -p "$T/from/data/dev" "$T/from/data/val" "$T/from/data/test" "$T/from/data/auxiliary_train" "$T/from/BoolQ" "$T/from/files" "$T/from/pointers"
cd "$T/from" || exit 1
for split in dev val test; do
	for s in anatomy astronomy; do echo "Which $s of $split?,one,two,three,four,A" >data/$split/${s}_$split.csv; done
done
echo aux >data/auxiliary_train/aux.csv
echo read >data/README.txt
tar cf data.tar data
for split in train val test; do echo "{\"question\": \"is it $split\", \"passage\": \"It.\", \"idx\": 0, \"label\": true}" >BoolQ/$split.jsonl; done
python3 -m zipfile -c BoolQ.zip BoolQ
for name in c4-train.00000-of-01024 c4-train.00012-of-01024 c4-validation.00007-of-00008; do
	echo "{\"text\": \"of $name\"}" | gzip -n >files/$name.json.gz
	printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %s\n' "$(sum files/$name.json.gz)" \
		"$(stat -c %s files/$name.json.gz)" >pointers/$name.json.gz
done
mmlu_sum=$(cd data && LC_ALL=C sha256sum dev/*.csv test/*.csv val/*.csv | sha256sum | cut -d' ' -f1)
cd "$root" || exit 1

data() {	# MAKE'S ARGUMENTS
	make --no-print-directory data DATA="$T/data" TRAIN_SHARDS='0 012' VALID_SHARDS=7 MMLU_URL="file://$T/from/data.tar" \
		MMLU_SUM="$mmlu_sum" BOOLQ_URL="file://$T/from/BoolQ.zip" BOOLQ_TRAIN_SUM="$(sum "$T/from/BoolQ/train.jsonl")" \
		BOOLQ_VAL_SUM="$(sum "$T/from/BoolQ/val.jsonl")" C4_FILES="file://$T/from/files" C4_POINTERS="file://$T/from/pointers" "$@"
}
data_fails() {	# NAME PATTERN ARGUMENTS: one line beside make's own, and nothing is left but what was there
	data_name=$1 data_pattern=$2
	shift 2
	rm -rf "$T/data"
	data "$@" >/dev/null 2>"$T/said"
	is "$data_name: make fails" $? 2
	is "$data_name: in one line" "$(grep -v '^make' "$T/said" | grep -Ec "$data_pattern") $(grep -vc '^make' "$T/said")" '1 1'
}

out=$(data 2>&1)
like 'a line says what is fetched' "$out" "^fetching $T/data/mmlu.tar"
is '... and no command' "$(echo "$out" | grep -c '^pipelines/')" 0
like 'make data says what to do with it' "$out" "MMLU=$T/data/mmlu.tar BOOLQ=$T/data/boolq/val.jsonl"
is 'it leaves what the tools take, and nothing else' "$(cd "$T/data" && find . -type f | LC_ALL=C sort | tr '\n' ' ')" \
	'./boolq/train.jsonl ./boolq/val.jsonl ./c4/c4-train.00000-of-01024.json.gz ./c4/c4-train.00012-of-01024.json.gz ./c4/c4-validation.00007-of-00008.json.gz ./mmlu.tar '
same 'MMLU' "$T/data/mmlu.tar" "$T/from/data.tar"
for f in train val; do same "BoolQ, $f" "$T/data/boolq/$f.jsonl" "$T/from/BoolQ/$f.jsonl"; done
for f in "$T"/from/files/*; do same "C4, ${f##*/}" "$T/data/c4/${f##*/}" "$f"; done
is 'a second make data does nothing' "$(data -n | grep -v '^echo')" ''
like 'one file of C4 is too little for the loss: that is said' "$out" "60,000 documents .* VALID_SHARDS='7' has 45,000"
is 'another shard is all that is fetched' \
	"$(data -n TRAIN_SHARDS='0 1' | grep -o 'pipelines/fetch.*json.gz' | sed 's/.* //; s/.*of-//' | sort | uniq -c | tr -s ' \n' ' ')" ' 2 01024.json.gz '
like 'a shard that does not exist' "$(data -n TRAIN_SHARDS='3 1024' 2>&1)" "TRAIN_SHARDS is numbers below 1024, and '3 1024' is not"
like 'nor does a word' "$(data -n VALID_SHARDS=all 2>&1)" "VALID_SHARDS is numbers below 8"

data_fails 'MMLU with another sum' 'verify: .*mmlu.tar.new: .*has the SHA-256 .*; removed' "$T/data/mmlu.tar" MMLU_SUM=0
ok 'and no MMLU is there' absent "$T/data/mmlu.tar" "$T/data/mmlu.tar.new"
data_fails 'a page in place of MMLU' 'mmlu.tar.new: is neither a tar nor a zip file; removed' MMLU_URL="file://$root/README.md"
ok 'and no MMLU is there' absent "$T/data/mmlu.tar" "$T/data/mmlu.tar.new"
head -c 4000 "$T/from/data.tar" >"$T/from/cut.tar"
data_fails 'a cut MMLU' 'verify: .*mmlu.tar.new: .*; removed' MMLU_URL="file://$T/from/cut.tar"
data_fails 'BoolQ with another sum' 'verify: .*BoolQ.zip: BoolQ/val.*has the SHA-256 .*; removed' BOOLQ_VAL_SUM=0
is 'and no BoolQ is there' "$(ls "$T/data/boolq")" ''
for garbage in '<html>' 'version https://git-lfs.github.com/spec/v1
oid sha256:abc
size 3' 'version https://git-lfs.github.com/spec/v1
oid sha256:0000000000000000000000000000000000000000000000000000000000000000' 'version https://git-lfs.github.com/spec/v1
oid sha256:0000000000000000000000000000000000000000000000000000000000000000
size -1'; do
	echo "$garbage" >"$T/from/pointers/c4-train.00000-of-01024.json.gz"
	data_fails "a pointer that is none (${garbage%%
*} ... ${garbage##*
})" 'lfs: .*c4-train.00000-of-01024.json.gz.lfs: is no Git LFS pointer'
	ok 'and no shard is there' absent "$T/data/c4/c4-train.00000-of-01024.json.gz"
done

# -- one host that is gone: what is on the others is fetched all the same
rm -rf "$T/data"
shard=c4-train.00000-of-01024.json.gz
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %s\n' "$(sum "$T/from/files/$shard")" \
	"$(stat -c %s "$T/from/files/$shard")" >"$T/from/pointers/$shard"
FETCH_TRIES=1 data MMLU_URL=http://127.0.0.1:1/data.tar >"$T/out" 2>"$T/said"
is 'a host is gone: make fails' $? 2
is 'its name is said' "$(grep -c 'no answer from 127.0.0.1:1: ' "$T/said")" 1
is 'and all else is there' "$(cd "$T/data" && find . -type f | LC_ALL=C sort | tr '\n' ' ')" \
	'./boolq/train.jsonl ./boolq/val.jsonl ./c4/c4-train.00000-of-01024.json.gz ./c4/c4-train.00012-of-01024.json.gz ./c4/c4-validation.00007-of-00008.json.gz '

# -- fetch, against a server
mkdir "$T/www"
awk 'BEGIN { for (i = 0; i < 40000; i++) print "line", i }' >"$T/www/file"
size=$(stat -c %s "$T/www/file")
whole=$(sum "$T/www/file")
: >"$T/log"
python3 tests/serve.py "$T/www" "$T/log" "$T/port" &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$T"' EXIT
for i in $(seq 100); do
	[ ! -e "$T/port" ] || break
	sleep 0.1
done
at=http://127.0.0.1:$(cat "$T/port")
cd "$T" || exit 1
log() { grep -F "$1" log | cut -d' ' -f2- | tr '\n' ';'; }	# PATH: Range and status of each request

ok 'a whole file' fetch "$at/whole/0/0/file" a "$size" "$whole"
same 'has its bytes' a www/file
ok 'a file that exists is left alone' fetch "$at/gone/0/0/nothing" a 1 0
same 'whatever it is' a www/file

ok 'dropped after 100,000 bytes, three times' fetch "$at/drop/100000/3/file" b "$size" "$whole"
same 'the file arrives whole' b www/file
is 'and each request goes on where the last one broke off' "$(log /drop/100000/3/)" \
	'- 200;bytes=100000- 206;bytes=200000- 206;bytes=300000- 206;'
ok 'more drops than tries: each brings bytes, so that they count anew' fetch "$at/drop/50000/7/file" b2 "$size" "$whole"

ok 'a server that cannot continue is asked for all of it' fetch "$at/dropwhole/100000/1/file" c "$size" "$whole"
same 'and gives it' c www/file
is 'in three requests' "$(log /dropwhole/100000/1/)" '- 200;bytes=100000- 200;- 200;'
fails 'one that always breaks off at the same byte is given up' 1 'given up after 4 tries' \
	sh -c '"$0" "$@" 2>all; s=$?; tail -1 all >&2; exit $s' "$root/pipelines/fetch" "$at/dropwhole/100000/99/file" c2
ok 'with no file' absent c2

ok '503 twice' fetch "$at/busy/503/2/file" d
same 'then the file' d www/file
is 'at the third request' "$(log /busy/503/2/)" '- 503;- 503;- 200;'
ok 'a 429 passes too' fetch "$at/busy/429/1/file" d2
fails '404 is final, in one line' 1 '^fetch: e: http.*/nothing: .*404$' fetch "$at/gone/0/0/nothing" e
is 'at the first request' "$(log /gone/0/0/nothing)" '- 404;'
ok 'with nothing left' absent e e.part
fails '403 too' 1 403 fetch "$at/busy/403/9/file" e

fails 'a wrong sum, in one line' 1 "^fetch: f: .*has the SHA-256 $whole and not ab; removed" fetch "$at/plain/0/0/file" f "$size" ab
ok 'with nothing left' absent f f.part
fails 'a wrong size, too little' 1 "has $size bytes and not 999999; removed" fetch "$at/plain/0/0/file" f 999999
ok 'with nothing left' absent f f.part
fails 'a wrong size, too much' 1 "has $size bytes and not 10; removed" fetch "$at/plain/0/0/file" f 10
ok 'with nothing left' absent f f.part

# -- what an earlier run left
head -c 3000 www/file >g.part
ok 'the part that an earlier run left is continued' fetch "$at/plain/1/0/file" g "$size" "$whole"
is 'where it ends' "$(log /plain/1/0/)" 'bytes=3000- 206;'
cp www/file h.part
ok 'one that is whole, its size known' fetch "$at/plain/2/0/file" h "$size" "$whole"
is 'needs no request' "$(log /plain/2/0/)" ''
cp www/file i.part
ok 'one that is whole, its size unknown' fetch "$at/plain/3/0/file" i
same 'is taken' i www/file
is 'after a question for more' "$(log /plain/3/0/)" "bytes=$size- 416;"
for known in "$size" ''; do
	{ cat www/file; echo older; } >j.part
	ok "one that is longer (size ${known:-unknown})" fetch "$at/plain/4$known/0/file" j $known
	same 'is begun anew' j www/file
	rm j
done
{ cat www/file; echo older; } >j.part
ok 'from a file: address too' fetch "file://$T/www/file" j
same 'with the right bytes' j www/file
head -c 100 /dev/zero >k.part
fails 'one of another file is found by its sum' 1 'removed' fetch "$at/plain/5/0/file" k "$size" "$whole"
ok 'and is gone' absent k k.part

# -- killed in the middle: with all its children, and alone, so that its curl still writes
until_part() {	# FILE BYTES
	for i in $(seq 100); do
		[ "$(stat -c %s "$1.part" 2>/dev/null || echo 0)" -lt "$2" ] || return 0
		sleep 0.05
	done
}
setsid "$root/pipelines/fetch" "$at/stall/65536/1/file" l "$size" "$whole" &
pid=$!
until_part l 65536
kill -9 -$pid
wait $pid 2>/dev/null
is 'killed: 65,536 bytes are there, under no good name' "$(ls | grep "^l\(\.\|$\)") $(stat -c %s l.part)" 'l.part 65536'
ok 'run again' fetch "$at/stall/65536/1/file" l "$size" "$whole"
same 'the file is whole' l www/file
is 'and was continued' "$(log /stall/65536/1/)" '- 200;bytes=65536- 206;'

"$root/pipelines/fetch" "$at/stall/65537/1/file" m "$size" "$whole" &
pid=$!
until_part m 65537
kill -9 $pid
wait $pid 2>/dev/null
"$root/pipelines/fetch" "$at/stall/65537/1/file" m "$size" "$whole" 2>waited &
pid=$!
for i in $(seq 100); do
	[ ! -s waited ] || break
	sleep 0.05
done
: >www/go
wait $pid
is 'only the script killed, run again: it waits for the curl that is left' "$? $(cat waited)" '0 fetch: m: another fetch is at it, waiting'
same 'and the file is whole' m www/file
is 'in one request' "$(log /stall/65537/1/)" '- 200;'
rm www/go

# -- stalls, pauses, room
ok 'a connection that stalls' env FETCH_STALL=1 "$root/pipelines/fetch" "$at/stall/65538/1/file" n "$size" "$whole"
is 'is left and continued' "$(log /stall/65538/1/)" '- 200;bytes=65538- 206;'
mkdir bin
printf '#!/bin/sh\necho "$1" >>"%s/slept"\n' "$T" >bin/sleep
chmod +x bin/sleep
PATH=$T/bin:$PATH FETCH_PAUSE=3 FETCH_TRIES=8 fetch "$at/busy/500/99/file" o 2>said
is 'pauses grow up to a minute' "$(tr '\n' ' ' <slept)" '3 6 12 24 48 60 60 '
like 'and the last line says what is wrong' "$(tail -1 said)" 'fetch: o: http.*500; given up after 8 tries'
printf '#!/bin/sh\necho Filesystem 1024-blocks Used Available\necho x 9999 9000 100 90%% /\n' >bin/df
chmod +x bin/df
fails 'no room, in one line' 1 '^fetch: p: needs 1 MB, and its file system has room for 0 MB' \
	env PATH="$T/bin:$PATH" "$root/pipelines/fetch" "$at/plain/6/0/file" p "$size" "$whole"
is 'before any request' "$(log /plain/6/0/)" ''
ok 'and nothing is left' absent p p.part
rm bin/df

python3 -c 'import socket, time
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
time.sleep(600)' >deaf.port &
deaf=$!
trap 'kill $server $deaf 2>/dev/null; rm -rf "$T"' EXIT
for i in $(seq 100); do
	[ ! -s deaf.port ] || break
	sleep 0.1
done
deaf_at=127.0.0.1:$(cat deaf.port)
fails 'a host that never answers' 1 "no answer from $deaf_at: .*; given up after 3 tries" \
	sh -c '"$0" "$@" 2>all; s=$?; tail -1 all >&2; exit $s' env FETCH_ANSWER=1 FETCH_TRIES=9 "$root/pipelines/fetch" "http://$deaf_at/file" q
is 'is named at the first try' "$(head -1 all | grep -c "no answer from $deaf_at.*again in")" 1
like 'by default within ten seconds' "$(sed -n 's/.*answer=..FETCH_ANSWER:-\([0-9]*\).*/\1/p' "$root/pipelines/fetch")" '^[1-9]$'
fails 'nobody there' 1 'given up after 1 tries' env FETCH_TRIES=1 "$root/pipelines/fetch" http://127.0.0.1:1/file q
fails 'no such folder' 1 '^fetch: none/q: cannot be written' fetch "$at/plain/0/0/file" none/q
fails 'no such file: address' 1 '^fetch: q: file:' fetch "file://$T/none" q
fails 'no size' 2 'no number' fetch "$at/plain/0/0/file" q 1k
fails 'no operands' 2 usage fetch "$at/plain/0/0/file"
cd "$root" || exit 1
done_testing
