#!/bin/sh
# c4-tokenize: what each option does to the records, equal bytes for every -j and every way in, BOS once, inputs that are
# cut or wrong, misuse. The tokenizer is a small one made here, whose ids can be counted by hand.
. "${0%/*}/tap.sh"
cd "$T" || exit 1

# Byte-level: 256 bytes are ids 0-255, "ab" 256, <s> 257, </s> 258.
mkdir m
python3 - >m/tokenizer.json <<'END' || skip_all "no python3 to make a tokenizer"
import json
plain = [b for b in range(256) if 33 <= b <= 126 or 161 <= b <= 172 or b >= 174]
name = {b: chr(b) for b in plain}
for i, b in enumerate(b for b in range(256) if b not in name):
    name[b] = chr(256 + i)
vocab = {name[b]: b for b in range(256)}
vocab["ab"] = 256
special = [{"id": 257 + i, "content": c, "special": True, "normalized": False} for i, c in enumerate(["<s>", "</s>"])]
print(json.dumps({"added_tokens": special, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False},
    "model": {"type": "BPE", "vocab": vocab, "merges": ["a b"]}}))
END
ids() { rec-cat --full "$@" | sed 's/.*"doc":\([0-9]*\).*"data":\(\[[0-9,]*\]\).*/\1 \2/'; }
tok() { c4-tokenize -m m "$@" >out.tokens && ids out.tokens; }

cat >in.json <<'END'
{"text":"abc","url":"x"}
{"text":""}

{"text":"xab"}
{"text":"c\u00e9"}
END
is "whole documents, the empty one skipped" "$(tok in.json | tr '\n' ' ')" '0 [256,99] 2 [120,256] 3 [99,195,169] '
is "the header says tokenizer, rule and documents" "$(rec-cat --header-json out.tokens | sed 's/.*"meta"://; s/"hash":"[0-9a-f]\{16\}"/HASH/')" \
	'{"tokenizer":{HASH,"size":259,"bos":false},"length":{"rule":"whole"},"docs":[[0,null]]}}'
is "-l 1" "$(tok -l 1 in.json | tr '\n' ' ')" '0 [256] 2 [120] 3 [99] '
is "-l: the rule in the header" "$(rec-cat --header-json out.tokens | grep -o '"length":{[^}]*}')" '"length":{"rule":"truncate","len":1}'
is "-l: the argument in made" "$(rec-cat --header-json out.tokens | grep -o '"args":{[^}]*}')" '"args":{"truncate":1}'
is "-p 3 joins with EOS, drops the rest" "$(tok -p 3 in.json | tr '\n' ' ')" '0 [256,99,258] 2 [120,256,258] 3 [99,195,169] '
is "-p 4" "$(tok -p 4 in.json | tr '\n' ' ')" '0 [256,99,258,120] 2 [256,258,99,195] '
is "-p 2 --join=" "$(tok -p 2 --join= in.json | tr '\n' ' ')" '0 [256,99] 2 [120,256] 3 [99,195] '
is "-p 3 --join=b" "$(tok -p 3 --join=b in.json | tr '\n' ' ')" '0 [256,99,98] 2 [120,256,98] 3 [99,195,169] '
is "--bos" "$(tok --bos in.json | tr '\n' ' ')" '0 [257,256,99] 2 [257,120,256] 3 [257,99,195,169] '
is "--bos: in the header" "$(rec-cat --header-json out.tokens | grep -o '"bos":true' | head -1)" '"bos":true'
is "--bos -l 2: BOS counts" "$(tok --bos -l 2 in.json | tr '\n' ' ')" '0 [257,256] 2 [257,120] 3 [257,99] '
is "--bos before a text that begins with it: once" "$(echo '{"text":"<s>ab"}' | tok --bos)" '0 [257,256]'
is "--limit 3" "$(tok --limit 3 in.json | tr '\n' ' ')" '0 [256,99] 2 [120,256] '
is "--limit: the range in the header" "$(rec-cat --header-json out.tokens | grep -o '"docs":.*\]\]')" '"docs":[[0,2]]'
is "--skip 1 --limit 2" "$(tok --skip 1 --limit 2 in.json)" '2 [120,256]'
is "--limit 0: a stream without records" "$(tok --limit 0 in.json)" ''
is "--limit 0: no documents in the header" "$(rec-cat --header-json out.tokens | grep -o '"docs":.*\]')" '"docs":[]'
is "--field" "$(tok --field url in.json 2>&1 | tail -1)" "c4-tokenize: in.json:2: no such key (--field)"
is "--field: another key" "$(echo '{"body":"ab","text":1}' | tok --field body)" '0 [256]'
printf 'ab\n\n{"text"\r\nlast' >in.txt
is "--lines: each as it stands, but for its CR LF" "$(tok --lines in.txt | tr '\n' ' ')" \
	'0 [256] 2 [123,34,116,101,120,116,34] 3 [108,97,115,116] '
is "NUL in a text" "$(printf '{"text":"a\\u0000b"}' | tok)" '0 [97,0,98]'
is "half of a surrogate pair: U+FFFD" "$(printf '{"text":"\\ud83c"}' | tok 2>/dev/null)" '0 [239,191,189]'
printf '{"text":"a\377\342\202z"}\n' >bad.json
is "no UTF-8: U+FFFD for each maximal subpart" "$(tok bad.json 2>err)" '0 [97,239,191,189,239,191,189,122]'
is "and how many bytes" "$(cat err)" "c4-tokenize: 3 bytes were no UTF-8, and became U+FFFD"
is "-v: counts" "$(tok -v in.json 2>&1 >/dev/null | head -1)" \
	"c4-tokenize: 4 documents (1 empty), 7 tokens, 3 sequences"

# Ways in
tok in.json >want
gzip -k in.json
zstd -q in.json
cat in.json.gz in.json.gz >two.gz
for f in in.json.gz in.json.zst; do
	tok $f >got
	same "$f: equal records" got want
	tok <$f >got
	same "$f on a pipe: equal records" got want
done
tok - <in.json >got
same "- is standard input" got want
is "two gzip members are one file" "$(tok two.gz | tail -1)" '7 [99,195,169]'
is "two files: numbers go on" "$(tok in.json in.json.zst | tail -1)" '7 [99,195,169]'
head -c 60 /dev/zero | cat in.json.gz - >padded.gz
tok padded.gz >got
same "a gzip file padded with zeros" got want

# Any number of threads; a sample
awk 'BEGIN { srand(1); for (i = 0; i < 3000; i++) { printf "{\"text\":\""; n = int(rand() * 300)
	for (k = 0; k < n; k++) printf "%c", 97 + int(rand() * 26); print "\"}" } }' >many.json
c4-tokenize -m m -j 1 -p 100 many.json >want.tokens
for j in 2 3 8; do
	c4-tokenize -m m -j $j -p 100 many.json >got.tokens
	same "-j $j: equal bytes" got.tokens want.tokens
done
tok --sample 20 -s 3 many.json >a
is "--sample 20" "$(wc -l <a)" 20
ok "in the order of the input" sort -nc -k1,1 a
tok many.json >all
is "of its documents" "$(sort a all | uniq -d | wc -l)" 20
tok -j 3 --sample 20 -s 3 many.json >b
same "the same for every -j" a b
tok --sample 10 -s 3 many.json >b
is "a smaller sample is a part of it" "$(sort a b | uniq -d | wc -l)" 10
tok --sample 20 -s 4 many.json >b
ok "another seed, another sample" sh -c '! cmp -s a b'
tok --sample 9999 many.json >b
same "a sample of more than there are is all" b all

# A model stream names the base
printf '%s\n' '{"base":"m","print":"00","keep":[0],"adapter":null,"adapter_print":null,"quant":null,"block":null}' | rec-make model >x.model
is "-m with a model stream" "$(c4-tokenize -q -m x.model in.json | ids - | tail -1)" '3 [99,195,169]'
is "a model stream on standard input" "$(c4-tokenize -q in.json <x.model | ids - | tail -1)" '3 [99,195,169]'
is "without its weights the base can't be known again, which is said" "$(c4-tokenize -m x.model in.json 2>&1 >/dev/null)" \
	"c4-tokenize: m: lacks config.json; whether it is the base that the model record means can't be told"
mkdir sub
cp x.model sub
is "its base is sought from the working directory too" "$(c4-tokenize -q -m sub/x.model in.json | ids - | tail -1)" '3 [99,195,169]'
is "--base" "$(cd sub && c4-tokenize -q -m x.model --base ../m ../in.json | ids - | tail -1)" '3 [99,195,169]'
fails "a base that is nowhere" 1 '^c4-tokenize: m: No such file' sh -c 'cd sub && c4-tokenize ../in.json <x.model'
is "-m with the file itself" "$(c4-tokenize -m m/tokenizer.json in.json | ids - | tail -1)" '3 [99,195,169]'

# What is wrong
n=$(wc -c <in.json.gz)
bad=0
i=1
while [ $i -lt "$n" ]; do
	head -c $i in.json.gz >cut.gz
	c4-tokenize -m m cut.gz >cut.tokens 2>/dev/null && bad=$((bad + 1))
	rec-cat -c cut.tokens >/dev/null 2>&1 && bad=$((bad + 1))
	i=$((i + 1))
done
is "gzip cut at every byte: exit 1, no end record" $bad 0
n=$(wc -c <in.json.zst)
bad=0
i=1
while [ $i -lt "$n" ]; do
	head -c $i in.json.zst >cut.zst
	c4-tokenize -m m cut.zst >cut.tokens 2>/dev/null && bad=$((bad + 1))
	i=$((i + 1))
done
is "zstd cut at every byte: exit 1" $bad 0
printf 'x' | cat in.json.gz - >tail.gz
fails "bytes after gzip data" 1 'tail.gz: bytes after' c4-tokenize -m m tail.gz
head -2 in.json >cut.json
printf '{"text":"ab' >>cut.json
fails "a cut line of JSON: file and line" 1 'cut.json:3: no JSON' c4-tokenize -m m cut.json
fails "a text that is no string" 1 'standard input:1: the text is no string' sh -c 'echo "{\"text\":5}" | c4-tokenize -m m'
head -c 70000000 /dev/zero | tr '\0' a >long.txt
fails "a line of 70 MB" 1 'long.txt:1: a line of more than 64 MiB' c4-tokenize -m m --lines long.txt
rm long.txt
fails "no such text" 1 'nowhere: No such file' c4-tokenize -m m nowhere
fails "no such model" 1 'nowhere: No such file' c4-tokenize -m nowhere in.json
mkdir none
fails "a folder without a tokenizer" 1 'none: no tokenizer' c4-tokenize -m none in.json
echo '{' >none/tokenizer.json
fails "a broken tokenizer" 1 'none/tokenizer.json: ' c4-tokenize -m none in.json
fails "a stream of another kind" 1 'tokens' c4-tokenize -m want.tokens in.json
fails "-l and -p" 2 'not both' c4-tokenize -m m -l 1 -p 1 in.json
fails "--bos and --no-bos" 2 'not both' c4-tokenize -m m --bos --no-bos in.json
fails "-l 0" 2 'at least 1' c4-tokenize -m m -l 0 in.json
fails "--sample 0" 2 'at least 1' c4-tokenize -m m --sample 0 in.json
fails "-p of more than can be" 2 'at most' c4-tokenize -m m -p 99999999999 in.json
fails "--join without -p" 2 'join' c4-tokenize -m m --join= in.json
fails "two needs for standard input" 2 'standard input' c4-tokenize
fails "--base beside a model" 2 'base' c4-tokenize -m m --base m in.json
fails "a full disk" 1 'No space' sh -c 'c4-tokenize -m m in.json >/dev/full'
fails "a closed standard output" 1 '.' sh -c 'c4-tokenize -m m in.json >&-'

# Memory does not grow with the input
if command -v prlimit >/dev/null && [ -z "$(nm "$O/bin/c4-tokenize" 2>/dev/null | grep __asan_init)" ]; then
	peak() { c4-tokenize -m m -j 2 -v "$@" 2>&1 >/dev/null | sed -n 's/.* \([0-9]*\)\.[0-9]* MiB at most/\1/p'; }
	small=$(peak many.json)
	for i in 1 2 3 4 5 6 7 8 9 10; do cat many.json many.json many.json; done >large.json
	large=$(peak large.json)
	ok "thirty times the input: $large MiB for $small" test "$large" -le $((small + 24))
fi
done_testing
