#!/bin/sh
# lib/cuda without a device: its kernels on the processor, under AddressSanitizer and UBSan, the threads in three orders,
# against what every backend is tested against, and in a small flow against the tools of another backend; and nvcc builds them
# without a warning or a spill.
. "${0%/*}/tap.sh"
command -v g++ >/dev/null || skip_all 'no g++'
G=$COPPICE_GOLDEN
emu=$O/cuda-emu-asan
export CMOCKA_MESSAGE_OUTPUT=STDOUT UBSAN_OPTIONS=print_stacktrace=1

mk() { make -s --no-print-directory "$@"; }

# What is no backend's is the same for all: 96-sanitized's.
ok 'the library builds with sanitizers' sanitized "$O/asan/libcoppice.a"
mkdir -p "$emu/obj" && cp -au "$O/asan/obj/lib" "$emu/obj"
ok 'the emulation builds with sanitizers' mk -j2 BACKEND=cuda-emu SANITIZE=address,undefined OPT='-O1 -g' O="$emu" \
	"$emu/tests/40-ops" "$emu/tests/41-back" "$emu/tests/44-attention" "$emu/tests/45-cuda-inside" \
	"$emu/tests/46-ops-wide" "$emu/tests/47-layer" "$emu/tests/48-coded" "$emu/tests/72-grad" "$emu/tests/helper/golden-forward" \
	"$emu/tests/helper/emu-faults" "$emu/tests/helper/make-tiny" all

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
for order in 0 1 2; do
	run f32 $order 40-ops 41-back
	run bf16 $order 40-ops 41-back 44-attention 45-cuda-inside 48-coded
done
run f32 1 44-attention 45-cuda-inside 46-ops-wide 47-layer
run bf16 2 46-ops-wide 47-layer

# near NAME ORDER ARGUMENTS: golden-forward, which frees nothing
near() {
	near_name=$1 order=$2
	shift 2
	ok "$near_name" env COPPICE_EMU_ORDER="$order" ASAN_OPTIONS=detect_leaks=0 "$emu/tests/helper/golden-forward" "$@"
}
for n in llama-gqa phi2; do
	s=$G/tiny/$n/tokens.json
	"$emu/tests/helper/make-tiny" $n "$T/$n"
	"$emu/tests/helper/make-tiny" $n-bf16 "$T/$n-bf16"
	near "$n, f32: within 1e-5 of float64" 1 -m "$T/$n" --dtype=f32 --tokens="$s" "$G/tiny/$n/expected.json"
	near "$n, bf16: within 3 x what golden's own bf16 products differ" 2 -m "$T/$n-bf16" --dtype=bf16 \
		--tokens="$s" "$G/tiny/$n-bf16/expected.json"
done
order=0
for n in llama-gqa phi2 accumulated; do
	ok "golden/train: $n, order $order" env GRAD_ONLY="*$n*" COPPICE_EMU_ORDER=$order ASAN_OPTIONS=detect_leaks=0 "$emu/tests/72-grad"
	order=$((order + 1))
done

# The same streams through all tools, in the emulation and on the processor.
mk -j2 BACKEND=cpu O="$O" all >/dev/null
awk 'BEGIN { srand(5); for (i = 0; i < 12; i++) { n = 9 + i * 5; s = ""
	for (j = 0; j < n; j++) s = s (j ? "," : "") int(rand() * 300)
	print "{\"doc\":" i ",\"ids\":{\"dtype\":\"u32\",\"shape\":[" n "],\"data\":[" s "]}}" } }' >"$T/lines"
"$emu/tests/helper/make-tiny" llama "$T/m" >/dev/null
flow() (	# FOLDER, TOOLS, DTYPE
	PATH=$2:$PATH
	mkdir "$T/$1" && cd "$T/$1" && rec-make tokens ../lines >t.tokens &&
		hidden-dump -q --dtype="$3" -m ../m t.tokens | angdist -q >t.angle && argmin-block -q -n 2 t.angle >n2.block &&
		drop-layers -q -m ../m n2.block >n2.model &&
		qlora-heal -q --dtype="$3" -o n2.adapter --steps=3 --batch=4 --rank=4 --lr=1e-2 t.tokens <n2.model >healed.model &&
		eval-c4 -q --dtype="$3" t.tokens <healed.model >healed.score
)
apart() {	# FILE KEY: the largest relative difference between the two flows
	for side in emu cpu; do "$O/bin/rec-cat" --no-header -t "$2" "$T/$side/$1" >"$T/$side.text"; done
	paste "$T/emu.text" "$T/cpu.text" | awk '{ d = ($1 / $2 - 1) ^ 2; if (d > m) m = d } END { print NR ? sqrt(m) : "nothing" }'
}
within() { is "$1: $2 within $4" "$(apart "$2" "$3" | awk -v most="$4" '{ print $1 <= most ? "within" : $1 }')" within; }
COPPICE_EMU_ORDER=2
export COPPICE_EMU_ORDER
for dtype in f32 bf16; do
	ok "$dtype: from tokens to the loss of a healed model" flow emu "$emu/bin" $dtype
	ok "$dtype: the same on the processor" flow cpu "$O/bin" $dtype
	within $dtype t.angle mean $([ $dtype = f32 ] && echo 1e-5 || echo 1e-2)
	within $dtype healed.score value $([ $dtype = f32 ] && echo 1e-5 || echo 1e-3)
	diag "apart: angles $(apart t.angle mean), loss $(apart healed.score value)"
	rm -r "$T/emu" "$T/cpu"
done

if [ -x "$(mk print-NVCC)" ]; then
	ok 'nvcc builds lib/cuda, warnings and spills being errors' mk -j2 BACKEND=cuda O="$O/cuda" kernels
	mv "$T/.out" "$T/table"
	is 'no kernel has spills or a stack' "$(awk 'NR > 1 && $(NF - 1) + $NF > 0' "$T/table")" ''
	diag "$(cat "$T/table")"
else
	tap_result 0 'nvcc builds lib/cuda # SKIP no nvcc'
fi
done_testing
