#!/bin/sh
# The example of another family in CONTRIBUTING.md: with its row in the table there is a model that Qwen2's golden values fit (the
# arithmetic is the same); without the row it is refused by name.
. "${0%/*}/tap.sh"
root=$(cd "${0%/*}/.." && pwd)
G=$COPPICE_GOLDEN/tiny
! nm "$O/tests/helper/golden-forward" | grep -q __asan_init || skip_all "built with sanitizers"
cd "$T" || exit 1

sed -n '/^### Another family/,/^##/p' "$root/CONTRIBUTING.md" | sed -n '/^```c$/,/^```$/{/^```/d;p}' >row
ok "CONTRIBUTING.md has a row" grep -q model_type row
sed '/^static const struct family families/r row' "$root/lib/model/arch.c" >arch.c
make -s --no-print-directory -C "$root" O="$O" print-CC print-CPPFLAGS print-CFLAGS print-LDLIBS >flags
{ read -r cc; read -r cppflags; read -r cflags; read -r libs; } <flags
# shellcheck disable=SC2086
ok "it compiles" sh -c "cd '$root' && eval '$cc $cppflags $cflags -Werror -Ilib -c -o $T/arch.o $T/arch.c'"
ok "and links" sh -c "eval '$cc $cflags -o $T/golden-forward $O/obj/tests/helper/golden-forward.o $T/arch.o $O/obj/lib/sys/version.o $O/libcoppice.a $libs'"

make-tiny qwen2 m >/dev/null
config() { jq "$1" m/config.json >m/new && mv m/new m/config.json; }
config '.model_type = "seed_oss" | .architectures = ["SeedOssForCausalLM"] | .attention_bias = true | .attention_out_bias = false | .head_dim = 8'
fails "without the row: refused by name" 1 'models of type seed_oss are not supported' golden-forward -m m \
	--tokens="$G/qwen2/tokens.json" "$G/qwen2/expected.json"
ok "with it: within 1e-5 of the values" ./golden-forward --dtype=f32 -m m --tokens="$G/qwen2/tokens.json" \
	"$G/qwen2/expected.json"
config '.attention_out_bias = true'
fails "what the forward pass has not: refused" 1 'attention_out_bias is true' ./golden-forward -m m \
	--tokens="$G/qwen2/tokens.json" "$G/qwen2/expected.json"
done_testing
