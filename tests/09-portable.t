#!/bin/sh
# All that is no backend's compiles for a processor of another kind, without a warning. Intrinsics stand in sys/simd.h.
. "${0%/*}/tap.sh"
cd "${0%/*}/.." || exit 1
unset MAKEFLAGS MAKELEVEL	# of make check

is 'no intrinsics but in sys/simd.h and the backends' \
	"$(grep -rlE 'immintrin|arm_neon|_mm[0-9]*_|__m[0-9]+|__builtin_(ia32|cpu)|\basm\b' lib tools --include='*.[ch]' |
		grep -v -e '^lib/cpu/' -e '^lib/cuda' -e '^lib/sys/simd\.h$')" ''
if command -v aarch64-linux-gnu-gcc >/dev/null; then
	ok 'compiles for aarch64' make -s -j2 portable CC=aarch64-linux-gnu-gcc O="$T/out" OPT='-fsyntax-only -Werror'
else
	tap_result 0 'compiles for aarch64 # SKIP no aarch64-linux-gnu-gcc'
fi
done_testing
