#!/bin/sh
# The golden values themselves: the second program, which has nothing but numpy and the formula of their README, computes
# the same; and text of others is not among them.
. "${0%/*}/tap.sh"
G=$COPPICE_GOLDEN
export PYTHONDONTWRITEBYTECODE=1
if python3 -c 'import numpy' 2>/dev/null; then
	ok "the tiny models' forward passes in float64, within 1e-11" python3 "$G/make/check_tiny.py" "$G/tiny"
	ok "NF4: bytes, maxima and values, bit for bit" python3 "$G/make/check_nf4.py" "$G/nf4"
else
	skip "the second program agrees" "no numpy"
fi
is "only single words in the real model's values" "$(jq -r '.. | strings | select(test(" "))' "$G"/smollm2/*.json)" ""
is "each script is named in the README" "$(for f in "$G"/make/m*_*.py "$G"/make/check_*.py; do
	grep -q "${f##*/}" "$G/README.md" || echo "${f##*/}"; done)" ""
done_testing
