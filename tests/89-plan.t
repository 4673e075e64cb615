#!/bin/sh
# --plan: three lines instead of a run, for every tool that runs a model, and what they say beside what the run then takes.
# Numbers are checked where a wrong one could not pass: disk against what was written; memory against the peak of the run;
# time, on a machine whose load nobody knows, within a factor of five.
. "${0%/*}/tap.sh"
. "${0%/*}/pipeline.sh"
cd "$T" || exit 1

make-tiny llama m >/dev/null || exit 1
make-tiny --set hidden_size=512 --set intermediate_size=2048 --set num_attention_heads=8 --set num_hidden_layers=12 \
	llama wide >/dev/null || exit 1
awk 'BEGIN { srand(3); for (i = 0; i < 24; i++) { s = ""; for (j = 0; j < 300; j++)
	s = s substr("abcdefgh ", 1 + int(rand() * 9), 1); print "{\"text\":\"" s "\"}" } }' >x.json
c4-tokenize -q -m m x.json >t.tokens
questions
drop-layers -q -m m --layers=3,4 >p.model

number() { sed -n "s/^$1: [^(]*(\([0-9]*\) bytes).*/\1/p" plan; }
plan='^memory: [0-9.]+ [KMG]iB \([0-9]+ bytes\), of .* to plan for time: (about|under) .* on [0-9]+ threads? .* disk: '
planned() {	# NAME DISK COMMAND ...: status 0, three lines on standard output, none on standard error
	tap_name=$1 tap_disk=$2
	shift 2
	"$@" --plan >plan 2>err
	tap_status=$?
	like "$tap_name plans" "$tap_status $(cat err)$(wc -l <plan) $(paste -sd' ' plan)" "^0 3 ${plan#^}$tap_disk"
}
nothing='nothing of a size$'
planned hidden-dump 'at most .* hidden states' hidden-dump -q -m m t.tokens
disk=$(number disk)
hidden-dump -q -m m t.tokens | zstd -dcq | wc -c >got
ok "and what it says of its size is that before compression ($disk, $(cat got))" \
	awk -v want="$disk" '{ exit !($1 <= want + 2000 && $1 > 0.8 * want) }' got
planned 'hidden-dump --all-tokens' 'at most .* hidden states' hidden-dump -q -m m --all-tokens t.tokens
disk=$(number disk)
hidden-dump -q -m m --all-tokens t.tokens | zstd -dcq | wc -c >got
ok "of each token, too ($disk, $(cat got))" awk -v want="$disk" '{ exit !($1 <= 1.05 * want + 2000 && $1 > 0.8 * want) }' got
planned eval-c4 "$nothing" eval-c4 -q -m m t.tokens
planned 'eval-c4 with samples' 'at most .* samples$' eval-c4 -q -m m --samples=s t.tokens
disk=$(number disk)
eval-c4 -q -m m --samples=s t.tokens >/dev/null
ok "which are no more than that ($disk)" test "$(zstd -dcq s | wc -c)" -le $((disk + 4000))
planned eval-mmlu "$nothing" eval-mmlu -q -k 1 -m m mmlu
planned eval-boolq "$nothing" eval-boolq -q -k 0 -m m boolq.jsonl
planned qlora-heal 'at most .* state to resume from$' qlora-heal -q -o ad --rank 4 --steps 2 --batch 4 -m m t.tokens
disk=$(number disk)
ok 'no folder was made' test ! -e ad
qlora-heal -q -o ad --rank 4 --steps 2 --batch 4 -m m t.tokens >/dev/null
ok "adapter and state are no more than that ($disk)" test "$(du -sb ad | cut -f 1)" -le $((disk + 65536))
planned 'model-cost --measure' "$nothing" model-cost -q -m m --measure
fails 'without --measure there is nothing to plan' 2 'without --measure nothing is run' model-cost -m m --plan
is 'a tiny model takes no time' "$(eval-c4 -q -m m --limit=2 --plan t.tokens | sed -n 's/^time: \(under a second\).*/\1/p')" 'under a second'
fails 'what there is no memory for fails as the run would' 1 'eval-c4: --memory: 1 MiB are too few' \
	eval-c4 -q -m m --memory=1M --plan t.tokens
ok 'models that come on a stream are planned for together' sh -c 'cat p.model p.model | eval-c4 -q --plan t.tokens >plan'

# The weights are not read: they may be missing, behind a header that is whole.
cp -r m gone
size=$(head -c 8 m/model.safetensors | od -An -tu8 | tr -d ' ')
head -c $((size + 8)) m/model.safetensors >gone/model.safetensors
truncate -s "$(wc -c <m/model.safetensors)" gone/model.safetensors
is 'no weight is read' "$(eval-c4 -q -m gone --plan t.tokens | head -c 7)" memory:

# Memory and time of runs whose matrices are larger than the program. The peak of a run is what -v says at its end.
close() {	# NAME TOLERANCE COMMAND ...
	tap_name=$1 tap_of=$2
	shift 2
	"$@" -q --plan >plan
	predicted=$(number memory)
	seconds=$(sed -n 's/^time: \(.*(\([0-9]*\) s)\|about \([0-9]*\) s\).*/\2\3/p' plan)
	"$@" -v >/dev/null 2>said
	peak=$(sed -n 's/.* \([0-9.]*\) MiB at most$/\1/p' said)
	took=$(sed -n 's/^[a-z0-9-]*: \([0-9.]*\) s, .*/\1/p' said)
	diag "$tap_name: memory $((predicted >> 20)) MiB, held $peak; time ${seconds:-1} s, took $took"
	ok "$tap_name: memory is near" awk "BEGIN { r = $predicted / 1048576 / $peak; exit !(r > 1 - $tap_of && r < 1 + $tap_of) }"
	ok "$tap_name: time is not far" awk "BEGIN { r = ${seconds:-1} / $took; exit !(r > 0.2 && r < 5 || $took < 2 && ${seconds:-1} < 5) }"
}
close 'eval-c4 in f32' 0.15 eval-c4 -m wide --dtype=f32 -j 1 --limit=6 t.tokens
close 'eval-c4 in bf16' 0.2 eval-c4 -m wide --dtype=bf16 -j 1 --limit=6 t.tokens
close 'hidden-dump in NF4' 0.2 hidden-dump -m wide --quant=nf4 --dtype=f32 -j 1 --limit=6 t.tokens
heal() { rm -rf ad && qlora-heal -o ad --rank 8 --steps 1 --batch 4 --dtype=f32 -j 1 -m wide "$@" t.tokens; }
close 'qlora-heal' 0.15 heal
done_testing
