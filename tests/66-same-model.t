#!/bin/sh
# A model by reference, and the checkpoint written of it, are one model: hidden states bit for bit; and with the adapter
# merged instead of beside the weights, within 1e-5 of the largest (f32 weights), 2e-3 (f16).
. "${0%/*}/tap.sh"
cd "$T" || exit 1
make-tiny --set num_hidden_layers=8 --gguf=q8_0 llama m >/dev/null || exit 1
printf '%s\n' '{"doc":0,"ids":{"dtype":"u32","shape":[9],"data":[1,5,200,17,17,3,88,299,64]}}' \
	'{"doc":3,"ids":{"dtype":"u32","shape":[3],"data":[7,6,5]}}' | rec-make tokens >t.tokens
hidden() { hidden-dump -q --dtype=f32 -m "$1" t.tokens | rec-cat --full; }
# Largest difference of two files of records, relative to the largest number of the first.
gap() {
	for f in "$1" "$2"; do sed 's/.*"data":\[//; s/\].*//' "$f" | tr ',' '\n' >"$f.n"; done
	paste "$1.n" "$2.n" | awk '{ d = $1 - $2; if (d < 0) d = -d; if (d > worst) worst = d; a = $1 < 0 ? -$1 : $1
		if (a > most) most = a } END { printf "%.1e\n", worst / most }'
}
below() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > 0 && a < b) }'; }

make-adapter ad 3 6 5 mlp.gate_proj:96:64 mlp.down_proj:64:96
make-adapter all 2 6 5 mlp.gate_proj:96:64 mlp.up_proj:96:64 mlp.down_proj:64:96 self_attn.q_proj:64:64 \
	self_attn.v_proj:32:64 self_attn.o_proj:64:64
with() { rec-cat "$1" | sed "s#\"adapter\":null#\"adapter\":\"$2\"#" | rec-make model; }
for base in m m/model.gguf; do
	name=${base#m} name=${name#/} name=${name%.gguf}
	file=${name:+/w$name.gguf} limit=${name:+2e-3}
	drop-layers -q -m $base --layers 2,5-6 -o w$name >r$name.model
	hidden r$name.model >by-reference
	hidden w$name$file >written
	is "$base: six boundaries" "$(grep -c '"shape":\[6,64\]' by-reference)" 2
	same "$base: written, equal hidden states" by-reference written
	for a in ad all; do
		with r$name.model $a >h$name.model
		hidden h$name.model >beside
		merge-lora -q -o g$name.$a <h$name.model >g$name.model
		hidden g$name.model >merged
		worst=$(gap beside merged)
		ok "$base, $a: merged, hidden states within $worst (of ${limit:-1e-5})" below "$worst" "${limit:-1e-5}"
		ok "$base, $a: the adapter matters" below 1e-2 "$(gap beside by-reference)"
	done
done

# adapters of other ranks and on other modules share a pass
with r.model ad >one.model
with r.model all >two.model
cat one.model r.model two.model >three.model
score() { eval-c4 -q --dtype=f32 t.tokens <"$1" | rec-cat; }
is "three models in one pass: the records of three runs" "$(score three.model)" "$(score one.model; score r.model; score two.model)"
done_testing
