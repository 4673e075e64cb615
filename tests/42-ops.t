#!/bin/sh
# The operations on three instruction sets, in f32 and bf16, with one to three threads: right (40-ops, 41-back, 47-layer), and the
# same bits however many threads there are.
. "${0%/*}/tap.sh"
export CMOCKA_MESSAGE_OUTPUT=STDOUT

# run ISA DTYPE THREADS
run() {
	ok "$1, $2, $3 threads: 40-ops passes" env DNNL_MAX_CPU_ISA="$1" OPS_DTYPE="$2" OPS_THREADS="$3" "$O/tests/40-ops"
	grep '^# ' "$T/.out" >"$T/$3"
}

for isa in ALL AVX512_CORE AVX2; do
	for dtype in f32 bf16; do
		run $isa $dtype 1
		run $isa $dtype 2
		same "$isa, $dtype: two threads give the bits of one" "$T/1" "$T/2"
		cat "$T/1"
		for t in 41-back 47-layer; do
			ok "$isa, $dtype: $t passes" env DNNL_MAX_CPU_ISA=$isa OPS_DTYPE=$dtype "$O/tests/$t"
		done
	done
done
run ALL f32 1
run ALL f32 3
same "three threads give the bits of one" "$T/1" "$T/3"
done_testing
