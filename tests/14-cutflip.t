#!/bin/sh
# Streams cut at every byte and with a bit of every byte flipped, through the tools that read them, from a file and
# from a pipe: status 1, one line, no end record, no output file; or, for a flip that changes nothing, the same
# output. (The frame header of zstd has bits that mean nothing.)
. "${0%/*}/tap.sh"

# try [OPTION ...] STREAM COMMAND ...: with {} for the file; without, through a pipe. -e N: only every Nth byte.
try() {
	tap_out=$(cutflip "$@" 2>&1)
	tap_result $? "$(echo "$*" | sed "s|$T/||g"): $tap_out"
}

M='{"base":"b","print":"00","keep":[0,1,2,6,7],"adapter":null,"adapter_print":null,"quant":null,"block":{"n":3,"l":3,"mean":0.1,"sem":0.01,"layers":8,"rule":"similarity"}}'
make_stream() { rec-make "$1" >"$T/$1"; }
printf '%s\n' '{"doc":0,"ids":[1,2,3,70000]}' '{"doc":2,"ids":[9]}' | make_stream tokens
printf '%s\n' '{"doc":0,"ntok":4,"x":[[1,2],[2,-1],[3,0.5]]}' '{"doc":1,"ntok":1,"x":[[1,0],[0,1],[1,1]]}' | make_stream hidden
printf '%s\n' '{"n":1,"l":0,"count":2,"mean":0.25,"sem":0.1,"sum":549755813888,"sumsq":137438953472}' \
	'{"n":1,"l":1,"count":2,"mean":0.5,"sem":0.1,"sum":1099511627776,"sumsq":549755813888}' | make_stream angle
printf '%s\n' '{"n":1,"l":0,"mean":null,"sem":null,"layers":2,"rule":"simple"}' | make_stream block
echo '{"doc":0,"ids":[1,2,3]}' | rec-make tokens >"$T/tokens2"
printf '%s\n' "$M" | make_stream model
printf '%s\n' '{"step":0,"lr":0.0003,"loss":2.5,"ce":2.5,"aux":0,"norm":"nan","tokens":4096}' | make_stream loss
printf '%s\n' '{"task":"mmlu","subject":"law","row":1,"model":0,"logp":[-1.5,"-inf"],"answer":0,"choice":null,"top":true,"ntok":5}' |
	make_stream sample
printf '%s\n' '{"task":"c4","metric":"loss","value":2,"stderr":0.5,"count":1,"sum":2,"sumsq":4,"model":'"$M"'}' | make_stream score

for kind in tokens hidden angle block model loss sample score; do
	try "$T/$kind" rec-cat --full {}
done
for kind in tokens hidden model; do
	try "$T/$kind" rec-cat --full
done
zstd -qdc "$T/model" >"$T/plain-model"
try "$T/plain-model" rec-cat --full {}

# The tools that work on streams, a line each. Those that open a model take longer where a flip changes nothing.
export OMP_WAIT_POLICY=passive
cd "$T" && make-tiny llama m || exit 1
echo '{"question": "is it", "passage": "It -- is.", "idx": 0, "label": true}' >boolq.jsonl
echo '{"n":1,"l":1,"mean":null,"sem":null,"layers":'"$(sed -n 's/.*"num_hidden_layers": *\([0-9]*\).*/\1/p' m/config.json)"',"rule":"simple"}' |
	rec-make block >m.block
drop-layers -q -m "$T/m" m.block >m.model || exit 1
try hidden angdist -q {}
try hidden angdist -q
try angle angdist -q {}
try angle argmin-block -q -n 1 {}
try angle argmin-block -q -n 1
try m.block drop-layers -q -m m {}
try m.block drop-layers -q -m m
try m.model drop-layers -q --layers 0 -m {}
try -n out m.model drop-layers -q --layers 0 -o out
try m.model hidden-dump -q tokens2
try tokens2 hidden-dump -q -m m {}
try m.model eval-c4 -q tokens2
try tokens2 eval-c4 -q -m m {}
try -n s.sample m.model eval-boolq -q --samples=s.sample boolq.jsonl
eval-c4 -q -m m tokens2 >m.score
try m.score eval-c4 -q --merge {}
qlora-heal -q --steps=1 --batch=1 --rank=1 -m m -o h tokens2 >h.model
try -n out tokens2 qlora-heal -q --steps=1 --batch=1 --rank=1 -m m -o out {}
try -n out m.model qlora-heal -q --steps=1 --batch=1 --rank=1 -o out tokens2
try -n out h.model merge-lora -q -o out
done_testing
