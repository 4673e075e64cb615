#!/bin/sh
# pipelines/paper.mk on two tiny models: all figures, tables and the report from nothing, what they are drawn from, a second
# make that does nothing, what a changed option makes again, what was interrupted or broken; README.md's own Python stage; the
# recipes of the paper's models.
. "${0%/*}/tap.sh"
. "${0%/*}/pipeline.sh"

mkdir -p run mmlu/dev mmlu/test
make-tiny --set num_hidden_layers=6 --set max_position_embeddings=4096 llama Tiny-7b >/dev/null || exit 1
make-tiny --set num_hidden_layers=5 --set max_position_embeddings=4096 --salt=x llama Other-1b >/dev/null || exit 1

recipe() {	# NAME [VARIABLE=VALUE ...]: length, rank and rate, as the plan has them for the model of that name
	name=$1
	shift
	make --no-print-directory -C recipe -f "$root/pipelines/paper.mk" plan MODELS="$name=$T/Other-1b" "$@" >/dev/null
	sed -n 's/^# == .* length \([^ ]*\), rank \([^ ]*\), rate \([^ ]*\)$/\1 \2 \3/p' recipe/plan.mk
}
mkdir recipe
is "a model of the paper's table" "$(recipe Llama-2-7b-hf)" "2048 2 3e-4"
is "another one" "$(recipe Mistral-7B-v0.1)" "2048 4 3e-6"
is "a model that is not: by the rule" "$(recipe Llama-3.2-1B)" "2048 64 3e-4"
is "a large one that is not" "$(recipe gemma-13b)" "4096 64 3e-4"
is "overridden" "$(recipe Llama-2-70b RANK=5 LEN=99)" "99 5 3e-5"

letters 40 1 >train.json
letters 20 2 >valid.json
questions
paper() {
	folder=$T/run
	[ "$1" != -C ] || { folder=$2; shift 2; }
	make --no-print-directory -C "$folder" -f "$root/pipelines/paper.mk" MODELS="$T/Tiny-7b $T/Other-1b" \
		TEXT="$T/train.json" VALID="$T/valid.json" MMLU="$T/mmlu" BOOLQ="$T/boolq.jsonl" SHOTS=2 \
		LEN=48 VALID_DOCS=12 STEPS=2 NS='1 3' RANKS='2 4' SEEDS='0 1' ORDERS='1 2' SHOT_COUNTS='0 2' "$@"
}

paper -n figures report.html >plan
is "the plan heals each width, rule, rank and seed that a figure shows" "$(grep -c '^qlora-heal' plan)" 28
is "and no make runs another" "$(grep -cE '(^|[ ;])make ' plan)" 0
ok "make draws all figures, tables and the report" paper -j 2 figures tables report.html
cd run || exit 1
nothing() { paper -n figures Tiny-7b/table.txt report.html | grep -v 'Nothing to be done\|is up to date'; }
is "a second make has nothing to do" "$(nothing)" ""
touch -d '1 hour ago' .stamp/*
is "nor has one with newer tools of the same version" "$(nothing)" ""
for f in $(find . -name '*.tokens' -o -name '*.hidden' -o -name '*.angle' -o -name '*.block' -o -name '*.model' -o -name '*.score'); do
	rec-cat -c "$f" || echo "$f"
done >"$T/broken" 2>&1
is "every stream is whole" "$(cat "$T/broken")" ""
for f in fig-2 fig-3 fig-6 fig-9 Tiny-7b/fig-1c Tiny-7b/fig-1d Tiny-7b/fig-4 Other-1b/fig-5 Other-1b/fig-7 Other-1b/fig-8; do
	is "$f is drawn" "$(grep -c "^</svg>" $f.svg) $(head -c 4 $f.png | tail -c 3)" "1 PNG"
done
is "nothing is left half done" "$(find . -name '*.part')" ""

# panels TSV COLUMNS: what stands in the panels of a figure
panels() { awk -F'\t' '$1 + 0 > 0' "$1" | cut -f"$2"; }
is "figure 2 shows the scores' values" \
	"$(awk -F'\t' '$1 > 0 && $10 == "Tiny-7b, healed" { printf "%.4f %.6f\n", $5, $6 }' fig-2.tsv)" \
	"$(base=Tiny-7b/similarity-n0.mmlu-k2-qnf4.score; [ -e $base ] || base=Tiny-7b/similarity-all.mmlu-k2.score
		rec-cat --no-header -t value $base | awk '!n++ { printf "%.4f %.6f\n", 0, $1 }'
		for n in 1 3; do rec-cat --no-header -t value Tiny-7b/similarity-n$n-r64-lr3e-4-t2-s0.mmlu-k2.score |
			awk -v n=$n '{ printf "%.4f %.6f\n", n / 6, $1 }'; done)"
is "figure 3: C4 loss as a share of guessing" "$(awk -F'\t' '$8 == "before healing" && $5 == 0 { printf "%.6f ", $6 }' fig-3.tsv)" \
	"$(for m in Tiny-7b Other-1b; do rec-cat --no-header -t normalised $m/similarity-all.c4.score | head -1 | awk '{ printf "%.6f ", $1 }'; done)"
is "figure 5: six panels in order" "$(panels Tiny-7b/fig-5.tsv 1,8,9 | sort -un | cut -f2,3 | tr '\t\n' ':|')" \
	'before healing:MMLU accuracy|before healing:BoolQ accuracy|before healing:C4 loss / ln V|after healing:MMLU accuracy|after healing:BoolQ accuracy|after healing:C4 loss / ln V|'
is "figure 5: both rules, the base and guessing in each" "$(panels Tiny-7b/fig-5.tsv 1,10 | sort -u | cut -f2 | grep -v '^base' | sort | uniq -c | tr -s ' \n' ' ')" \
	" 6 random 6 similarity 6 simple 2 the commoner answer 6 unpruned "
is "figure 7: orders and numbers of shots" "$(panels Tiny-7b/fig-7.tsv 10 | grep -v 'base' | sort -u | tr '\n' ' ')" "0 shots 2 shots order 1 order 2 random "
is "figure 9: ranks" "$(panels fig-9.tsv 10 | grep '^rank' | sort -u | tr '\n' ' ')" "rank 2 rank 4 rank 64 "
paper Tiny-7b/similarity-n3.c4.score Tiny-7b/similarity-n0.c4.score >/dev/null 2>&1
is "the sweep gives the base and a pruned model the loss that each has alone" \
	"$(rec-cat --no-header -t model.block.n,value Tiny-7b/similarity-all.c4.score | grep '^[03]	')" \
	"$(rec-cat --no-header -t model.block.n,value Tiny-7b/similarity-n0.c4.score Tiny-7b/similarity-n3.c4.score)"
is "two ranks are two models" "$(rec-cat --no-header -t value Tiny-7b/similarity-n3-r2-lr3e-4-t2-s0.c4.score Tiny-7b/similarity-n3-r4-lr3e-4-t2-s0.c4.score |
	sort -u | wc -l)" 2

is "figure 6: the line of the commoner answer" "$(awk -F'\t' '$1 > 0 && $10 ~ /commoner/ { print $3, $5, $6 }' fig-6.tsv)" "0 - 0.75"
is "figure 2: two families of one model each share a panel" "$(panels fig-2.tsv 1,8 | sort -u)" "1	Tiny-7b, Other-1b"

awk '$1 ~ /^[0-9]+$/ { printf "%s %s %s\n", $1, $2, $3 ~ /^(not|base,)$/ ? $3 " " $4 : $3 }' Tiny-7b/table.txt >lines
is "the table has two lines for the base and for each healed width" "$(grep -v ' not healed$' lines | sort -u) $(grep -c 'not healed' lines)" \
	"$(printf '%s\n' '0 - base' '0 - base, NF4'; for n in 1 3; do rec-cat --no-header -t n,l Tiny-7b/similarity-n$n.block; done |
		awk '{ print $1, $1 == 1 ? $2 : $2 "-" $2 + $1 - 1, "healed" }') 4"
is "with their losses" "$(awk '$3 == "healed" { print $6 }' Tiny-7b/table.txt | head -2)" \
	"$(rec-cat --no-header -t value Tiny-7b/similarity-n[13]-r64-lr3e-4-t2-s0.c4.score | awk '{ printf "%.3f\n", $1 }')"
is "and is 80 columns wide" "$(awk 'length($0) > 80' Tiny-7b/table.txt)" ""
is "the report needs nothing else" "$(grep -cE '<script|(src|href)="?(http|/)' report.html)" 0
is "the report has both models, their figures and what was run" \
	"$(grep -oE '<h3>(Tiny-7b|Other-1b)|id="(summary|figures|tables|models|run|data|machine)"|^(<pre>)?c4-tokenize 0' report.html | sort | uniq -c | tr -s ' \n' ' ')" \
	" 4 <h3>Other-1b 4 <h3>Tiny-7b 1 <pre>c4-tokenize 0 2 c4-tokenize 0 1 id=\"data\" 1 id=\"figures\" 1 id=\"machine\" 1 id=\"models\" 1 id=\"run\" 1 id=\"summary\" 1 id=\"tables\" "
is "the report has a row for each number of layers, and for each base in 4 bits" "$(grep -cE '<tr><td>[0-9]+</td><td>[^<]*</td><td>[0-9]+ %' report.html)" 13
is "every link leads to a file or a place" "$(grep -oE 'href="[^"]*"' report.html | sed 's/href="//; s/"$//' | sort -u |
	while read -r to; do case $to in '#'*) grep -q "id=\"${to#?}\"" report.html ;; *) [ -e "$to" ] ;; esac || echo "$to"; done)" ""
is "it names every file that was read" "$(sed -n 's/^<tr><td>\([^<]*\)<.td><td><code>[0-9a-f]*<.*/\1/p' report.html | tr '\n' ' ')" \
	"boolq.jsonl mmlu train.json valid.json "
is "with its hash" "$(sed -n 's/^<tr><td>train.json<.td><td><code>\([0-9a-f]*\)<.*/\1/p' report.html)" "$(sha256sum ../train.json | cut -d ' ' -f 1)"
is "the pictures are in it" "$(grep -c 'src="data:image/svg+xml;base64,' report.html)" 9

# What a plan runs, but for the scripts that lay out its figures.
programs() { awk '{ sub(/.*\//, "", $1); print $1 }' | grep -v series | sort | uniq -c | tr -s ' \n' ' '; }
is "another rank heals and measures only that" \
	"$(paper -n fig-9 RANKS='2 4 8' | programs)" \
	" 3 draw 4 eval-c4 8 eval-mmlu 8 qlora-heal "
is "another recipe heals, measures and draws again, no more" \
	"$(paper -n fig-3 HEAL=--warmup=1 | programs)" \
	" 3 draw 4 eval-c4 4 qlora-heal "
is "fewer documents: the loss is measured anew, nothing healed" \
	"$(paper -n fig-3 C4_DOCS=5 | programs)" " 2 c4-tokenize 3 draw 8 eval-c4 "
is "to have read those plans changes nothing" "$(nothing)" ""
is "fewer questions: asked anew, nothing healed" \
	"$(paper -n fig-2 fig-6 QUESTIONS=2 BOOLQ_QUESTIONS=2 | programs)" \
	" 6 draw 8 eval-boolq 8 eval-mmlu "
# A scheduler that fails every third time, and in the middle of a command: in the end the same bytes.
cat >"$T/flaky" <<EOF
#!/bin/sh
n=\$(cat "$T/count" 2>/dev/null || echo 0)
echo \$((n + 1)) >"$T/count"
[ \$((n % 3)) != 1 ] || { "\$@" | head -c 20; exit 1; }
exec "\$@"
EOF
chmod +x "$T/flaky"
mkdir "$T/again"
flaky() { paper -C "$T/again" -k RUN="$T/flaky" Tiny-7b/fig-1d.svg; }
fails_first() { ! flaky >"$T/log" 2>&1; }
ok "a scheduler that fails: so does make" fails_first
runs=1
while ! flaky >"$T/log" 2>&1 && [ $runs -lt 20 ]; do runs=$((runs + 1)); done
ok "and is done in the end (after $runs more)" flaky
is "with the same figure" "$(cmp "$T/again/Tiny-7b/fig-1d.tsv" Tiny-7b/fig-1d.tsv 2>&1)" ""

touch -d '1 hour ago' .stamp/*
rm Tiny-7b/similarity-n3-r4-lr3e-4-t2-s0.model
is "a healing that has gone is made from its saved state" "$(paper Tiny-7b/similarity-n3-r4-lr3e-4-t2-s0.model 2>&1 | grep -c 'saved after')" 0
ok "and is whole" rec-cat -c Tiny-7b/similarity-n3-r4-lr3e-4-t2-s0.model

head -c 300 Other-1b/valid-l48-n12.hidden >x && mv x Other-1b/valid-l48-n12.hidden
head -c 100 Tiny-7b/similarity-all.c4.score >x && mv x Tiny-7b/similarity-all.c4.score
paper mend >/dev/null 2>&1
is "mend takes away what is broken, and no more" "$(find . -newer report.html -name '*.block'; ls Other-1b/*.hidden Tiny-7b/similarity-all.c4.score 2>/dev/null)" ""
ok "which is made again" paper fig-3
is "with what depends on it" "$(find . -newer report.html -name '*.angle' -o -newer report.html -name '*-all.c4.score' | sort | tr '\n' ' ')" \
	"./Other-1b/similarity-all.c4.score ./Other-1b/valid-l48-n12.angle ./Tiny-7b/similarity-all.c4.score "

if /usr/bin/python3 -c 'import msgpack' 2>/dev/null; then
	sed -n '/^```python/,/^```/p' "$root/README.md" | grep -v '^```' >influence
	chmod +x influence
	cp Tiny-7b/similarity-all.block angle.block
	is "README.md's stage: what depends on it is made again" \
		"$(paper -n STAGE_angdist=./influence Tiny-7b/fig-4.svg Tiny-7b/fig-4.png Tiny-7b/fig-4.pdf | programs)" \
		" 1 argmin-block 3 draw 1 influence 2 rec-cat 1 { "
	ok "and goes through" paper STAGE_angdist=./influence Tiny-7b/fig-4.svg
	ok "its stream is whole" rec-cat -c Tiny-7b/valid-l48-n12+influence.angle
	ok "it gives other blocks than the angle" sh -c '! cmp -s Tiny-7b/similarity+influence-all.block angle.block'
	same "under names of their own: the angle's are still there" Tiny-7b/similarity-all.block angle.block
	is "the influence of a block is that of its layers together" "$(rec-cat --no-header -t n,l,mean Tiny-7b/valid-l48-n12+influence.angle | awk '
		$1 == 1 { one[$2] = $3 } $1 == 3 { d = $3 - one[$2] - one[$2 + 1] - one[$2 + 2]; worst = d * d > worst ? d * d : worst }
		END { print (worst < 1e-18 && one[0] > 0) }')" 1
	cosine=$(rec-cat --full Tiny-7b/valid-l48-n12.hidden | sed 's/.*"shape":\[\([0-9]*\),\([0-9]*\)\],"data":\[\([^]]*\)\].*/\2,\3/' |
		awk -F, '{ d = $1; dot = a = b = 0; for (i = 2; i <= d + 1; i++) { dot += $i * $(i + d); a += $i ^ 2; b += $(i + d) ^ 2 }
			s += 1 - dot / sqrt(a * b) } END { printf "%.15g", s / NR }')
	is "of one layer: one less the cosine, computed another way, within 1e-9" "$(rec-cat --no-header -t n,l,mean Tiny-7b/valid-l48-n12+influence.angle |
		awk -v want="$cosine" '$1 == 1 && $2 == 0 { d = $3 - want; print (d < 1e-9 && d > -1e-9) }')" 1
	echo '# changed' >>influence
	is "a changed program is run again" "$(paper -n STAGE_angdist=./influence Tiny-7b/fig-4.svg | awk 'NR == 1 { print $1 }')" './influence'
fi
cd "$root" || exit 1
done_testing
