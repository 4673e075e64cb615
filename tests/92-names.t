#!/bin/sh
# Names in pipelines/: whatever a path is made of goes through make, the scripts and gnuplot, or is refused by name before
# anything is run; nothing in a name is ever run; and what is missing, misspelt or no number is said in one line at once.
. "${0%/*}/tap.sh"
. "${0%/*}/pipeline.sh"

make-tiny --set num_hidden_layers=4 --set max_position_embeddings=4096 llama Tiny-7b >/dev/null || exit 1
for i in 1 2 3 4; do echo "{\"text\": \"$(seq -s ' ' $i $((i * 4)))\"}"; done >text.json
mkdir -p mmlu/dev mmlu/test run
printf 'Which first?,one,two,three,four,A\n' | tee mmlu/dev/alpha_dev.csv >mmlu/test/alpha_test.csv
echo '{"question": "is it", "passage": "It -- It is.", "label": true}' >boolq.jsonl

# -- any path
odd='e;v#i%l:x&*?[z]{}<>|()~!\=\t\c,é`touch '"\$T"'`'"'"'"^+@-'
odd=$(printf %s "$odd" | tr -d ' $')	# what make splits at, and what it reads
D=$T/d/$odd
mkdir -p "$D"
cp -r Tiny-7b "$D/$odd"
cp -r mmlu text.json boolq.jsonl "$D"
cp -r "$P" "$D/pipelines"
printf '#!/bin/sh\nexec angdist "$@"\n' >"$D/$odd angdist"
ln -s "$odd angdist" "$D/${odd}angdist"
chmod +x "$D/$odd angdist"
evil() {
	here="$T/run here \$HOME $odd"
	mkdir -p "$here"
	(cd "$here" && make --no-print-directory -f "$D/pipelines/paper.mk" MODELS="tiny=$D/$odd" TEXT="$D/text.json" VALID="$D/text.json" \
		MMLU="$D/mmlu" BOOLQ="$D/boolq.jsonl" LEN=48 VALID_DOCS=4 STEPS=1 NS=1 RANK=2 SHOTS=1 SPLIT=2 JOBS=2 \
		STAGE_angdist="$D/${odd}angdist" REPORT='fig-1d fig-4 fig-2' "$@")
}
ok "a run in a path of all characters, with models, data, stages and make files in another" evil report.html tables
is "is whole" "$(cd "$here" && ls fig-2.svg tiny/fig-4.svg tiny/table.txt | wc -l; grep -c '</svg>' "$here/tiny/fig-1d.svg")" "$(printf '3\n1')"
is "and has nothing to do again" "$(evil report.html | grep -v 'up to date')" ""
is "nothing in them was run" "$(find "$T" -newer "$D/boolq.jsonl" -name 'touch*')" ""
like "the report has the path as text" "$(grep drop-layers "$here/report.html" | head -1)" "^<pre>drop-layers -m '.*i%l:x&amp;.*&lt;&gt;.*\\\\=\\\\t\\\\c,.*' --layers"

# -- names of models
plan() { make --no-print-directory -n -C run -f "$P/paper.mk" VALID="$T/text.json" "$@" 2>&1; }
for c in ';' '#' '%' ':' '&' '*' '?' '[' ']' '{' '}' '<' '>' '|' '(' ')' '~' '!' '\' '=' '`' "'" '"' '^' "$(printf '\001')" "$(printf '\033')"; do
	like "a name with $(printf %s "$c" | od -An -c | tr -s ' ') is refused, with the way out" "$(plan MODELS="$T/a${c}b" fig-4)" "^[^ ]*: [*]+ paper.mk: MODELS: .*give it another name as NAME=PATH"
done
like "and one with a dollar sign" "$(plan MODELS="$T/a\$(shell touch $T/ran)b" fig-4)" 'paper.mk: MODELS=.*has a dollar sign'
is "before it is read" "$(ls ran 2>/dev/null)" ""
for name in -x .hidden fig-2 figures tables report.html mend; do
	like "a model called $name is refused" "$(plan MODELS="$T/x/$name" fig-4)" "can't be called $name here"
done
like "a path with a blank" "$(plan MODELS="$T/Tiny-7b" VALID="$T/no such/text.json" fig-4)" 'paper.mk: VALID: .*/no: no such file \(names stand apart by blanks\)'
like "two models of one name" "$(plan MODELS="$T/Tiny-7b $T/d/Tiny-7b/" fig-4)" 'two are called Tiny-7b: give one another name as NAME=PATH'
mkdir -p hub/models--meta-llama--Llama-2-7b-hf/snapshots
ln -s "$T/Tiny-7b" hub/models--meta-llama--Llama-2-7b-hf/snapshots/0123abc
for path in "$T/hub/models--meta-llama--Llama-2-7b-hf/snapshots/0123abc" ../hub/models--meta-llama--Llama-2-7b-hf/snapshots/0123abc/; do
	like "a model in the hub's cache has its own name and recipe" "$(plan MODELS="$path" TEXT="$T/text.json" NS=1 fig-3 | grep qlora-heal)" \
		'^qlora-heal --rank=2 .*Llama-2-7b-hf/similarity-n1-r2-lr3e-4-t5000-s0\.model$'
done
ln -s "$T/Tiny-7b" Käse-7b.gguf.gguf
like "UTF-8, and .gguf once" "$(plan MODELS="$T/Käse-7b.gguf.gguf" fig-4)" '> Käse-7b.gguf/fig-4.svg'

# -- what is wrong in what is given
say() {	# NAME PATTERN ARGUMENT ...: one line, soon
	says 1 "$@"
}
says() {	# LINES NAME PATTERN ARGUMENT ...
	lines=$1 name=$2 pattern=$3
	shift 3
	timeout 10 make --no-print-directory -C run -f "$P/paper.mk" MODELS="$T/Tiny-7b" TEXT="$T/text.json" VALID="$T/text.json" \
		MMLU="$T/mmlu" BOOLQ="$T/boolq.jsonl" "$@" >out 2>&1 </dev/null
	like "$name" "$? $(wc -l <out) $(tr '\n' ' ' <out)" "^2 $lines .*[*] paper.mk: $pattern"
}
say "no models" 'MODELS= is not given' MODELS= fig-2
say "no text" 'TEXT= is not given' TEXT= fig-2
say "no text to measure on" 'VALID= is not given' VALID= fig-4
say "no questions" 'MMLU= is not given' MMLU= fig-2
say "questions that are not there" 'BOOLQ: /no: no such file' BOOLQ=/no tables
say "a model that is not there" 'MODELS: .*/nowhere' MODELS=/nowhere fig-4
says 2 "one with a blank in its path" 'MODELS: .*such/model: No such file.*names stand apart by blanks' MODELS="$T/no such/model" fig-4
say "more layers than there are" 'NS=99: Tiny-7b has 4 layers' NS=99 fig-2
say "all layers" 'NS=4: Tiny-7b has 4 layers' NS='1 4' fig-2
say "a misspelt variable" 'MODEL=: no variable .*MODELS=' MODEL=x fig-2
say "another" 'STEP=: no variable .*STEPS=' STEP=3 fig-2
say "a stage that is none" 'STAGE_angdst=: no variable' STAGE_angdst=x fig-2
say "a number that is none" 'VALID_DOCS=abc: is no whole number' VALID_DOCS=abc fig-2
say "one too large" 'STEPS=99999999999: is no whole number' STEPS=99999999999 fig-2
say "nothing where one is wanted" 'SPLIT=0: at least 1' SPLIT=0 fig-2
say "a list with a word in it" 'SEEDS=x: is no whole number' SEEDS='0 x' fig-8
say "a rate that is none" 'LR=3e: is no number' LR=3e fig-2
say "a number with a command behind it" 'STEPS=' STEPS='1;touch${IFS}ran' fig-2
say "a figure that is none" 'REPORT: fig-22: no such figure' REPORT=fig-22 report.html
say "an option that is make's own" 'HEAL: --rank=3: is' HEAL=--rank=3 fig-2
say "an option that is given twice: the name would not say which counts" 'HEAL: --dropout is given twice' HEAL='--dropout=0.1 --dropout=0.2' fig-2
say "an option of two words" 'HEAL: --dropout: options are written' HEAL='--dropout 0.1' fig-2
say "a list of machines that is not there" 'HOSTS=/no: no such file' HOSTS=/no fig-2
say "a command that is not there" 'nosuch: no such program' RUN=nosuch fig-2
PATH=/usr/bin:/bin say "no tools" '.* c4-tokenize .* eval-mmlu: no such program on PATH' fig-2
given() { "$@" make --no-print-directory -n -C run -f "$P/paper.mk" MODELS="$T/Tiny-7b" VALID="$T/text.json" fig-3 TEXT="$T/text.json" 2>&1; }
all=$(sed -n 's/^\([A-Z0-9_]*\) .*/\1=7/p' "$P/settings.txt")
is "all settings but one" "$(echo $all | tr ' ' '\n' | wc -l)" 40
is "what the environment says is not given" "$(given env $all STAGE_angdist=false given=7 goals=7 dry=7 plan.mk=7 P=7)" "$(given env)"
says 7 "all that is wrong is said at once" 'nosuch: no such program on PATH' STEP=3 NS=99 MODELS="$T/Tiny-7b $T/nowhere" TEXT= MMLU=/no BOOLQ=/none \
	RUN=nosuch figures
like "in a line each" "$(sed 's,.*paper.mk: ,,' out | tr '\n' '|')" \
	'STEP=: no var.*[|]MODELS: .*/nowhere: No.*[|]NS=99: Tiny.*[|]TEXT= is.*[|]MMLU: /no: no.*[|]BOOLQ: /none: no.*[|]nosuch: '
is "nothing was run" "$(find run -type f ! -name "*.seen"; ls ran 2>/dev/null)" ""

# -- the scripts alone
folder='x y\n'"'"'"`id`$HOME%s&<b>'
mkdir -p "$folder"
score=$folder/similarity-n1-r4-lr0.001-t5-s3-b4-dropout0.1.mmlu-k5-o7.score
argmin-block -q --simple -n 1 -m Tiny-7b | drop-layers -q -m Tiny-7b | eval-mmlu -q -k 1 mmlu >"$score"
argmin-block -q --simple -n 1 -m Tiny-7b >"$folder/similarity-all.block"
is "rows: rank, seed, shots and order out of a name with points in it" "$("$P/rows" "$score" | cut -f1-10)" \
	"$(printf '%s\tsimilarity\tmmlu\t1\t4\t1\t4\t3\t5\t7' "$folder")"
is "in the folder itself" "$(cd "$folder" && "$P/rows" "${score##*/}" | cut -f1-3)" "$(printf '%s\tsimilarity\tmmlu' "$folder")"
is "table: any name" "$("$P/table" "$score" | head -1)" "$folder: 4 layers"
"$P/rows" "$score" >rows.tsv
like "report: as text" "$("$P/report" rows.tsv -m "$folder" "/m/$folder" "$folder/similarity-all.block" - "$score" | grep '<h3>' | head -1)" '^<h3>x y\\n.*%s&amp;&lt;b&gt;</h3>$'
tab=$(printf 'a\tb.score')
fails "rows: a tab is refused" 1 'rows: a.*control character' "$P/rows" "$tab"
fails "report: so it is" 1 'report: .*control character' "$P/report" rows.tsv -m "$tab" x
cd "$root" || exit 1
done_testing
