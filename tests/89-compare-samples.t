#!/bin/sh
# compare-samples: against sums made plainly from the same samples, McNemar's p against a sum of coins; any order and
# division of a stream; which models are a pair; what is refused.
. "${0%/*}/tap.sh"
cd "$T" || exit 1

# meta QUESTIONS KEEP ...: a header's meta, of models that keep 0 to KEEP-1
meta() {
	printf '{"task":"%s","questions":"%s","models":[' "$task" "$1"
	shift
	for keep in "$@"; do
		printf '%s{"base":"b","print":"p","keep":[%s]}' "$comma" "$(seq -s, 0 $((keep - 1)))"
		comma=,
	done
	echo ']}'
	comma=
}
# questions SEED: 300 questions of two subjects, two models; the second is right more often
questions() {
	awk -v seed="$1" 'BEGIN { srand(seed); for (row = 0; row < 150; row++) for (s = 0; s < 2; s++) for (m = 0; m < 2; m++)
		printf "{\"task\":\"mmlu\",\"subject\":\"%s\",\"row\":%d,\"model\":%d,\"logp\":[-1,-2,-3,-4],\"answer\":%d,\"choice\":%d,\"top\":true,\"ntok\":9}\n",
			s ? "law" : "art", row, m, row % 4, rand() < 0.3 + 0.1 * m + 0.05 * seed ? row % 4 : (row + 1) % 4 }'
}
# texts SEED: 60 sequences of 1 to 100 tokens, two models; the first has but one token and says nothing
texts() {
	awk -v seed="$1" 'BEGIN { srand(5); for (row = 0; row < 60; row++) { hard[row] = rand(); n[row] = row ? 2 + int(99 * rand()) : 1 }
		srand(seed); for (row = 0; row < 60; row++) for (m = 0; m < 2; m++) { nats = (n[row] - 1) * (3 + hard[row] + 0.1 * rand() + 0.2 * m * seed)
		printf "{\"task\":\"c4\",\"subject\":null,\"row\":%d,\"model\":%d,\"logp\":[%.6g],\"answer\":null,\"choice\":null,\"top\":null,\"ntok\":%d%s}\n",
			row, m, -nats, n[row], nats ? sprintf(",\"nats\":%.15g", nats) : "" } }'
}
task=mmlu
questions 1 >a.json
questions 2 >b.json
rec-make --meta "$(meta q1 9 7)" sample a.json >a.samples
rec-make --meta "$(meta q1 9 7)" sample b.json >b.samples
compare-samples a.samples b.samples >got
is "a head and a line for each of two models" "$(head -1 got | tr '\t' ' '), $(($(wc -l <got) - 1))" \
	"task metric model_a model_b layers_a layers_b count a b difference stderr p both only_a only_b neither, 2"

# The same plainly: a table of right and wrong, each question its own difference, a coin for each that differs.
cat >plain.awk <<'EOF'
function field(key) { match($0, "\"" key "\":\"?[^,}\"]*"); return substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) }
{ k = field("model") SUBSEP field("subject") SUBSEP field("row"); ok = field("answer") == field("choice") }
FNR == NR { a[k] = ok; next }
{ b[k] = ok }
END {
	for (m = 0; m < 2; m++) {
		n = both = only_a = only_b = sum = squares = 0
		for (k in a) { split(k, part, SUBSEP); if (part[1] != m) continue
			n++; d = b[k] - a[k]; sum += d; both += a[k] && b[k]; only_a += d < 0; only_b += d > 0 }
		for (k in a) { split(k, part, SUBSEP); if (part[1] == m) squares += (b[k] - a[k] - sum / n) ^ 2 }
		p[0] = 1; coins = only_a + only_b; less = only_a < only_b ? only_a : only_b
		for (i = 1; i <= coins; i++) { p[i] = 0; for (j = i; j > 0; j--) p[j] = (p[j] + p[j - 1]) / 2; p[0] /= 2 }
		tail = 0; for (j = 0; j <= less; j++) tail += 2 * p[j]
		printf "%d %d %d %d %d %.9f %.9f %.6g\n", n, both, only_a, only_b, n - both - only_a - only_b, sum / n, \
			sqrt(squares / (n - 1) / n), (tail > 1 ? 1 : tail)
	}
}
EOF
awk -f plain.awk a.json b.json >want
awk 'NR > 1 { printf "%d %d %d %d %d %.9f %.9f %.6g\n", $7, $13, $14, $15, $16, $10, $11, $12 }' got >lines
same "accuracy: counts, difference, its standard error and p, as plain loops have them" lines want
is "... the two accuracies differ by the difference" \
	"$(awk 'NR > 1 && ($9 - $8 - $10) ^ 2 > 1e-20' got)" ""

sort -t, -k3,3 b.json | rec-make --meta "$(meta q1 9 7)" sample >other.samples
compare-samples a.samples other.samples >other
same "samples in another order: the same" other got
for side in a b; do
	grep '"art"' $side.json | rec-make --meta "$(meta q1 9 7)" sample >$side.1
	grep '"law"' $side.json | rec-make --meta "$(meta q2 9 7)" sample >$side.2
	cat $side.1 $side.2 >$side.both
done
compare-samples a.both b.both >other
same "two parts of each, joined: the same" other got
compare-samples a.samples - <b.samples >other
same "from a pipe: the same" other got
compare-samples b.samples a.samples >other
is "the other way round: the signs are others, the errors are not" \
	"$(awk 'NR > 1 { print -$10, $11, $12, $15, $14 }' other)" "$(awk 'NR > 1 { print $10, $11, $12, $14, $15 }' got)"
compare-samples a.samples a.samples >other
is "with itself: no difference, p is 1" "$(awk 'NR > 1 { print $10, $11, $12 }' other | sort -u)" "0 0 1"
compare-samples --table a.samples b.samples >table
like "--table: what it is" "$(head -1 table)" '^mmlu accuracy of 300 questions$'
is "... a line for each" "$(wc -l <table)" 7
like "... in columns" "$(tail -1 table)" '^ +7 +7 +0\.[0-9]{4} +0\.[0-9]{4} +[+-]0\.[0-9]{4} +0\.[0-9]{4} '

# -- pairs
rec-make --meta "$(meta q1 7 9)" sample b.json >turned.samples
compare-samples --by n a.samples turned.samples >other
is "--by n: those with as many layers" "$(awk 'NR > 1 { print $3, $4, $5, $6 }' other)" "$(printf '1 0 7 7\n0 1 9 9')"
compare-samples --by keep a.samples turned.samples >other
is "--by keep: those with the same layers" "$(awk 'NR > 1 { print $3, $4, $5, $6 }' other)" "$(printf '1 0 7 7\n0 1 9 9')"
grep '"model":0' b.json | rec-make --meta "$(meta q1 7)" sample >one.samples
is "one model among several" "$(compare-samples --by n a.samples one.samples | awk 'NR > 1 { print $3, $4 }')" "1 0"
fails "two and one by position" 1 'a.samples has 2 models, one.samples 1: .*--by' compare-samples a.samples one.samples
rec-make --meta "$(meta q1 5)" sample one.samples 2>/dev/null
grep '"model":0' b.json | rec-make --meta "$(meta q1 5)" sample >five.samples
fails "no partner at all" 1 'none of its models has a partner' compare-samples --by n a.samples five.samples
rec-make --meta "$(meta q1 7 7)" sample a.json >twice.samples
fails "two partners" 1 'models 0 and 1 both fit' compare-samples --by n twice.samples one.samples

# -- losses
task=c4
texts 1 >c.json
texts 2 >d.json
for side in c d; do rec-make --meta "$(meta t1 9 7)" sample $side.json >$side.samples; done
compare-samples c.samples d.samples >got
cat >plain.awk <<'EOF'
function field(key) { match($0, "\"" key "\":[^,}]*"); return RSTART ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) : 0 }
{ k = field("model") SUBSEP field("row"); v = field("nats") + 0; t[k] = field("ntok") - 1 }
FNR == NR { a[k] = v; next }
{ b[k] = v }
END {
	for (m = 0; m < 2; m++) {
		count = tokens = sum = squares = 0
		for (i = 0; i < 60; i++) { k = m SUBSEP i; if (t[k]) { count++; tokens += t[k]; sum += b[k] - a[k] } }
		for (i = 0; i < 60; i++) { k = m SUBSEP i; squares += (b[k] - a[k] - sum / tokens * t[k]) ^ 2 }
		printf "%d %.9f %.9f\n", count, sum / tokens, sqrt(count / (count - 1) * squares) / tokens
	}
}
EOF
awk -f plain.awk c.json d.json >want
awk 'NR > 1 { printf "%d %.9f %.9f\n", $7, $10, $11 }' got >lines
same "loss: sequences, difference and its standard error, as plain loops have them" lines want
is "... and no counts of right answers" "$(awk 'NR > 1 { print $13 $14 $15 $16 }' got | sort -u)" "----"
# erfc at z = 0.5, 1, 2, 3, from a table of the normal distribution
cat >z.awk <<'EOF'
{ z = $10 / $11; if (z < 0) z = -z; t = 1 / (1 + 0.3275911 * z / sqrt(2))
	p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * exp(-z * z / 2)
	if (NR > 1 && (p - $12) ^ 2 > 1e-12) print "p", $12, "not", p }
EOF
is "... p is the normal distribution's, to six digits" "$(awk -f z.awk got)" ""
like "... a table of it" "$(compare-samples --table c.samples d.samples | head -1)" 'c4 loss, nats a token, of 59 sequences'
grep '"row":[01],' c.json | rec-make --meta "$(meta t1 9 7)" sample >one.samples
is "one sequence: no error, no p" "$(compare-samples one.samples one.samples | awk 'NR > 1 { print $7, $10, $11, $12 }' | sort -u)" "1 0 - 1"

# -- refused
fails "another task" 1 'd.samples: is of the task c4, but a.samples of mmlu' compare-samples a.samples d.samples
rec-make --meta "$(meta t2 9 7)" sample d.json >other.samples
fails "other questions" 1 'other.samples: its sequences are others than those of c.samples' compare-samples c.samples other.samples
grep -v '"row":17,' d.json | rec-make --meta "$(meta t1 9 7)" sample >other.samples
fails "a row that one side lacks" 1 'c.samples: row 17 is not in other.samples' compare-samples c.samples other.samples
fails "... whichever side" 1 'c.samples: row 17 is not in other.samples' compare-samples other.samples c.samples
sed 's/"row":3,\(.*\)"ntok":[0-9]*/"row":3,\1"ntok":5/' d.json | rec-make --meta "$(meta t1 9 7)" sample >other.samples
fails "another length" 1 'other.samples: row 3 has another answer or length' compare-samples c.samples other.samples
cat d.json d.json | rec-make --meta "$(meta t1 9 7)" sample >other.samples
fails "a row that is there twice" 1 'other.samples: row 0 is there twice' compare-samples c.samples other.samples
fails "... in two parts" 1 'row 0 of art is there twice' sh -c 'cat a.1 a.1 >x; compare-samples x x'
rec-make --meta "$(meta t1 9)" sample d.json >other.samples
fails "a model that meta has not" 1 "record 2: key 'model': meta has no such model" compare-samples c.samples other.samples
grep '"model":0' d.json | rec-make --meta "$(meta t1 9 7)" sample >other.samples
fails "a model without samples" 1 'has no samples of model' sh -c 'compare-samples other.samples other.samples'
rec-make sample d.json >other.samples
fails "samples of another origin" 1 "other.samples: header: meta has no 'task'" compare-samples other.samples c.samples
head -c 200 d.samples >cut.samples
fails "a cut stream" 1 'cut.samples: ' compare-samples c.samples cut.samples
fails "one operand" 2 'two sample streams are wanted' compare-samples c.samples
fails "/dev/full" 1 'write' sh -c 'compare-samples c.samples d.samples >/dev/full'
done_testing
