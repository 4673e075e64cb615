#!/bin/sh
# The eval tools on a small model: a sweep equals separate runs, parts merged equal one run, any -j, and a run that
# goes on equals one that was not interrupted, all bit for bit; what is refused, and how.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
export OMP_WAIT_POLICY=passive

row() { printf '"%s, ""%s""?",%s,%s,"two\nlines",%s,%s\r\n' "$1" "$2" "$3" "$4" "$5" "$6"; }
mkdir -p mmlu/dev mmlu/test
for s in knots two_words zoology; do
	for i in 1 2 3 4 5; do row "$s dev $i" shot $i x y A; done >mmlu/dev/${s}_dev.csv
	for i in 1 2 3 4 5 6 7; do row "$s $i" test $i "$s" é $(echo $i | tr 1234567 ABCDABC); done >mmlu/test/${s}_test.csv
done
for i in $(seq 30); do
	[ $((i % 3)) = 0 ] && label=true || label=false
	echo "{\"question\": \"is it $i\", \"passage\": \"Number $i -- it is $i, as every $i.\", \"idx\": $i, \"label\": $label}"
done >boolq.jsonl
for i in $(seq 40); do echo "{\"text\": \"# Document $i speaks of $i things, and of $((i * i)) more.\"}"; done >text.jsonl

make-tiny llama m || exit 1
c4-tokenize -q -m m text.jsonl >v.tokens || exit 1
for l in 1 2-3 4; do drop-layers -q -m m --layers $l; done >three.model || exit 1
for l in 1 2-3 4; do drop-layers -q -m m --layers $l >one$l.model; done

cat >functions <<'EOF'
mmlu() { eval-mmlu -q --dtype=f32 "$@" mmlu; }
boolq() { eval-boolq -q --dtype=f32 "$@" boolq.jsonl; }
c4() { eval-c4 -q --dtype=f32 "$@" v.tokens; }
EOF
. ./functions
# COMMAND FILE: a run that fails at its very end leaves FILE.part with all samples, and no FILE
unpublished() {
	sh -c ". ./functions; $1 >/dev/full" 2>/dev/null
	[ ! -e "$2" ] && [ -e "$2.part" ] && [ ! -e "$2.part.new" ] || diag "$(ls "$2"*) after: $1"
}

# -- sweeps
for tool in mmlu boolq c4; do
	$tool <three.model >sweep.$tool
	for l in 1 2-3 4; do $tool <one$l.model | rec-cat; done >separate
	is "$tool: a sweep has the records of separate runs" "$(rec-cat sweep.$tool)" "$(cat separate)"
	$tool -j 1 <three.model >other
	same "$tool: -j 1 gives the same bytes" other sweep.$tool
	least=$($tool -j 3 --memory=1M <three.model 2>&1 >/dev/null | sed -n 's/.* the least is \([0-9]*\) MiB.*/\1/p')
	$tool -j 3 --memory="${least}M" <three.model >other
	same "$tool: -j 3 and little memory give the same bytes" other sweep.$tool
	$tool -m m >whole.$tool
done
is 'what figures need is easy to select' "$(rec-cat --no-header -t model.keep.0,count sweep.c4 | cut -f2 | uniq)" "$(rec-cat --no-header -t count whole.c4)"
is 'MMLU counts' "$(rec-cat --no-header -t count,subjects.knots.count,subjects.two_words.count whole.mmlu)" "$(printf '21\t7\t7')"
like 'bits per byte are said' "$(rec-cat whole.c4)" '"bits_per_byte":[0-9]'
is 'bytes: those of the text after the first token, a #' "$(rec-cat --no-header -t bytes whole.c4)" \
	"$(sed 's/.*"# /_/; s/"}//' text.jsonl | tr -d '\n' | wc -c)"

# -- MMLU in other forms: a tar file of the folder, packed files, the hub's JSON lines
tar cf m.tar mmlu
gzip -k m.tar
zstd -q m.tar
cp -r mmlu packed && gzip packed/dev/knots_dev.csv packed/test/zoology_test.csv && zstd -q --rm packed/test/knots_test.csv
python3 - <<'EOF'
import csv, glob, json, os
for split in "dev", "test":
    with open(split + ".jsonl", "w") as out:
        for path in sorted(glob.glob(f"mmlu/{split}/*.csv"), reverse=True):
            subject = os.path.basename(path)[:-len(f"_{split}.csv")]
            for q, *choices, letter in csv.reader(open(path, newline="")):
                out.write(json.dumps({"question": q, "subject": subject, "choices": choices, "answer": "ABCD".index(letter)}) + "\n")
EOF
gzip -k test.jsonl
zstd -q dev.jsonl
# The header but for the names and hashes of the files, and the records.
text() { rec-cat --header-json "$1" | sed 's/,"inputs":\[[^]]*\]//'; rec-cat "$1"; }
text whole.mmlu >whole.text
forms() { eval-mmlu -q --dtype=f32 -m m "$@" >form && text form >other; }
for form in m.tar m.tar.gz m.tar.zst packed; do
	forms $form
	same "mmlu: $form gives the records of the folder" other whole.text
done
forms --dev=dev.jsonl test.jsonl
same 'mmlu: JSON lines give the records of the folder' other whole.text
forms --dev=dev.jsonl.zst test.jsonl.gz
same 'mmlu: packed ones too' other whole.text
head -9 test.jsonl >first.jsonl && tail -n +10 test.jsonl | sed 's/"answer": 0/"answer": "A"/' >rest.jsonl
forms --dev=dev.jsonl first.jsonl rest.jsonl
same 'mmlu: and in two files, answers as letters' other whole.text
fails 'mmlu: JSON lines without shots' 1 'give --dev=FILE, or -k 0' eval-mmlu -m m test.jsonl
fails 'mmlu: shots twice' 1 'its own dev/' eval-mmlu -m m --dev=dev.jsonl m.tar
fails 'mmlu: two folders' 1 'only JSON lines' eval-mmlu -m m mmlu packed
fails 'mmlu: standard input' 2 'not from standard input' eval-mmlu -m m -
size=$(stat -c %s m.tar)
for cut in $((size / 3)) 512 $((size - 10240)); do
	head -c $cut m.tar >cut.tar
	fails "mmlu: a tar file cut after $cut bytes" 1 'cut.tar' eval-mmlu -m m cut.tar
done
head -c "$(tar tvRf m.tar | tail -1 | sed 's/block \([0-9]*\):.*/\1/' | awk '{ print $1 * 512 }')" m.tar >cut.tar
fails 'mmlu: a tar file without its end' 1 'cut.tar: cut|cut.tar: .*runcated' eval-mmlu -m m cut.tar
head -c 300 m.tar.gz >cut.tar.gz
fails 'mmlu: a packed tar file cut short' 1 'cut.tar.gz' eval-mmlu -m m cut.tar.gz
tar cf twice.tar mmlu mmlu/test/knots_test.csv && tar rf twice.tar mmlu/test/knots_test.csv
fails 'mmlu: a file twice in a tar file' 1 'knots_test.csv: is there twice' eval-mmlu -m m twice.tar
tar cf other.tar text.jsonl
fails 'mmlu: a tar file of something else' 1 'no file test/SUBJECT_test.csv in it' eval-mmlu -m m other.tar
fails 'mmlu: a file that is none of these' 1 'model.safetensors: as a tar file: Unrecognized' eval-mmlu -m m m/model.safetensors
bad() { printf '%s\n' "$2" >bad.jsonl; fails "mmlu: JSON lines: $1" 1 "bad.jsonl:1: .*$1" eval-mmlu -m m -k 0 bad.jsonl; }
bad 'no text "subject"' '{"question": "q", "choices": ["a", "b", "c", "d"], "answer": 0}'
bad 'no text "question"' '{"question": 1, "subject": "s", "choices": ["a", "b", "c", "d"], "answer": 0}'
bad 'no four "choices"' '{"question": "q", "subject": "s", "choices": ["a", "b", "c"], "answer": 0}'
bad 'a choice is no text' '{"question": "q", "subject": "s", "choices": ["a", "b", 3, "d"], "answer": 0}'
bad 'none of 0 1 2 3' '{"question": "q", "subject": "s", "choices": ["a", "b", "c", "d"], "answer": 4}'
bad 'none of 0 1 2 3' '{"question": "q", "subject": "s", "choices": ["a", "b", "c", "d"], "answer": "E"}'

# -- the order of the shots
for seed in 1 2 1; do
	forms --order-seed=$seed --samples=o$seed.sample --prompts mmlu
	mv form o$seed.mmlu
done
shots() { rec-cat o$1.sample | sed -n '1{s/.*"prompt":"//;s/knots 1.*//;p}' | grep -o 'knots dev [0-9]' | tr -dc '0-9\n' | tr '\n' ' '; }
is 'order-seed: the same five shots' "$(shots 1 | tr ' ' '\n' | sort | tr -d '\n')" 12345
ok 'order-seed: another seed, another order' test "$(shots 1)" != "$(shots 2)"
is 'order-seed: the meta says it' "$(rec-cat --header-json o2.mmlu | grep -o '"order_seed":2' | head -1)" '"order_seed":2'
fails 'order-seed: other orders are not merged' 1 'meta.order_seed' eval-mmlu --merge o1.mmlu o2.mmlu

# -- tables
is 'table: boolq, as lm-eval prints it' "$(boolq -m m --table | tail -n +3)" "$(rec-cat --no-header -t value,stderr whole.boolq | awk '{
	print "|Tasks|Version|Filter|n-shot|Metric|   |Value |   |Stderr|"
	print "|-----|------:|------|-----:|------|---|-----:|---|-----:|"
	printf "|boolq|      2|none  |     0|acc   |↑  |%.4f|±  |%.4f|\n", $1, $2 }')"
is 'table: mmlu, from a stream; subjects that lm-eval has not in its groups' "$(eval-mmlu --merge --table whole.mmlu | sed -n '3,5p;7p')" \
	"$(rec-cat --no-header -t value,stderr,subjects.two_words.value,subjects.two_words.stderr whole.mmlu | awk '{
	print "|   Tasks    |Version|Filter|n-shot|Metric|   |Value |   |Stderr|"
	print "|------------|------:|------|-----:|------|---|-----:|---|-----:|"
	printf "|mmlu        |      2|none  |      |acc   |↑  |%.4f|±  |%.4f|\n", $1, $2
	printf "| - two_words|      1|none  |     5|acc   |↑  |%.4f|±  |%.4f|\n", $3, $4 }')"
is 'table: c4' "$(c4 -m m --table | awk -F'|' 'NR > 4 && NF { gsub(/ /, ""); print $6 }' | tr '\n' ' ')" \
	'loss bits_per_byte normalised perplexity '

# -- several passes: what is quantised and what is not share nothing
cat one1.model one4.model >two.model
c4 --quant=nf4 <two.model >nf4.c4
ok 'NF4 gives other losses' test "$(rec-cat --no-header -t value nf4.c4)" != "$(rec-cat --no-header -t value sweep.c4 | sed 2d)"
rec-cat one1.model | sed 's/"quant":null/"quant":"nf4"/' | rec-make model >quant.model
cat one1.model quant.model one4.model >mixed.model
is 'models of two passes come in the order of the stream' "$(c4 <mixed.model | rec-cat --no-header -t value)" \
	"$(rec-cat --no-header -t value sweep.c4 | sed -n 1p; rec-cat --no-header -t value nf4.c4 | sed -n 1p; rec-cat --no-header -t value sweep.c4 | sed -n 3p)"
boolq --samples=mixed.sample <mixed.model >mixed.boolq
is 'and so do their answers' "$(rec-cat --no-header -t correct mixed.boolq)" \
	"$(for m in 0 1 2; do rec-cat --no-header -t model,answer,choice mixed.sample | awk -v m=$m '$1 == m && $2 == $3' | wc -l; done)"
unpublished 'boolq --samples=n.sample <mixed.model' n.sample
head -c $(($(stat -c %s n.sample.part) * 4 / 5)) n.sample.part >z; mv z n.sample.part
is 'and an interrupted run of two passes goes on' \
	"$(boolq --samples=n.sample <mixed.model 2>/dev/null | cmp - mixed.boolq; cmp n.sample mixed.sample)" ''

# -- parts
mmlu -m m --subjects=knots,zoology >a
mmlu -m m --subjects=two_words --limit=3 >b
mmlu -m m --subjects=two_words --skip=3 >c
is 'mmlu: parts merged are one run' "$(eval-mmlu -q --merge c a b | rec-cat)" "$(rec-cat whole.mmlu)"
is 'mmlu: from a pipe too' "$(cat b a c | eval-mmlu -q --merge | rec-cat)" "$(rec-cat whole.mmlu)"
fails 'mmlu: a question twice' 1 'document 7 is in this part and in one before' eval-mmlu --merge a b b
fails 'mmlu: other shots' 1 'meta.shots' sh -c 'eval-mmlu -q -k 2 -m m --dtype=f32 mmlu >k2; eval-mmlu --merge a k2'
fails 'mmlu: scores of another task' 1 'another task' eval-mmlu --merge whole.boolq
fails 'mmlu: other models' 1 'not the models of the part before' sh -c \
	'eval-mmlu -q --dtype=f32 --subjects=two_words mmlu <one4.model >d; eval-mmlu --merge a d'
fails 'mmlu: a model less' 1 'fewer models' sh -c \
	'eval-mmlu -q --dtype=f32 --subjects=two_words mmlu <three.model >d
	eval-mmlu -q --dtype=f32 --subjects=knots mmlu <one1.model >e; eval-mmlu --merge d e'
boolq --limit=11 <three.model >a
boolq --skip=11 <three.model >b
is 'boolq: parts merged are one run' "$(eval-boolq -q --merge b a | rec-cat)" "$(rec-cat sweep.boolq)"
c4 --limit=13 <three.model >a
c4 --skip=13 --limit=14 <three.model >b
c4 --skip=27 <three.model >c
is 'c4: parts merged are one run' "$(eval-c4 -q --merge b c a | rec-cat)" "$(rec-cat sweep.c4)"
fails 'c4: a document twice' 1 'document 13 is in this part and in one before' eval-c4 --merge a b b
is 'c4: merged parts say the same to people' "$(eval-c4 --merge a b c 2>&1 >/dev/null)" \
	"$(eval-c4 --dtype=f32 v.tokens <three.model 2>&1 >/dev/null)"

# -- samples
mmlu --samples=x.sample --prompts <three.model >/dev/null
is 'samples: a record a question and model' "$(rec-cat --no-header -t row,model x.sample | sort -u | wc -l)" 21
is 'samples: all of them' "$(rec-cat x.sample | wc -l)" 63
is 'samples: the score counts their right choices' \
	"$(rec-cat --no-header -t model,answer,choice x.sample | awk '$2 == $3 { n[$1]++ } END { print n[0] + 0, n[1] + 0, n[2] + 0 }')" \
	"$(rec-cat --no-header -t correct sweep.mmlu | tr '\n' ' ' | sed 's/ $//')"
ok 'samples: no part is left' test ! -e x.sample.part
unpublished 'mmlu --samples=y.sample --prompts <three.model' y.sample
size=$(stat -c %s y.sample.part)
head -c $((size / 2)) y.sample.part >z && mv z y.sample.part
eval-mmlu -v --dtype=f32 --samples=y.sample --prompts mmlu <three.model 2>said >other
like 'samples: a run goes on' "$(cat said)" '[0-9][0-9] samples taken over'
same 'samples: to the same samples' y.sample x.sample
same 'samples: and the same scores' other sweep.mmlu
unpublished 'mmlu -k 2 --samples=w.sample <three.model' w.sample
eval-mmlu --dtype=f32 --samples=w.sample --prompts mmlu <three.model 2>said >other
like 'samples: those of another run are not taken' "$(cat said)" 'w.sample.part: is of another run'
same 'samples: but made anew' w.sample x.sample
unpublished 'boolq -m m --samples=v.sample' v.sample
cp v.sample.part whole.part
boolq -m m --samples=v.sample >other
same 'samples: with no room for the score, the next run goes on' other whole.boolq
cp v.sample b.sample
size=$(stat -c %s whole.part) bad=
for at in 1 9 $((size / 3)) $((size / 2)) $((size - 9)); do
	cp whole.part v.sample.part
	printf '\1\2\3' | dd of=v.sample.part bs=1 seek=$at conv=notrunc 2>/dev/null
	boolq -m m --samples=v.sample >other 2>said && cmp -s other whole.boolq && cmp -s v.sample b.sample && [ ! -e v.sample.part ] ||
		bad="$bad $at"
done
is 'samples: a damaged part costs what is behind the damage, and nothing else' "$bad" ''
fails 'samples: a folder that is not there' 1 'no/x: No such file' eval-boolq -m m --samples=no/x boolq.jsonl
mkdir folder readonly && chmod 500 readonly
fails 'samples: a folder as the file' 1 'folder: is a folder' eval-boolq -m m --samples=folder boolq.jsonl
fails 'samples: a folder that may not be written to' 1 'readonly/x: .*ermission' plain eval-boolq -m m --samples=readonly/x boolq.jsonl
fails 'samples: a device' 1 'null: is no file' eval-boolq -m m --samples=/dev/null boolq.jsonl
fails 'samples: over the questions' 1 'boolq.jsonl: exists, and is no sample stream' eval-boolq -m m --samples=boolq.jsonl boolq.jsonl
fails 'samples: over the tokens' 1 'v.tokens: exists, and is no sample' eval-c4 -m m --samples=v.tokens v.tokens
fails 'samples: over the model' 1 'one4.model: exists, and is no sample' eval-c4 -m one4.model --samples=one4.model v.tokens
fails "samples: over the base's config" 1 'm/config.json: lies in the base' eval-c4 -m m --samples=m/config.json v.tokens
fails "samples: into the base's folder" 1 'm/x: lies in the base' eval-c4 -m one4.model --samples=m/x v.tokens
ln -s m/x.sample link
fails '... by a link that leads there' 1 'm/x.sample: lies in the base' eval-c4 -m m --samples=link v.tokens
ln -s "$PWD/m" mm
fails '... by a link to the folder' 1 'mm/x: lies in the base' eval-c4 -m m --samples=mm/x v.tokens
make-adapter ada 2 4 6 mlp.up_proj:96:64
fails "samples: into the adapter's folder" 1 'ada/x: lies in the adapter' eval-c4 -q -m m --adapter ada --samples=ada/x v.tokens
mkdir -p models--a--b/blobs models--a--b/refs
fails "samples: into the hub's cache" 1 "x: lies in the hub's cache" eval-c4 -m m --samples=models--a--b/refs/x v.tokens
echo mine >e.sample.part
echo mine >n.sample.part.new
fails 'samples: a new part that is none' 1 'n.sample.part.new is in the way' eval-c4 -m m --samples=n.sample v.tokens
is '... is left as it is' "$(cat n.sample.part.new)" mine
fails 'samples: a part that is none' 1 'e.sample.part is in the way' eval-c4 -m m --samples=e.sample v.tokens
is '... is left as it is' "$(cat e.sample.part)" mine
fails 'samples: standard output itself' 1 'standard output, too' sh -c 'eval-boolq -q -m m --samples=out boolq.jsonl >out'
fails 'samples: standard output as its part' 1 'out.part is standard output' sh -c 'eval-boolq -q -m m --samples=out boolq.jsonl >out.part'
fails 'samples: no room for the first' 1 'write: File too large' sh -c '{ (ulimit -f 0
	exec eval-boolq -q -m m --samples=none boolq.jsonl); echo $? >status; } 2>&1 >/dev/null | cat >&2; exit $(cat status)'
is '... leaves nothing' "$(ls none* 2>/dev/null)" ''
ln -s real.sample to && boolq -m m --samples=to >other
is 'samples: a link stays, and what it names is written' "$(readlink to; cmp real.sample b.sample; ls to.* 2>/dev/null)" real.sample
is 'samples: nothing came into these folders' "$(ls -d m/x* ada/x* readonly/* folder/* models--a--b/*/* 2>/dev/null)" ''

c4 --samples=c.sample <three.model >other
same 'c4 samples: the same scores' other sweep.c4
is 'c4 samples: a record a sequence and model' "$(rec-cat --no-header -t row,model c.sample | sort -u | wc -l)" 120
is 'c4 samples: their losses add up to the score' "$(rec-cat --no-header -t model,nats c.sample | awk '$1 == 1 { s += $2 } END { printf "%.6f", s }')" \
	"$(rec-cat --no-header -t sum sweep.c4 | sed -n 2p | awk '{ printf "%.6f", $1 }')"
unpublished 'c4 --samples=d.sample <three.model' d.sample
size=$(stat -c %s d.sample.part)
head -c $((size / 2)) d.sample.part >z && mv z d.sample.part
eval-c4 -v --dtype=f32 --samples=d.sample v.tokens <three.model 2>said >other
like 'c4 samples: a run goes on' "$(cat said)" '[0-9][0-9] samples taken over'
same 'c4 samples: to the same samples' d.sample c.sample
same 'c4 samples: and the same scores' other sweep.c4

# -- a second route: ln p of a choice is the loss of prompt and choice less the loss of the prompt, each a document
by_losses() {	# SAMPLES CHOICE: minus the sum of ln p, from eval-c4 and from the samples; and how far apart they are
	rec-cat "$1" | sed 's/.*"prompt":\("[^"\\]*\(\\.[^"\\]*\)*"\).*/{"text":\1}/' >p.jsonl
	sed "s/\"}\$/$2\"}/" p.jsonl >pc.jsonl
	for f in p pc; do c4-tokenize -q -m m $f.jsonl | eval-c4 -q -m m --dtype=f32 | rec-cat --no-header -t sum; done | tr '\n' ' '
	rec-cat --full "$1" | sed 's/.*"data":\[\([^]]*\)\].*/\1/' | awk -F, -v n="$3" '{ s += $n } END { printf "%.6f\n", s }'
}
apart() { by_losses "$@" | awk '{ d = $1 - $2 - $3; d = d < 0 ? -d : d; print (d < 2e-4 && $3 < -1) ? "near" : d " of " $3 }'; }
boolq -m m --samples=r.sample --prompts >/dev/null
is 'boolq: " no", one token, by its loss (30 questions, 2e-4 in all)' "$(apart r.sample ' no' 1)" near
is 'boolq: " yes", two tokens, by their loss' "$(apart r.sample ' yes' 2)" near
eval-boolq -q -m m --dtype=f32 -k 3 --train=boolq.jsonl --samples=r.sample --prompts boolq.jsonl >/dev/null
is 'boolq: " yes" after three shots that all share' "$(apart r.sample ' yes' 2)" near
mmlu -m m --samples=r.sample --prompts >/dev/null
is 'mmlu: " C" after five shots that a subject shares (21 questions)' "$(apart r.sample ' C' 3)" near

# -- prompts that are too long
make-tiny --set max_position_embeddings=300 llama short || exit 1
eval-mmlu -q -m short --dtype=f32 --samples=s.sample mmlu >s.score
is 'too long: shots are left out, and counted' "$(rec-cat --no-header -t fewer_shots,cut s.score)" "$(printf '21\t0')"
ok 'too long: no prompt beyond the context' test "$(rec-cat --no-header -t ntok s.sample | sort -n | tail -1)" -le 300
make-tiny --set max_position_embeddings=60 llama shorter || exit 1
eval-mmlu -q -m shorter --dtype=f32 --samples=s.sample mmlu >s.score
is 'still too long: cut, and counted' "$(rec-cat --no-header -t fewer_shots,cut s.score)" "$(printf '21\t21')"
is 'c4: a sequence that is too long' "$(eval-c4 -m shorter --limit=0 v.tokens 2>&1; make-tiny --set max_position_embeddings=30 llama shortest
	eval-c4 -m shortest v.tokens 2>&1 | sed 's/sequence.*has/has/; s/[0-9][0-9] tokens/N tokens/')" \
	"eval-c4: v.tokens: no sequence
eval-c4: shortest: has N tokens, the model's context is 30: cut them with c4-tokenize -l"

# -- misuse and bad input
fails 'mmlu: no folder' 2 'a folder' eval-mmlu -m m
fails 'mmlu: an unknown style' 2 'style' eval-mmlu --style=other -m m mmlu
fails 'mmlu: --prompts alone' 2 '--samples' eval-mmlu --prompts -m m mmlu
fails 'boolq: both from standard input' 2 'both the model and the questions' eval-boolq
fails 'boolq: both, by a dash' 2 'both the model and the questions' eval-boolq -
fails 'boolq: both, the model by a dash' 2 'both the model and the questions' eval-boolq -m - -
fails 'boolq: shots without a file' 2 '--train' eval-boolq -m m -k 1 boolq.jsonl
fails 'c4: both from standard input' 2 'both the model and the tokens' eval-c4
fails 'c4: another kind' 1 'tokens is wanted' eval-c4 -m m three.model
fails 'c4: a model that is none' 1 'v.tokens' eval-c4 -m v.tokens v.tokens
fails 'mmlu: no such folder' 1 'nope: No such file' eval-mmlu -m m nope
fails 'mmlu: no such subject' 1 'no subject "chess"' eval-mmlu -m m --subjects=knots,chess mmlu
fails 'mmlu: too few rows for the shots' 1 'knots: 5 rows in dev, not enough for 6' eval-mmlu -m m -k 6 mmlu
fails 'mmlu: no question left' 1 'no question' eval-mmlu -m m --skip=7 mmlu
cp -r mmlu bad && echo 'q,a,b,c,d,"E' >bad/test/zoology_test.csv
fails 'mmlu: a bad file' 1 'bad/test/zoology_test.csv: line 1: a quote is never closed' eval-mmlu -m m bad
rm -r bad/dev
fails 'mmlu: no dev folder' 1 'bad/dev/knots_dev.csv' eval-mmlu -m m bad
mkdir -p none/test
fails 'mmlu: an empty folder' 1 'no file SUBJECT_test.csv' eval-mmlu -m m none
{ head -2 boolq.jsonl; echo '{"question": 1}'; } >bad.jsonl
fails 'boolq: a bad line' 1 'bad.jsonl:3: no text "passage"' eval-boolq -m m bad.jsonl
fails 'boolq: an empty file' 1 'no question' eval-boolq -m m /dev/null
make-tiny --set vocab_size=100 llama few || exit 1
fails 'c4: a smaller vocabulary' 1 'few: has 100 tokens.* 300' eval-c4 -m few v.tokens
echo '{"doc":0,"ids":[5,100]}' | rec-make tokens >beyond.tokens
fails 'c4: a token beyond the vocabulary' 1 "has token 100, the model's vocabulary is 100" eval-c4 -m few beyond.tokens
echo '{"doc":0,"ids":[5]}' | rec-make tokens >single.tokens
fails 'c4: nothing to predict' 1 'no sequence has a token to predict' eval-c4 -m m single.tokens
fails 'a full disk' 1 'standard output|write' sh -c 'eval-c4 -q -m m v.tokens >/dev/full'
fails 'a cut stream of scores' 1 'cut short' sh -c 'head -c -9 whole.c4 >cut; eval-c4 --merge cut'
for tool in mmlu boolq c4; do
	like "$tool -q says nothing" "$($tool -m m 2>&1 >/dev/null; echo .)" '^\.$'
done
done_testing
