#!/bin/sh
# A base that is to go through NF4 computes what a file does whose matrices went through it, each as the one that it is
# there: bit for bit, since the arithmetic after it is the same. Qwen-1's q, k and v are one matrix.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
printf '%s\n' '{"doc":0,"ids":{"dtype":"u32","shape":[9],"data":[1,5,200,17,17,3,88,299,64]}}' | rec-make tokens >t.tokens
cat >qwen.json <<END
{"architectures": ["QWenLMHeadModel"], "hidden_size": 128, "intermediate_size": 384, "kv_channels": 32,
 "layer_norm_epsilon": 1e-06, "model_type": "qwen", "no_bias": true, "num_attention_heads": 4, "num_hidden_layers": 3,
 "rotary_emb_base": 10000, "rotary_pct": 1.0, "seq_length": 2048, "tie_word_embeddings": false, "use_dynamic_ntk": true,
 "use_logn_attn": true, "vocab_size": 300}
END
hidden() { hidden-dump -q --dtype=f32 -m "$@" t.tokens | rec-cat --full; }
for family in llama qwen; do
	name=$family
	[ $family != qwen ] || name=$PWD/qwen.json
	make-tiny --gguf=f32 "$name" $family >/dev/null || exit 1
	cp -r $family $family-nf4
	nf4-file $family-nf4
	hidden $family-nf4 >want
	hidden $family >plain
	hidden $family --quant=nf4 >got
	same "$family: --quant=nf4 of a folder" want got
	hidden $family/model.gguf --quant=nf4 >got
	same "$family: of a GGUF file" want got
	ok "$family: it matters" sh -c '[ -s want ] && ! cmp -s want plain'
	for base in $family $family/model.gguf; do
		drop-layers -q --quant=nf4 -m $base --layers 1 >n.model
		hidden n.model >got
		drop-layers -q -m $family-nf4 --layers 1 | hidden - >want
		ok "$base: pruned" sh -c '[ -s want ] && cmp want got'
	done
done

make-adapter ad 2 4 2 'transformer.h.*.mlp.w1:192:128'
for base in qwen qwen/model.gguf; do
	file=merged type=BF16
	[ -d $base ] || file=merged/merged.gguf type=F32
	drop-layers -q -m $base --layers 1 | rec-cat | sed 's/"adapter":null/"adapter":"ad"/; s/"quant":null/"quant":"nf4"/' |
		rec-make model >h.model
	rm -rf merged
	merge-lora -q -o merged <h.model >m.model
	is "$base: merged" "$(checkpoint-cmp -q -a ad $base 0,2 $file 2>&1)" "13 copied, 14 computed as $type"
done
done_testing
