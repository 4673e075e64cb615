#!/bin/sh
# Choice tasks: each form's prompts, as the Language Model Evaluation Harness has them (93-lm-eval.t asks it); templates;
# what is refused; accuracies beside a count by awk; parts, threads and a run that goes on give the same bytes.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
export OMP_WAIT_POLICY=passive

# -- prompts: NAME FORM WANTED, of the line on standard input; | parts contexts and continuations
asks() {
	cat >one.jsonl
	is "prompt: $1" "$(pose 0 - - one.jsonl | jq -r '"\(.answer) \(.contexts | unique | join("|"))|\(.continuations | join("|"))"')" "$2"
}
asks 'arc, labels that are digits' '2 Question: Which barks?
Answer:| a cat| a fish| a dog' <<'END'
{"id":"1","question":"Which barks?","choices":{"text":["a cat","a fish","a dog"],"label":["1","2","3"]},"answerKey":"3"}
END
asks 'openbookqa' '1 The sun is| cold| hot' <<'END'
{"id":"1","question_stem":"The sun is","choices":{"text":["cold","hot"],"label":["A","B"]},"answerKey":" B"}
END
asks 'commonsenseqa' '4 Question: Where is a cup?
A. sea
B. sky
C. bed
D. tree
E. shelf
Answer:| A| B| C| D| E' <<'END'
{"question":" Where is a cup?\n","question_concept":"cup","choices":{"label":["A","B","C","D","E"],"text":["sea","sky","bed","tree","shelf"]},"answerKey":"E"}
END
asks 'hellaswag' '0 Tea: First boil.  Then pour it [a| A cup. Stir.| two  spoons| [x
y]| ' <<'END'
{"activity_label":"Tea","ctx_a":"First  boil. [header] ","ctx_b":"then POUR it [a","endings":[" A cup [title] Stir.[step]","two    spoons","[x\ny]","[x]"],"label":"0"}
END
asks 'piqa' '1 Question: To cut wood
Answer:| use a spoon| use a saw' <<'END'
{"goal":"To cut wood","sol1":"use a spoon","sol2":"use a saw","label":1}
END
asks 'sciq' '3 Ice is water.
Question: What is ice?
Answer:| air| fire| sand| water' <<'END'
{"question":"What is ice?","distractor1":"air","distractor2":"fire","distractor3":"sand","correct_answer":"water","support":"\n Ice is water."}
END
asks 'winogrande' '1 The cup fell off the cup|The cup fell off the table| as it was small.| as it was small.' <<'END'
{"sentence":"The cup fell off the _  as it was small.","option1":"table","option2":"cup","answer":"2"}
END
asks 'race, all problems of an article' "2 Article: It's late.

It is  late
Question: Why \"so\"?
Answer: yes
When?| a| b| c| d" <<'END'
{"article":"It's late.","problems":"[{'question': 'It is   _  .', 'options': ['early', 'late', 'x', 'y'], 'answer': 'B'}, {'question': 'Why \"so\"?', 'options': [\"no\", 'yes', 'x', 'y'], 'answer': 'B'}, {'question': 'When?', 'options': ['a', 'b', 'c', 'd'], 'answer': 'C'}]"}
END
asks 'race, one question' '0 Article: It.

When?| a| b| c| d' <<'END'
{"article":"It.","question":"When?","options":["a","b","c","d"],"answer":"A"}
END

# -- templates
echo '{"q":"Two?","opts":{"A":"three","B":"four"},"a":"B","list":[{"t":"x"},{"t":"y"}],"n":1,"yes":true}' >t.jsonl
by() { # NAME WANTED QUESTION CHOICES ANSWER LABELS
	is "template: $1" "$(pose 0 - template "$3" "$4" "$5" "${6:--}" t.jsonl | jq -r '"\(.answer) \(.contexts[0])|\(.continuations | join("|"))"')" "$2"
}
by 'an object of choices' '1 Q: Two? 1
A:| three| four' 'Q: {q} {n}\nA:' '{opts}' '{a}'
by 'a list of objects, a number' '1 Two?| x| y' '{q}' '{list.t}' '{n}'
by 'templates as choices, true' '1 { Two?| no| yes | three' '\{ {q}' 'no|yes \| {opts.A}' '{yes}'
by 'labels' '0 x| x| y' '{list.0.t}' '{list.t}' '{n}' '1|2'
by "a choice's text" '1 Two?| x| y' '{q}' '{list.t}' 'y'
echo '{"id":12345678901234567890,"q":[0.1,1.10,-2.5,100.0,7],"l":[1,2,3],"n":2,"s":"2"}' >whole.jsonl
mv t.jsonl t1.jsonl && cp whole.jsonl t.jsonl
by 'numbers as they were written, beside one of more than 64 bits' '2 0.1 1.1 -2.5 100.0 7| 1| 2| 3' '{q.0} {q.1} {q.2} {q.3} {q.4}' '{l}' '{n}'
by 'a text of digits: a choice first' '1 7| 1| 2| 3' '{q.4}' '{l}' '{s}'
fails 'template: a number of which digits may be lost' 1 't.jsonl:1: {id} is no text' pose 0 - template '{id}' 'a|b' 0 - t.jsonl
mv t1.jsonl t.jsonl
refuses() { # PATTERN QUESTION CHOICES ANSWER
	fails "template: $1" 1 "t.jsonl:1: .*$1" pose 0 - template "$2" "$3" "$4" - t.jsonl
}
refuses 'nothing under .q.x.' '{q.x}' 'a|b' 0
refuses 'never closed' '{q' 'a|b' 0
refuses 'no list of texts' '{q}' '{a}' 0
refuses 'neither label, text, number nor letter' '{q}' 'a|b' 2
refuses '.list. is no text' '{list}' 'a|b' 0

# -- what is refused
bad() { printf '%s\n' "$2" >bad.jsonl; fails "refused: $1" 1 "bad.jsonl:1: .*$1" pose 0 - - bad.jsonl; }
bad 'not a JSON object' '"a"'
bad 'the keys of no form: hellaswag .ctx_a' '{"a":1}'
bad 'none of the labels' '{"question":"q","choices":{"text":["a"],"label":["A"]},"answerKey":"B"}'
bad 'not as many labels as texts' '{"question":"q","choices":{"text":["a"],"label":["A","B"]},"answerKey":"A"}'
bad 'number 1 is no text' '{"question":"q","choices":{"text":["a",2],"label":["A","B"]},"answerKey":"A"}'
bad 'no list of 1 to 128 texts' '{"question":"q","choices":{"text":[],"label":[]},"answerKey":"A"}'
bad 'no list of 1 to 128 texts' "{\"question\":\"q\",\"choices\":{\"text\":[$(yes '"a",' | head -128 | tr -d '\n')\"b\"],\"label\":[]},\"answerKey\":\"A\"}"
bad 'has no gap' '{"sentence":"s","option1":"a","option2":"b","answer":"1"}'
bad 'no number from 0 to 1' '{"goal":"s","sol1":"a","sol2":"b","label":-1}'
bad 'never closed' '{"article":"a","problems":"[{'"'"'question"}'
bad '"problems": JSON' '{"article":"a","problems":"__import__(1)"}'
bad 'problem 0: "options" is no list of 4' '{"article":"a","problems":[{"question":"q","options":["a"],"answer":"A"}]}'

# -- accuracies: the right one is the first, the last or between, of two to five; some are equal
for i in $(seq 24); do
	n=$((2 + i % 4))
	texts=$(seq $n | sed "s/.*/\"choice & of $i, $(echo 'more and more' | cut -c1-$((i % 13)))\"/" | paste -sd,)
	[ $((i % 6)) = 0 ] && texts=$(seq $n | sed 's/.*/"the same"/' | paste -sd,)
	echo "{\"question\":\"Number $i of what?\",\"choices\":{\"text\":[$texts],\"label\":[$(seq $n | sed 's/.*/"&"/' | paste -sd,)]},\"answerKey\":\"$((1 + i % n))\"}"
done >arc.jsonl
make-tiny llama m || exit 1
for l in 1 2-3 4; do drop-layers -q -m m --layers $l; done >three.model || exit 1
choice() { eval-choice -q --dtype=f32 "$@" arc.jsonl; }
choice --samples=a.sample <three.model >whole.score || exit 1
rec-cat --full a.sample | jq -r '[.model, .answer, .row, .choice, .choice_norm, .logp.data[]] | @tsv' >picks
jq -r '[.choices.text[] | length] | @tsv' arc.jsonl >lengths
counted=$(awk 'NR == FNR { length_of[NR - 1] = $0; next }
	{	n = NF - 5; split(length_of[$3], len); a = b = 1
		for (i = 1; i <= n; i++) {
			if ($(5 + i) > $(5 + a)) a = i
			if ($(5 + i) / len[i] > $(5 + b) / len[b]) b = i
		}
		bad += $4 != a - 1 || $5 != b - 1
		right[$1] += $2 == a - 1; norm[$1] += $2 == b - 1; guess[$1] += 1 / n; all[$1]++
	}
	END { for (m = 0; m < 3; m++) printf "%d %d %d %.6f %d\n", all[m], right[m], norm[m], guess[m] / all[m], bad }' lengths picks)
is 'acc, acc_norm and guess are those that awk counts' \
	"$(rec-cat --no-header -t count,correct,correct_norm,guess whole.score | awk '{ printf "%d %d %d %.6f 0\n", $1, $2, $3, $4 }')" "$counted"
is 'of equals the first is taken' "$(rec-cat --no-header -t row,choice,choice_norm a.sample | awk '($1 + 1) % 6 == 0 { print $2, $3 }' | sort -u)" '0 0'
is 'the errors are those of shares' "$(rec-cat --no-header -t count,acc,acc_stderr,acc_norm,acc_norm_stderr whole.score |
	awk '{ for (i = 2; i < 6; i += 2) if ($(i + 1) - sqrt($i * (1 - $i) / ($1 - 1)) > 1e-12) print }')" ''
choice -j 1 <three.model >other
same '-j 1 gives the same bytes' other whole.score
choice --skip=0 --limit=7 <three.model >p1 && choice --skip=7 <three.model >p2
is 'parts merged are one run' "$(eval-choice -q --merge p2 p1 | rec-cat)" "$(rec-cat whole.score)"
choice --metric=acc_norm <three.model >norm.score
is '--metric=acc_norm: the other value' "$(rec-cat --no-header -t metric,value,correct norm.score)" \
	"$(rec-cat --no-header -t acc_norm,correct whole.score | sed 's/^/acc_norm	/')"
choice --metric=acc_norm --skip=7 <three.model >norm2.score
fails 'parts of two metrics' 1 'another metric' eval-choice --merge p1 norm2.score
is '--table: both, as lm-eval prints them' "$(choice -m m --table | tail -n +3)" "$(choice -m m | rec-cat --no-header -t acc,acc_stderr,acc_norm,acc_norm_stderr | awk '{
	print "|Tasks|Version|Filter|n-shot| Metric |   |Value |   |Stderr|"
	print "|-----|------:|------|-----:|--------|---|-----:|---|-----:|"
	printf "|arc  |      1|none  |     0|acc     |↑  |%.4f|±  |%.4f|\n", $1, $2
	printf "|     |       |none  |     0|acc_norm|↑  |%.4f|±  |%.4f|\n", $3, $4 }')"
choice -k 2 <three.model >own.score
is 'shots of the questions themselves: the same for parts' "$({ choice -k 2 --limit=2 <three.model; choice -k 2 --skip=2 <three.model; } |
	eval-choice -q --merge | rec-cat)" "$(rec-cat own.score)"
is 'and not the question itself' "$(pose 2 - - arc.jsonl | jq -r '.contexts[0]' | grep -c 'Number 1 of')" 24
# A question is none of its own shots, and neither is a copy of it, whatever that looks like (lm-eval compares the values)
for i in 1 2 1 3 1 2; do echo "{\"goal\":\"Number $i\",\"sol1\":\"a\",\"sol2\":\"b\",\"label\":1}"; done |
	sed '3s/"a","sol2":"b","label":1/"a", "label": 1, "sol2":"\\u0062"/' >copies.jsonl
is 'nor a copy of it' "$(pose 2 - - copies.jsonl | jq -r '.contexts[0]' | tr '\n' ' ' | sed 's/Question: Number//g; s/Answer:[ b]*//g; s/  */ /g')" \
	' 2 3 1 1 1 2 2 3 1 1 2 3 2 3 1 1 1 2 '
fails 'not enough that are no copies' 1 'copies.jsonl: 6 rows, not enough for 4 shots beside question 0' pose 4 - - copies.jsonl
choice_of_copies() { eval-choice -q --dtype=f32 -m m -k 2 "$@" copies.jsonl; }
is 'copies: the same for parts' "$({ choice_of_copies --limit=1; choice_of_copies --skip=1; } | eval-choice -q --merge | rec-cat)" \
	"$(choice_of_copies | rec-cat)"
head -3 arc.jsonl >train.jsonl
choice -k 2 --train=train.jsonl --limit=3 <three.model >a && choice -k 2 --skip=3 <three.model >b
fails 'parts with other shots' 1 'meta.examples' eval-choice --merge a b
sh -c 'eval-choice -q --dtype=f32 --samples=n.sample arc.jsonl <three.model >/dev/full' 2>/dev/null
head -c $(($(stat -c %s n.sample.part) * 3 / 5)) n.sample.part >z && mv z n.sample.part
is 'an interrupted run goes on' "$(choice --samples=n.sample <three.model 2>/dev/null | cmp - whole.score; cmp n.sample a.sample)" ''

# -- prompts that differ from choice to choice, and prompts that are too long
for i in 1 2 3 4; do
	echo "{\"sentence\":\"In number $i the _ was $i times as large.\",\"option1\":\"cup of $i\",\"option2\":\"box\",\"answer\":\"$((1 + i % 2))\"}"
	echo "{\"sentence\":\"_ of $i was small.\",\"option1\":\"Cups\",\"option2\":\"A box\",\"answer\":\"2\"}"
done >wino.jsonl
for i in 1 2 3 4 5 6 7 8; do
	sed -n ${i}p wino.jsonl | jq -c '.sentence as $s | .option1, .option2 | {question: (. as $o | $s | split("_") | .[0] + $o), rest: ($s | split("_") | .[1])}'
done >contexts.jsonl
eval-choice -q --dtype=f32 --bos -m m --samples=w.sample wino.jsonl >/dev/null
eval-choice -q --dtype=f32 --bos -m m --samples=c.sample --question='{question}' --choices='{rest}|{rest}' --answer=0 contexts.jsonl >/dev/null
is 'winogrande: as each context alone' "$(rec-cat --full w.sample | jq -r '.logp.data[] | . * 1000 | round')" \
	"$(sed 's/"rest":" /"rest":"/' contexts.jsonl >stripped.jsonl; rm -f c.sample
	eval-choice -q --dtype=f32 --bos -m m --samples=c.sample --question='{question}' --choices='{rest}|{rest}' --answer=0 stripped.jsonl >/dev/null
	rec-cat --full c.sample | jq -r '.logp.data[0] | . * 1000 | round')"
# where all choices are equally long, none is the likelier by length; even where nothing follows the gap
jq -c '.sentence |= sub("_.*"; "_")' wino.jsonl >gaps.jsonl
eval-choice -q --dtype=f32 -m m --samples=g.sample gaps.jsonl >/dev/null
is 'winogrande: acc_norm is acc, be there no text' "$(rec-cat --no-header -t choice_norm g.sample)" "$(rec-cat --no-header -t choice g.sample)"
long=$(seq 4000 | tr '\n' ' ')
echo "{\"goal\":\"$long so\",\"sol1\":\"this\",\"sol2\":\"that and then some more of it\",\"label\":0}" >long.jsonl
is 'a long prompt is cut and counted' "$(eval-choice -q -m m long.jsonl | rec-cat --no-header -t cut,count)" "$(printf '1\t1')"
fails 'a choice longer than the context' 1 'longer than the context' \
	sh -c "jq -c '.sol1 = .goal' long.jsonl >l.jsonl; eval-choice -q -m m l.jsonl"

fails 'a name of another tool' 2 'another tool' eval-choice -m m --name=mmlu arc.jsonl
fails 'a name that is a path' 2 'letters, digits' eval-choice -m m --name=a/b arc.jsonl
fails 'half of the templates' 2 'go together' eval-choice -m m --question='{q}' arc.jsonl
for t in question choices answer labels; do
	fails "--$t that is no UTF-8" 2 "$t: is no UTF-8" sh -c 'eval-choice -m m --question=q --choices="a|b" --answer=0 --$1="$(printf "\263")" arc.jsonl' - $t
done
fails 'a form that is none' 2 'task' eval-choice -m m --task=nosuch arc.jsonl
fails 'not enough shots' 1 'arc.jsonl: 24 rows, not enough for 24 shots beside' eval-choice -m m -k 24 arc.jsonl
fails 'not enough rows to train' 1 'train.jsonl: 3 rows, not enough for 4 shots' eval-choice -m m -k 4 --train=train.jsonl arc.jsonl
done_testing
