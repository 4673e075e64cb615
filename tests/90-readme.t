#!/bin/sh
# Every command of README.md: those of the tools are run in their order on a tiny model of twelve layers, in two steps of
# healing; those of make are planned, -n, with such models and data in the place of README's; bootstrap is 08-quiet.t's. A
# block that is neither fails. The stage in Python is 57-stage.t's.
. "${0%/*}/tap.sh"
. "${0%/*}/pipeline.sh"
unset MAKEFLAGS MAKELEVEL V

mkdir -p bin data/mmlu/dev data/mmlu/test run2 hub
make-tiny --set num_hidden_layers=12 --set max_position_embeddings=4096 llama hub/Llama-2-7b-hf >/dev/null || exit 1
ln -s Llama-2-7b-hf hub/Mistral-7B-v0.1
letters 20 1 | gzip >c4-train.json.gz
letters 9 2 | gzip >c4-valid.json.gz
cp c4-train.json.gz data/c4-train.00000.json.gz
cp c4-valid.json.gz data/c4-validation.00000.json.gz
cp data/* . 2>/dev/null
for split in dev test; do
	for i in 1 2 3 4 5 6; do echo "What is $i?,one,two,three,four,A"; done >data/mmlu/$split/anatomy_$split.csv
done
cp -R data/mmlu mmlu
echo '{"question": "is it so", "passage": "It is.", "idx": 0, "label": true}' >boolq.jsonl
mkdir data/boolq
cp boolq.jsonl data/boolq/val.jsonl
awk '/^```python$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$root/README.md" >influence
printf '#!/bin/sh\nexec "%s" --steps=2 "$@"\n' "$(command -v qlora-heal)" >bin/qlora-heal
printf '#!/bin/sh\n' >bin/srun
echo : >hosts
chmod +x influence bin/*

# The blocks: file of commands, by the line that they begin in.
awk -v to="$T/block-" '
	/^```/ { fenced = !fenced }
	fenced || !/^    / { if (!/^$/ || !name) name = ""; next }
	!name { name = to sprintf("%03d", FNR) }
	{ print substr($0, 5) >name }' "$root/README.md"
is "there are blocks" "$(ls block-* | wc -l | awk '{ print ($1 > 12) }')" 1

# README's places, as they are here; nothing is made but with the tools.
here() {
	sed "s,/models/,$T/hub/,g; s,/data/,$T/data/,g; s,\$PWD/pipelines,$root/pipelines,g; s,-f \.\.\.,-f $root/pipelines/paper.mk,
		s,MODELS=\.\.\. ,,; s,^make -C run ,make -n -C run ,; s,^make \([a-z]\),make -n -C $root \1,
		s,TEXT=c4,TEXT=$T/c4,; s,VALID=c4,VALID=$T/c4,; s,^mkdir run,mkdir -p run," "$1"
}
M=$T/hub/Llama-2-7b-hf PATH=$T/bin:$PATH
export M
sed -n '/^cat > run/,$p' block-* | here /dev/stdin >settings.sh
sed -n '1,/^END/p' settings.sh >first.sh
mkdir -p run
sh -e first.sh
for block in block-*; do
	line=$(echo "${block#block-}" | sed 's/^0*//')
	first=$(head -n 1 $block)
	case $first in
	./bootstrap\ *) ok "README.md:$line: ./bootstrap" test -x "$root/bootstrap" ;;
	[A-Z]*\ =\ *)	# lines of a run's settings
		is "README.md:$line: settings" "$(sed 's/ = .*//' $block | while read -r name; do
			grep -q "^$name " "$P/settings.txt" || echo "$name"
		done)" ""
		;;
	podman\ *)	# no builder here: lines of the Containerfile's head, whose commands are 94-install.t's
		ok "README.md:$line: podman build, as the Containerfile says" \
			sh -c 'while read -r line; do grep -qxF "#   $line" "$1" || exit 1; done <"$2"' sh "$root/pipelines/Containerfile" $block
		;;
	*--c4-tokenize--\>*) ok "README.md:$line: the flow" true ;;
	make\ * | mkdir\ run*)
		here $block >do.sh
		sh -e do.sh >said 2>&1
		is "README.md:$line: $first" "$? $(grep -vE '^make|^ *$' said | grep -c 'Error\|\*\*\*')" '0 0'
		;;
	*)
		tool=${first%% *}
		ok "README.md:$line: $tool is a tool" sh -c 'case $1 in ./influence) ;; *) command -v "$1" ;; esac' sh "$tool"
		sh -e ./$block >said 2>&1
		is "README.md:$line: $first" "$? $(grep -c ': error' said)" '0 0'
		;;
	esac
done
ok 'what came of it: a healed model with its score' test -s n8-healed.model
done_testing
