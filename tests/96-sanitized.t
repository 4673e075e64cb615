#!/bin/sh
# What reads bytes from outside, and what counts in memory, once more under AddressSanitizer and UBSan: hostile
# checkpoints, tokenizers, streams and tables, the operations forward and back, and the whole flow on a small model.
# Leaks are not looked for: the libraries for threads and products keep what they have until the end.
. "${0%/*}/tap.sh"

asan=$O/asan
if nm "$O/bin/rec-cat" 2>/dev/null | grep -q __asan_init; then
	skip_all 'these programs are sanitized already'
fi
ok 'the programs build with sanitizers' make -j2 SANITIZE=address,undefined OPT='-O1 -g' O="$asan" tests

export ASAN_OPTIONS=detect_leaks=0 O="$asan" PATH="$asan/bin:$asan/tests/helper:$PATH"
for t in tests/24-hostile.t tests/25-models.t tests/51-checkpoint.t tests/62-gguf-keys.t tests/63-drop-layers.t \
	tests/64-merge-lora.t tests/66-same-model.t tests/84-evals.t tests/89-hostile-evals.t tests/91-flow.t 11-mp \
	18-kinds 20-quant 22-parsers 23-checkpoint 30-utf8 34-tok-hostile 35-text 40-ops 41-back 70-nf4 72-grad 80-csv 82-prompts 83-samples; do
	case $t in
	*.t) run=$t ;;
	*) run=$asan/tests/$t ;;
	esac
	ok "${t#tests/}: all of it passes under the sanitizers" sh -c \
		"tests/one $run >$T/log 2>&1; s=\$?; grep -E '^not ok|ERROR: |runtime error' $T/log && exit 1; exit \$s"
done
done_testing
