#!/bin/sh
# What stands in place of the file that was meant: each reader names it, and says what to do. What is only packed or
# written in another way is read.
. "${0%/*}/tap.sh"
cd "$T" || exit 1

make-tiny llama m
make-adapter a 2 2 2 mlp.up_proj:96:64
text() { for i in 1 2 3 4 5 6 7 8; do printf '{"text":"%s","n":%d}\n' "some words and number $i" $i; done; }
text >text.jsonl
c4-tokenize -q -m m text.jsonl >good.tokens
rec-cat --full good.tokens >records.jsonl
printf '{"question":"is it %s","passage":"It is so.","answer":true}\n' a b c >boolq.jsonl
printf '{"question":"is %s","subject":"s","choices":["a","b","c","d"],"answer":1}\n' a b c >mmlu.jsonl
mkdir -p mmlu/test mmlu/dev
printf '"What, %s?",a,b,c,d,B\n' 1 2 3 | tee mmlu/test/law_test.csv >mmlu/dev/law_dev.csv

# --- the accidents, a few bytes each, and what they are called
mkdir x
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 269060552\n' 7 >x/lfs
printf '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>401</body></html>\n' >x/html
printf '<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>\n' >x/xml
printf 'PAR1\025\004\025\200\036\025\300\007\0\0\0\0some columnsPAR1' >x/parquet
printf 'ARROW1\0\0\377\377\377\377\0\0\0\0' >x/arrow
head -c 4096 /dev/zero >x/zeros
: >x/empty
printf 'PK\003\004\0\0\010\010\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\022\0\0\0archive/data.pkl' >x/pytorch
printf 'PK\003\004\024\0\0\0\010\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\010\0\0\0text.txt' >x/zip
printf '\200\002}q\0(X\005\0\0\0modelq\001' >x/pickle
printf '\211HDF\r\n\032\n\0\0\0\0' >x/hdf5
printf '7z\274\257\047\034\0\004' >x/7z
printf '%%PDF-1.7\n%%\342\343\317\323\n\0' >x/pdf
printf 'SQLite format 3\0\020\0\001\001' >x/sqlite
text | iconv -f UTF-8 -t UTF-16 >x/utf16
text | iconv -f UTF-8 -t UTF-16LE >x/utf16le
text | iconv -f UTF-8 -t UTF-32LE >x/utf32le
text | iconv -f UTF-8 -t UTF-32BE >x/utf32be
printf '{"text":"\346\227\245\346\234\254\350\252\236"}\n' | iconv -f UTF-8 -t UTF-16BE >x/utf16be
text | zstd -qc | gzip -c >x/twice
printf '<!-- -->\n<!DOCTYPE html><html>401</html>\n' >x/html2
printf '<Error><Code>AccessDenied</Code></Error>' >x/xml2
printf 'Invalid username or password.' >x/words
called() {
	case $1 in
	lfs) echo 'Git LFS pointer.*git lfs pull.*hf download' ;;
	html*) echo 'web page' ;;
	twice) echo 'packed twice' ;;
	words) echo 'is text, perhaps a server' ;;
	utf32*) echo 'UTF-32.*iconv' ;;
	xml*) echo 'XML.*fetch it again' ;;
	parquet) echo 'Parquet.*JSON lines' ;;
	arrow) echo 'Arrow.*JSON lines' ;;
	zeros) echo 'nothing but zeros' ;;
	empty) echo 'empty' ;;
	pytorch) echo 'PyTorch.*safetensors' ;;
	zip) echo 'zip archive.*unzip' ;;
	pickle) echo 'pickle.*safetensors' ;;
	hdf5) echo 'HDF5.*safetensors' ;;
	7z) echo '7z archive.*7z x' ;;
	pdf) echo 'PDF' ;;
	sqlite) echo 'SQLite' ;;
	utf16*) echo 'UTF-16.*iconv' ;;
	esac
}

# named READER FILE COMMAND ...: the line names FILE and says what it is, for each accident in $all
named() {
	reader=$1 file=$2
	shift 2
	for accident in $all; do
		cp "x/$accident" "$file"
		fails "$accident in place of $reader" 1 "${file##*/}.*$(called $accident)" "$@"
	done
}
all='lfs html xml parquet arrow pytorch zip pickle hdf5 7z pdf sqlite utf16 utf16le zeros twice html2 xml2'
named 'C4' in.jsonl c4-tokenize -q -m m in.jsonl
all="$all words"
named 'a stream' in.tokens eval-c4 -q -m m in.tokens
all='lfs parquet pytorch zip 7z utf16 utf16le utf16be utf32le utf32be twice'
named 'plain lines' in.txt c4-tokenize -q -m m --lines in.txt
all='lfs html parquet zip utf16 utf16be utf32le html2 xml2'
named 'BoolQ' b.jsonl eval-boolq -q -m m b.jsonl
named 'MMLU' q.jsonl eval-mmlu -q -k 0 -m m q.jsonl
named "rec-make's lines" r.jsonl rec-make tokens r.jsonl
named 'a subject' mmlu/test/law_test.csv eval-mmlu -q -k 0 -m m mmlu
printf '"What, %s?",a,b,c,d,B\n' 1 2 3 >mmlu/test/law_test.csv
all='lfs html xml pytorch zip pickle hdf5 zeros empty words html2 xml2'
cp -r m w
named 'weights' w/model.safetensors eval-c4 -q -m w good.tokens
all='lfs html xml zeros empty'
cp m/model.safetensors w
named 'config.json' w/config.json eval-c4 -q -m w good.tokens
cp m/config.json w
named 'tokenizer.json' w/tokenizer.json c4-tokenize -q -m w text.jsonl
all='lfs html pytorch zip words'
named 'a GGUF file' g.gguf eval-c4 -q -m g.gguf good.tokens
all='lfs html html2'
for part in adapter_config.json adapter_model.safetensors; do
	rm -rf b && cp -r a b
	named "$part" b/$part eval-c4 -q -m m --adapter b good.tokens
done

# --- the same in other clothes
read_as() { c4-tokenize -q -m m "$@" >got.tokens && rec-cat --full got.tokens | cmp - want.json; }
zstd -dc good.tokens >want.plain
rec-cat --full good.tokens >want.json
for packer in gzip zstd 'zstd --long=31 --ultra -20' xz bzip2 lz4 lzip; do
	if ! command -v ${packer%% *} >/dev/null; then
		tap_result 0 "text packed by $packer # SKIP no ${packer%% *}"
		continue
	fi
	$packer -c <text.jsonl >p 2>/dev/null
	ok "text packed by $packer" read_as p
	{ head -3 text.jsonl | $packer -c; tail -5 text.jsonl | $packer -c; } >p 2>/dev/null
	ok "... in two members" read_as p
	$packer -c <want.plain >p.tokens 2>/dev/null
	is '... a stream' "$(rec-cat --full p.tokens)" "$(cat records.jsonl)"
	$packer -c <text.jsonl >whole 2>/dev/null
	bad=0
	for n in $(seq 5 11 $(($(wc -c <whole) - 1))) $(($(wc -c <whole) - 1)); do
		head -c $n whole >cut
		c4-tokenize -q -m m cut >/dev/null 2>err && bad=$((bad + 1))
		grep -Eq '^c4-tokenize: cut: cut' err || bad=$((bad + 1))
	done
	is "... cut anywhere: said to be cut" $bad 0
	{ cat whole; echo garbage; } >tail
	fails '... with something else behind it' 1 'tail: (bytes after|cut short or damaged)' c4-tokenize -q -m m tail
done
{ printf '\357\273\277'; sed 's/$/\r/' text.jsonl; } >bom.jsonl
ok 'C4 with a byte order mark and CR LF' read_as bom.jsonl
{ printf '\357\273\277'; printf 'one\r\ntwo\r\n'; } >bom.txt
printf 'one\ntwo\n' >plain.txt
is 'plain lines with both' "$(c4-tokenize -m m --lines bom.txt | rec-cat --full)" "$(c4-tokenize -m m --lines plain.txt | rec-cat --full)"
for kind in boolq mmlu; do
	{ printf '\357\273\277'; sed 's/$/\r/' $kind.jsonl; } >bom
	[ $kind = boolq ] && shots= || shots='-k 0'
	is "$kind with both" "$(eval-$kind -q $shots -m m bom | rec-cat --no-header -t sum,count)" "$(eval-$kind -q $shots -m m $kind.jsonl | rec-cat --no-header -t sum,count)"
done
{ printf '\357\273\277'; sed 's/$/\r/' records.jsonl; } | rec-make tokens >bom.tokens
is 'records with both' "$(rec-cat --full bom.tokens)" "$(cat records.jsonl)"
cp -r m v && { printf '\357\273\277'; cat m/config.json; } >v/config.json
is 'config.json with a byte order mark' "$(eval-c4 -q -m v good.tokens | rec-cat --no-header -t value)" "$(eval-c4 -q -m m good.tokens | rec-cat --no-header -t value)"

# --- words of their own
jq -s . text.jsonl >array.json
jq -c -s . boolq.jsonl >array.boolq
fails 'a JSON array as C4' 1 "array.json: is a JSON array, not JSON lines: jq -c '.\[\]'" c4-tokenize -q -m m array.json
fails '... as BoolQ' 1 "array.boolq: is a JSON array" eval-boolq -q -m m array.boolq
printf '{"question":"is\\u0000it","passage":"p","answer":true}\n' >nul.boolq
fails 'NUL in a question' 1 'nul.boolq:1: JSON: a string has the character .u0000' eval-boolq -q -m m nul.boolq
printf '{"question":"a","subject":"s","choices":["a","b","c","d"],"answer":1}\n{"question":\n' >cut.mmlu
fails 'half a line of MMLU: its number, and no other' 1 '^eval-mmlu: cut.mmlu:2: JSON: [^0-9]*$' eval-mmlu -q -k 0 -m m cut.mmlu
: >mmlu/test/tax_test.csv
cp mmlu/dev/law_dev.csv mmlu/dev/tax_dev.csv
fails 'an empty subject is none to leave out' 1 'mmlu/test/tax_test.csv: is empty' eval-mmlu -q -k 1 -m m mmlu
rm mmlu/*/tax_*
fails 'words in place of MMLU' 1 'x/words: is neither a tar file nor JSON lines' eval-mmlu -q -k 0 -m m x/words
rm mmlu/dev/law_dev.csv
fails 'a missing dev file: all its names' 1 'mmlu/dev/law_dev.csv: No such file.*\.gz, \.zst, \.xz' eval-mmlu -q -k 1 -m m mmlu

# --- fewer than were asked for
tells() {	# NAME PATTERN COMMAND ...: succeeds with one line of warning; with -q, none
	name=$1 pattern=$2
	shift 2
	"$@" >/dev/null 2>err
	like "$name" "$? $(grep -cE "$pattern" err)" '^0 1$'
	is '... and not with -q' "$("$@" -q 2>&1 >/dev/null)" ''
}
quiet() { is "$1" "$(shift; "$@" 2>&1 >/dev/null | grep -c -E 'fewer|left after')" 0; }
tells 'c4-tokenize --limit' 'text.jsonl: 8 documents, fewer than the 9 asked for' c4-tokenize -m m --limit 9 text.jsonl
tells '... after --skip' 'text.jsonl: 8 documents, 2 after the first 6: fewer than the 3 asked for' c4-tokenize -m m --skip 6 --limit 3 text.jsonl
tells '... beyond the end' 'text.jsonl: 8 documents: none is left after the first 8' c4-tokenize -m m --skip 8 text.jsonl
tells '--sample' 'text.jsonl: 8 documents with text, fewer than the 9 asked for' c4-tokenize -m m --sample 9 text.jsonl
tells 'an empty file among others' 'x/empty: is empty' c4-tokenize -m m text.jsonl x/empty
tells 'no document at all' 'x/empty: no document' c4-tokenize -m m x/empty
quiet 'what is there is no shortfall' c4-tokenize -m m --limit 8 --sample 8 text.jsonl
tells 'hidden-dump --limit' 'good.tokens: 8 sequences, fewer than the 9 asked for' hidden-dump -m m --limit 9 good.tokens
tells '... beyond the end' '8 sequences: none is left after the first 20' hidden-dump -m m --skip 20 good.tokens
quiet '... nor here' hidden-dump -m m --skip 2 --limit 6 good.tokens
tells 'eval-c4 --limit' 'good.tokens: 8 sequences, fewer than the 9 asked for' eval-c4 -m m --limit 9 good.tokens
fails 'a loss of nothing is none' 1 '8 sequences: none is left after the first 8' eval-c4 -m m --skip 8 good.tokens
tells 'eval-boolq --limit' 'boolq.jsonl: 3 questions, 1 after the first 2: fewer than the 5 asked for' eval-boolq -m m --skip 2 --limit 5 boolq.jsonl
fails 'nor is an accuracy' 1 '3 questions: none is left after the first 3' eval-boolq -m m --skip 3 boolq.jsonl
tells 'eval-mmlu --limit: one line' 'mmlu.jsonl: 1 of 1 subjects have fewer than 4 questions: s has 3' eval-mmlu -k 0 -m m --limit 4 mmlu.jsonl
fails '... of nothing' 1 'no question is left after the first 3 of each subject' eval-mmlu -k 0 -m m --skip 3 mmlu.jsonl
quiet '... nor here' eval-mmlu -k 0 -m m --skip 1 --limit 2 mmlu.jsonl

# --- small files, and the memory that they may take: 64 MiB for a header
python3 - <<'EOF'
import struct, subprocess
def pack(name, b):
	open(name, "wb").write(subprocess.run(["zstd", "-qc"], input=b, stdout=subprocess.PIPE, check=True).stdout)
n = (1 << 24) - 200
head = b"\x84\xa7coppice\x01\xa4kind\xa5score\xa4made\x90\xa4meta"
values = lambda k, b: b"\x81\xa1a\xdd" + struct.pack(">I", k) + b * k
pack("maps.score", head + values(n // 2, b"\x80"))
pack("words.score", head + values(n // 4, b"\xa1a"))
pack("text.score", head + b"\x81\xa1a\xdb" + struct.pack(">I", n) + b"a" * n)
pack("deep.score", head + values(n // 4, b"\x91\x80"))
pack("boolq.zst", b'{"question":"q","passage":"p","answer":true,"x":[' + b"{}," * 8000000 + b"0]}\n")
EOF
takes() {	# MIB NAME COMMAND ...: refused, within so much memory
	most=$1
	shift
	/usr/bin/env python3 -c '
import resource, subprocess, sys
r = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(r.returncode, int(peak), r.stderr)
sys.exit(not (r.returncode == 1 and peak <= float(sys.argv[1])))' "$most" "$@"
}
for f in maps words text deep; do ok "a header of $f: within 64 MiB" takes 64 rec-cat -c $f.score; done
ok 'a question with eight million values: within 128 MiB' takes 128 eval-boolq -q -m m boolq.zst
done_testing
