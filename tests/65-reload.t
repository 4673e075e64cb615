#!/bin/sh
# Written checkpoints in other programs: transformers, peft and llama-cpp-python (COPPICE_PYTHON, a Python that has them),
# llama.cpp (COPPICE_LLAMA, the folder of its programs), on tiny models of every family, the golden checkpoints and, if
# it is there, a real model (COPPICE_HF, a folder; COPPICE_GGUF, a file).
. "${0%/*}/tap.sh"
here=$(cd "${0%/*}" && pwd)
S=$COPPICE_GOLDEN/checkpoint

[ -n "$COPPICE_PYTHON$COPPICE_LLAMA" ] || skip_all "neither COPPICE_PYTHON nor COPPICE_LLAMA is set"

healed() { rec-cat "$1" | sed "s#\"adapter\":null#\"adapter\":\"$2\"#" | rec-make model; }

if [ -n "$COPPICE_PYTHON" ]; then
	reload() { HF_HUB_OFFLINE=1 "$COPPICE_PYTHON" "$here/reload.py" "$@"; }
	for form in plain sharded bnb4; do
		drop-layers -q -m "$S/$form" --layers 2,5-6 -o "$T/$form" >"$T/$form.model"
		ok "$form: transformers loads it without a word, logits equal those of skipping the layers" \
			reload layers "$S/$form" 0,1,3,4 "$T/$form"
	done
	merge-lora -q -m "$S/plain" --adapter "$S/adapter" -o "$T/merged" >"$T/merged.model"
	ok "merged: W + s B A rounded once (0.1 % may be one step off), logits within 2 % of peft's" \
		reload merged "$S/plain" 0,1,2,3,4,5,6 "$S/adapter" "$T/merged"
	merge-lora -q -m "$S/bnb4" --adapter "$S/adapter" -o "$T/bf16" >"$T/bf16.model"
	ok "4-bit, merged: an ordinary model" reload loads "$T/bf16" 7
	if [ -d "$COPPICE_HF" ]; then
		drop-layers -q -m "$COPPICE_HF" --layers 20-27 -o "$T/hf" >"$T/hf.model"
		ok "a real folder: logits equal those of skipping the layers" \
			reload layers "$COPPICE_HF" 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,28,29 "$T/hf"
		rm -rf "$T/hf"
	fi
fi
# elsewhere COMMAND WHAT FILE [ADAPTER]: its logits there are ours
elsewhere() {
	golden-forward -m "$3" --dtype=f32 --tokens="$T/t.json" --dump="$T/dump" ${4:+--adapter="$4"} >/dev/null ||
		return 1
	ok "$2: logits as ours, within $tolerance of the largest" reload "$1" "$3" "$T/t.json" "$T/dump" $tolerance ${4:+"$4"}
	tail -1 "$T/.out" | sed 's/^/#   /'
}

# every family, pruned and healed, from both file forms
if [ -n "$COPPICE_PYTHON" ]; then
	echo '{"sequences": [[5, 8, 250, 17, 3, 99, 120, 7, 7, 200, 31, 64, 2, 90], [77, 9, 140], [280, 1, 33, 12, 61, 5]]}' >"$T/t.json"
	jq -c '.sequences | to_entries[] | {doc: .key, ids: {dtype: "u32", shape: [.value | length], data: .value}}' "$T/t.json" |
		rec-make tokens >"$T/t.tokens"
	"$COPPICE_PYTHON" -c 'import llama_cpp' 2>/dev/null && has_llama=1
	cd "$T" || exit 1
	for f in llama-mha llama-gqa llama3 mistral phi2 qwen1 qwen2 qwen3; do
		make-tiny --set vocab_size=300 --tokenizer --gguf=f32 $f $f >/dev/null
		for base in $f $f/model.gguf; do
			form=hf command=near tolerance=1e-5
			[ $base = $f ] || form=gguf command=llama
			[ $form = hf ] || [ -n "$has_llama" ] || continue
			[ $form.$f != gguf.phi2 ] || tolerance=1e-3	# llama.cpp looks its GELU up in a table of f16
			[ $form.$f != hf.qwen1 ] || continue		# transformers has no such class
			p=$f.$form.pruned g=$f.$form.healed a=$f.$form.adapter
			drop-layers -q -m $base --layers 1,3 -o $p >$p.model
			qlora-heal -q -m $p.model -o $a --quant=none --dtype=f32 --rank=4 --alpha=8 --lr=3e-2 --steps=3 --batch=3 \
				t.tokens >$a.model
			merge-lora -q -o $g <$a.model >$g.model
			for new in $p $g; do
				[ $form = hf ] || new=$new/$new.gguf
				elsewhere $command "$new" $new
			done
			[ $form = gguf ] || elsewhere near "$f, $form, pruned and the adapter in peft" $p $a
		done
	done
	for f in llama-gqa phi2 qwen2 qwen3; do		# an adapter that peft wrote, on everything
		ok "$f: peft writes an adapter on all linear layers" reload adapt $f $f.peft
		elsewhere near "$f with it" $f $f.peft
	done
	[ -n "$has_llama" ] || echo "# llama.cpp: SKIP: COPPICE_PYTHON has no llama_cpp"
	cd - >/dev/null || exit 1
fi

if [ -f "$COPPICE_GGUF" ]; then
	drop-layers -q -m "$COPPICE_GGUF" --layers 20-27 -o "$T/g" >"$T/g.model"
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
