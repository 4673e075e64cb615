#!/bin/sh
# What -m, --base and a record's base may name, and that every tool understands it alike: models of the hub by their id,
# in a cache that is made here as huggingface_hub lays it out; folders one level too high; streams in pipes; a base that
# is another one than the record means. And what a model is called.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
unset HF_HOME HF_HUB_CACHE HUGGINGFACE_HUB_CACHE XDG_CACHE_HOME
export HOME="$T/home"
mkdir home

# Byte-level: 256 bytes are ids 0-255, "ab" 256 or, in other, "bc" 256.
tokenizer() { python3 - "$1" >"$2" <<'END'
import json, sys
plain = [b for b in range(256) if 33 <= b <= 126 or 161 <= b <= 172 or b >= 174]
name = {b: chr(b) for b in plain}
for i, b in enumerate(b for b in range(256) if b not in name):
    name[b] = chr(256 + i)
vocab = {name[b]: b for b in range(256)}
vocab[sys.argv[1]] = 256
print(json.dumps({"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False},
    "model": {"type": "BPE", "vocab": vocab, "merges": [" ".join(sys.argv[1])]}}))
END
}
make-tiny --gguf=f16 llama m >/dev/null || exit 1
tokenizer ab m/tokenizer.json || skip_all "no python3 to make a tokenizer"
echo '{"text":"abc"}' >in.json
echo '{"doc":0,"ids":{"dtype":"u32","shape":[3],"data":[1,5,7]}}' | rec-make tokens >t.tokens
ids() { rec-cat --full | sed 's/.*"data":\(\[[0-9,]*\]\).*/\1/'; }
tok() { c4-tokenize "$@" in.json | ids; }
base() { rec-cat "$@" | sed 's/.*"base":"\([^"]*\)".*/\1/' | sort -u; }
opens() { drop-layers -q -m "$1" --layers 1 | base; }

# -- a cache
repo=home/.cache/huggingface/hub/models--org--tiny-1.5
one=1111111111111111111111111111111111111111 two=2222222222222222222222222222222222222222
mkdir -p $repo/refs $repo/blobs $repo/snapshots/$one
printf $one >$repo/refs/main
for f in config.json model.safetensors tokenizer.json; do
	cp m/$f $repo/blobs/$f.blob
	ln -s ../../blobs/$f.blob $repo/snapshots/$one/$f
done
is "an id is found in the cache, and stays an id in the record" "$(opens org/tiny-1.5)" org/tiny-1.5
drop-layers -q -m org/tiny-1.5 --layers 1 >id.model
is "a record with an id" "$(model-info -m id.model | grep -o ' keep=[0-9]*')" ' keep=6'
is "the same for c4-tokenize" "$(tok -m id.model; tok -m org/tiny-1.5)" '[256,99]
[256,99]'
drop-layers -q -m m --layers 1 >m.model
is "--base" "$(drop-layers -q -m m.model --base org/tiny-1.5 --layers 2 | base)" org/tiny-1.5
is "--base of c4-tokenize" "$(tok -m m.model --base org/tiny-1.5)" '[256,99]'
is "a snapshot by its path" "$(opens $repo/snapshots/$one)" $repo/snapshots/$one
is "-v: which one" "$(drop-layers -v -m org/tiny-1.5 --layers 1 2>&1 >/dev/null | head -1)" \
	"drop-layers: org/tiny-1.5: $T/$repo/snapshots/$one"
mkdir -p org
cp -r m org/tiny-1.5
is "a path that exists comes before the cache" "$(drop-layers -v -m org/tiny-1.5 --layers 1 2>&1 >/dev/null | grep -c snapshots)" 0
rm -r org

# where the cache is
mkdir -p moved/hub/x
mv home/.cache/huggingface/hub/models--org--tiny-1.5 moved/hub/
lost="org/tiny-1.5: No such file or directory; if it is on the hub: hf download org/tiny-1.5"
fails "no such id" 1 "^drop-layers: $lost\$" drop-layers -m org/tiny-1.5 --layers 1
fails "no such id, c4-tokenize" 1 "^c4-tokenize: $lost\$" c4-tokenize -m org/tiny-1.5 in.json
fails "no such id, in a record" 1 "^eval-c4: $lost\$" sh -c 'eval-c4 t.tokens <id.model >s.score'
fails "two slashes are a path" 1 "a/b/c: No such file or directory\$" drop-layers -m a/b/c --layers 1
is "HF_HOME" "$(HF_HOME=$T/moved opens org/tiny-1.5)" org/tiny-1.5
is "HF_HUB_CACHE comes before it" "$(HF_HOME=$T HF_HUB_CACHE=$T/moved/hub opens org/tiny-1.5)" org/tiny-1.5
is "HUGGINGFACE_HUB_CACHE, the older name" "$(HUGGINGFACE_HUB_CACHE=$T/moved/hub opens org/tiny-1.5)" org/tiny-1.5
mkdir -p xdg
ln -s ../moved xdg/huggingface
is "XDG_CACHE_HOME" "$(XDG_CACHE_HOME=$T/xdg opens org/tiny-1.5)" org/tiny-1.5
# shellcheck disable=SC2088	# the tool's to expand
is "a tilde" "$(HF_HOME='~/../moved' opens org/tiny-1.5)" org/tiny-1.5
export HF_HOME="$T/moved"
repo=moved/hub/models--org--tiny-1.5

# its name
drop-layers -q -m org/tiny-1.5 --layers 1 -o w.id >w.id.model
is "README: the id is what it was made from" "$(sed -n 2p w.id/README.md)" 'base_model: "org/tiny-1.5"'
like "README: in words, the name" "$(cat w.id/README.md)" '^`tiny-1.5` with 1 of its 7 layers'
(cd $repo/snapshots/$one/ && drop-layers -q -m . --layers 1 -o "$T/w.dot" >"$T/w.dot.model")
is "a snapshot given as . has the same" "$(sed -n '2p; /^`/p' w.dot/README.md)" "$(sed -n '2p; /^`/p' w.id/README.md)"
(cd m && drop-layers -q -m ./ --layers 1 -o "$T/w.here" >"$T/w.here.model")
is "a folder given as . has its own name" "$(sed -n 2p w.here/README.md)" 'base_model: "m"'
drop-layers -q -m m/model.gguf --layers 1 -o w.gguf >w.gguf.model
is "a GGUF file" "$(sed -n 2p w.gguf/README.md)" 'base_model: "model"'
qlora-heal -q -o a.adapter --rank 2 --steps 1 --batch 1 -m org/tiny-1.5 t.tokens >a.model
is "an adapter names the id" "$(jq -r .base_model_name_or_path a.adapter/adapter_config.json)" org/tiny-1.5
is "its record too" "$(base a.model)" org/tiny-1.5
is "a healed record gives its base's tokenizer" "$(tok -m a.model)" '[256,99]'

# what is not whole
mkdir $repo/snapshots/$two
rm $repo/refs/main
fails "two snapshots, and none is the main one" 1 'has 2 snapshots and no refs/main' drop-layers -m org/tiny-1.5 --layers 1
rmdir $repo/snapshots/$two
is "one is the one" "$(opens org/tiny-1.5)" org/tiny-1.5
printf $two >$repo/refs/main
fails "the main one is not there" 1 "$two is not there, which refs/main names: .* hf download org/tiny-1.5 goes on" \
	drop-layers -m org/tiny-1.5 --layers 1
printf $one >$repo/refs/main
mv $repo/blobs/model.safetensors.blob $repo/blobs/abcd.incomplete
fails "a link to nothing" 1 'lacks model.safetensors: the download was broken off; hf download org/tiny-1.5 goes on' \
	drop-layers -m org/tiny-1.5 --layers 1
is "the tokenizer is there" "$(tok -m org/tiny-1.5)" '[256,99]'
like "with a record, what is missing is said" "$(c4-tokenize -m id.model in.json 2>&1 >/dev/null)" \
	"lacks model.safetensors: the download was broken off; .*; whether it is the base that the model record means can't be told"
rm $repo/snapshots/$one/model.safetensors
echo '{"weight_map":{"a":"model-00001-of-00003.safetensors","b":"model-00002-of-00003.safetensors","c":"model-00003-of-00003.safetensors"}}' \
	>$repo/snapshots/$one/model.safetensors.index.json
fails "shards" 1 'lacks model-00001-of-00003.safetensors and 2 other files of its index' drop-layers -m org/tiny-1.5 --layers 1
rm $repo/snapshots/$one/model.safetensors.index.json
fails "no weights yet" 1 'lacks model.safetensors: the download was broken off' drop-layers -m org/tiny-1.5 --layers 1
rm $repo/blobs/tokenizer.json.blob
cp m/tokenizer.json $repo/snapshots/$one/vocab.json
fails "a tokenizer that is a link to nothing is not passed over for another" 1 'tokenizer.json: is a link to nothing' \
	c4-tokenize -m org/tiny-1.5 in.json
rm -r $repo/snapshots/*
fails "no snapshot" 1 'has no snapshot: the download is not whole' drop-layers -m org/tiny-1.5 --layers 1
mkdir -p $repo/snapshots/$one
cp m/* $repo/snapshots/$one

# -- one level too high
for f in $repo $repo/snapshots; do
	fails "$(basename $f)" 1 "has no config.json; a model lies in it: give .*/snapshots/$one\$" drop-layers -m $f --layers 1
done
fails "the same for c4-tokenize" 1 "a model lies in it: give .*/snapshots/$one\$" c4-tokenize -m $repo/ in.json
mkdir -p up/b ggufs
cp m/config.json up/b
cp m/model.gguf ggufs/x.gguf
fails "a folder with a model in it" 1 '^drop-layers: up: has no config.json; a model lies in it: give up/b$' drop-layers -m up --layers 1
fails "a folder with a GGUF file in it" 1 'give ggufs/x.gguf$' drop-layers -m ggufs/ --layers 1

# -- streams
cat m.model id.model >both.model
is "two models of one base, by two names: no" "$(c4-tokenize -m both.model in.json 2>&1 >x | sed 's/.*: models/models/')" \
	'models of several bases: m, org/tiny-1.5'
cat m.model m.model >twice.model
is "two of one base" "$(tok -m twice.model)" '[256,99]'
ln -s m other-name
{ rec-cat m.model; rec-cat m.model | sed 's/"base":"m"/"base":".\/other-name"/'; } | rec-make model >link.model
is "two names of one folder" "$(tok -m link.model)" '[256,99]'
is "a stream in a pipe" "$(cat m.model | model-info -m /dev/stdin | grep -c keep=6)" 1
is "a stream in a pipe of the shell's" "$(bash -c 'model-info -m <(cat m.model)' | grep -c keep=6)" 1
is "the same for c4-tokenize" "$(bash -c 'c4-tokenize -m <(cat m.model) in.json' | ids)" '[256,99]'
is "a slow one" "$( (for i in 1 2 3 4 5 6 7 8 9; do dd bs=1 count=1 status=none; sleep 0.01; done; cat) <m.model |
	c4-tokenize in.json | ids)" '[256,99]'
mkfifo fifo
for tool in "drop-layers --layers 1" "c4-tokenize in.json"; do
	fails "${tool%% *}: a FIFO is not waited for" 1 'fifo: is a FIFO, no regular file' timeout 5 $tool -m fifo
done
: >empty.model
fails "an empty file" 1 'empty.model: is empty' drop-layers -m empty.model --layers 1
forgotten='no model: -m MODEL, or a model stream on standard input'
for tool in "drop-layers --layers 1" "c4-tokenize in.json" "eval-c4 t.tokens" "argmin-block --simple -n 1" "merge-lora -o x"; do
	fails "${tool%% *}: no model and nothing on standard input" 1 "$forgotten, which is empty$" sh -c "$tool </dev/null >x"
	if command -v script >/dev/null; then
		script -qec "$tool >x" said </dev/null >/dev/null
		is "${tool%% *}: no model on a terminal, exit 2" "$?" 2
		case $tool in
		merge-lora*) wanted='standard input is a terminal: name a file' ;;
		*) wanted="$forgotten\$" ;;
		esac
		like "${tool%% *}: and what to do" "$(tr -d '\r' <said)" "$wanted"
	fi
done
fails "hidden-dump: two needs" 2 'both the model and the tokens' hidden-dump
fails "c4-tokenize: two needs" 2 'both the model and the text' c4-tokenize -m - /dev/stdin
fails "--base beside a checkpoint" 2 'names a checkpoint already' c4-tokenize -m m --base m in.json

# -- another base in its place
cp -r m swapped
(cd swapped && drop-layers -q -m ../swapped --layers 1 >../swapped.model)
rec-cat swapped.model | sed 's/"base":"[^"]*"/"base":"swapped"/' | rec-make model >s.model
is "before" "$(tok -m s.model)" '[256,99]'
rm -r swapped
make-tiny --set hidden_size=32 llama swapped >/dev/null
tokenizer bc swapped/tokenizer.json
for tool in "c4-tokenize in.json" "eval-c4 t.tokens" "drop-layers --layers 2" "merge-lora -o x"; do
	fails "${tool%% *}: another model in its place" 1 'swapped: the base: is not the one' sh -c "$tool -m s.model >x"
done
cp m/model.gguf g.gguf
drop-layers -q -m g.gguf --layers 1 >g.model
make-tiny --set hidden_size=32 --gguf=f16 llama h >/dev/null
cp h/model.gguf g.gguf
fails "c4-tokenize: another GGUF file in its place" 1 'g.gguf: the base: is not the one' c4-tokenize -m g.model in.json
done_testing
