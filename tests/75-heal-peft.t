#!/bin/sh
# A healed tiny model's adapter, loaded by peft on the pruned checkpoint: transformers' loss is eval-c4's.
# Needs COPPICE_PYTHON, a python with torch, transformers and peft.
. "${0%/*}/tap.sh"

[ -n "$COPPICE_PYTHON" ] || skip_all "COPPICE_PYTHON names no python with transformers and peft"
cd "$T" || exit 1
make-tiny llama m
awk 'BEGIN { srand(4); for (i = 0; i < 6; i++) { printf "{\"doc\":%d,\"ids\":{\"dtype\":\"u32\",\"shape\":[40],\"data\":[", i
	for (t = 0; t < 40; t++) printf "%s%d", t ? "," : "", int(rand() * 300); print "]}}" } }' | rec-make tokens >t.tokens
drop-layers -q -m m --layers 3-4 -o pruned >pruned.model
drop-layers -q -m m --layers 3-4 | qlora-heal -q -o a --quant none --dtype f32 --rank 4 --alpha 8 --lr 3e-2 --steps 8 \
	--batch 3 t.tokens >healed.model

cat >loss.py <<'EOF2'
import json, sys, torch
from transformers import AutoModelForCausalLM
from peft import PeftModel
model = AutoModelForCausalLM.from_pretrained("pruned", dtype=torch.float32)
if sys.argv[1:]:
    model = PeftModel.from_pretrained(model, sys.argv[1])
nll = n = 0
with torch.no_grad():
    for line in sys.stdin:
        ids = torch.tensor([json.loads(line)["ids"]["data"]])
        p = model(input_ids=ids).logits[0, :-1].double().log_softmax(-1)
        nll -= p[torch.arange(ids.shape[1] - 1), ids[0, 1:]].sum().item()
        n += ids.shape[1] - 1
print(nll / n)
EOF2
near() {	# NAME GOT WANTED
	ok "$1: $2, here $3, within 2e-6" awk -v a="$2" -v b="$3" 'BEGIN { d = a / b - 1; exit !(b > 0 && d < 2e-6 && d > -2e-6) }'
}
rec-cat --full t.tokens >t.json
score() { eval-c4 -q --dtype f32 t.tokens <"$1" | rec-cat --no-header -t value; }
near "the pruned checkpoint in transformers" "$($COPPICE_PYTHON loss.py <t.json 2>/dev/null)" "$(score pruned.model)"
near "... with the adapter in peft" "$($COPPICE_PYTHON loss.py a <t.json 2>/dev/null)" "$(score healed.model)"
ok "which is another loss" [ "$(score pruned.model)" != "$(score healed.model)" ]
done_testing
