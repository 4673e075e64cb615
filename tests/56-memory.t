#!/bin/sh
# A model larger than --memory streams its layers from the file: the same bytes, and a peak within it.
. "${0%/*}/tap.sh"
cd "$T" || exit 1

make-tiny --set hidden_size=512 --set intermediate_size=1400 --set num_hidden_layers=12 --set num_attention_heads=8 llama m
for i in 1 2 3 4 5 6 7 8 9; do
	echo "{\"text\": \"The man said that it is time to go home, $i times, and see what has been left of tree $i.\"}"
done | c4-tokenize -q -m m >tokens
argmin-block -q --simple -n 0-3 -m m | drop-layers -q -m m >models

peak() { sed -n 's/.*, \([0-9]*\)[.0-9]* MiB at most/\1/p' log; }

hidden-dump -q --dtype=f32 -m m tokens >all.hidden
case $(rec-cat --header-json all.hidden) in *'"kernel":"cuda'*) skip_all 'sizes are for matrices in the memory of the process' ;; esac
eval-c4 -q --dtype=f32 tokens <models >all.score
# within MIB TOOL ...: the same bytes as in all.*, and never more memory
within() {
	memory=$1 tool=$2
	shift 2
	$tool -v --dtype=f32 --memory=${memory}M "$@" tokens <models >some 2>log
	same "130 MiB of weights, $memory MiB: $tool gives the same bytes" some all.${kind}
	ok "$(peak) MiB at most" test "$(peak)" -lt "$memory"
}
least() { "$@" --memory=1M tokens <models 2>&1 >/dev/null | sed -n 's/.* 1 MiB are too few: the least is \([0-9]*\) MiB$/\1/p'; }
# number NAME COMMAND ...: the least that it says is enough, and one less is not
number() {
	name=$1
	shift
	n=$("$@" --memory=1M 2>&1 >/dev/null </dev/null | sed -n 's/.* 1 MiB are too few.*: the least is \([0-9]*\) MiB$/\1/p')
	ok "$name: the least is $n MiB, which is enough" "$@" --memory="${n}M" </dev/null
	"$@" --memory="$((n - 1))M" >/dev/null 2>err </dev/null
	like '... and one less is not, by the same number' "$? $(cat err)" "^1 .* $((n - 1)) MiB are too few.*: the least is $n MiB\$"
}

kind=hidden
least=$(least hidden-dump -q --dtype=f32 -m m)
for memory in "$least" 96 300; do within "$memory" hidden-dump -m m; done
hidden-dump -q --dtype=f32 --quant=nf4 -m m tokens >all.hidden
within 120 hidden-dump --quant=nf4 -m m
kind=score
least=$(least eval-c4 -q --dtype=f32)
for memory in "$least" 120 300; do within "$memory" eval-c4; done
like "-v says how it is spent" "$(cat log)" 'memory: [0-9]+ MiB for the weights of 12 layers and the output layer, [0-9]+ MiB for [0-9]+ rows'
like "and how fast it was" "$(cat log)" '^eval-c4: [0-9]+ tokens, [0-9]+ tokens/s, [0-9.]+ GFLOP/s of products'
within 120 eval-c4
like "and that layers take turns" "$(cat log)" 'for the weights of [12] layers at a time and the output layer'

echo "{\"text\": \"$(yes 'and so it goes on' | head -600 | tr '\n' ' ')\"}" | c4-tokenize -q -m m -l 2000 >long
{ echo '{"text": "a short one"}'; echo "{\"text\": \"$(yes 'and so it goes on' | head -100 | tr '\n' ' ')\"}"; } |
	c4-tokenize -q -m m -l 2000 >mixed
printf '%s\n' '{"question":"is it so","passage":"It is so, they say.","answer":true}' >boolq
echo "{\"question\":\"is it\",\"passage\":\"$(yes 'so it is' | head -150 | tr '\n' ' ')\",\"answer\":false}" >>boolq
for dtype in f32 bf16; do
	number "hidden-dump, $dtype, the longest comes last" hidden-dump -q -j 2 --dtype=$dtype -m m mixed
	number "eval-c4, $dtype, the longest comes last" eval-c4 -q -j 2 --dtype=$dtype -m m mixed
done
number "hidden-dump" hidden-dump -q -j 1 -m m tokens
number "eval-c4, of all layers" eval-c4 -q -j 2 -m m tokens
number "eval-boolq" eval-boolq -q -j 2 -m m boolq
rec-cat --full models | sed 's/"quant":null/"quant":"nf4"/' | rec-make -q model >quantised
said() { eval-c4 -q -j 1 --memory=1M tokens 2>&1; }
is "of models that do not go together, the number of those that take most" "$(cat models quantised | said)" "$(said <quantised)"
if [ -r "$COPPICE_SMOLLM" ]; then
	c4-tokenize -q -m "$COPPICE_SMOLLM" -l 300 --lines --limit 3 m/config.json >few
	number "hidden-dump, the demo's model" hidden-dump -q -j 2 -m "$COPPICE_SMOLLM" few
	number "eval-c4, the demo's model" eval-c4 -q -j 2 --dtype=f32 -m "$COPPICE_SMOLLM" few
else
	skip "the demo's model" "$no_smollm"
fi
fails "a sequence that is too long for it is refused, and what it needs said" 1 'for a sequence of 2000 tokens: the least is [0-9]+ MiB$' \
	hidden-dump -q --dtype=f32 --memory="$((least + 2))M" -m m long
least=$(hidden-dump -q --dtype=f32 --memory="$((least + 2))M" -m m long 2>&1 >/dev/null | sed 's/.*least is \([0-9]*\) MiB/\1/')
hidden-dump -v --dtype=f32 --memory="${least}M" -m m long 2>log >some
hidden-dump -q --dtype=f32 -m m long >all.hidden
same "with that it runs" some all.hidden
ok "within it" test "$(peak)" -lt "$least"
hidden-dump -v --dtype=f32 --memory=100M --all-tokens -m m tokens 2>log >some
hidden-dump -q --dtype=f32 --all-tokens -m m tokens >all.hidden
same "all tokens" some all.hidden
ok "within 100 MiB" test "$(peak)" -lt 100

# heal MIB: one step, and its log
heal() {
	rm -rf adapter
	qlora-heal -v --dtype=f32 --memory="$1" --steps=1 --batch=4 --micro=4 --rank=8 -o adapter tokens <pruned 2>log >healed
}
drop-layers -q -m m --layers 8-9 >pruned
heal 2G
rec-cat adapter/heal.loss >all.loss
heal 1M
least=$(sed -n 's/.* 1 MiB are too few: the least is \([0-9]*\) MiB$/\1/p' log)
number 'qlora-heal' sh -c 'rm -rf adapter; qlora-heal --dtype=f32 --steps=1 --batch=4 --micro=4 --rank=8 -o adapter "$@" tokens <pruned' heal
for memory in "$least" "$((least + 20))"; do
	heal "${memory}M"
	rec-cat adapter/heal.loss >loss
	same "$memory MiB: qlora-heal takes the same step" loss all.loss
	ok "$(peak) MiB at most" test "$(peak)" -lt "$memory"
done
like "-v says how it is spent" "$(cat log)" 'memory: [0-9]+ MiB for the weights of layers.*, [0-9]+ MiB for [0-9]+ rows of a micro-batch, activations of [0-9]+ of 10 layers kept'
like "and how fast it was" "$(cat log)" '^qlora-heal: [0-9]+ tokens, [0-9]+ tokens/s, [0-9.]+ GFLOP/s of products'
done_testing
