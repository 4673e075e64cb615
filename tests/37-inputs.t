#!/bin/sh
# What a stream says of the files and models that it came from: names and hashes, nothing of where they lie.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
make-tiny --set num_hidden_layers=4 llama tiny >/dev/null || exit 1
for i in 0 1 2 3 4 5 6 7 8 9; do echo "{\"text\":\"abc $i def ghi\"}"; done >text.json
gzip -nc text.json >text.json.gz
hash() { sha256sum "$1" | cut -d ' ' -f 1; }
read_by() { rec-cat -H "$1" | sed -n 's/^      //p'; }	# FILE: what its steps read

c4-tokenize -q -m tiny text.json >a.tokens
is 'a file: its name, and what sha256sum says' "$(read_by a.tokens)" "text.json  sha256 $(hash text.json)"
mkdir -p far/away && cp text.json far/away
c4-tokenize -q -m tiny far/away/text.json >b.tokens
same 'the same contents elsewhere give the same bytes' a.tokens b.tokens
cp text.json renamed.json
c4-tokenize -q -m tiny renamed.json >b.tokens
is 'a renamed file: another name, the same hash' "$(read_by b.tokens)" "renamed.json  sha256 $(hash text.json)"
is '... and the same records' "$(rec-cat --full b.tokens)" "$(rec-cat --full a.tokens)"
c4-tokenize -q -m tiny text.json.gz >b.tokens
is 'packed: the hash of the packed bytes' "$(read_by b.tokens)" "text.json.gz  sha256 $(hash text.json.gz)"
c4-tokenize -q -m tiny <text.json >b.tokens
is 'standard input' "$(read_by b.tokens)" "-  sha256 $(hash text.json)"
cat text.json | c4-tokenize -q -m tiny >c.tokens
same 'a pipe is no other' b.tokens c.tokens
c4-tokenize -q -m tiny --limit 2 text.json >b.tokens
is 'a file is hashed to its end' "$(read_by b.tokens)" "text.json  sha256 $(hash text.json)"
# Its end is not waited for.
is 'a pipe is not' "$({ cat text.json; sleep 1; } | c4-tokenize -q -m tiny --limit 2 >b.tokens; read_by b.tokens)" '-'
c4-tokenize -q -m tiny text.json renamed.json text.json.gz >b.tokens
is 'several, in their order' "$(read_by b.tokens | cut -d ' ' -f 1 | tr '\n' ' ')" 'text.json renamed.json text.json.gz '
is 'the header cannot know yet' "$(rec-cat --header-json a.tokens | grep -c inputs)" 0
is 'without a file there are none' "$(echo '{"doc":0,"ids":[1]}' | rec-make tokens | rec-cat -H | grep -c sha256)" 0

# -- down the flow
print=$(drop-layers -q -m tiny --layers 1 | rec-cat --no-header -t print)
hidden-dump -q -m tiny a.tokens >a.hidden
want="text.json  sha256 $(hash text.json)
model tiny  print $print"
is 'hidden: of the tokens, and the model' "$(read_by a.hidden | sort)" "$(echo "$want" | sort)"
angdist -q a.hidden >a.angle
is '... which later headers say' "$(rec-cat --header-json a.angle | grep -o '"sha256":"[0-9a-f]*"\|"print":"[0-9a-f]*"' | sort -u)" \
	"$(printf '"print":"%s"\n"sha256":"%s"' "$print" "$(hash text.json)")"
is 'parts that overlap in no input' "$(for p in 0 5; do c4-tokenize -q -m tiny --skip $p --limit 5 text.json | hidden-dump -q -m tiny | angdist -q >p$p.angle; done
	angdist -q p0.angle p5.angle | rec-cat)" "$(rec-cat a.angle)"
argmin-block -q -n 1 a.angle | drop-layers -q -m tiny >a.model
eval-c4 -q a.tokens <a.model >a.score
is 'a score: each step once, with what it read' "$(read_by a.score | sort -u)" "$(echo "$want" | sort)"
is '... tokens that both came from are one step' "$(rec-cat -H a.score | grep -c '^  c4-tokenize')" 1
is 'a pipe that is left early' "$(hidden-dump -q -m tiny --limit 2 a.tokens | angdist -q | argmin-block -q -n 1 | drop-layers -q -m tiny |
	eval-c4 -q a.tokens | rec-cat -H | grep -c '^  c4-tokenize\|text.json')" 2
qlora-heal -q -o ad --steps 1 --batch 1 --rank 1 a.tokens <a.model >healed.model

is 'a healed model, and the documents that healed it' "$(read_by healed.model | sort -u)" \
	"$({ echo "$want"; echo "text.json  sha256 $(hash text.json)  docs 0-9"; } | sort)"

# -- documents that healed a model, and measure it
warning() { "$@" 2>&1 >/dev/null | grep -o '^[a-z0-9-]*: [a-z.]*: [0-9]* of the .*'; }	# what is said of them
c4-tokenize -q -m tiny --skip 8 text.json >late.tokens
c4-tokenize -q -m tiny --skip 3 --limit 6 far/away/text.json >six.tokens
c4-tokenize -q -m tiny --limit 5 text.json >five.tokens
qlora-heal -q -o five --steps 1 --batch 1 --rank 1 five.tokens <a.model >five.model
is 'all documents scored healed it' "$(warning eval-c4 -m healed.model a.tokens)" \
	'eval-c4: text.json: 10 of the 10 documents scored healed a model: its loss on them is too low'
is 'two of six, wherever the file lies' "$(warning eval-c4 -m five.model six.tokens)" \
	'eval-c4: text.json: 2 of the 6 documents scored healed a model: its loss on them is too low'
cat healed.model five.model >two.model
is 'of several models the most' "$(warning eval-c4 -m two.model six.tokens | cut -d ' ' -f 3)" 6
is 'none in common' "$(warning eval-c4 -m five.model late.tokens)" ''
is 'not healed' "$(warning eval-c4 -m a.model a.tokens)" ''
is '-q' "$(warning eval-c4 -q -m healed.model a.tokens)" ''
sed 's/abc/xyz/' text.json >others.json
c4-tokenize -q -m tiny others.json >other.tokens
is 'another file' "$(warning eval-c4 -m healed.model other.tokens)" ''
rec-cat --full a.tokens | rec-make tokens >unknown.tokens
is 'tokens of which nothing is known' "$(warning eval-c4 -m healed.model unknown.tokens)" ''
c4-tokenize -q -m tiny text.json others.json >more.tokens
is 'a list of files that goes on' "$(eval-c4 -m healed.model more.tokens 2>&1 >more.score | grep -o 'text.*documents')" \
	'text.json and others: 10 of the 20 documents'
is 'held-out tokens' "$(warning qlora-heal -o held --steps 1 --batch 1 --rank 1 --valid six.tokens -m a.model five.tokens)" \
	'qlora-heal: text.json: 2 of the 6 documents held out are among those trained on: their loss is too low'
is '... that are others' "$(warning qlora-heal -o held2 --steps 1 --batch 1 --rank 1 --valid late.tokens -m a.model five.tokens)" ''

# -- questions
for i in 0 1 2 3; do echo "{\"question\":\"is it $i\",\"passage\":\"so $i\",\"answer\":true}"; done >q.jsonl
tac q.jsonl >train.jsonl
eval-boolq -q -k 1 --train train.jsonl -m tiny --samples s.sample q.jsonl >q.score
is 'questions and their shots' "$(read_by q.score | grep sha256 | sort)" "$(for f in q train; do echo "$f.jsonl  sha256 $(hash $f.jsonl)"; done)"
is 'samples say the same' "$(read_by s.sample)" "$(read_by q.score)"
mkdir -p sets/test sets/dev
for s in law art; do
	for i in 1 2 3; do echo "q $s $i,a,b,c,d,B"; done >sets/test/${s}_test.csv
	for i in 1 2; do echo "d $s $i,a,b,c,d,C"; done >sets/dev/${s}_dev.csv
done
eval-mmlu -q -k 1 -m tiny sets >m.score
is 'a folder: the hash of what sha256sum says of its files' "$(read_by m.score | grep sha256)" \
	"sets  sha256 $( (for d in test dev; do (cd sets/$d && sha256sum *); done) | LC_ALL=C sort -k 2 | sha256sum | cut -d ' ' -f 1)"
tar cf sets.tar sets
eval-mmlu -q -k 1 -m tiny sets.tar >t.score
is 'a tar file, read twice: once' "$(read_by t.score | grep sha256)" "sets.tar  sha256 $(hash sets.tar)"

# -- what is interrupted
interrupted() { rm -f r.sample*; eval-boolq -q -m tiny --samples r.sample q.jsonl >/dev/full 2>/dev/null; ls r.sample*; }
is 'a run that failed leaves its samples' "$(interrupted)" r.sample.part
cp q.jsonl moved.jsonl
is '... and a renamed file goes on with them' "$(eval-boolq -m tiny --samples r.sample moved.jsonl 2>&1 >again.score | grep -c anew)" 0
is '... under its own name' "$(read_by again.score | grep sha256)" "moved.jsonl  sha256 $(hash q.jsonl)"
interrupted >/dev/null
sed 's/is it 3/was it/' q.jsonl >other.jsonl
is '... but no other file' "$(eval-boolq -m tiny --samples r.sample other.jsonl 2>&1 >again.score | grep -c anew)" 1

# -- ends
rec-make tokens </dev/null >none.tokens
end() { { zstd -qdc none.tokens | sed 's/\(\xa3end\)\x82/\1\x83/'; printf '\244made'; printf "$1"; } >end.tokens; }
end '\220'
ok 'an end that says the steps' rec-cat -c end.tokens
is '... in place of the header' "$(rec-cat -H end.tokens | grep -c rec-make)" 0
for bad in '\300' '\221\200' '\221\300' '\201\241a\1'; do
	end "$bad"
	fails "an end whose steps are $bad" 1 '^rec-cat: end\.tokens: end record: made is no array' rec-cat -c end.tokens
done
done_testing
