#!/bin/sh
# The adapter that qlora-heal makes is taken on the layers that it was trained on, by whatever path they are reached, and
# refused on all others, at every door.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
make-tiny --set num_hidden_layers=6 --gguf=f16 llama m >/dev/null || exit 1
make-tiny --set num_hidden_layers=6 --salt=other llama other >/dev/null
printf '%s\n' '{"doc":0,"ids":{"dtype":"u32","shape":[9],"data":[1,5,200,17,17,3,88,299,64]}}' \
	'{"doc":1,"ids":{"dtype":"u32","shape":[4],"data":[7,6,5,9]}}' | rec-make tokens >t.tokens
heal() { qlora-heal -q --steps 2 --batch 2 --lr 1e-2 --dtype f32 "$@" t.tokens; }
drop() { drop-layers -q -m "$1" --layers "$2"; }
score() { eval-c4 -q --dtype=f32 "$@" t.tokens 2>err | rec-cat --no-header -t value; }

drop m 2-3 >p.model
heal --rank 2 -o ad <p.model >h.model
drop-layers -q -m m --layers 2-3 -o out >out.model
want=$(score <h.model)
like "the record of the healing" "$want" '^[0-9.]+$'
is "the pruned record with --adapter" "$(score --adapter ad --quant=nf4 <p.model)" "$want"
is "the written checkpoint" "$(score -m out --adapter ad --quant=nf4)" "$want"
is "... pruned from the record again" "$(drop-layers -q -m m --layers 2 | drop-layers -q --layers 3 -m - |
	score --adapter ad --quant=nf4)" "$want"
cp -r m moved && printf '\n' >>moved/config.json
is "a base whose config is written otherwise" "$(drop moved 2-3 | score --adapter ad --quant=nf4)" "$want"
score -m out --adapter ad >plain.value
like "what it was trained on is said" "$(cat err; eval-c4 -m out --adapter ad t.tokens 2>&1 >/dev/null)" \
	'ad: was trained on the base as NF4 has it; --quant=nf4 takes it so'
heal --rank 2 -m out -o ad-out >ho.model
is "healed on the written checkpoint: on the record" "$(score --adapter ad-out --quant=nf4 <p.model)" "$(score <ho.model)"
ok "--init on the same layers" heal -m out --init ad -o went-on
ok "merge-lora on the written checkpoint" merge-lora -q -m out --adapter ad --quant=nf4 -o merged

drop m/model.gguf 2-3 >pg.model
heal --rank 2 -o adg <pg.model >hg.model
drop-layers -q -m m/model.gguf --layers 2-3 -o outg >outg.model
is "a written GGUF file" "$(score -m outg/outg.gguf --adapter adg --quant=nf4)" "$(score <hg.model)"
heal --rank 2 -m m -o whole --quant=none >whole.model
ok "an adapter on a whole base" score -m m --adapter whole

refused() {	# NAME MODEL PATTERN
	fails "$1: --adapter" 1 "$3" eval-c4 -q -m "$2" --adapter ad t.tokens
	fails "$1: merge-lora" 1 "$3" merge-lora -q -m "$2" --adapter ad -o refused
	fails "$1: --init" 1 "$3" heal -m "$2" --init ad -o refused
}
drop m 1-2 >others.model
drop other 2-3 >salted.model
drop m 1-3 >three.model
refused "the whole base" m 'was made for layers 0-1,4-5 of a model of 6 .*, not for layers 0-5 of this one of 6'
refused "other layers of it" others.model 'was made for layers 0-1,4-5 of .*, not for layers 0,3-5'
refused "fewer layers of it" three.model 'was made for layers 0-1,4-5 of .*, not for layers 0,4-5'
refused "the same layers of another model" salted.model 'fingerprint [0-9a-f]{16}, not .*, [0-9a-f]{16} \(--ignore=coppice.weights'
rec-cat others.model | sed 's/"adapter":null/"adapter":"ad"/' | rec-make model >wrong.model
fails "a record that says so" 1 'was made for layers' eval-c4 -q -m wrong.model t.tokens
ok "--ignore=coppice.weights takes it" score -m others.model --adapter ad --ignore=coppice.weights
is "nothing was written by what was refused" "$(ls -d refused 2>/dev/null)" ""

# as peft writes it, without a word of where it was trained
python3 - <<'END'
import json
with open("ad/adapter_model.safetensors", "rb") as f:
    header, body = json.loads(f.read(int.from_bytes(f.read(8), "little"))), f.read()
print(sorted(header["__metadata__"]), header["__metadata__"]["format"])
header["__metadata__"] = {"format": "pt"}
text = json.dumps(header).encode()
with open("ad/adapter_model.safetensors", "wb") as f:
    f.write(len(text).to_bytes(8, "little") + text + body)
END
ok "another's adapter is taken wherever it fits in shape" score -m others.model --adapter ad
done_testing
