#!/bin/sh
# What a model's folder says beyond what is read, seen through the tools: tensors, a tied head, quantization_config,
# unknown keys, --ignore and its trace in `made`, and what a written checkpoint says.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
make-tiny --set num_hidden_layers=5 llama m >/dev/null || exit 1
echo '{"doc":0,"ids":{"dtype":"u32","shape":[9],"data":[1,2,3,4,5,6,7,8,9]}}' | rec-make tokens >t.tokens
loss() { eval-c4 -q --dtype=f32 t.tokens "$@" 2>/dev/null | rec-cat --no-header -t value; }

# put FROM TO TENSOR [LIKE [BYTE]]: the folder with one more tensor of 64 zeros, or as another one, or that with a byte changed
put() {
	rm -rf "$2" && cp -r "$1" "$2"
	python3 - "$@" <<-'END'
		import json, sys
		path, name = sys.argv[2] + "/model.safetensors", sys.argv[3]
		raw = open(path, "rb").read()
		n = int.from_bytes(raw[:8], "little")
		header, data = json.loads(raw[8:8 + n]), bytearray(raw[8 + n:])
		more, dtype, shape = bytes(256), "F32", [64]
		if len(sys.argv) > 4:
		    like = header[sys.argv[4]]
		    more, dtype, shape = bytearray(data[slice(*like["data_offsets"])]), like["dtype"], like["shape"]
		if len(sys.argv) > 5:
		    more[int(sys.argv[5])] ^= 0x40
		header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(more)]}
		text = json.dumps(header).encode()
		text += b" " * (-len(text) % 8)
		open(path, "wb").write(len(text).to_bytes(8, "little") + text + data + more)
	END
}
config() { jq -c "$2" "$1/config.json" >new.json && mv new.json "$1/config.json"; }

# tensors
for name in model.layers.0.self_attn.q_norm.weight model.layers.1.self_attn.o_proj.bias model.layers.1.mlp.down_proj.lora_A.weight \
	model.layers.2.mlp.up_proj.weight_g model.layers.2.mlp.up_proj.SCB model.layers.2.post_feedforward_layernorm.weight \
	model.layers.2.mlp.up_proj.qzeros model.layers.2.mlp.other.weight.absmax model.norm.bias lm_head.bias score.weight \
	v_head.summary.weight model.embed_positions.weight layers.0.input_layernorm.weight model.embed_norm.weight \
	vision_tower.a.weight mtp.layers.0.norm.weight; do
	put m odd $name
	fails "a tensor that nobody knows: $name" 1 "tensor ${name%.absmax} is unknown.*--ignore=${name%.absmax} takes" model-info -m odd
done
put m odd model.layers.5.input_layernorm.weight
fails "a layer more" 1 'layers.5.input_layernorm.weight is in none of its 5 layers' model-info -m odd
put m odd score.weight
is "--ignore: as if it was not there" "$(loss -m odd --ignore=score.weight)" "$(loss -m m)"
drop-layers -q -m odd --layers 1 --ignore='score.*' -o lean >lean.model
drop-layers -q -m odd --layers 1 --ignore='*e*.weight' -o some >some.model
same "... and a pattern takes nothing from what is read" some/model.safetensors lean/model.safetensors
fails "--ignore of everything: what must be there is missed by name" 1 'has no' model-info -m odd --ignore='*'
is "... nor in a written folder" "$(strings lean/model.safetensors | grep -c score)" 0
for name in model.layers.0.self_attn.rotary_emb.inv_freq model.rotary_emb.inv_freq model.layers.3.self_attn.masked_bias \
	model.embed_tokens._extra_state model.position_ids; do
	put m odd $name
	is "a buffer that torch makes anew: $name" "$(loss -m odd)" "$(loss -m m)"
done

# a tied model with a head of its own
make-tiny --set num_hidden_layers=5 --set tie_word_embeddings=true llama tied >/dev/null
embed=model.embed_tokens.weight
put tied same lm_head.weight $embed
is "a head that is the embedding once more" "$(loss -m same)" "$(loss -m tied)"
is "... without a word" "$(model-info -m same 2>&1 >/dev/null)" ""
put tied other lm_head.weight $embed 2
like "a head that differs is named" "$(model-info -m other 2>&1 >/dev/null)" 'tie_word_embeddings is true, but lm_head.weight differs'
rm -rf untied && cp -r other untied
config untied '.tie_word_embeddings = false'
is "... and used" "$(loss -m other)" "$(loss -m untied)"
put tied hidden lm_head.weight $embed 20003
rm -rf untied && cp -r hidden untied
config untied '.tie_word_embeddings = false'
is "... also where it differs in one value far from the others" "$(loss -m hidden)" "$(loss -m untied)"
is "... which is another loss" "$([ "$(loss -m hidden)" != "$(loss -m tied)" ] && echo another)" another
drop-layers -q -m hidden --layers 1 -o new >new.model 2>/dev/null
is "a written config says that there are two" "$(jq .tie_word_embeddings new/config.json)" false

# weights that are not what the config says
cp -r m quant
config quant '.quantization_config = {"quant_method": "bitsandbytes", "load_in_4bit": true, "bnb_4bit_quant_type": "nf4"}'
like "quantization_config over plain weights is said" "$(model-info -m quant 2>&1 >/dev/null)" 'quantization_config, but the weights are plain'
is "... they are computed plain" "$(loss -m quant)" "$(loss -m m)"
drop-layers -q -m quant --layers 1 -o plain >plain.model
is "... and a written config has it not" "$(jq .quantization_config plain/config.json)" null
make-adapter a 2 2 5 mlp.up_proj:96:64
merge-lora -q -m quant --adapter a -o merged >merged.model 2>/dev/null
is "... nor has a merged one" "$(jq .quantization_config merged/config.json)" null
config quant '.quantization_config = {"load_in_4bit": false, "load_in_8bit": false, "quant_method": "bitsandbytes"}'
ok "one that quantises nothing" model-info -m quant
for method in awq gptq fp8 compressed-tensors; do
	config quant ".quantization_config = {\"quant_method\": \"$method\"}"
	fails "$method is refused by name, with the way out" 1 "quantised by $method.*checkpoint they were made from.*--ignore=quant" \
		model-info -m quant
done
ok "... which leads out" model-info -m quant --ignore=quantization_config

# keys
cp -r m odd2
config odd2 '.drop_attn_list = [3, 4] | .something = 3'
fails "lists of layers are refused on reading, too" 1 'odd2/config.json: drop_attn_list is .3,4.' eval-c4 -q -m odd2 t.tokens
drop-layers -m odd2 --layers 1 --ignore='drop_*_list' 2>err >odd.model
is "what nobody knows is named in one line" "$(grep -c 'nobody knows them: something$' err)" 1
like "made says what was ignored" "$(rec-cat --header-json odd.model)" '"ignore": ?\["drop_\*_list"\]'
is "... and who reads the record ignores it, too" "$(loss -m odd.model)" "$(drop-layers -q -m m --layers 1 | loss)"
like "... and says so" "$(eval-c4 -q -m odd.model t.tokens 2>/dev/null | rec-cat --header-json)" 'eval-c4.*"ignore": ?\["drop_\*_list"\]'
drop-layers -q -m odd2 --layers 1 --ignore=drop_attn_list -o gone >gone.model
is "a written config has it not" "$(jq -c .drop_attn_list gone/config.json)" null
is "made of a run in which nothing was ignored" "$(drop-layers -q -m m --layers 1 --ignore=xyz | rec-cat --header-json | grep -c ignore)" 0
cp -r m class
config class '.architectures = ["LlamaForSequenceClassification"]'
fails "another class than the family's" 1 'architectures: LlamaForSequenceClassification is no causal' model-info -m class
fails "--ignore of nothing" 2 'ignore=: not understood' model-info -m m --ignore=

# files
cp -r m files
for f in weights.npz model.onnx.data model.ckpt.data-00000-of-00001 model.mlpackage.zip tf_model.h5 flax_model.msgpack model.pt \
	consolidated.safetensors params.json adapter_config.json adapter_model.bin quantize_config.json trainer_state.json \
	imatrix.dat model.llamafile what.ever mergekit_config.yml rng_state.pth; do
	echo x >files/$f
done
mkdir files/original
ln -s nowhere files/model.onnx
for f in LICENSE README.md USE_POLICY.md NOTICE notes.txt modeling_x.py chat_template.jinja merges.txt vocab.json logo.png \
	special_tokens_map.json generation_config.json tokenizer_config.json tokenizer.model tiktoken.model vocab.bpe; do
	echo x >files/$f
done
drop-layers -m files --layers 1 -o out 2>err >out.model
is "carried along" "$(ls out | tr '\n' ' ')" "LICENSE NOTICE README.base.md README.md USE_POLICY.md chat_template.jinja \
config.json generation_config.json logo.png merges.txt model.safetensors modeling_x.py notes.txt special_tokens_map.json \
tiktoken.model tokenizer.json tokenizer.model tokenizer_config.json vocab.bpe vocab.json "
like "what stays is named in one line" "$(grep 'left behind' err)" \
	'adapter_config.json, .*consolidated.safetensors, .*model.onnx, .*original/, params.json, .*weights.npz, what.ever$'
like "an adapter beside a model is not read, and that is said" "$(cat err)" 'adapter_config.json beside it is not read'
done_testing
