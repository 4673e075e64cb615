#!/bin/sh
# Checkpoints as transformers, peft and bitsandbytes write them, and what they must compute: golden/checkpoint.
. "${0%/*}/tap.sh"
C=$COPPICE_GOLDEN/checkpoint

near() {
	near_name=$1
	shift
	ok "$near_name" golden-forward --dtype=f32 "$@" "$C/expected.json"
	sed 's/^/#   /' "$T/.out"
}

near "plain: x, logits, losses within 1e-5 of float64" -m "$C/plain" --key=plain --dump="$T/a"
near "sharded: within 1e-5" -m "$C/sharded" --key=sharded --dump="$T/b"
same "sharded: the bits of plain" "$T/a" "$T/b"
near "adapter on plain: within 1e-5" -m "$C/plain" --adapter="$C/adapter" --key=adapter

make-tiny llama-gqa-bf16 "$T/tiny"
same "the weight formula gives transformers' file byte for byte" "$T/tiny/model.safetensors" "$C/plain/model.safetensors"

# golden's values for bnb4 came from a kernel that takes other blocks where rows are no multiple of 64 long
# (unpack-bnb.c): the file's codes and maxima are held against them by that route, our reading of them by the right one.
unpack-bnb "$C/bnb4" "$T/right"
unpack-bnb --avx512 "$C/bnb4" "$T/avx512"
near "bnb4, its blocks counted as the kernel behind golden does: within 1e-5" -m "$T/avx512" --key=bnb4
golden-forward --dtype=f32 -m "$C/bnb4" --tokens="$C/expected.json" --keep=0-6 --dump="$T/a" >/dev/null
golden-forward --dtype=f32 -m "$T/right" --tokens="$C/expected.json" --keep=0-6 --dump="$T/b" >/dev/null
same "bnb4: the bits of its dequantised weights in a plain folder" "$T/a" "$T/b"
done_testing
