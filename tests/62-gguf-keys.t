#!/bin/sh
# Pairs of a GGUF file when layers are dropped or merged: which change, which are refused, and all others as they were.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
make-tiny --set num_hidden_layers=5 --gguf=q8_0 llama m >/dev/null || exit 1

gguf-pairs m/model.gguf more.gguf llama.attention.head_count_kv=u32s:2,2,2,2,2 llama.feed_forward_length=u32s:96,96,96,96,96 \
	llama.d=u32s:0,0,0,0 llama.e=u32s:0,0,0,0,0 other.e=u32s:1,2,3,4,5 llama2.f=u32s:1,2,3,4,5 \
	llama.leading_dense_block_count=u32:0
drop-layers -q -m more.gguf --layers 1,3 -o new >/dev/null
gguf-pairs more.gguf >old
gguf-pairs new/new.gguf >got
sed 's/^llama.block_count=\([a-z0-9]*\):5$/llama.block_count=\1:3/; s/^\(llama.attention.head_count_kv\)=.*/\1=u32s:2,2,2/
	s/^\(llama.feed_forward_length\)=.*/\1=u32s:96,96,96/; s/^llama.e=.*/llama.e=u32s:0,0,0/
	s/^general.name=.*/general.name=str:new/' old >want
same "lists of the architecture with one entry a layer lose those of dropped ones; all others stay, in order" want got
is "... four lines differ, and the name" "$(diff old got | grep -c '^>')" 5
ok "... and the tensors are whole" checkpoint-cmp more.gguf 0,2,4 new/new.gguf

refuse() {	# PAIR WHY
	gguf-pairs m/model.gguf bad.gguf "$1"
	fails "refused: $1" 1 "$2" drop-layers -m bad.gguf --layers 2 -o bad
}
refuse llama.leading_dense_block_count=u32:1 'leading_dense_block_count is 1, which is not supported .--ignore'
refuse llama.nextn_predict_layers=u32:1 'nextn_predict_layers is 1, which'
refuse llama.attention.shared_kv_layers=u32:2 'shared_kv_layers is 2, which'
refuse llama.attention.sliding_window_pattern=u32:2 'sliding_window_pattern is 2, which'
gguf-pairs m/model.gguf fine.gguf nextn_predict_layers=u32:1 other.nextn_predict_layers=u32:1
ok "another architecture's keys don't matter" drop-layers -m fine.gguf --layers 2 -o fine
# keys of llama.cpp that change what is computed, and what only looks so
for pair in llama.attention.clamp_kqv=f32:8 llama.attention.max_alibi_bias=f32:8 llama.attention.causal=bool:0 \
	llama.attention.scale=f32:0.1 llama.logit_scale=f32:0.5 llama.residual_scale=f32:0.2 llama.embedding_scale=f32:12 \
	llama.attn_logit_softcapping=f32:50 llama.final_logit_softcapping=f32:30 llama.expert_used_count=u32:2 \
	llama.use_parallel_residual=bool:1 llama.rope.scaling.attn_factor=f32:1.2 llama.rope.scaling.alpha=f32:2 \
	llama.attention.layers=u32s:1,2,3,4,5 llama.skip=strs:blk.3 llama.tensor_data_layout=str:other \
	llama.rope.dimension_sections=u32s:2,2,0,0 llama.brand_new=u32:7; do
	key=${pair%%=*}
	gguf-pairs m/model.gguf bad.gguf "$pair"
	fails "refused by name: $pair" 1 "$key is .*--ignore=$key takes" model-info -m bad.gguf
done
ok "... --ignore takes it as harmless" model-info -m bad.gguf --ignore=llama.brand_new
drop-layers -q -m bad.gguf --layers 2 --ignore='llama.brand*' -o lean >/dev/null
is "... and leaves it out of the new file" "$(gguf-pairs lean/lean.gguf | grep -c brand_new)" 0
gguf-pairs m/model.gguf bad.gguf llama.attention.head_count_kv=u32s:2,2,1,2,2
fails "heads that differ between layers" 1 'head_count_kv differs between layers' model-info -m bad.gguf
gguf-pairs m/model.gguf bad.gguf general.type=str:adapter
fails "a GGUF file that is no model" 1 'general.type is adapter' model-info -m bad.gguf
gguf-pairs m/model.gguf fine.gguf llama.attention.clamp_kqv=f32:0 llama.logit_scale=f32:1 llama.expert_count=u32:0 \
	llama.attention.causal=bool:1 llama.pooling_type=u32:1 llama.rope.scaling.original_context_length=u32:64 \
	"llama.tensor_data_layout=str:Meta AI original pth" general.type=str:model quantize.imatrix.file=str:x other.new=u32:7
is "what changes nothing passes without a word" "$(model-info -m fine.gguf 2>&1 >/dev/null)" ""

# scaling of positions, as llama.cpp reads it
echo '{"doc":0,"ids":{"dtype":"u32","shape":[9],"data":[1,2,3,4,5,6,7,8,9]}}' | rec-make tokens >t.tokens
states() { hidden-dump -q --dtype=f32 -m "$1" t.tokens | rec-cat | md5sum; }
scaled() { gguf-pairs m/model.gguf scaled.gguf "$@" && states scaled.gguf; }
plain=$(states m/model.gguf)
linear=$(scaled llama.rope.scaling.type=str:linear llama.rope.scaling.factor=f32:2)
is "a linear factor changes the states" "$([ "$plain" != "$linear" ] && echo differ)" differ
is "its name of 2023" "$(scaled llama.rope.scale_linear=f32:2)" "$linear"
is "a factor without a type is linear" "$(scaled llama.rope.scaling.factor=f32:2)" "$linear"
is "type none has no factor" "$(scaled llama.rope.scaling.type=str:none llama.rope.scaling.factor=f32:2)" "$plain"
is "a factor of 0 is none" "$(scaled llama.rope.scale_linear=f32:0)" "$plain"
gguf-pairs m/model.gguf bad.gguf llama.rope.scaling.type=str:yarn
fails "yarn" 1 'rope scaling yarn is not supported.*--ignore=llama.rope.scaling.\*' model-info -m bad.gguf

is "nothing is left of what was refused" "$(ls -d bad bad.part* 2>/dev/null)" ""

gguf-pairs m/model.gguf typed.gguf general.file_type=u32:7 2>/dev/null
make-adapter a 2 2 5 mlp.up_proj:96:64
base=m/model.gguf
gguf-pairs $base | grep -q '^general.file_type=' || base=typed.gguf
for type in f16:1 bf16:32 f32:0; do
	merge-lora -q -m $base --adapter a --type=${type%:*} -o t${type%:*} >/dev/null
	like "merged as ${type%:*}: general.file_type ${type#*:}" "$(gguf-pairs t${type%:*}/t${type%:*}.gguf)" "^general.file_type=u32:${type#*:}\$"
done

# -- what a model is called, and its licence
gguf-pairs m/model.gguf named.gguf general.name=str:Big general.basename=str:Big general.size_label=str:135M \
	general.finetune=str:Instruct general.license=str:other 'general.license.name=str:own: licence' general.license.link=str:LICENSE
names() { gguf-pairs "$1" | sed -n 's/^general\.\(name\|basename\|size_label\|finetune\)=str:/\1 /p' | sort | tr '\n' ' '; }
drop-layers -q -m named.gguf --layers 1 -o less >/dev/null
n=$(sed -n 's/.*(20\.0 %).* \([0-9,]*\) of [0-9,]* parameters\.$/\1/p' less/README.md | tr -d ,)
is 'fewer layers: another name and size' "$(names less/less.gguf)" \
	"basename less finetune Instruct name less size_label $(echo "$n" | awk '{ printf "%.0fK", $1 / 1000 }') "
merge-lora -q -m named.gguf --adapter a -o merged >/dev/null
is 'merged: another name' "$(names merged/merged.gguf | grep -o ' name [a-z]*')" ' name merged'
is 'the card has the licence of the file' "$(sed -n '/^license/p' less/README.md)" \
	"$(printf 'license: "other"\nlicense_name: "own: licence"\nlicense_link: "LICENSE"')"
printf -- '---\nlicense: mit\n---\n' >README.md
drop-layers -q -m named.gguf --layers 1 -o own >/dev/null
is '... where the card of the base has none' "$(sed -n '/^license/p' own/README.md)" 'license: mit'
like 'the card says how to see text from it' "$(cat less/README.md)" 'llama-cli -m "less.gguf" -n 64 -p '
done_testing
