#!/bin/sh
# Model streams opened: paths, overrides, fingerprints, kept layers, shared bases, what a tokens stream must fit. Compared:
# what model-info says of the opened models, as text.
. "${0%/*}/tap.sh"
S=$COPPICE_GOLDEN/checkpoint

cp -r "$S/plain" "$S/sharded" "$S/bnb4" "$S/adapter" "$T"
chmod -R u+w "$T"
cd "$T" || exit 1
plain=$(model-info -m plain | sed 's/.*print=\([0-9a-f]*\).*/\1/')
rank4=$(model-info -m plain --adapter adapter | sed 's/.*adapter=\([0-9a-f]*\).*/\1/')

record() { printf '{"base":"%s","print":"%s","keep":%s,"adapter":%s,"adapter_print":%s,"quant":%s,"block":null}\n' "$@"; }
stream() { record "$@" | rec-make model; }
says() { model-info "$@" | tr ' ' '\n' | grep -E '^(keep|base|quant|nf4|adapter|rank|scale)=' | tr '\n' ' '; }

stream plain "$plain" '[0,1,2,6]' null null null >kept.model
is "kept layers are taken from the record" "$(says -m kept.model)" "keep=4 base=plain quant=- nf4=0 "
is "the same from standard input" "$(says <kept.model)" "keep=4 base=plain quant=- nf4=0 "
is "and as -" "$(says -m - <kept.model)" "keep=4 base=plain quant=- nf4=0 "
zstd -dqc kept.model >kept.raw
is "a stream that is not compressed" "$(says -m kept.raw)" "keep=4 base=plain quant=- nf4=0 "

mkdir sub
is "a relative base is found beside the stream's file" "$(cd sub && says -m ../kept.model)" "keep=4 base=plain quant=- nf4=0 "
fails "on a pipe it is relative to the working directory" 1 'plain: No such file' sh -c 'cd sub && model-info <../kept.model'
is "--base finds it again, and is what the record then says" "$(cd sub && says --base=../plain <../kept.model)" \
	"keep=4 base=../plain quant=- nf4=0 "
fails "--base with other weights is refused" 1 'fingerprint is [0-9a-f]*, not' model-info -m kept.model --base sharded
fails "--base beside a bare checkpoint" 2 'names a checkpoint already' model-info -m plain --base sharded
printf '\001' | dd of=plain/model.safetensors bs=1 seek=284150 conv=notrunc status=none
fails "a changed weight is noticed" 1 'plain: the base: is not the one' model-info -m kept.model
cp "$S/plain/model.safetensors" plain

stream plain "$plain" '[0,1,2,3,4,5,6]' '"adapter"' "\"$rank4\"" null >healed.model
is "an adapter" "$(says -m healed.model)" "keep=7 base=plain quant=- nf4=0 adapter=$rank4 rank=4 scale=2 "
mv adapter elsewhere
fails "an adapter that has gone" 1 'adapter/adapter_config.json: No such file' model-info -m healed.model
is "--adapter finds it" "$(says -m healed.model --adapter elsewhere)" \
	"keep=7 base=plain quant=- nf4=0 adapter=$rank4 rank=4 scale=2 "
cp -r elsewhere other
printf '\001' | dd of=other/adapter_model.safetensors bs=1 seek=50000 conv=notrunc status=none
fails "another adapter is refused" 1 'other: the adapter: is not the one' model-info -m healed.model --adapter other
sed 's/"use_rslora": false/"use_rslora": true/' elsewhere/adapter_config.json >other/adapter_config.json
like "use_rslora: alpha / sqrt(rank)" "$(model-info -m plain --adapter other)" 'rank=4 scale=4$'
stream plain "$plain" '[0,1,2]' null null null >short.model
fails "an adapter of more layers than are kept" 1 'the model has 3 layers' model-info -m short.model --adapter elsewhere

stream plain "$plain" '[0,1]' null null '"nf4"' >nf4.model
is "quant nf4" "$(says -m nf4.model)" "keep=2 base=plain quant=nf4 nf4=1 "
is "--quant=none" "$(says -m nf4.model --quant=none)" "keep=2 base=plain quant=- nf4=0 "
is "--quant=nf4" "$(says -m kept.model --quant=nf4)" "keep=4 base=plain quant=nf4 nf4=1 "
is "a base that is NF4 already stays as it is" "$(says -m bnb4 --quant=nf4)" "keep=7 base=bnb4 quant=nf4 nf4=0 "
fails "--quant of another name" 2 'quant=q4' model-info -m plain --quant=q4

{ record plain "$plain" '[0]' null null null; record plain "$plain" '[0,1]' null null null; } | rec-make model >two.model
is "two models of one base" "$(says -m two.model)" "keep=1 base=plain quant=- nf4=0 keep=2 base=plain quant=- nf4=0 "
cat kept.model short.model >parts.model
is "two streams in one file" "$(model-info -m parts.model | wc -l)" 2

for keep in '[7]' '[0,1,2,3,4,5,6,7]'; do
	stream plain "$plain" "$keep" null null null >bad.model
	fails "keep $keep is refused" 1 'keeps layer' model-info -m bad.model
done
rec-make model </dev/null >none.model
fails "a stream without models" 1 'has no model in it' model-info -m none.model
stream nowhere "$plain" '[0]' null null null >lost.model
fails "a base that is not there" 1 'nowhere: No such file' model-info -m lost.model
fails "a stream of another kind" 1 'tokens' sh -c 'rec-make tokens </dev/null | model-info'
head -c 60 kept.model >cut.model
fails "a cut stream" 1 'cut.model' model-info -m cut.model
fails "-m that is not there" 1 'nothing: No such file' model-info -m nothing
mkdir empty pickled
fails "an empty folder" 1 'empty/config.json: No such file' model-info -m empty
cp plain/config.json pickled
echo >pickled/pytorch_model.bin
fails "pickled weights" 1 'convert them to safetensors' model-info -m pickled
fails "an adapter given as a model" 1 'is an adapter, not a model' model-info -m elsewhere

mkdir -p hub/blobs hub/snapshots/1
for f in config.json model.safetensors; do
	cp plain/$f hub/blobs/$f.blob
	ln -s ../../blobs/$f.blob hub/snapshots/1/$f
done
like "a folder of the hub's cache, all symbolic links: the same fingerprint" "$(model-info -m hub/snapshots/1)" "^print=$plain "

tokens() { echo '{"doc":0,"ids":{"dtype":"u32","shape":[2],"data":[1,2]}}' | rec-make tokens --meta "{\"tokenizer\":$1}"; }
tokens '{"hash":"0123456789abcdef","size":131,"bos":false}' >fits.tokens
ok "tokens of a vocabulary that fits the embedding" sh -c 'hidden-dump -m plain fits.tokens >fits.hidden'
tokens '{"hash":"0123456789abcdef","size":132,"bos":false}' >wide.tokens
fails "tokens of a larger one" 1 'has 131 tokens, but the tokens stream comes from a tokenizer of 132' \
	sh -c 'hidden-dump -m plain wide.tokens >wide.hidden'

cp -r plain bad
header=$(od -An -tu8 -N8 bad/model.safetensors | tr -d ' ')
offset=$(head -c $((header + 8)) bad/model.safetensors | tail -c "$header" |
	sed 's/.*"model.layers.2.mlp.down_proj.weight":{[^[]*\[[^]]*\],"data_offsets":\[\([0-9]*\).*/\1/')
printf '\377\177\377\177' | dd of=bad/model.safetensors bs=1 seek=$((header + 8 + offset)) conv=notrunc status=none
fails "a weight that is not a number: its layer is named" 1 '^hidden-dump: bad: layer 2: row 0 of a batch is not finite$' \
	sh -c 'hidden-dump -q -m bad fits.tokens >bad.hidden'

done_testing
