#!/bin/sh
# Adapters as peft reads them when it loads them for inference: each against W + s B A written out (tests/adapters.py),
# beside the weights and merged, hidden states within 1e-5 of the largest; what is more than plain LoRA is refused by its
# name at every door: --adapter, a model record, merge-lora, qlora-heal --init. Rank and scale of a module are what peft's
# update_layer and get_pattern_key give it, told here by hand.
. "${0%/*}/tap.sh"
here=$(cd "${0%/*}" && pwd)
cd "$T" || exit 1
make-tiny --set num_hidden_layers=3 llama m >/dev/null || exit 1
printf '%s\n' '{"doc":0,"ids":{"dtype":"u32","shape":[9],"data":[1,5,200,17,17,3,88,299,64]}}' | rec-make tokens >t.tokens
hidden() { hidden-dump -q --dtype=f32 -m "$@" t.tokens | rec-cat --full | sed 's/.*"data":\[//; s/\].*//' | tr ',' '\n'; }
# Largest difference of two files of numbers, relative to the largest of the first.
gap() {
	paste "$1" "$2" | awk '{ d = $1 - $2; if (d < 0) d = -d; if (d > worst) worst = d; a = $1 < 0 ? -$1 : $1
		if (a > most) most = a } END { printf "%.1e\n", worst / most }'
}
below() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a < b) }'; }
hidden m >plain

means() {	# NAME CONFIG PARTS
	python3 "$here/adapters.py" m ad want "$2" "$3"
	hidden want >want.n
	hidden m --adapter ad >beside.n
	rm -rf merged
	merge-lora -q -m m --adapter ad -o merged >merged.model
	hidden merged >merged.n
	worst=$(gap want.n beside.n) merged=$(gap want.n merged.n)
	ok "$1: beside $worst, merged $merged" sh -c '[ -s beside.n ] && [ -s merged.n ]'
	ok "... within 1e-5" below "$worst" 1e-5
	ok "... within 1e-5, merged" below "$merged" 1e-5
	ok "... and it matters" below 1e-3 "$(gap plain want.n)"
}
ud='"mlp.up_proj":[4,2],"mlp.down_proj":[2,4]'
means "rank_pattern" '{"rank_pattern":{"down_proj":2}}' "{$ud}"
means "alpha_pattern, one layer" '{"alpha_pattern":{"layers.1.mlp.up_proj":32}}' \
	'{"0:mlp.up_proj":[4,2],"1:mlp.up_proj":[4,8],"2:mlp.up_proj":[4,2]}'
means "both, with use_rslora" '{"rank_pattern":{"mlp.down_proj":9},"alpha_pattern":{"down_proj":6},"use_rslora":true}' \
	'{"mlp.up_proj":[4,4],"mlp.down_proj":[9,2]}'
means "the first pattern that matches decides" '{"rank_pattern":{".*_proj":2,"up_proj":3}}' '{"mlp.up_proj":[2,4]}'
means "... in the file's order" '{"rank_pattern":{"up_proj":3,".*_proj":2},"lora_alpha":6}' \
	'{"mlp.up_proj":[3,2],"mlp.gate_proj":[2,3]}'
means "a pattern matches from a dot on" '{"rank_pattern":{"proj":2,"p_proj":3,"layers.2":5}}' '{"mlp.up_proj":[4,2]}'
means "regular expressions" \
	'{"rank_pattern":{"layers\\.(0|2)\\..*":1,"^model.layers.1.self_attn.q_proj":6},"alpha_pattern":{"(gate|up)_proj":3}}' \
	'{"0:mlp.up_proj":[1,3],"1:mlp.up_proj":[4,0.75],"2:mlp.up_proj":[1,3],"1:self_attn.q_proj":[6,1.333333333333333]}'
means "q, k, v and o of unlike ranks and scales" \
	'{"rank_pattern":{"q_proj":1,"k_proj":7,"o_proj":5},"alpha_pattern":{"k_proj":21,"v_proj":1}}' \
	'{"self_attn.q_proj":[1,8],"self_attn.k_proj":[7,3],"self_attn.v_proj":[4,0.25],"self_attn.o_proj":[5,1.6]}'
means "v alone" '{}' '{"self_attn.v_proj":[4,2]}'
means "some layers only" '{"layers_to_transform":[0,2]}' '{"0:mlp.up_proj":[4,2],"2:mlp.up_proj":[4,2]}'
means "one layer, by a list's name" '{"layers_to_transform":1,"layers_pattern":["h","layers"]}' '{"1:mlp.up_proj":[4,2]}'
means "modules left out" '{"target_modules":"all-linear","exclude_modules":["mlp.down_proj"]}' '{"mlp.up_proj":[4,2]}'
means "modules by an expression" '{"target_modules":".*layers\\.\\d+\\.mlp\\.(up|gate)_proj"}' '{"mlp.up_proj":[4,2]}'
hidden m --adapter ad >first.n
for init in true false null '"gaussian"' '"eva"' '"orthogonal"' '"mica"'; do
	python3 "$here/adapters.py" m ad - "{\"init_lora_weights\":$init}" '{"mlp.up_proj":[4,2]}'
	hidden m --adapter ad >got.n
	same "init_lora_weights $init changes nothing" first.n got.n
done
python3 "$here/adapters.py" m ad - '{"auto_mapping":{"unsloth_fixed":true},"base_model_name_or_path":"elsewhere","revision":"main",
	"corda_config":null,"eva_config":{"rho":2.0},"loftq_config":{"loftq_bits":4},"lora_ga_config":{"scale":"stable"},
	"ensure_weight_tying":true,"fan_in_fan_out":true,"inference_mode":false,"lora_dropout":0.5,"merge_weights":true,
	"megatron_config":{"x":1},"megatron_core":"megatron.core","peft_version":"0.21.2","qalora_group_size":16,"runtime_config":{"x":1},"enable_lora":null,
	"modules_to_save":[],"use_dora":false,"something_new":null}' '{"mlp.up_proj":[4,2]}'
hidden m --adapter ad >got.n
same "what changes nothing passes" first.n got.n

refused() {	# NAME PATTERN: the adapter in ad, at every door
	fails "$1: --adapter" 1 "$2" eval-c4 -q -m m --adapter ad t.tokens
	fails "$1: a record" 1 "$2" eval-c4 -q -m healed.model t.tokens
	fails "$1: merge-lora" 1 "$2" merge-lora -q -m m --adapter ad -o refused
	fails "$1: --init" 1 "$2" qlora-heal -q -m m --init ad -o refused --steps 1 --batch 1 t.tokens
}
drop-layers -q -m m --layers 1 | rec-cat | sed 's/"keep":\[0,2\]/"keep":[0,1,2]/; s/"adapter":null/"adapter":"ad"/' |
	rec-make model >healed.model
not_plain() {	# CONFIG PATTERN: all doors have one reader
	python3 "$here/adapters.py" m ad - "$1" '{"mlp.up_proj":[4,2]}'
	fails "$1" 1 "ad/adapter_config.json: .*$2" eval-c4 -q -m m --adapter ad t.tokens
}
python3 "$here/adapters.py" m ad - '{"init_lora_weights":"pissa"}' '{"mlp.up_proj":[4,2]}'
refused "PiSSA" 'ad/adapter_config.json: init_lora_weights "pissa".*--ignore=init_lora_weights'
for init in pissa pissa_niter_16 olora corda loftq lora_ga Olora something_new; do
	not_plain "{\"init_lora_weights\":\"$init\"}" "init_lora_weights.*$init"
done
for key in alora_invocation_tokens layer_replication modules_to_save target_parameters trainable_token_indices; do
	not_plain "{\"$key\":[1]}" "$key is "
done
for key in arrow_config kasa_config monteclora_config use_bdlora velora_config; do
	not_plain "{\"$key\":{\"x\":1}}" "$key is "
done
for key in use_dora use_qalora lora_bias enable_lora something_new; do
	not_plain "{\"$key\":true}" "$key is "
done
not_plain '{"something_new":0.5}' 'something_new is '
not_plain '{"bias":"lora_only"}' 'bias '
not_plain '{"task_type":"SEQ_CLS"}' 'task_type '
not_plain '{"peft_type":"ADALORA"}' 'peft_type '
not_plain '{"peft_type":null}' 'has no peft_type'
not_plain '{"target_modules":null}' 'names no target_modules'
not_plain '{"target_modules":["down_proj"]}' 'up_proj is adapted in the file but not by the config'
not_plain '{"exclude_modules":".*up_proj"}' 'up_proj is adapted in the file but not by the config'
not_plain '{"layers_to_transform":[0,1]}' 'layers.2.mlp.up_proj is adapted in the file but not by the config'
not_plain '{"rank_pattern":{"up_(proj":4}}' 'rank_pattern: up_.proj: is no regular expression'

# a file that lacks what its config adapts
python3 "$here/adapters.py" m ad - '{"target_modules":["up_proj","v_proj"]}' '{"mlp.up_proj":[4,2]}'
like "modules without matrices are told" "$(hidden-dump --dtype=f32 -m m --adapter ad t.tokens 2>&1 >/dev/null)" \
	'no matrices for 3 modules that its config adapts, as model.layers.0.self_attn.v_proj'
hidden m --adapter ad >got.n
same "... and stay as they are" first.n got.n

# the way out
python3 "$here/adapters.py" m ad - '{"init_lora_weights":"pissa","use_dora":true}' '{"mlp.up_proj":[4,2]}'
hidden m --adapter ad --ignore=init_lora_weights --ignore=use_dora >got.n
same "--ignore: read as plain LoRA" first.n got.n

spoil() {	# PYTHON: over header, body
	python3 - "$1" <<'END'
import json, struct, sys
path = "ad/adapter_model.safetensors"
with open(path, "rb") as f:
    header = json.loads(f.read(int.from_bytes(f.read(8), "little")))
    body = f.read()
names = sorted(n for n in header if n != "__metadata__")
exec(sys.argv[1])
text = json.dumps(header).encode()
with open(path, "wb") as f:
    f.write(len(text).to_bytes(8, "little") + text + body)
END
}
fresh() { rm -rf ad && python3 "$here/adapters.py" m ad - "${1:-{\}}" '{"mlp.up_proj":[4,2]}'; }
fresh
spoil 'header, body = {"__metadata__": {"format": "pt"}}, b""'
refused "no tensor" 'ad/adapter_model.safetensors: has no tensor in it'
for value in nan inf; do
	fresh
	spoil "body = body[:400] + struct.pack('f', float('$value')) + body[404:]"
	refused "a value of $value" "layers.*lora_[AB].weight: holds $value"
done
fresh '{"rank_pattern":{"up_proj":3}}'
refused "another rank than the config's" 'has not the shape \[3, 64\]'
fresh
mv ad/adapter_model.safetensors ad/adapter_model.bin
refused "a pickle" 'ad/adapter_model.bin: is a pickle .*safetensors'
fresh '{"rank_pattern":{"layers.1.*":4},"alpha_pattern":{"layers.1.*":9}}'
fails "--init of several scales" 1 'not of one rank and one scale' \
	qlora-heal -q -m m --init ad -o refused --steps 1 --batch 1 t.tokens
fresh '{"r":9,"lora_alpha":1,"rank_pattern":{"up_proj":4},"alpha_pattern":{"up_proj":8}}'
ok "--init of one, by patterns" qlora-heal -q -m m --init ad -o went-on --steps 1 --batch 1 t.tokens
is "... with that rank and alpha" "$(grep -E '"r"|alpha"' went-on/adapter_config.json)" '  "lora_alpha": 8,
  "r": 4,'
is "nothing was written by what was refused" "$(ls -d refused 2>/dev/null)" ""
done_testing
