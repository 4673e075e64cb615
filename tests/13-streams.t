#!/bin/sh
# Streams as files and pipes: what a complete one is, what is refused, and how a failure travels down a pipe.
. "${0%/*}/tap.sh"
cd "$T" || exit 1

lines() { for i in $(seq "$1"); do echo "{\"doc\":$i,\"ids\":[$i,2,3]}"; done; }
lines 3 | rec-make tokens >a.tokens
lines 2 | rec-make tokens >b.tokens
rec-make tokens </dev/null >none.tokens
echo '{"n":1,"l":0,"mean":null,"sem":null,"layers":2,"rule":"simple"}' | rec-make block >a.block

# -- complete streams
ok 'a stream is complete' rec-cat -c a.tokens
ok 'a stream without records is complete' rec-cat -c none.tokens
is 'and has no records' "$(rec-cat none.tokens)" ''
cat a.tokens none.tokens b.tokens >ab.tokens
is 'cat of streams is a stream' "$(rec-cat --no-header -t doc ab.tokens | tr '\n' ' ')" '1 2 3 1 2 '
is 'several files are read as one' "$(rec-cat --no-header -t doc b.tokens a.tokens | tr '\n' ' ')" '1 2 1 2 3 '
is 'from a pipe' "$(cat a.tokens | rec-cat --no-header -t doc | tr '\n' ' ')" '1 2 3 '
is 'a dash is standard input' "$(rec-cat --no-header -t doc b.tokens - <a.tokens | tr '\n' ' ')" '1 2 1 2 3 '
zstd -qdc a.tokens >plain.tokens
is 'not compressed' "$(rec-cat --no-header -t doc plain.tokens | tr '\n' ' ')" '1 2 3 '
cat a.tokens a.tokens | zstd -qdc | zstd -q19 >other.tokens
is 'compressed by another program' "$(rec-cat --no-header -t doc other.tokens | tr '\n' ' ')" '1 2 3 1 2 3 '
zstd -qdc a.tokens | split -b 50 - part
for p in part??; do zstd -qc "$p"; done >frames.tokens
is 'in many frames' "$(rec-cat --no-header -t doc frames.tokens | tr '\n' ' ')" '1 2 3 '
{ printf '\120\052\115\030\003\0\0\0abc'; cat a.tokens; printf '\137\052\115\030\0\0\0\0'; } >skip.tokens
is 'skippable frames are skipped' "$(rec-cat --no-header -t doc skip.tokens | tr '\n' ' ')" '1 2 3 '
lines 3 | rec-make tokens >again.tokens
same 'the same records give the same bytes' a.tokens again.tokens
is 'zstd finds a checksum' "$(zstd -lv a.tokens 2>&1 | grep -c 'Check: XXH64')" 1

# -- streams that are not
fails 'an empty file' 1 'a.empty: is empty' sh -c ': >a.empty; rec-cat -c a.empty'
fails 'a file of text' 1 'no stream of records: it is text' sh -c 'echo hello >a.text; rec-cat a.text'
fails 'no such file' 1 '^rec-cat: nope: open: No such file' rec-cat nope
fails 'a folder' 1 '^rec-cat: \.: is a folder' rec-cat .
fails 'bytes after the end' 1 'after the end' sh -c '{ cat a.tokens; echo; } >b; rec-cat -c b'
fails 'a record after the end' 1 'after the end record, and no header' sh -c \
	'{ zstd -qdc a.tokens; printf "\201\241a\1"; } >b; rec-cat -c b'
if command -v angdist >/dev/null; then
	fails 'a stream whose kind is another' 1 'a.block: is a stream of block: .*hidden' angdist a.block
fi

# Streams by hand, not compressed.
header() { printf '\204\247coppice\1\244kind\245block\244made\220\244meta\200'; }
record() { printf '\206\241n\1\241l\0\244mean\300\243sem\300\246layers\2\244rule\246simple'; }
fails 'no end record' 1 'after record 1: no end record' sh -c \
	'zstd -qdc a.block | head -c -29 >b; rec-cat -c b'
{ header; record; } >b
fails 'a header and a record' 1 'after record 1: no end record' rec-cat -c b
header >b
fails 'a header alone' 1 'after record 0: no end record' rec-cat -c b
{ header; printf '\201\243end\202\247records\1\244xxh3\1'; } >b
fails 'a wrong count' 1 '1 records were written, 0 came' rec-cat -c b
{ header; printf '\201\243end\202\247records\0\244xxh3\1'; } >b
fails 'a wrong hash' 1 'wrong hash' rec-cat -c b
{ header; printf '\201\243end\201\247records\0'; } >b
fails 'no hash' 1 "key 'xxh3': missing" rec-cat -c b
{ header; printf '\201\243end\1'; } >b
fails 'an end that is no map' 1 "key 'records': missing" rec-cat -c b
{ header; printf '\335\017\377\377\377'; } >b
fails 'five hostile bytes' 1 'a record: refused: more than 2\^24 values' rec-cat -c b
printf '\335\017\377\377\377' >b
fails 'five hostile bytes and nothing else' 1 'the header: refused' rec-cat -c b
{ header; printf '\333\077\377\377\360'; } >b
fails 'a string of 1 GiB that is not there' 1 'cut short' rec-cat -c b
if (ulimit -v 300000; rec-cat --version) >/dev/null 2>&1; then	# not with a sanitizer, which wants terabytes
	cat b | { ulimit -v 300000; rec-cat -c; } 2>err
	is 'nor does it take memory' "$? $(cat err)" '1 rec-cat: standard input: cut short: ends within a record'
fi
{ header; printf '\201\241a%s' "$(printf '\221%.0s' $(seq 20))"; } >b
fails 'nested too deep' 1 '16 deep' rec-cat -c b
{ header; printf '\202\241n\1\241n\1'; } >b
fails 'a key twice' 1 'twice' rec-cat -c b
{ header; printf '\201\241n\1'; } >b
fails 'a key missing' 1 "b: record 1: key 'l': missing" rec-cat -c b
{ header; printf '\221\1'; } >b
fails 'a record that is no map' 1 'b: record 1: is no map' rec-cat -c b
{ header; record | sed 's/\o246simple/\o240/'; } >b
fails 'an empty rule' 1 "b: record 1: key 'rule'" rec-cat -c b
printf '\204\247coppice\2\244kind\245block\244made\220\244meta\200' >b
fails 'another format' 1 'format is not 1' rec-cat -c b
printf '\204\247coppice\1\244kind\245blokc\244made\220\244meta\200' >b
fails 'another kind' 1 'kind blokc: is not known' rec-cat -c b
printf '\203\247coppice\1\244kind\245block\244meta\200' >b
fails 'made is missing' 1 'made is no array' rec-cat -c b
printf '\204\247coppice\1\244kind\245block\244made\221\1\244meta\200' >b
fails 'made that is no list of steps' 1 'made is no array of' rec-cat -c b
printf '\203\247coppice\1\244kind\245block\244made\220' >b
fails 'meta is missing' 1 'meta is no map' rec-cat -c b
fails 'control characters of a hostile stream do not reach the terminal' 1 'kind bl\?\[1mk: is not known' sh -c \
	'printf "\204\247coppice\1\244kind\247bl\033[1mk\244made\220\244meta\200" | rec-cat'

# -- writing
fails 'a full disk' 1 'standard output: write: No space left' sh -c 'rec-cat a.tokens >/dev/full'
fails 'a full disk, binary' 1 'standard output: write: No space left' sh -c 'echo | rec-make tokens >/dev/full'
fails 'a closed standard output' 1 'standard output: write: Bad file' sh -c 'rec-cat a.tokens >&-'
fails 'a closed standard output, binary' 1 'standard output: write: Bad file' sh -c 'echo | rec-make tokens >&-'
fails 'a closed standard output, -h' 1 'standard output: write: Bad file' sh -c 'rec-cat -h >&-'
fails 'a closed standard input' 1 'standard input: read: Bad file' sh -c 'rec-cat -c <&-'
# gone COMMAND: its status and what it says when nothing reads its output
gone() { { sleep 0.2; "$@"; echo "$?" >status; } 2>err | true; echo "$(cat status)$(cat err)"; }
is 'a reader that has gone: SIGPIPE, without a word' "$(gone rec-cat $(yes a.tokens | head -5000))" 141
is 'a reader that has gone: a stream' "$(gone rec-make tokens /dev/null)" 141
is 'a reader that has gone: -h' "$(gone rec-cat -h)" 141
is 'a reader that has seen enough' "$(rec-cat $(yes a.tokens | head -5000) 2>&1 >out | wc -c; rec-cat $(yes a.tokens | head -5000) 2>err | head -1; cat err)" \
	"$(printf '0\n'; rec-cat a.tokens | sed -n 1p)"
like 'a caller that ignores SIGPIPE' "$(trap '' PIPE; gone rec-cat a.tokens)" '^1rec-cat: standard output: write: Broken pipe$'

# -- pipes: what fails upstream is seen at the end, with a shell that knows no pipefail
fails 'a stage that fails' 1 '^rec-cat: standard input: (cut short|is empty)' sh -c \
	'{ echo "{\"doc\":0,\"ids\":[1]}"; echo bad; } | rec-make tokens 2>/dev/null | rec-cat -c'
fails 'a stage that is killed' 1 '^rec-cat: standard input: (cut short|is empty)' sh -c \
	'{ echo "{\"doc\":0,\"ids\":[1]}"; sleep 1; } | sh -c "echo \$\$ >pid; exec rec-make tokens" | rec-cat -c & exec 2>/dev/null; sleep 0.5; kill -9 $(cat pid); wait $!'

# -- a stage in another language
if /usr/bin/python3 -c 'import msgpack' 2>/dev/null; then
	cat >stage.py <<-'END'
		import math, msgpack, struct, subprocess
		read = msgpack.Unpacker(subprocess.Popen(["zstd", "-dc"], stdout=subprocess.PIPE).stdout)
		header = next(read)
		for h in read:
		    if "end" in h: break
		    (rows, d), x = h["x"]["shape"], h["x"]["data"]
		    x = [struct.unpack_from("<%df" % d, x, 4 * d * i) for i in range(rows)]
		    dot = lambda a, b: sum(p * q for p, q in zip(a, b))
		    a = math.acos(dot(x[0], x[1]) / math.sqrt(dot(x[0], x[0]) * dot(x[1], x[1]))) / math.pi
		    print('{"n":1,"l":0,"count":1,"mean":%r,"sem":0,"sum":%d,"sumsq":%d}' % (a, round(a * 2**40), round(a * a * 2**40)))
	END
	printf '%s\n' '{"doc":0,"ntok":4,"x":[[1,0],[0,2]]}' '{"doc":1,"ntok":4,"x":[[1,0],[-1,0]]}' | rec-make hidden >a.hidden
	is 'ten lines of Python read hidden and write angle' \
		"$(/usr/bin/python3 stage.py <a.hidden | rec-make angle | rec-cat --no-header -t n,l,mean,sum | tr '\t\n' ', ')" \
		'1,0,0.5,549755813888 1,0,1.0,1099511627776 '
	cat >write.py <<-'END'
		import ctypes, ctypes.util, msgpack, sys
		out = msgpack.packb({"coppice": 1, "kind": "block", "made": [], "meta": {"by": "hand"}})
		out += msgpack.packb({"n": 2, "l": 1, "mean": 0.5, "sem": 0, "layers": 4, "rule": "similarity"})
		xxh = ctypes.CDLL(ctypes.util.find_library("xxhash")).XXH3_64bits
		xxh.restype, xxh.argtypes = ctypes.c_uint64, [ctypes.c_char_p, ctypes.c_size_t]
		sys.stdout.buffer.write(out + msgpack.packb({"end": {"records": 1, "xxh3": xxh(out, len(out))}}))
	END
	is 'Python writes a stream' "$(/usr/bin/python3 write.py | zstd -qc | rec-cat 2>&1)" \
		'{"n":2,"l":1,"mean":0.5,"sem":0,"layers":4,"rule":"similarity"}'
fi
done_testing
