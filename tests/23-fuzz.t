#!/bin/sh
# Parsers under inputs that are made of whole and spoilt files, the same ones each time: some seconds of what `make fuzz`
# does for minutes. tests/fuzz/NAME.c says what must hold.
. "${0%/*}/tap.sh"
fuzz=$(cd "${0%/*}/fuzz" && pwd)
ok 'a corpus' "$fuzz/corpus" "$T/corpus"
cd "$T" || exit 1
for target in "$T"/corpus/*; do
	name=${target##*/}
	ok "$name" "$O/tests/fuzz/$name" -n "${FUZZ_RUNS:-2000}" "$target"/*
done
is 'as many as there are parsers' "$(ls "$T/corpus" | wc -l)" "$(ls "$fuzz"/*.c | grep -c -v -e '/driver\.c' -e '/dies\.c')"

# No success without inputs.
status=$("$O/tests/fuzz/csv" nowhere 2>/dev/null; echo $?)
is 'a missing file is no success' "$status" 2
done_testing
