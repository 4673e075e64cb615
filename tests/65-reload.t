#!/bin/sh
# Written checkpoints in other programs: transformers and peft (COPPICE_PYTHON, a Python that has them), llama.cpp
# (COPPICE_LLAMA, the folder of its programs), on the golden checkpoints and, if it is there, a real model
# (COPPICE_HF, a folder; COPPICE_GGUF, a file).
. "${0%/*}/tap.sh"
here=${0%/*}
S=$COPPICE_SHARED/golden/checkpoint

[ -n "$COPPICE_PYTHON$COPPICE_LLAMA" ] || skip_all "neither COPPICE_PYTHON nor COPPICE_LLAMA is set"
[ -d "$S" ] || skip_all "no $S"

healed() { rec-cat "$1" | sed "s#\"adapter\":null#\"adapter\":\"$2\"#" | rec-make model; }

if [ -n "$COPPICE_PYTHON" ]; then
	reload() { HF_HUB_OFFLINE=1 "$COPPICE_PYTHON" "$here/reload.py" "$@"; }
	for form in plain sharded bnb4; do
		drop-layers -m "$S/$form" --layers 2,5-6 -o "$T/$form" >"$T/$form.model"
		ok "$form: transformers loads it without a word, logits equal those of skipping the layers" \
			reload layers "$S/$form" 0,1,3,4 "$T/$form"
	done
	for family in phi2 qwen2 qwen3; do
		make-tiny --v5 $family "$T/$family.base" >/dev/null
		drop-layers -q -m "$T/$family.base" --layers 1,3 -o "$T/$family" >/dev/null
		last=$(($(sed -n 's/.*"num_hidden_layers": \([0-9]*\).*/\1/p' "$T/$family.base/config.json") - 1))
		ok "$family: the same" reload layers "$T/$family.base" 0,2,$(seq -s, 4 $last) "$T/$family"
	done
	merge-lora -q -m "$S/plain" --adapter "$S/adapter" -o "$T/merged" >"$T/merged.model"
	ok "merged: W + s B A rounded once (0.1 % may be one step off), logits within 2 % of peft's" \
		reload merged "$S/plain" 0,1,2,3,4,5,6 "$S/adapter" "$T/merged"
	merge-lora -q -m "$S/bnb4" --adapter "$S/adapter" -o "$T/bf16" >"$T/bf16.model"
	ok "4-bit, merged: an ordinary model" reload loads "$T/bf16" 7
	if [ -d "$COPPICE_HF" ]; then
		drop-layers -m "$COPPICE_HF" --layers 20-27 -o "$T/hf" >"$T/hf.model"
		ok "a real folder: logits equal those of skipping the layers" \
			reload layers "$COPPICE_HF" 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,28,29 "$T/hf"
		rm -rf "$T/hf"
	fi
fi
if [ -f "$COPPICE_GGUF" ]; then
	drop-layers -m "$COPPICE_GGUF" --layers 20-27 -o "$T/g" >"$T/g.model"
	[ -z "$COPPICE_PYTHON" ] || ok "GGUF: pairs and tensors as gguf reads them are the base's" \
		reload gguf "$COPPICE_GGUF" 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,28,29 "$T/g/g.gguf"
	if [ -n "$COPPICE_LLAMA" ]; then
		"$COPPICE_LLAMA/llama-completion" -v -m "$T/g/g.gguf" -p 'Once upon a' -n 4 --temp 0 -no-cnv </dev/null \
			>"$T/said" 2>"$T/log"
		is "GGUF: llama.cpp loads and runs it" $? 0
		ok "GGUF: llama.cpp sees 22 layers" grep -Eq 'n_layer += 22$' "$T/log"
	fi
fi
done_testing
