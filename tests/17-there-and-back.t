#!/bin/sh
# rec-cat --full | rec-make gives the same bytes, for random records of every kind: NaNs of any bits, integers of 64
# bits, strings with anything in them, unknown keys.
. "${0%/*}/tap.sh"
for kind in tokens hidden angle block model loss sample score; do
	for seed in 1 2 3; do
		random-records $kind $seed >"$T/a" && rec-cat --full "$T/a" >"$T/json" && rec-make $kind "$T/json" >"$T/b"
		same "$kind, seed $seed, $(wc -c <"$T/json") bytes of JSON" "$T/a" "$T/b"
	done
done
# Another reader of JSON takes all of it.
if /usr/bin/python3 -c '' 2>/dev/null; then
	random-records score 4 | rec-cat --full >"$T/json"
	ok 'Python reads the JSON' /usr/bin/python3 -c 'import json, sys
for line in open(sys.argv[1], encoding="utf-8", newline="\n"):
	json.loads(line)' "$T/json"
fi
done_testing
