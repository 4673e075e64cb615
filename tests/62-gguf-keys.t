#!/bin/sh
# Pairs of a GGUF file when layers are dropped or merged: which change, which are refused, and all others as they were.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
make-tiny --set num_hidden_layers=5 --gguf=q8_0 llama m >/dev/null || skip_all "make-tiny failed"

gguf-pairs m/model.gguf more.gguf llama.attention.head_count_kv=u32s:2,2,2,2,2 llama.feed_forward_length=u32s:96,96,96,96,96 \
	llama.d=u32s:0,0,0,0 llama.e=u32s:0,0,0,0,0 other.e=u32s:1,2,3,4,5 llama2.f=u32s:1,2,3,4,5 \
	llama.leading_dense_block_count=u32:0
drop-layers -q -m more.gguf --layers 1,3 -o new >/dev/null
gguf-pairs more.gguf >old
gguf-pairs new/new.gguf >got
sed 's/^llama.block_count=\([a-z0-9]*\):5$/llama.block_count=\1:3/; s/^\(llama.attention.head_count_kv\)=.*/\1=u32s:2,2,2/
	s/^\(llama.feed_forward_length\)=.*/\1=u32s:96,96,96/; s/^llama.e=.*/llama.e=u32s:0,0,0/' old >want
same "lists of the architecture with one entry a layer lose those of dropped ones; all others stay, in order" want got
is "... four lines differ" "$(diff old got | grep -c '^>')" 4
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
is "nothing is left of what was refused" "$(ls -d bad bad.part* 2>/dev/null)" ""

gguf-pairs m/model.gguf typed.gguf general.file_type=u32:7 2>/dev/null
make-adapter a 2 2 5 mlp.up_proj:96:64
base=m/model.gguf
gguf-pairs $base | grep -q '^general.file_type=' || base=typed.gguf
for type in f16:1 bf16:32 f32:0; do
	merge-lora -q -m $base --adapter a --type=${type%:*} -o t${type%:*} >/dev/null
	like "merged as ${type%:*}: general.file_type ${type#*:}" "$(gguf-pairs t${type%:*}/t${type%:*}.gguf)" "^general.file_type=u32:${type#*:}\$"
done
done_testing
