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
	'^eval-mmlu -k 3 --order-seed 2 ../mmlu < one/simple-n3-r9-lr3e-4-t2-s7-d6.model > one/simple-n3-r9-lr3e-4-t2-s7-d6.mmlu-k3-o2.score$'
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
	script -qec "make --no-print-directory -C run -f '$P/paper.mk' fig-2" /dev/null >terminal </dev/null
	all=$(grep -c ' > ' terminal)
	like "on a terminal: what is done, and runs" "$(tr -d '\r' <terminal | grep -A 1 '> fig-2.svg')" "^[0-9]* of $all, 1 running"
	is "a line for each command" "$(grep -c '[0-9] of [0-9]*, [0-9]* running' terminal)" "$all"
else
	tap_result 0 "on a terminal # SKIP there is none"
fi
rm -rf run/one run/two run/fig*
is "but not in a file" "$(paper fig-2 | grep -c running)" 0
cd "$root" || exit 1
done_testing
