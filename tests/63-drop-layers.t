#!/bin/sh
# drop-layers: models by reference, what is refused, and written checkpoints: tensor by tensor the base's bytes, the
# other files carried along, nothing half done.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
S=$COPPICE_GOLDEN/checkpoint
keep() { rec-cat "$1" | sed 's/.*"keep":\(\[[0-9,]*\]\).*/\1/'; }

make-tiny --set num_hidden_layers=8 --gguf=q8_0 llama m >/dev/null || exit 1
printf '%s\n' '{"n":2,"l":3,"mean":0.1,"sem":0.01,"layers":8,"rule":"similarity"}' \
	'{"n":0,"l":0,"mean":null,"sem":null,"layers":8,"rule":"simple"}' \
	'{"n":7,"l":0,"mean":null,"sem":null,"layers":8,"rule":"simple"}' | rec-make block >three.block

# by reference
drop-layers -m m three.block >three.model
is "three blocks, three models" "$(keep three.model | tr '\n' ' ')" "[0,1,2,5,6,7] [0,1,2,3,4,5,6,7] [7] "
like "... with their block" "$(rec-cat three.model | head -1)" '"block":\{"n":2,"l":3,"mean":0.1,"sem":0.01,"layers":8,"rule":"similarity"\}'
drop-layers -m m <three.block | cmp -s - three.model
is "from standard input: the same bytes" $? 0
drop-layers -m m/model.gguf --layers 1,6-7 >a.model
is "--layers 1,6-7 of a GGUF file" "$(keep a.model)" "[0,2,3,4,5]"
drop-layers --layers 0,4 <a.model >b.model
is "pruning what has been pruned composes; numbers stay the base's" "$(keep b.model)" "[2,3,5]"
drop-layers -m b.model --layers 3 | rec-cat >got
is "... from a file with a model stream" "$(sed 's/.*"keep":\(\[[0-9,]*\]\).*/\1/' got)" "[2,5]"
echo '{"n":1,"l":1,"mean":0.1,"sem":0.01,"layers":3,"rule":"similarity"}' | rec-make block >of3.block
is "a block measured on the pruned model counts its layers" "$(drop-layers of3.block <b.model | rec-cat | grep -o '"keep":[^a-z]*')" '"keep":[2,5],"'

fails "a layer that isn't there" 1 'no layer 8: the base has 8' drop-layers -m m --layers 8
fails "a layer dropped before" 1 'layer 6 has been dropped before' drop-layers -m a.model --layers 6
fails "all layers" 1 'all 8 layers' drop-layers -m m --layers 0-7
fails "a list that is none" 2 "'7-6' is no list" drop-layers -m m --layers 7-6
drop-layers --layers 2 <b.model >c.model
fails "a block whose layers are gone" 1 'three.block: record 1: layer 4 has been dropped before' drop-layers -m c.model three.block
fails "a block of another number of layers" 1 'of3.block: record 1: the block is of a model of 3' drop-layers -m m of3.block
fails "two needs for standard input" 2 'both the model and the blocks' drop-layers
fails "--layers and a block" 2 'takes no block' drop-layers -m m --layers 2 three.block
fails "two models and -o" 1 'one model, but there are 3' drop-layers -m m -o x three.block
fails "--scores without -o" 2 'model card' drop-layers -m m --layers 2 --scores s
fails "an existing folder" 1 'm: exists' drop-layers -m m --layers 2 -o m
fails "inside the base" 1 'm/x: lies in the base' drop-layers -m m --layers 2 -o m/x
ln -s m link
fails "inside the base, by a link" 1 'link/x: lies in the base' drop-layers -m m --layers 2 -o link/x
fails "a folder that isn't there" 1 'no/x: No such file' drop-layers -m m --layers 2 -o no/x
mkdir -p models--a--b/blobs models--a--b/snapshots/1
fails "inside the hub's cache" 1 "1/x: lies in the hub's cache" drop-layers -m m --layers 2 -o models--a--b/snapshots/1/x
mkdir x.part && echo mine >x.part/file
fails "a folder of someone's in the way" 1 'x: x.part is in the way, and nothing that a killed run left' drop-layers -m m --layers 2 -o x
is "... is left as it is" "$(cat x.part/file; rm -r x.part)" mine
ln -s nowhere x.part
fails "a link in the way" 1 'x: x.part is in the way' drop-layers -m m --layers 2 -o x
rm x.part
fails "no room for the record" 1 'standard output: write: No space' sh -c 'drop-layers -q -m m --layers 2 -o x >/dev/full'
is "a closed pipe for the record: SIGPIPE, without a word" "$({ drop-layers -q -m m --layers 2 -o x 3>&- 2>err; echo $? >&3; } 3>status | true; cat status err)" 141
is "nothing was written by any of these" "$(ls -d x* m/x* link.* 2>/dev/null)" ""

# written, every form
check() {	# NAME BASE LAYERS KEEP NEW-FILE
	drop-layers -q -m "$2" --layers "$3" -o "w-$1" >"w-$1.model"
	ok "$1: every tensor has the bytes of its base's" checkpoint-cmp "$2" "$4" "w-$1$5"
}
make-tiny --set num_hidden_layers=8 --gguf=bf16 --bf16 --salt=x llama n >/dev/null
check folder m 2,6-7 0-1,3-5
check gguf m/model.gguf 2,6-7 0-1,3-5 /w-gguf.gguf
check bf16 n/model.gguf 0 1-7 /w-bf16.gguf
check last n/ 0-6 7
for form in plain sharded bnb4; do
	check $form "$S/$form" 1,5-6 0,2-4
done
for family in llama3 mistral qwen1 phi2 qwen2 qwen3; do
	make-tiny $family $family >/dev/null
	last=$(($(sed -n 's/.*"num_hidden_layers": \([0-9]*\).*/\1/p' $family/config.json) - 1))
	check $family $family 1,3 0,2,4-$last
done
is "sharded: total_size is that of all tensors" \
	"$(grep -o '"total_size": [0-9]*' w-sharded/model.safetensors.index.json)" \
	"\"total_size\": $(for f in w-sharded/*.safetensors; do
		echo $(($(wc -c <"$f") - 8 - $(od -An -tu8 -N8 "$f"))); done | awk '{ n += $1 } END { print n }')"
is "sharded: names say how many there are" "$(ls w-sharded/*.safetensors | head -1)" \
	"w-sharded/model-00001-of-0000$(ls w-sharded/*.safetensors | wc -l).safetensors"
is "headers are padded to 8" "$(($(od -An -tu8 -N8 w-folder/model.safetensors) % 8))" 0
like "config: the count alone" "$(diff m/config.json w-folder/config.json | grep -c '^[<>].*hidden_layers')" '^[12]$'

# what goes along
mkdir base && cp m/config.json m/model.safetensors base/
printf -- '---\nlicense: apache-2.0\nlanguage:\n- en\n- de\ndatasets: secret\n---\nThe base.\n' >base/README.md
echo '{"a":1}' >base/generation_config.json
echo lic >base/LICENSE
echo old >base/pytorch_model.bin
mkdir base/original
ln -s ../m/tokenizer.json base/tokenizer.json
drop-layers -m base --layers 1 -o out >/dev/null 2>err
is "carried along, and no other weights" "$(ls out | tr '\n' ' ')" \
	"LICENSE README.base.md README.md config.json generation_config.json model.safetensors tokenizer.json "
same "... a link as the file behind it" out/tokenizer.json m/tokenizer.json
same "... the base's card under another name" out/README.base.md base/README.md
like "... other weights are named, once" "$(grep -v ' of 8 ' err)" '^drop-layers: base: left behind, .*: original/, pytorch_model.bin$'
is "the card begins with what a hub reads" "$(sed -n '1,/^---$/!d; 2,6p' out/README.md | tr '\n' ' ')" \
	'base_model: "base" license: apache-2.0 language: - en - de '
like "... and says what was dropped" "$(cat out/README.md)" '1 of its 8 layers \(12.5 %\) dropped: 1, counted from 0'
drop-layers -q -m out --layers 0 -o again >/dev/null
is "pruned once more: both cards go along" "$(ls again/README*)" "again/README.base.base.md
again/README.base.md
again/README.md"

# refused before anything is written
sed 's/"num_hidden_layers"/"stacks": [1, 2], "num_hidden_layers"/' m/config.json >base/config.json
fails "a config key that may list layers" 1 'stacks: unknown, and may be a list of layers .--ignore=stacks' \
	drop-layers -m base --layers 1 -o bad
drop-layers -q -m base --layers 1 --ignore=stacks -o ignored >ignored.model
is "... --ignore takes it as harmless, and leaves it out of the new config" "$(jq -c .stacks ignored/config.json)" null
like "... which made says" "$(rec-cat --header-json ignored.model)" '"ignore": ?\["stacks"\]'

# failures on the way
mkdir locked && chmod 500 locked
fails "an unwritable folder" 1 'locked/x' plain drop-layers -m m --layers 1 -o locked/x
fails "no room for the file" 1 'bad.part/.*: write: ' sh -c 'trap "" XFSZ; ulimit -f 64; drop-layers -m m --layers 1 -o bad'
# killed at some moment: the folder is whole or not there, and after SIGTERM nothing else is
make-tiny --set num_hidden_layers=8 --set hidden_size=256 --set intermediate_size=1024 llama big >/dev/null
drop-layers -q -m big --layers 1 -o whole >/dev/null
bad=0 whole=0
for ms in 002 004 006 008 010 015 020 030 050 100 200; do
	for signal in TERM KILL; do
		drop-layers -m big --layers 1 -o killed >/dev/null 2>&1 &
		sleep 0.$ms
		kill -$signal $! 2>/dev/null
		wait $! 2>/dev/null
		[ ! -e killed ] || whole=$((whole + 1))
		[ ! -e killed ] || diff -r -x README.md whole killed >/dev/null || bad=$ms$signal
		rm -rf killed
		[ $signal = KILL ] || [ -z "$(ls -d killed.part* 2>/dev/null)" ] || bad=part$ms
		rm -rf killed.part
	done
done
diag "$whole of 22 were not killed in time"
is "killed at some moment" "$bad" 0
fails "/dev/full for the record" 1 'write' sh -c 'drop-layers -m m --layers 1 >/dev/full'
is "nothing is left of them" "$(ls -d bad* 2>/dev/null)" ""
done_testing
