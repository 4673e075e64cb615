#!/bin/sh
# The benchmark of known shapes: a small one on this backend, and what it says where there is no device.
. "${0%/*}/tap.sh"

jobs="product forward healing-step attention attention-back"
table() { sed -n '3,$p' "$T/table" | sed 's/healing step/healing-step/; s/attention back/attention-back/'; }

shapes --tiny --seconds=0 >"$T/table" 2>&1 || diag "$(cat "$T/table")"
if grep -q '^no device: .' "$T/table"; then
	is 'no device: one line, and no failure' "$(shapes 7b | wc -l)" 1
	done_testing
	exit
fi
for how in '' --nf4 --dtype=f32; do
	ok "a small shape $how" sh -c "shapes --tiny --seconds=0 $how >'$T/table'"
	is "its jobs $how" "$(table | awk '{ print $2 }' | tr '\n' ' ')" "$jobs "
	is "every job has a time and a rate $how" "$(table | awk '!($3 > 0 && $4 > 0 && $6 > 0 && $6 <= 1000)')" ''
done
# By hand: a layer multiplies by 64 (64 + 2 32) + 64 64 + 3 64 160 values, the output layer by 64 200.
n=$((3 * (64 * 128 + 64 * 64 + 3 * 64 * 160) + 64 * 200))
is 'FLOPs: 2 N a token forward' "$(table | awk -v n=$n '$2 == "forward" { x = 2 * n * 256 / ($3 * 1e-3) * 1e-9; print x - $5 < 1 + x / 50 && $5 - x < 1 + x / 50 }')" 1
fails 'a shape that there is not' 2 'nonesuch: 1b, 7b and 13b are known' shapes nonesuch
done_testing
