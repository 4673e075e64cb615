#!/bin/sh
# lib/cuda without a device: its kernels on the processor, under AddressSanitizer and UBSan, the threads in three orders,
# against what every backend is tested against; and nvcc builds them without a warning or a spill.
. "${0%/*}/tap.sh"
command -v g++ >/dev/null || skip_all 'no g++'
G=${COPPICE_SHARED:-../shared}/golden
emu=$O/cuda-emu-asan
export CMOCKA_MESSAGE_OUTPUT=STDOUT UBSAN_OPTIONS=print_stacktrace=1

mk() { make -s --no-print-directory "$@"; }

ok 'the emulation builds with sanitizers' mk -j2 BACKEND=cuda-emu SANITIZE=address,undefined OPT=-O1 O="$emu" \
	"$emu/tests/40-ops" "$emu/tests/41-back" "$emu/tests/44-attention" "$emu/tests/45-cuda-inside" \
	"$emu/tests/46-ops-wide" "$emu/tests/helper/golden-forward" "$emu/tests/helper/emu-faults"

# What the emulation finds: in all orders by dying, or in some by a wrong result.
fault() { COPPICE_EMU_ORDER=$2 "$emu/tests/helper/emu-faults" "$1" 2>&1; }
for i in 0 1 2; do
	is "order $i: kernels without mistakes are right" "$(fault none $i)" right
done
for f in barrier syncwarp wait copied blocks; do
	like "a mistake shows in some order: $f" "$(fault $f 0; fault $f 1; fault $f 2)" wrong
done
while read -r f why; do
	like "found: $f" "$(fault "$f" 2)" "$why"
done <<'END'
exit some threads wait at a barrier and others are done
divergent threads wait at different barriers
absent takes from one that is absent
large too much shared memory
behind use-after-poison
stray heap-buffer-overflow
END

# run DTYPE ORDER TEST ...
run() {
	dtype=$1 order=$2
	shift 2
	for t; do
		ok "$t: $dtype, order $order" env OPS_DTYPE="$dtype" COPPICE_EMU_ORDER="$order" "$emu/tests/$t"
	done
}
run f32 0 41-back
run f32 1 40-ops 41-back
run f32 2 41-back 45-cuda-inside
run bf16 0 41-back 46-ops-wide
run bf16 1 41-back 44-attention
run bf16 2 40-ops 41-back 45-cuda-inside

# near NAME ORDER ARGUMENTS: golden-forward, which frees nothing
near() {
	near_name=$1 order=$2
	shift 2
	ok "$near_name" env COPPICE_EMU_ORDER="$order" ASAN_OPTIONS=detect_leaks=0 "$emu/tests/helper/golden-forward" "$@"
}
if [ -d "$G/tiny" ]; then
	for n in llama-gqa phi2; do
		s=$G/tiny/$n/tokens.json
		make-tiny $n "$T/$n"
		make-tiny $n-bf16 "$T/$n-bf16"
		near "$n, f32: within 1e-5 of float64" 1 -m "$T/$n" --dtype=f32 --tokens="$s" "$G/tiny/$n/expected.json"
		near "$n, bf16: within 3 x what golden's own bf16 products differ" 2 -m "$T/$n-bf16" --dtype=bf16 \
			--tokens="$s" "$G/tiny/$n-bf16/expected.json"
	done
fi

if [ -x "$(mk print-NVCC)" ]; then
	ok 'nvcc builds lib/cuda, warnings and spills being errors' mk -j2 BACKEND=cuda O="$O/cuda" kernels
	mv "$T/.out" "$T/table"
	is 'no kernel has spills or a stack' "$(awk 'NR > 1 && $(NF - 1) + $NF > 0' "$T/table")" ''
	diag "$(cat "$T/table")"
else
	tap_result 0 'nvcc builds lib/cuda # SKIP no nvcc'
fi
done_testing
