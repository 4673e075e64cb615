#!/bin/sh
# What figures are drawn from, and the pictures: series.awk against each figure's rule written out here, in every awk that is
# there; categories, losses, every and costs on streams of which the answers are known; values that are missing, no numbers or
# far away; names that are hostile; pictures of all types, without a word from gnuplot.
. "${0%/*}/tap.sh"
. "${0%/*}/pipeline.sh"

# rows MODELS RULES TASKS RANKS SEEDS: a sweep and three healed widths of each, as `rows` prints them, with L = 10; and the base
# in both precisions, of the first rule. No value is twice there.
rows() {
	awk -v models="$1" -v rules="$2" -v tasks="$3" -v ranks="$4" -v seeds="$5" '
		function row(n, healed, rank, seed, quant) {
			value += 0.001
			printf "%s\t%s\t%s\t%d\t10\t%d\t%s\t%s\t%s\t-\t%s\t0.01\t%s\t%s\t%s\t-\n", m[i], r[j], t[k], n, healed, rank, seed, \
				t[k] == "c4" ? "-" : 5, t[k] == "c4" ? 10 * value : value, t[k] == "c4" ? value : "-", \
				t[k] == "boolq" ? 0.6 : "-", quant
		}
		BEGIN {
			value = 0.1
			nm = split(models, m, "|"); nr = split(rules, r, " "); nt = split(tasks, t, " ")
			nk = split(ranks, rank, " "); ns = split(seeds, seed, " ")
			for (i = 1; i <= nm; i++) for (j = 1; j <= nr; j++) for (k = 1; k <= nt; k++) {
				if (j == 1) row(0, 0, "-", "-", "nf4")
				for (n = 0; n < 10; n++) row(n, 0, "-", "-", "-")
				for (a = 1; a <= nk; a++) for (b = 1; b <= ns; b++)
					for (n = 2; n <= 6; n += 2) row(n, 1, rank[a], seed[b], "nf4")
			}
		}'
}
series() {	# FIGURE <ROWS, by the awk $A
	cat "$P/method.txt" - | ${A:-awk} -v figure="$1" -f "$P/numbers.awk" -f "$P/tasks.awk" -f "$P/rows.awk" -f "$P/panels.awk" -f "$P/series.awk"
}
# What is drawn, without lines across: title, label, name, x, y, error, sorted.
points() { awk -F'\t' '$1 + 0 > 0 && $5 != "-" { printf "%s|%s|%s|%.4f|%.6f|%.6f\n", $8, $9, $10, $5, $6, $7 }' | sort; }
lines() { awk -F'\t' '$1 + 0 > 0 && $5 == "-" { printf "%s|%s|%s|%.4f\n", $8, $9, $10, $6 }' | sort; }
# rule AWK <ROWS: points by a rule, which has the fields and sets title, label, name; those of a base are drawn as well at the
# beginning of what `begins` says.
rule() {
	awk -F'\t' '
		function label() { return $3 == "c4" ? "C4 loss / ln V" : $3 == "mmlu" ? "MMLU accuracy" : $3 == "boolq" ? "BoolQ accuracy" : $3 " accuracy" }
		function state() { return $6 ? "healed" : "not healed" }
		function when() { return $6 ? "after healing" : "before healing" }
		function point(title, name) {
			y = $3 == "c4" ? $13 : $11
			printf "%s|%s|%s|%.4f|%.6f|%.6f\n", title, label(), name, $4 / $5, y, $3 == "c4" ? $12 * $13 / $11 : $12
		}
		{ base = $4 == 0; nf4 = base && $15 == "nf4" }
		'"$1" | sort -u
}

# -- series.awk against the rules
rows m similarity "c4 mmlu boolq" 8 0 >one
rows m "similarity simple" "c4 mmlu boolq" 8 0 >both
rows 'Alpha-2-7b|Alpha-2-13b|Beta-1|Gamma' similarity mmlu 8 0 >many
rows 'Alpha-2-7b|Alpha-2-13b|Beta-1|Gamma' similarity c4 8 0 >losses
rows m similarity mmlu 8 '0 1 2' >seeds
rows 'm|n' 'similarity simple' 'mmlu c4' '2 8' 0 >ranks

is "figure 1d: a panel a task; healed curves begin at the base in 4 bits, the others at the base" "$(series fig-1d <one | points)" \
	"$(rule '{ if (nf4) { point("-", "healed"); point("-", "base, nf4") } else point("-", state()) }' <one)"
is "figure 2: a panel a family, a curve a model and state" "$(series fig-2 <many | points)" "$(rule '
	{ panel = $1 ~ /Alpha/ ? "Alpha-2" : "Beta-1, Gamma"
	  if (nf4) { point(panel, $1 ", healed"); point(panel, $1 ", base, nf4") } else point(panel, $1 ", " state()) }' <many)"
is "figure 3: before and after, as a share of guessing" "$(series fig-3 <losses | points)" "$(rule '
	{ if (nf4) { point("after healing", $1); point("after healing", $1 ", base, nf4") } else point(when(), $1) }' <losses)"
# The base is the same by both rules: the first one's is drawn.
is "figure 5: both rules" "$(series fig-5 <both | points)" "$(awk -F'\t' '!($4 == 0 && $2 == "simple")' both | rule '
	{ if (nf4) { point("after healing", "similarity"); point("after healing", "simple"); point("after healing", "base, nf4") }
	  else if (base) { point("before healing", "similarity"); point("before healing", "simple") }
	  else point(when(), $2) }')"
is "figure 8: seeds" "$(awk -F'\t' '$6 || $4 == 0' seeds | series fig-8 | points)" "$(awk -F'\t' '$6 || $4 == 0' seeds | rule '
	{ if (nf4) { point("-", "base, nf4"); for (s = 0; s < 3; s++) point("-", "seed " s) } else if (!base) point("-", "seed " $8) }')"
is "figure 9: ranks" "$(awk -F'\t' '$6 || $4 == 0 && $2 == "similarity"' ranks | series fig-9 | points)" "$(awk -F'\t' '$6 || $4 == 0' ranks | rule '
	{ for (j = 0; j < 2; j++) {
		panel = $1 ", " ($3 == "c4" ? "C4" : j ? "simple" : "similarity")
		if (nf4) { point(panel, "base, nf4"); point(panel, "rank 2"); point(panel, "rank 8") }
		else if (!base && ($3 == "c4" || $2 == (j ? "simple" : "similarity"))) point(panel, "rank " $7) } }')"
awk -F'\t' '{ $9 = $4 == 0 || $6 ? 0 : 0; OFS = FS } $6 || $4 == 0 { for (s = 0; s < 2; s++) { $9 = s * 5; $11 += 0.0001; print }
	$9 = 5; for (o = 1; o < 3; o++) { $10 = o; $11 += 0.0001; print }; $10 = "-" }' seeds | grep -v '	[12]	[05]	' >shots
is "figure 7: each number and order of shots begins at its own base" "$(series fig-7 <shots | points)" "$(rule '
	{ panel = $10 == "-" ? "number of shots" : "order of " $9 " shots"
	  name = $10 == "-" ? $9 " shots" : "order " $10
	  if (!base || nf4) point(panel, name)
	  if (base) point(panel, name ", base" (nf4 ? ", nf4" : "")) }' <shots)"

is "lines across: the unpruned model, guessing, and the commoner answer" "$(series fig-1d <one | lines)" "$(printf '%s\n' \
	"-|BoolQ accuracy|random|0.5000" "-|BoolQ accuracy|the commoner answer|0.6000" "-|C4 loss / ln V|random|1.0000" "-|MMLU accuracy|random|0.2500" \
	"$(awk -F'\t' '$4 == 0 && $15 == "-" { printf "-|%s|unpruned|%.4f\n", $3 == "c4" ? "C4 loss / ln V" : $3 == "mmlu" ? "MMLU accuracy" : "BoolQ accuracy", \
		$3 == "c4" ? $13 : $11 }' one)" | sort)"
is "in figures 5, 8 and 9, too, in every panel" "$(series fig-5 <both | lines | grep -c unpruned; series fig-8 <seeds | lines | grep -c unpruned
	series fig-9 <ranks | lines | grep -c unpruned)" "$(printf '6\n1\n6')"
awk -F'\t' 'BEGIN { OFS = FS } !$6 && $4 > 0 { $15 = "nf4" } 1' one >nf4
is "all in 4 bits: what is not healed begins at that base, too" "$(series fig-1d <nf4 | points)" \
	"$(rule '{ if (nf4) { point("-", "healed"); point("-", "not healed"); point("-", "base, nf4") } else if (!base) point("-", state()) }' <nf4)"
is "and the base as it is is a point where there is no line of it" "$(awk -F'\t' 'BEGIN { OFS = FS } !$6 && $4 > 0 { $15 = "nf4" } 1' losses | series fig-3 |
	points | grep -c ', base|')" 4
grep -v nf4 one | awk -F'\t' '!$6' >bare
is "a run that heals nothing" "$(series fig-1d <bare | points)" "$(rule '{ point("-", "not healed") }' <bare)"
sed 's/	mmlu	/	arc	/; s/-$/0.2/' one >own
is "a task of one's own: its name, and guessing as its scores have it" "$(series fig-1d <own | lines | grep arc; series fig-1d <own | points | cut -d'|' -f2 | sort -u)" \
	"$(printf '%s\n' '-|arc accuracy|random|0.2000' "-|arc accuracy|unpruned|$(awk -F'\t' '$3 == "arc" && $4 == 0 && $15 == "-" { printf "%.4f", $11 }' own)" \
	'BoolQ accuracy' 'C4 loss / ln V' 'arc accuracy')"
is "the scores' order is not that of panels" "$(awk '{ print $3 % 7, $0 }' one | sort -k4,4 | cut -d' ' -f2- | series fig-1d | awk -F'\t' '$1 + 0 > 0 { print $1, $9 }' | sort -u)" \
	"$(printf '1 MMLU accuracy\n2 BoolQ accuracy\n3 C4 loss / ln V')"
is "every hue has its entry in the key, and no more" "$(series fig-2 <many | awk -F'\t' '$1 == 0 && $2 > 0 { print $10 }' | tr '\n' '|')" \
	"Alpha-2-7b|Alpha-2-13b|Beta-1|Gamma|not healed|healed|base, nf4|random|"
is "a curve is one run of rows, by x" "$(for f in 1d:one 2:many 5:both 9:ranks; do series fig-${f%:*} <${f#*:}; done | awk -F'\t' '
	$1 + 0 > 0 { key = $1 SUBSEP $2; if (key != last && key in seen && $1 + 0 >= was) print; if (key == last && $5 + 0 < x) print; seen[key]; last = key; x = $5; was = $1 }
	$1 == "panel" { split("", seen); last = "" }')" ""
title() { rows "$1" similarity mmlu 8 0 | series fig-2 | awk -F'\t' '$1 + 0 > 0 { print $8 }' | sort -u | tr '\n' '|'; }
is "families: the words that names begin with" "$(title 'Qwen-7B|Qwen-14B|a'; title 'Qwen2-7B|Qwen2-72B'; title 'Qwen|Qwen2'; title 'smollm2'; title '7b-x|7b-y')" \
	"Qwen|a|Qwen2|Qwen|smollm2|7b-x, 7b-y|"

for A in mawk gawk 'busybox awk'; do
	if ! ${A} 'BEGIN { exit }' 2>/dev/null; then
		tap_result 0 "by $A # SKIP no $A"
		continue
	fi
	is "by $A the same bytes" "$(for f in 1d:one 2:many 3:losses 5:both 6:one 7:shots 8:seeds 9:ranks x:both; do series fig-${f%:*} <${f#*:} >got
		(A='awk'; series fig-${f%:*} <${f#*:}) | cmp - got; done 2>&1
		printf 'label c4 1 L\n\tm/b\n4\t0\t0.1\t0\n4\t1\t0.2\t0\n4\t2\t0.4\t0\n4\t0\t0.1\t1\t0\n4\t1\t0.3\t1\t0\n4\t2\t0.2\t1\t0\n' |
			$A -f "$P/numbers.awk" -f "$P/tasks.awk" -f "$P/panels.awk" -f "$P/every.awk" | sed -n 2p | grep -v 'distance: 0.50, over 3')" ""
done
A='awk'

# -- pairs, as compare prints them: a b n task metric layers_a layers_b count a b difference stderr p ...
pair() {
	case $3 in c4) metric=loss ;; *) metric=accuracy ;; esac
	printf '%s\t%s\t2\t%s\t%s\t8\t8\t9\t1\t1\t%s\t0.1\t%s\t-\t-\t-\t-\n' "$1" "$2" "$3" $metric "$4" "$5"
}
{
	printf 'a\tb\tn\ttask\tmetric\tlayers_a\tlayers_b\tcount\tvalue_a\tvalue_b\tdifference\tstderr\tp\tboth\tonly_a\tonly_b\tneither\n'
	pair similarity-all similarity-n2-r8-lr1-t5-s0 c4 -1 0.001
	pair similarity-all similarity-n4-r8-lr1-t5-s0 c4 0.1 0.3
	pair similarity-all similarity-n2-r8-lr1-t5-s0 mmlu 0.1 0.049
	pair similarity-n4-r8-lr1-t5-s0 similarity-all mmlu 0.1 0.001
	pair similarity-all similarity-n6-r8-lr1-t5-s0 mmlu 0.1 -
	pair similarity-all simple-all boolq -0.1 0.01
	pair similarity-n2-r8-lr1-t5-s0 simple-n2-r8-lr1-t5-s0 c4 -0.1 0.01
	pair similarity-n2-r2-lr1-t5-s0 similarity-n2-r8-lr1-t5-s0 mmlu 0.1 0.02
	pair similarity-n2-r16-lr1-t5-s0 similarity-n2-r8-lr1-t5-s0 mmlu 0.1 0.02
	pair similarity-n2-r2-lr1-t5-s0 similarity-n2-r2-lr1-t5-s1 mmlu 0.1 0.02
	pair similarity-n2-r2-lr1-t5-s2 similarity-n2-r2-lr1-t5-s1 mmlu 0.1 0.2
} >pairs
said_of() { cat "$2" pairs | series "$1" | sed -n 2p | cut -f10; }
is "pairs of healed models and others: a loss is better where it is less" "$(said_of fig-1d one)" \
	"Pairs that differ, p < 0.05 each: MMLU, healed better 1, not healed 1 of 2; C4, healed better 1, not healed 0 of 2."
is "of rules" "$(said_of fig-5 both)" \
	"Pairs that differ, p < 0.05 each: BoolQ, similarity better 1, simple 0 of 1; C4, similarity better 0, simple 1 of 1."
is "of ranks, of seeds" "$(said_of fig-9 ranks; said_of fig-8 seeds)" \
	"$(printf 'Pairs that differ, p < 0.05 each: MMLU, lower rank better 1, higher 1 of 2.\nPairs that differ, p < 0.05 each: MMLU, 1 of 2.')"

# -- what is missing, no number, or far away
cat >odd <<'END'
m	similarity	c4	0	10	0	-	-	-	-	4	0.1	0.4	-	-	-
m	similarity	c4	1	10	0	-	-	-	-	5	null	0.5	-	-	-
m	similarity	c4	2	10	0	-	-	-	-	1e9	0.1	1e8	-	-	-
m	similarity	c4	3	10	0	-	-	-	-	inf	nan	inf	-	-	-
m	similarity	c4	4	10	0	-	-	-	-	nan	nan	nan	-	-	-
m	similarity	c4	5	10	0	-	-	-	-	16	-0.1	1.6	-	-	-
m	similarity	mmlu	2	10	1	2	0	5	-	0.3		-	-	nf4	-
m	similarity	boolq	2	10	1	2	0	0	-		-	-	-	nf4	-
END
series fig-1d <odd >odd.tsv
is "values that are no numbers are left out, and counted" "$(points <odd.tsv | cut -d'|' -f2-)" "$(printf '%s\n' \
	'C4 loss / ln V|not healed|0.0000|0.400000|0.010000' 'C4 loss / ln V|not healed|0.1000|0.500000|0.000000' \
	'C4 loss / ln V|not healed|0.2000|100000000.000000|0.010000' "$(printf 'C4 loss / ln V|not healed|0.3000|%.6f|0.000000' inf)" \
	'C4 loss / ln V|not healed|0.5000|1.600000|0.000000' 'MMLU accuracy|healed|0.2000|0.300000|0.000000')"
is "as the figure says" "$(awk -F'\t' 'NR == 2 { print $10 }' odd.tsv)" "Points without a bar: no standard error is known. Left out: 2 that are no numbers."
draw() { gnuplot -d -e "type = '$1'; data = '$2'" "$P/panels.gp"; }
is "what is above a panel is a triangle at its edge" "$(draw svg odd.tsv 2>&1 | grep -c "href='#gpPt8'")" 3
is "and no figure is without, if nothing is" "$(series fig-1d <one >one.tsv; draw svg one.tsv 2>&1 | grep -c "href='#gpPt8'")" 0

# -- names
name='a "b" & <i>c</i> $(touch ran) `touch ran` %s {/Bold x}_1^2 日本 é;'"'d'"
rows "$name" similarity "c4 mmlu" 8 0 | series fig-1d >hostile.tsv
is "a hostile name is text in a picture" "$(draw svg hostile.tsv | sed -n 's,.*<text>\(a .*\)</text>,\1,p')" \
	"a 'b' &amp; &lt;i>c&lt;/i> \$(touch ran) \`touch ran\` %s {/Bold x}_1^2 日本 é;'d'"
for n in "$name" "$(printf 'x%.0s' 1 2 3 4 5 6 7 8 9 | head -c 9)-$(awk 'BEGIN { for (i = 0; i < 200; i++) printf "n" }')" a; do
	rows "$n|b 2|c" similarity mmlu 8 0 | series fig-2 >hostile.tsv
	for type in svg png pdf; do draw $type hostile.tsv; done >/dev/null 2>>said
done
is "gnuplot has no word on any" "$(cat said)" ""
is "and nothing in them was run" "$(ls ran 2>&1 | grep -v 'No such')" ""

# -- pictures
said=$(for f in 1d:one 2:many 3:losses 5:both 6:one 7:shots 8:seeds 9:ranks mmlu:one x:both; do
	series fig-${f%:*} <${f#*:} >fig.tsv
	for type in svg png pdf; do
		draw $type fig.tsv >fig.$type || echo "fig-${f%:*}.$type"
	done 2>&1
	grep -q '^</svg>' fig.svg && head -c 4 fig.png | grep -q PNG && head -c 5 fig.pdf | grep -q %PDF || echo "fig-${f%:*}"
done)
is "every figure as svg, png and pdf" "$said" ""
series fig-1d </dev/null >empty.tsv
is "a figure of nothing says so" "$(draw svg empty.tsv 2>&1 | grep -c 'nothing to draw')" 1
series fig-5 <both >fig.tsv
is "panels of one label have one scale" "$(awk -F'\t' 'BEGIN { OFS = FS } $9 == "C4 loss / ln V" && $8 == "before healing" && $5 == 0.9 { $6 = 1.45 } 1' fig.tsv >wide.tsv
	draw svg wide.tsv | grep -c '<text>1.5</text>')" 2
awk 'BEGIN { for (n = 1; n <= 6; n++) for (l = 0; l <= 6 - n; l++) print n "\t" l "\t" n + (l - 2) ^ 2 }' >angles
awk 'BEGIN { print "0\t0\t"; for (n = 1; n < 6; n++) print n "\t" (n < 4 ? 2 : 6 - n) "\t" n }' >blocks
sed '1!s/$/	0.8	1/' blocks >sure
for type in svg png pdf; do
	for b in blocks sure; do
		for s in angle curves; do gnuplot -d -e "type = '$type'; angles = 'angles'; blocks = '$b'" "$P/$s.gp" >$s-$b.$type || echo $s; done
	done
done >said 2>&1
is "maps and curves of distances, with and without how sure they are" "$(cat said)" ""
is "figure 4 has a cell for each block but the whole model, beside the 128 steps of its colours" "$(grep -c '<polygon' angle-blocks.svg)" 148
is "where it is known, a ring for each runner-up beside that of the key, which is white where it is not" "$(for b in blocks sure; do grep -c "href='#gpPt5' transform" angle-$b.svg; done | tr '\n' ' ')" "1 6 "

# -- other figures, from streams
block() { echo "{\"n\": $1, \"l\": $2, \"mean\": $3, \"sem\": 0.01, \"layers\": 10, \"rule\": \"similarity\"}"; }
model() { echo "{\"base\": \"b\", \"print\": \"00\", \"keep\": [0], \"adapter\": null, \"adapter_print\": null, \"quant\": null, \"block\": $1}"; }
score() { echo "{\"task\": \"$1\", \"metric\": \"x\", \"value\": $2, \"stderr\": $3, \"count\": 9, \"sum\": 1.0, \"sumsq\": 1.0, \"model\": $4 $5}"; }
mkdir -p m/similarity-n4-r2-lr1-t300-s0.adapter m/similarity-n2-r2-lr1-t300-s0.adapter
for l in 0 1 2 3 4 5 6; do block 4 $l "0.$((8 - l))"; done | rec-make block >m/similarity-every-n4.block
for l in 0 1 2 3 4 5 6; do score c4 "$((9 - l)).0" 0.1 "$(model "$(block 4 $l 0.1)")" ", \"normalised\": 0.$((9 - l))"; done | rec-make score >m/similarity-every-n4.c4.score
score c4 2.0 0.1 "$(model null)" ', "normalised": 0.2' | rec-make score >m/similarity-n0.c4.score
"$P/every" m/similarity-every-n4.block m/similarity-n0.c4.score m/similarity-every-n4.c4.score >every.tsv
is "every block of a width: losses, distances, the least of each, the base" "$(points <every.tsv; lines <every.tsv)" "$({
	for l in 0 1 2 3 4 5 6; do
		echo "-|C4 loss / ln V|each block|$l.0000|0.$((9 - l))00000|0.010000"
		echo "-|angular distance / π|each block|$l.0000|0.$((8 - l))00000|0.010000"
	done
	echo "-|C4 loss / ln V|least|6.0000|0.300000|0.000000"
	echo "-|angular distance / π|least|6.0000|0.200000|0.000000"; } | sort; printf '%s\n' '-|C4 loss / ln V|random|1.0000' '-|C4 loss / ln V|unpruned|0.2000')"
like "and how they agree" "$(sed -n 2p every.tsv)" 'm	Loss without each block of 4 layers.*Rank correlation of loss and distance: 1.00, over 7 blocks.'
is "as ranks say: one pair exchanged of seven is 1 - 6 * 2 / 336" "$(awk -f "$P/numbers.awk" -f "$P/tasks.awk" -f "$P/panels.awk" -f "$P/every.awk" <<'END' | sed -n '2s/.*distance: \([0-9.]*\),.*/\1/p'
label c4 1 L
	m/b
4	0	0.1	0
4	1	0.2	0
4	2	0.3	0
4	3	0.4	0
4	4	0.5	0
4	5	0.6	0
4	6	0.7	0
4	0	0.1	1	0
4	1	0.2	2	0
4	2	0.3	3	0
4	3	0.5	4	0
4	4	0.4	4	0
4	5	0.6	6	0
4	6	0.7	7	0
END
)" 0.96

loss() { awk -v s="$1" 'BEGIN { for (i = 0; i < 300; i++) printf "{\"step\": %d, \"lr\": 0.1, \"loss\": 9.0, \"ce\": %.4f, \"aux\": 0.0, \"norm\": 1.0, \"tokens\": 5%s}\n", i, s + i % 7, i % 100 == 99 ? ", \"valid\": " s ".5" : "" }' | rec-make loss; }
loss 1 >m/similarity-n4-r2-lr1-t300-s0.adapter/heal.loss
loss 2 >m/similarity-n2-r2-lr1-t300-s0.adapter/heal.loss
"$P/losses" m/similarity-n4-r2-lr1-t300-s0.adapter/heal.loss m/similarity-n2-r2-lr1-t300-s0.adapter/heal.loss >losses.tsv
is "losses of healing: each step, the mean of seven, held out" "$(points <losses.tsv)" "$(awk 'BEGIN { for (s = 1; s < 3; s++) {
	name = s == 1 ? "4 layers dropped" : "2 layers dropped"
	for (i = 0; i < 300; i++) {
		sum = n = 0
		for (k = i - 3; k <= i + 3; k++) if (k >= 0 && k < 300) { sum += s + k % 7; n++ }
		printf "-|loss, nats a token|%s|%.4f|%.6f|0.000000\n-|loss, nats a token|%s, each step|%.4f|%.6f|0.000000\n", name, i, sum / n, name, i, s + i % 7
		if (i % 100 == 99) printf "-|loss, nats a token|%s, held out|%.4f|%.6f|0.000000\n", name, i, s + 0.5 } } }' | sort)"

cost() { echo "{\"parameters\": 10, \"adapter_parameters\": 0, \"bytes_bf16\": $((2000000000 * $2)), \"bytes_nf4\": $((500000000 * $2)), \"flop\": $((1000000000 * $2)), \"kv\": $((1000 * $2)), \"length\": 512, $3 \"model\": $(model "$1")}"; }
{ cost null 10 '"rate": 100.0, "peak": 3000000000,'; cost "$(block 4 2 0.1)" 6; cost "$(block 5 2 0.1)" 5 '"rate": 200.0, "peak": 1500000000,'; } | rec-make cost >m/similarity-all.cost
"$P/costs" m/similarity-all.cost >costs.tsv
is "what models take, and the straight line to nothing" "$(awk -F'\t' '$1 + 0 > 0 { printf "%s|%s|%.1f %.3g\n", $9, $10, $5, $6 }' costs.tsv)" \
	"$(while IFS='|' read -r label name base; do
		curve=${name:-this model} line="in proportion to layers${name:+, $name}"
		case $label in
		time* | peak*) printf '%s\n' "$label|$curve|0.0 $base" "$label|$curve|0.5 $(echo "$base" | awk '{ printf "%.3g", $1 / 2 }')" ;;
		*) echo "$base" | awk -v w="$label|$curve|" '{ printf "%s0.0 %.3g\n%s0.4 %.3g\n%s0.5 %.3g\n", w, $1, w, 0.6 * $1, w, 0.5 * $1 }' ;;
		esac
		printf '%s\n' "$label|$line|0.0 $base" "$label|$line|1.0 0"
	done <<'END'
weights, GB|bf16|20
weights, GB|NF4|5
GFLOP a token||10
keys and values, KB a token||10
time, ms a token||10
peak memory, GB||3
END
	)"

category() { printf '"%s": {"value": %s, "stderr": %s, "count": 5, "correct": 2}' "$1" "$2" "$3"; }
categories() { printf ', "categories": {'; category STEM $1 0.1; printf ', '; category "social sciences" $2 '"nan"'; printf '}'; }
{ score mmlu 0.5 0.1 "$(model null)" "$(categories 0.6 0.7)"; score mmlu 0.4 0.1 "$(model "$(block 2 3 0.1)")" "$(categories 0.3 0.35)"; } |
	rec-make score >m/similarity-all.mmlu-k5.score
score mmlu 0.4 0.1 "$(model "$(block 2 3 0.1)")" "$(categories 0.55 0.65)" | rec-make score >m/similarity-n2-r2-lr1-t300-s0.mmlu-k5.score
"$P/categories" m/similarity-all.mmlu-k5.score m/similarity-n2-r2-lr1-t300-s0.mmlu-k5.score >categories.tsv
is "MMLU's categories: a panel each" "$(points <categories.tsv; lines <categories.tsv | grep unpruned)" "$(printf '%s\n' \
	'STEM|MMLU accuracy|healed|0.0000|0.600000|0.100000' 'STEM|MMLU accuracy|healed|0.2000|0.550000|0.100000' \
	'STEM|MMLU accuracy|not healed|0.0000|0.600000|0.100000' 'STEM|MMLU accuracy|not healed|0.2000|0.300000|0.100000' \
	'social sciences|MMLU accuracy|healed|0.0000|0.700000|0.000000' 'social sciences|MMLU accuracy|healed|0.2000|0.650000|0.000000' \
	'social sciences|MMLU accuracy|not healed|0.0000|0.700000|0.000000' 'social sciences|MMLU accuracy|not healed|0.2000|0.350000|0.000000' \
	'STEM|MMLU accuracy|unpruned|0.6000' 'social sciences|MMLU accuracy|unpruned|0.7000')"
is "and so are these drawn" "$(for f in every losses costs categories; do for type in svg png pdf; do draw $type $f.tsv >fig.x || echo $f; done; done 2>&1)" ""
done_testing
