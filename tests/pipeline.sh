# pipeline - what tests of pipelines share, after tap.sh: the repository in $root, its pipelines in $P, and small inputs.
# The working folder is $T from here on.
LC_ALL=C
export LC_ALL
root=$(cd "${0%/*}/.." && pwd)
P=$root/pipelines
cd "$T" || exit 1
V=1	# logs show the commands
SOURCE_DATE_EPOCH=1700000000	# the day of reports
export V SOURCE_DATE_EPOCH

# letters N SEED: N documents of 60 random letters, as JSON lines
letters() {
	awk -v n="$1" -v seed="$2" 'BEGIN { srand(seed); for (i = 0; i < n; i++) { s = ""; for (j = 0; j < 60; j++)
		s = s substr("abcdefgh ", 1 + int(rand() * 9), 1); print "{\"text\":\"" s "\"}" } }'
}

# questions: two subjects in mmlu/, four questions in each file, and four lines of boolq.jsonl
questions() {
	mkdir -p mmlu/dev mmlu/test
	for subject in astronomy anatomy; do
		for split in dev test; do
			printf 'Which %s?,one,two,three,four,%s\n' first A second B third C fourth D >"mmlu/$split/${subject}_$split.csv"
		done
	done
	for i in 0 1 2 3; do
		echo "{\"question\": \"is it $i\", \"passage\": \"It -- It is $i.\", \"label\": $([ $i -gt 0 ] && echo true || echo false)}"
	done >boolq.jsonl
}
