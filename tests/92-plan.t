#!/bin/sh
# A run's settings and plan: settings in its file, the command line wins; help without a target; plan.mk is a flat make file
# that works alone, is written only where it changes, and never where it was edited; and on a terminal, how far a make is.
. "${0%/*}/tap.sh"
. "${0%/*}/pipeline.sh"

make-tiny --set num_hidden_layers=4 --set max_position_embeddings=4096 llama tiny >/dev/null || exit 1
for i in 1 2 3 4 5 6; do echo "{\"text\": \"$(seq -s ' ' $i $((i * 4)))\"}"; done >train.json
sed 's/1/3/g' train.json >valid.json
mkdir -p mmlu/dev mmlu/test run alone
printf 'Which first?,one,two,three,four,A\n' | tee mmlu/dev/alpha_dev.csv >mmlu/test/alpha_test.csv
paper() { make --no-print-directory -C run -f "$P/paper.mk" "$@" 2>&1; }

# -- settings
cat >run/settings <<'END'
# A run of two models of one folder.
MODELS = one=../tiny \
	two=../tiny
TEXT=../train.json	# a comment
VALID = ../valid.json
	MMLU =../mmlu
LEN = 48
VALID_DOCS = 6
STEPS = 2
HEAL_DOCS = 6
RANK = 2
SHOTS = 1
NS = 1
END
like "settings in the run's file" "$(paper -n fig-2 | grep qlora-heal)" \
	'^qlora-heal --rank=2 --targets=gate,up,down --lr=3e-4 --steps=2 --batch=16 --valid=one/heldout-l48-n100.tokens --every=1 '\
'-s 0 --resume -o one/similarity-n1-r2-lr3e-4-t2-s0-d6.adapter one/train-l48-n6.tokens < one/similarity-n1.model > '
is "of both models" "$(paper -n fig-2 | grep -c qlora-heal)" 2
is "the command line wins" "$(paper -n fig-2 NS='1 2' MODELS=tiny=../tiny | grep -o '> .*similarity-n.-r2.*model' | tr '\n' ' ')" \
	"> tiny/similarity-n1-r2-lr3e-4-t2-s0-d6.model > tiny/similarity-n2-r2-lr3e-4-t2-s0-d6.model "
is "another file of settings" "$(sed 's/two=/three=/' run/settings >run/mine; paper -n fig-4 SETTINGS=mine | grep -c '> three/fig-4')" 3
mkdir tmp
TMPDIR=$PWD/tmp paper -n figures plan >/dev/null
is "nor is anything temporary left" "$(ls tmp)" ""
is "nothing is written by all that" "$(find run -type f | sort | tr '\n' ' ')" "run/mine run/settings "
printf 'STEP = 3\nRANK\nLEN = x\nOUT = there\n' >>run/mine
is "each line that is wrong, by its number" "$(paper -n fig-4 SETTINGS=mine | sed 's,.*paper.mk: ,,')" "$(cat <<'END'
settings, line 14: STEP=: no variable that is read here: is it STEPS=?
settings, line 15: is no NAME = value: RANK
settings, line 17: OUT= is given on the command line only
LEN=x: is no whole number below 10^9.  Stop.
END
)"

is "no such file" "$(paper -n fig-4 SETTINGS=none MODELS=../tiny VALID=../valid.json | sed 's,.*paper.mk: ,,')" "SETTINGS=none: no such file.  Stop."

# -- help
is "with nothing given: what is wanted" "$(make --no-print-directory -f "$P/paper.mk" | sed -n '/^Missing/,$p' | tr -d '\n')" \
	"Missing for all of these:  MODELS= is not given  TEXT= is not given  VALID= is not given  MMLU= is not given  BOOLQ= is not given"
paper >help.out
is "without a target: help" "$(paper help | cmp help.out 2>&1) $?" " 0"
for word in fig-1c fig-9 figures report.html mend plan RANKS STAGE_tool; do
	like "which names $word" "$(cat help.out)" "^  $word "
done
like "what it is set to" "$(grep '^  STEPS ' help.out)" '\[2\]$'
is "and what is missing" "$(sed -n '/^Missing/,$p' help.out)" "$(printf 'Missing for all of these:\n  BOOLQ= is not given')"
is "a target that is none" "$(paper fig-22 | sed 's,.*paper.mk: ,,')" "fig-22: no such target: help shows them.  Stop."

# -- the plan
ok "a figure" paper fig-2
is "every rule of the plan is one file's, with one command" \
	"$(sed -n '/^[^#.\t][^:]*:/{ N; s/\n.*//; p; }' run/plan.mk | cut -d: -f1 | sort | uniq -d)" ""
is "without functions, patterns or variables" "$(grep -v '^#' run/plan.mk | grep -n '[$%]')" ""
touch -d '1 hour ago' run/plan.mk
paper fig-2 >/dev/null
is "what has not changed is not written" "$(find run/plan.mk -mmin -30)" ""
cp -r run/settings run/plan.mk run/.stamp alone
mkdir alone/one alone/two
cp -r run/one/.stamp alone/one
cp -r run/two/.stamp alone/two
ok "the plan alone is a make file" make -s -C alone -f plan.mk fig-2
is "that makes the same" "$(cd alone && for f in *.* one/*.* two/*.*; do case $f in *.adapter) ;; *) cmp "$f" "../run/$f" 2>&1 ;; esac; done)" ""
paper plan RANK=4 >/dev/null
like "other settings are another plan" "$(cat run/plan.mk)" '^# RANK = 4$'
like "files by their names are planned, too" "$(paper -n one/simple-n3-r9-lr3e-4-t2-s7-d6.mmlu-k3-o2.score | tail -n 2)" \
	'^eval-mmlu -k 3 --order-seed 2 --samples one/simple-n3-r9-lr3e-4-t2-s7-d6.mmlu-k3-o2.samples ../mmlu < one/simple-n3-r9-lr3e-4-t2-s7-d6.model > one/simple-n3-r9-lr3e-4-t2-s7-d6.mmlu-k3-o2.score$'
paper fig-2 >/dev/null
sed -i 's/eval-mmlu -k 1 \(.*all.model\)/eval-mmlu -k 1 --limit 1 \1/' run/plan.mk
cp run/plan.mk edited
rm run/one/similarity-all.mmlu-k1.score
like "an edited plan is what is done" "$(paper fig-2)" '^eval-mmlu -k 1 --limit 1 .*one/similarity-all.mmlu-k1.score'
same "and is kept" run/plan.mk edited
like "other settings than its own are refused" "$(paper fig-2 RANK=4)" 'paper.mk: plan.mk was edited, and is of other settings'
rm run/plan.mk
paper plan >/dev/null
ok "until it is removed" [ "$(grep -c "k 1 --limit" run/plan.mk)" = 0 ]

# -- a rule and a figure of one's own
cp -r "$P" own
cat >>own/method.txt <<'END'
rule  late  argmin-block --simple -n WIDTH -m MODEL
figure  fig-late  all  panels.gp  -  sweep,healed  late/c4+mmlu
title   fig-late  The last layers
END
P=$T/own
ok "a rule and a figure are lines of method.txt" paper fig-late
is "with a panel for each task, and a line for each model and state" "$(awk -F'\t' '$1 + 0 > 0' run/fig-late.tsv | cut -f 9,10 | sort -u | tr '\t\n' ':|')" \
	"C4 loss / ln V:one, late, healed|C4 loss / ln V:one, late, not healed|C4 loss / ln V:random|C4 loss / ln V:two, late, healed|\
C4 loss / ln V:two, late, not healed|MMLU accuracy:one, late, healed|MMLU accuracy:one, late, not healed|MMLU accuracy:random|\
MMLU accuracy:two, late, healed|MMLU accuracy:two, late, not healed|"
like "which help shows" "$(paper)" '^  fig-late +The last layers$'
P=$root/pipelines

# -- what else can be set
commands() { paper -n "$@" | grep -v '^make'; }
made() { commands "$@" | sed 's/.* > //' | sort | tr '\n' ' '; }	# files
echo '{"question": "is it", "passage": "It -- It is.", "label": true}' >boolq.jsonl
for i in 1 2 3; do echo "{\"question\": \"Is it $i?\", \"choices\": {\"text\": [\"yes\", \"no\"], \"label\": [\"A\", \"B\"]}, \"answerKey\": \"A\"}"; done >own.jsonl
rm -rf run/one run/two run/fig* run/plan.mk
one() { commands MODELS=one=../tiny BOOLQ=../boolq.jsonl "$@"; }
like "samples for distances and loss, each by itself" "$(one one/fig-1d.svg | grep c4-tokenize | tr '\n' '|')" \
	'-l 48 --sample 6 ../valid.json > one/valid-l48-n6.tokens\|.*--sample 60000 -s 1 ../valid.json > one/loss-l48-n60000.tokens\|'
like "and one that a healing is watched with, of more or fewer documents, or none" \
	"$(one one/similarity-n1-r2-lr3e-4-t2-s0-d6-v3.model HELD_OUT=3 | tail -1) $(one one/similarity-n1-r2-lr3e-4-t2-s0-d6-v0.model HELD_OUT=0 | tail -1)" \
	'--valid=one/heldout-l48-n3.tokens --every=1 .* --batch=16 -s 0 --resume -o one/similarity-n1-r2-lr3e-4-t2-s0-d6-v0.adapter'
is "the base in both precisions, once for both rules" "$(one one/fig-5.svg | sed -n 's/.* > //p' | grep 'n0.*score' | sort | tr '\n' ' ')" \
	"one/similarity-n0.boolq-k0-qnf4.score one/similarity-n0.c4-qnf4.score one/similarity-n0.mmlu-k1-qnf4.score "
like "QUANT=nf4: what is not healed in 4 bits, the base as it is, too" "$(one one/fig-1d.svg QUANT=nf4 | grep eval-c4 | tr '\n' '|')" \
	'^eval-c4 --samples [^ ]* one/loss[^|]* > one/similarity-n0.c4.score\|eval-c4 --quant=nf4 --samples [^ ]* one/loss[^|]*< one/similarity-all.model > one/similarity-all.c4-qnf4.score\|eval-c4 --samples [^ ]* one/loss[^|]*-d6.c4.score\|$'
is "the base with each order and number of shots, and of each rank the recipe's own" \
	"$(one one/fig-7.svg ORDERS=4 SHOT_COUNTS='0 2' | grep -o 'n0\.mmlu[^ ]*score' | sort -u | tr '\n' ' ')$(one fig-9 RANKS=8 | grep -o 'o one/similarity-n1-r[0-9]*' | tr '\n' ' ')" \
	"n0.mmlu-k0-qnf4.score n0.mmlu-k0.score n0.mmlu-k1-o4-qnf4.score n0.mmlu-k1-o4.score n0.mmlu-k2-qnf4.score n0.mmlu-k2.score o one/similarity-n1-r2 o one/similarity-n1-r8 "
like "targets: the recipe's, or others, which the name has" "$(commands MODELS='Qwen-7B=../tiny' fig-3 | grep qlora) $(commands MODELS='Qwen-7B=../tiny' TARGETS=out,up fig-3 | grep qlora) $(
	commands MODELS='Qwen-7B=../tiny' TARGETS=out,up,gate,down fig-3 | grep qlora)" \
	'--targets=gate,up,down,out .*t2-s0-d6.model.* --targets=up,out .*t2-s0-targetsup,out-d6.model.* --targets=gate,up,down,out .*t2-s0-d6.model$'
tasks() { one TASKS='own=../own.jsonl two=../own.jsonl' "$@"; }
like "tasks of one's own, in figures" "$(tasks fig-tasks | grep 'own-k0.score' | head -2 | tr '\n' '|')" \
	'^eval-choice -k 0 --samples one/similarity-all.own-k0.samples --name own ../own.jsonl < one/similarity-all.model > one/similarity-all.own-k0.score\|eval-choice -k 0 .*--name own .* one/similarity-n1-.*own-k0.score\|$'
is "beside the others, and in tables" "$(for t in one/fig-1d.svg one/fig-5.svg one/table.txt; do tasks $t | grep -cE '^eval-choice .*all.(own|two)-k0.score'; done | tr '\n' ' ')" "2 4 2 "
like "with shots, which may be from another file, and fewer questions, in parts" "$(tasks TASK_SHOTS=2 TASK_TRAIN=two=../train.json TASK_QUESTIONS=9 SPLIT=2 fig-tasks |
	grep 'all.*-1of2.score' | tr '\n' '|')" \
	"part 1of2 '9' eval-choice ../own.jsonl -- eval-choice -k 2 --name own PART ../own.jsonl < .*own-k2-1of2.score[|].* -- eval-choice -k 2 --name two --train ../train.json PART ../own.jsonl"
is "without data there is no figure of it, and what is asked for is missed" "$(one BOOLQ= MMLU= figures | grep -oE 'fig-(2|6|7|8|mmlu|tasks|3|heal|cost|l)\.svg' | sort | tr '\n' ' ')$(
	paper BOOLQ= fig-6 | sed 's,.*paper.mk: ,,') $(paper fig-tasks fig-positions 2>&1 | sed 's,.*paper.mk: ,,' | tr '\n' ' ')" \
	"fig-3.svg fig-cost.svg fig-heal.svg fig-l.svg BOOLQ= is not given.  Stop. TASKS= is not given POSITIONS= is not given.  Stop. "
like "but the other panels" "$(one BOOLQ= MMLU= one/fig-1d.svg | grep '/series' | sed 's/ > .*//')" '/series fig-1d one/similarity-n0.c4-qnf4.score one/similarity-all.c4.score one/similarity-n1-r2-lr3e-4-t2-s0-d6.c4.score$'
like "every block of a width" "$(one EVERY=2 one/fig-l.svg | tr '\n' '|')" \
	'[|]argmin-block -q -n 2 --every one/valid-l48-n6.angle > one/similarity-every-n2.block[|].*[|]eval-c4 .*< one/similarity-every-n2.model > one/similarity-every-n2.c4.score[|].*/every one/similarity-every-n2.block '
like "a quarter of the layers, if nothing is said" "$(made MODELS=one=../tiny one/fig-l.svg)" 'similarity-every-n1.block'
like "distances of other tokens" "$(one POSITIONS=0,-2--1 fig-positions | grep hidden-dump)" \
	'^hidden-dump -m ../tiny --positions=0,-2--1 one/valid-l48-n6.tokens \| angdist --positions=0,-2--1 > one/valid-l48-n6-p0,-2--1.angle$'
like "of all" "$(one POSITIONS=all fig-positions | grep hidden-dump)" '^hidden-dump -m ../tiny --all-tokens one/valid-l48-n6.tokens \| angdist > one/valid-l48-n6-pall.angle$'
like "what models take, measured or not" "$(one MEASURE=0 one/fig-cost.svg | grep model-cost) $(one one/fig-cost.svg | grep model-cost)" \
	'^model-cost --length=48 < one/similarity-all.model > one/similarity-all.cost model-cost --measure --length=48 '
like "the healings' losses" "$(one NS='1 2' one/fig-heal.svg | grep '/losses')" \
	'/losses one/similarity-n1-r2-lr3e-4-t2-s0-d6.adapter/heal.loss one/similarity-n2-r2-lr3e-4-t2-s0-d6.adapter/heal.loss > one/fig-heal.tsv$'
printf '#!/bin/sh\n' | tee run/my-angles >mine
chmod +x run/my-angles mine
is "a program in a tool's place is in the names of what it makes" "$(made MODELS=one=../tiny STAGE_angdist='./my-angles 3' STAGE_eval-c4=../mine one/fig-1d.tsv | tr ' ' '\n' | grep -E 'n0|n1-|angle' | tr '\n' ' ')" \
	"$(printf 'one/similarity+my_angles-%s ' all.block all.c4+mine.score all.mmlu-k1.score all.model n0.block n0.c4+mine-qnf4.score \
		n0.mmlu-k1-qnf4.score n0.model n1-r2-lr3e-4-t2-s0-d6.c4+mine.score n1-r2-lr3e-4-t2-s0-d6.mmlu-k1.score \
		n1-r2-lr3e-4-t2-s0-d6.model n1.block n1.model)one/valid-l48-n6+my_angles.angle "
cp valid.json both.json
like "a file that is healed on and measured on is named, in the plan and in the help" "$(paper -n fig-3 TEXT='../train.json ../both.json' | grep warning)|$(paper TEXT='../both.json' | tail -1)" \
	'^paper.mk: warning: TEXT and VALID share ../both.json: what is healed on it is measured on it.*[|]TEXT and VALID share ../both.json: '
is "all that is wrong in them is said at once" "$(paper QUANT=q4 TARGETS=gate,all POSITIONS=x EVERY=9 HELD_OUT=-1 MEASURE=x TASKS='A=x mmlu=x own own=../own.jsonl own=../own.jsonl' \
	TASK_TRAIN='none=../own.jsonl' TASK_SHOTS=x HEAL='--targ=up' fig-3 | sed 's,.*paper.mk: ,,; s/\.  Stop\.//' | sort)" "$(sort <<'END'
QUANT=q4: is not nf4
TARGETS=gate,all: is no list of gate, up, down and out
POSITIONS=x: is no list of places: 0,100-127,-1, or all
EVERY=9: one has 4 layers
EVERY=9: two has 4 layers
HELD_OUT=-1: is no whole number below 10^9
MEASURE=x: is no whole number below 10^9
TASKS: A=x: is no NAME=FILE, with a name of a-z, 0-9 and _
TASKS: mmlu=x: mmlu is a task already: give it another name
TASKS: own: is no NAME=FILE, with a name of a-z, 0-9 and _
TASKS: two are called own
TASK_TRAIN: none=../own.jsonl: TASKS= has no none
TASK_SHOTS=x: is no whole number below 10^9
HEAL: --targ=up: is paper.mk's own (RANK= LR= STEPS= BATCH= SEEDS= TARGETS= HELD_OUT=)
END
)"
is "and what is not there" "$(paper TASKS=own=../none.jsonl fig-tasks | sed 's,.*paper.mk: ,,')" "TASKS: ../none.jsonl: no such file (names stand apart by blanks).  Stop."
ok "a run of tasks of one's own, in parts" paper MODELS=one=../tiny C4_DOCS=4 HELD_OUT=2 TASKS=own=../own.jsonl TASK_SHOTS=1 QUANT=nf4 MMLU= SPLIT=2 fig-tasks tables
is "is of all questions, in 4 bits" "$(rec-cat --no-header -t task,count,model.quant run/one/similarity-all.own-k1-qnf4.score | sort -u)" "$(printf 'own\t3\tnf4')"
"$P/rows" run/one/similarity-n0.own-k1.score run/one/similarity-all.own-k1-qnf4.score run/one/similarity-n1-*.own-k1.score >rows
is "rows have the precision, and what guessing gives" "$(cut -f 1-4,6,9,15,16 rows | sort -u | sed -n '1p;$p')" \
	"$(printf 'one\tsimilarity\town\t0\t0\t1\t-\t0.5\none\tsimilarity\town\t3\t0\t1\tnf4\t0.5')"
like "where there are fewer documents than the samples should have, a line says so" "$(rm run/one/loss*; paper MODELS=one=../tiny C4_DOCS=70 one/loss-l48-n70.tokens)" \
	'c4-tokenize: .*valid.json: 6 documents with text, fewer than the 70 asked for'
rm -rf run/one run/two run/fig* run/plan.mk

# -- how far it is
mkdir -p far/m/.stamp
echo 'x 100000000000' | tee far/m/.stamp/rule-n3.c4.score.of >far/m/.stamp/rule-n4.c4.score.of
printf '%s\n' rule-n3.c4.score rule-n3-r2-lr.1-t9-s0.c4.score rule-n5.c4.score rule-n6.c4.score rule-n4.c4.score | sed 's,^,m/,' >far/list
touch -d '1 minute ago' far/list
touch far/m/rule-n3.c4.score far/m/rule-n5.c4.score.part far/m/rule-n6.c4.score.part
far() { (cd far && "$P/progress" list); }
is "what takes unknown times is said to be the least" "$(far)" "1 of 5, 2 running, at least 1:40 left"
echo 'x 7301000000000' >far/m/.stamp/rule-n9-r8-lr.1-t9-s1.c4.score.of
echo m/rule-n9-r8-lr.1-t9-s1.c4.score >>far/list
touch -d '1 minute ago' far/list
touch far/m/rule-n9-r8-lr.1-t9-s1.c4.score
is "else it is about what others of a kind took, in as many places" "$(far)" "2 of 6, 2 running, about 1:02:31 left"
rm -rf run/one run/two run/fig*
if script -qec true /dev/null >/dev/null 2>&1; then
	TERM=xterm script -qec "make --no-print-directory -C run -f '$P/paper.mk' fig-2" /dev/null >terminal </dev/null
	all=$(grep -c ' > ' terminal)
	like "on a terminal: what is done, and runs" "$(tr '\r' '\n' <terminal | grep 'now fig-2.svg')" "[0-9]* of $all, 1 running, .*now fig-2.svg"
	is "... once for each command" "$(tr '\r' '\n' <terminal | grep -c '[0-9] of [0-9]*, [0-9]* running')" "$all"
	like "... until it is made: what it is, and how long it took" "$(tr '\r' '\n' <terminal | grep ' fig-2.svg$')" '[0-9] s  fig-2.svg$'
	rm -rf run/one run/two run/fig*
	V='' TERM=dumb script -qec "make --no-print-directory -C run -f '$P/paper.mk' fig-2" /dev/null >terminal </dev/null
	is "... no command without V=1" "$(grep -c ' > ' terminal)" 0
	is "... and on a dumb terminal whole lines" "$(grep -c "$(printf '\033')" terminal) $(tr -d '\r' <terminal | grep -c '^[0-9]* of [0-9]*, [0-9]* running')" "0 $all"
else
	tap_result 0 "on a terminal # SKIP there is none"
fi
rm -rf run/one run/two run/fig*
is "but not in a file" "$(paper fig-2 | grep -c running)" 0
cd "$root" || exit 1
done_testing
