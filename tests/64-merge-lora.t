#!/bin/sh
# merge-lora: every merged weight against W + s B A computed in double and rounded once (within half a step of its type,
# 0.1 % and 1e-7 for sums in f32), every other tensor byte for byte; all forms of a base, pruned or not, quantised or not.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
S=$COPPICE_GOLDEN/checkpoint

healed() {	# MODEL-FILE ADAPTER [QUANT]
	rec-cat "$1" | sed "s#\"adapter\":null#\"adapter\":\"$2\"#; s#\"quant\":null#\"quant\":${3:-null}#" | rec-make model
}
cmp_is() {	# NAME COUNTS ARGUMENT ...
	tap_name=$1 tap_counts=$2
	shift 2
	is "$tap_name" "$(checkpoint-cmp "$@" 2>&1)" "$tap_counts"
}

make-tiny --set num_hidden_layers=8 --gguf=q8_0 llama m >/dev/null
make-tiny --set num_hidden_layers=8 --gguf=f16 llama n >/dev/null
make-tiny --set num_hidden_layers=8 --gguf=bf16 --bf16 llama o >/dev/null
make-adapter ffn 3 6 6 mlp.gate_proj:96:64 mlp.up_proj:96:64 mlp.down_proj:64:96
make-adapter all 5 2.5 6 mlp.up_proj:96:64 self_attn.q_proj:64:64 self_attn.v_proj:32:64 self_attn.k_proj:32:64 self_attn.o_proj:64:64

for base in m o m/model.gguf n/model.gguf o/model.gguf; do
	drop-layers -m $base --layers 2,6 >pruned.model
	name=$(echo $base | tr /. --)
	case $base in
	m) type=F32 ;; o | o/*) type=BF16 ;; *) type=F16 ;;
	esac
	file=
	[ -d $base ] || file=/ffn-$name.gguf
	healed pruned.model ffn | merge-lora -q -o ffn-$name >merged.model
	cmp_is "$base, FFN: 39 copied, 18 merged as $type" "39 copied, 18 computed as $type" -a ffn $base 0-1,3-5,7 ffn-$name$file
	file=$(echo $file | sed s/ffn/all/)
	healed pruned.model all | merge-lora -q -o all-$name >all.model
	cmp_is "$base, attention too: 27 copied, 30 merged" "27 copied, 30 computed as $type" -a all $base 0-1,3-5,7 all-$name$file
	is "... the record is a whole model" "$(rec-cat merged.model | grep -o '"keep":.*')" \
		'"keep":[0,1,2,3,4,5],"adapter":null,"adapter_print":null,"quant":null,"block":null}'
	healed pruned.model ffn '"nf4"' | merge-lora -q -o nf4-$name >nf4.model
	file=$(echo $file | sed s/all/nf4/)
	[ $base != m ] || type=BF16
	cmp_is "$base, trained on NF4: 42 linear weights rewritten as $type" "15 copied, 42 computed as $type" \
		-q -a ffn $base 0-1,3-5,7 nf4-$name$file
done
drop-layers -q --layers 0 <merged.model >again.model
is "what was merged can be pruned" $? 0
for type in bf16:BF16 f32:F32; do
	drop-layers -m m/model.gguf --layers 2,6 >pruned.model
	healed pruned.model ffn | merge-lora -q --type=${type%:*} -o t${type%:*} >/dev/null
	cmp_is "--type=${type%:*}" "39 copied, 18 computed as ${type#*:}" -a ffn m/model.gguf 0-1,3-5,7 t${type%:*}/t${type%:*}.gguf
done
make-tiny --set num_hidden_layers=6 llama six >/dev/null
merge-lora -q -m six --adapter ffn -o whole >whole.model
cmp_is "--adapter on a whole base" "39 copied, 18 computed as F32" -a ffn six 0-5 whole
same "... leaves the config as it was" six/config.json whole/config.json
for j in 1 3; do
	merge-lora -q -j $j -m six --adapter ffn -o j$j >/dev/null
	same "-j $j: the same bytes" whole/model.safetensors j$j/model.safetensors
done

echo '{"doc":0,"ids":[5,9,7,200]}' | rec-make tokens >t.tokens
is "who reads the record finds the folder" "$(merge-lora -q -m six --adapter ffn -o piped | eval-c4 -q t.tokens | rec-cat --no-header -t model.base)" piped
fails "run again" 1 'piped: exists' merge-lora -q -m six --adapter ffn -o piped

for form in plain:BF16 sharded:F32; do
	merge-lora -q -m "$S/${form%:*}" --adapter "$S/adapter" -o ${form%:*} >/dev/null
	cmp_is "golden, ${form%:*}" "45 copied, 21 computed as ${form#*:}" -a "$S/adapter" "$S/${form%:*}" 0-6 ${form%:*}
done
merge-lora -q -m "$S/bnb4" --adapter "$S/adapter" -o bnb4 >/dev/null
cmp_is "golden, 4-bit: all 49 linear weights as BF16" "17 copied, 49 computed as BF16" -a "$S/adapter" "$S/bnb4" 0-6 bnb4
ok "... and no word of quantisation is left" sh -c '! grep -l -e quantization_config -e quant_map -r bnb4'
printf '%s\n' '{"task":"boolq","metric":"accuracy","value":0.5,"stderr":0.01,"count":100,"sum":50,"sumsq":50,"model":'"$(
	drop-layers -m "$S/plain" --layers 2 | rec-cat)"'}' | rec-make score >s.score
drop-layers -q -m "$S/plain" --layers 2 --scores s.score -o carded >/dev/null
ok "the card shows the scores" grep -q '^| this model | boolq | accuracy | 0.5000 | 0.0100 | 100 |$' carded/README.md

fails "no adapter" 1 'has no adapter; drop-layers -o' merge-lora -m six -o x
fails "no -o" 2 '-o DIR is needed' merge-lora -m six --adapter ffn
fails "a type that isn't known" 2 'type' merge-lora -m six --adapter ffn -o x --type=q4_0
drop-layers -m six --layers 0 >five.model
fails "an adapter of more layers than are left" 1 'ffn' merge-lora -m five.model --adapter ffn -o x
fails "a healed model can't be pruned" 1 'prune first' drop-layers -m six --adapter ffn --layers 1
make-adapter huge 3 6e9 6 mlp.up_proj:96:64
drop-layers -q -m n/model.gguf --layers 0-1 >six-n.model
fails "a weight beyond f16" 1 "blk.[0-9].ffn_up.weight: a merged weight is .*, which F16 can't hold" \
	merge-lora -m six-n.model --adapter huge -o x
fails "no room for the record" 1 'standard output: write: No space' sh -c 'merge-lora -q -m six --adapter ffn -o x >/dev/full'
fails "into the adapter's folder" 1 'ffn/x: lies in the adapter' merge-lora -m six --adapter ffn -o ffn/x
is "nothing was written by these" "$(ls -d x* 2>/dev/null)" ""
done_testing
