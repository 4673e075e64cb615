#!/bin/sh
# Healing of a real model against golden/smollm2/heal.json: NF4 base from a GGUF file, five steps, f32 and bf16.
. "${0%/*}/tap.sh"

golden=$COPPICE_GOLDEN/smollm2/heal.json
need_smollm

below() {	# NAME FILE KIND LIMIT
	value=$(awk -v k="$3" '$1 == k { print $2 }' "$2")
	ok "$1: off by $value, limit $4" awk -v v="$value" -v l="$4" 'BEGIN { exit !(v != "" && v <= l) }'
}

heal-smollm "$COPPICE_SMOLLM" "$golden" f32 >"$T/f32"
below "f32: loss of each step" "$T/f32" loss 2e-4
below "f32: norm of each step, relative" "$T/f32" norm 1e-4
below "f32: gradient norms of all tensors, steps 0 and 1" "$T/f32" gradients 2e-4
below "f32: loss after the steps" "$T/f32" after 2e-4
below "f32: norms of the final adapters" "$T/f32" final 3e-5

# three times what tests/golden/README.md measured for bf16 products
heal-smollm "$COPPICE_SMOLLM" "$golden" bf16 >"$T/bf16"
below "bf16: loss of each step" "$T/bf16" loss 0.243
below "bf16: norm of each step, relative" "$T/bf16" norm 0.187
below "bf16: gradient norms of all tensors, steps 0 and 1" "$T/bf16" gradients 0.108
below "bf16: loss after the steps" "$T/bf16" after 0.0286
below "bf16: norms of the final adapters" "$T/bf16" final 7.2e-4
done_testing
