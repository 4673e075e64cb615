#!/bin/sh
# What reads bytes from outside, and what counts in memory, once more under AddressSanitizer and UBSan: hostile
# checkpoints, tokenizers, streams and tables, the operations forward and back, and the whole flow on a small model.
# Leaks are not looked for: the libraries for threads and products keep what they have until the end.
. "${0%/*}/tap.sh"

asan=$O/asan
if nm "$O/bin/rec-cat" 2>/dev/null | grep -q __asan_init; then
	skip_all 'these programs are sanitized already'
fi
shells="24-hostile 25-models 51-checkpoint 62-gguf-keys 63-drop-layers 64-merge-lora 66-same-model 84-evals 89-hostile-evals 91-flow"
units="11-mp 18-kinds 20-quant 22-parsers 23-checkpoint 30-utf8 34-tok-hostile 35-text 40-ops 41-back 70-nf4 72-grad 80-csv"
units="$units 82-prompts 83-samples"
# shellcheck disable=SC2046,SC2086
ok 'the programs build with sanitizers' sanitized all $(printf "$asan/tests/%s\n" $units) \
	$(for f in tests/helper/*.c; do f=${f##*/}; echo "$asan/tests/helper/${f%.c}"; done)

export ASAN_OPTIONS=detect_leaks=0 O="$asan" PATH="$asan/bin:$asan/tests/helper:$PATH"
for t in $shells $units; do
	run=tests/$t.t
	[ -e "$run" ] || run=$asan/tests/$t
	ok "$t: all of it passes under the sanitizers" sh -c \
		"tests/one $run >$T/log 2>&1; s=\$?; grep -E '^not ok|ERROR: |runtime error' $T/log && exit 1; exit \$s"
done
done_testing
