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

# The tools that work on streams, a line each.
try "$T/hidden" angdist -q {}
try "$T/angle" angdist -q
try "$T/angle" argmin-block -q -n 1 {}
if [ -d "$COPPICE_SHARED/golden/checkpoint/plain" ]; then
	base=$COPPICE_SHARED/golden/checkpoint/plain
	echo '{"n":1,"l":1,"mean":null,"sem":null,"layers":7,"rule":"simple"}' | rec-make block >"$T/block7"
	drop-layers -q -m "$base" "$T/block7" >"$T/pruned"
	try "$T/block7" drop-layers -q -m "$base"
	try -e 3 "$T/pruned" drop-layers -q --layers 3 -m {}
	try -e 3 "$T/pruned" hidden-dump -q "$T/tokens2"
	try -e 3 "$T/tokens2" hidden-dump -q -m "$base" {}
fi
done_testing
