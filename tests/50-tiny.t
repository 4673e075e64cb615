#!/bin/sh
# The forward pass of all eight families against golden/tiny, in f32 and in bf16, from folders and from GGUF files.
. "${0%/*}/tap.sh"
G=$COPPICE_GOLDEN

# near NAME ARGUMENTS: golden-forward, and how near it came
near() {
	near_name=$1
	shift
	ok "$near_name" golden-forward "$@"
	sed 's/^/#   /' "$T/.out"
}

for n in llama-mha llama-gqa llama3 mistral qwen1 phi2 qwen2 qwen3; do
	e=$G/tiny/$n/expected.json s=$G/tiny/$n/tokens.json m=$T/$n
	make-tiny --gguf=f32 "$n" "$m"
	near "$n, f32: x, logits, losses, distances, best, pruned losses within 1e-5 of float64; any grouping the same bits" \
		-m "$m" --dtype=f32 --tokens="$s" --dump="$T/a" "$e"
	golden-forward -m "$m" --dtype=f32 -j 1 --tokens="$s" --dump="$T/b" "$e" >/dev/null
	same "$n: one thread gives the same bits" "$T/a" "$T/b"
	golden-forward -m "$m" --dtype=f32 -j 3 --tokens="$s" --dump="$T/b" "$e" >/dev/null
	same "$n: three threads give the same bits" "$T/a" "$T/b"
	if [ "$n" != qwen1 ]; then
		make-tiny --v5 "$n" "$T/v5"
		golden-forward -m "$T/v5" --dtype=f32 --tokens="$s" --dump="$T/b" "$e" >/dev/null
		same "$n: the config as transformers 5 writes it gives the same bits" "$T/a" "$T/b"
	fi
	case $n in
	mistral)	# a GGUF file has no window
		make-tiny --set sliding_window=null --gguf=f32 $n "$T/open"
		golden-forward -m "$T/open" --dtype=f32 --tokens="$s" --keep=0-5 --dump="$T/a" >/dev/null
		golden-forward -m "$T/open/model.gguf" --dtype=f32 --tokens="$s" --keep=0-5 --dump="$T/b" >/dev/null
		same "$n: GGUF gives the bits of a folder without a window" "$T/a" "$T/b" ;;
	llama3)		# its frequencies come as rounded factors
		near "$n: GGUF in f32 within 1e-5" -m "$m/model.gguf" --dtype=f32 --tokens="$s" "$e" ;;
	*)
		golden-forward -m "$m/model.gguf" --dtype=f32 --tokens="$s" --dump="$T/b" "$e" >/dev/null
		same "$n: GGUF gives the same bits" "$T/a" "$T/b" ;;
	esac
	make-tiny "$n-bf16" "$m-bf16"
	near "$n, bf16: within 3 x what golden's own bf16 products differ; any grouping the same bits" \
		-m "$m-bf16" --dtype=bf16 --tokens="$s" "$G/tiny/$n-bf16/expected.json"
	near "$n-bf16 in f32: within 1e-5" -m "$m-bf16" --dtype=f32 --tokens="$s" "$G/tiny/$n-bf16/expected.json"
done

# The kernels of older machines: other products, the same promises.
for isa in AVX512_CORE AVX2; do
	for n in llama-gqa phi2; do
		DNNL_MAX_CPU_ISA=$isa near "$n, f32, at most $isa: within 1e-5; any grouping the same bits" -m "$T/$n" \
			--dtype=f32 --tokens="$G/tiny/$n/tokens.json" --dump="$T/a" "$G/tiny/$n/expected.json"
		DNNL_MAX_CPU_ISA=$isa golden-forward -m "$T/$n" --dtype=f32 -j 1 --tokens="$G/tiny/$n/tokens.json" \
			--dump="$T/b" "$G/tiny/$n/expected.json" >/dev/null
		same "$n, f32, at most $isa: one thread gives the same bits" "$T/a" "$T/b"
		DNNL_MAX_CPU_ISA=$isa near "$n, bf16 without its instructions, at most $isa: within 3 x golden's" -m "$T/$n-bf16" \
			--dtype=bf16 --tokens="$G/tiny/$n/tokens.json" "$G/tiny/$n-bf16/expected.json"
	done
done
done_testing
