#!/bin/sh
# paper.mk goes by content, not by time: what has only become newer makes nothing again, what has changed in place is seen, what
# was made again with the same bytes stops there; no adapter is ever removed; and the report is of the scores that it shows.
. "${0%/*}/tap.sh"
. "${0%/*}/pipeline.sh"

make-tiny --set num_hidden_layers=4 --set max_position_embeddings=4096 llama tiny >/dev/null || exit 1
make-tiny --set num_hidden_layers=4 --set max_position_embeddings=4096 --salt=x llama other >/dev/null || exit 1
for i in 1 2 3 4 5 6; do echo "{\"text\": \"$(seq -s ' ' $i $((i * 4)))\"}"; done >train.json
sed 's/1/3/g' train.json >valid.json
mkdir -p mmlu/dev mmlu/test run
printf 'Which first?,one,two,three,four,A\n' | tee mmlu/dev/alpha_dev.csv >mmlu/test/alpha_test.csv
echo '{"question": "is it", "passage": "It -- It is.", "label": true}' >boolq.jsonl
paper() {
	make --no-print-directory -C run -f "$P/paper.mk" MODELS="tiny=$T/tiny" TEXT="$T/train.json" VALID="$T/valid.json" MMLU="$T/mmlu" \
		BOOLQ="$T/boolq.jsonl" LEN=48 VALID_DOCS=6 STEPS=2 HEAL_DOCS=6 NS=1 RANK=2 SHOTS=1 REPORT='fig-1d' "$@" 2>&1
}
# The commands of a plan, and what ran of them, by their first words.
words() { sed -n 's, .* > .*,,p' | sed 's,.*/,,' | sort | uniq -c | tr -s ' \n' ' '; }
nothing() { is "$1" "$(shift; paper -n "$@" report.html tables | words)" ""; }
healed=run/tiny/similarity-n1-r2-lr3e-4-t2-s0-d6
state() { cksum <"$1.adapter/state.safetensors"; stat -c %y "$1.adapter/state.safetensors"; }

ok "a run" paper report.html tables
state $healed >state
nothing "a second one has nothing to do"
touch train.json valid.json mmlu/*/* boolq.jsonl tiny/* tiny
echo "to be read" >tiny/README.md
chmod a+r tiny/*
nothing "nor when all inputs have become newer, and a README lies beside the model"
cp train.json copy.json
gzip -k valid.json
cp -r "$P" moved
nothing "nor with a copy of the text" TEXT="$T/copy.json"
nothing "nor with options that change no result" HEAL='--micro=1 --memory=2G -j1' JOBS=2 SPLIT=2 RUN=env
is "nor with make files from elsewhere" "$(make --no-print-directory -n -C run -f "$T/moved/paper.mk" MODELS="tiny=$T/tiny" TEXT="$T/train.json" \
	VALID="$T/valid.json" MMLU="$T/mmlu" BOOLQ="$T/boolq.jsonl" LEN=48 VALID_DOCS=6 STEPS=2 HEAL_DOCS=6 NS=1 RANK=2 SHOTS=1 REPORT=fig-1d \
	report.html tables | words)" ""

paper VALID="$T/valid.json.gz" report.html tables >log
is "the same documents, packed: no state, score or healing is made anew" "$(words <log | grep -oE 'hidden-dump|angdist|eval-[a-z0-9]*|qlora-heal')" ""
like "but tokens are" "$(words <log)" '3 c4-tokenize'
paper report.html tables >log
nothing "and then all is as it was"
rm run/tiny/*.tokens run/tiny/*.hidden
paper report.html tables >log
is "what has gone is made again, and what is of the same bytes is not" "$(words <log | grep -oE 'c4-tokenize|hidden-dump|angdist|eval-[a-z0-9]*|qlora-heal' | tr '\n' ' ')" \
	"c4-tokenize hidden-dump "
nothing "and once"
cp -r tiny elsewhere
paper MODELS="tiny=$T/elsewhere" report.html tables >log
is "a model that has moved is measured no more" "$(words <log | grep -oE 'c4-tokenize|hidden-dump|angdist|eval-[a-z0-9]*' | tr '\n' ' ')" ""
is "and its records say where it is" "$(rec-cat --no-header -t base run/tiny/similarity-n1.model $healed.model | sort -u)" "$T/elsewhere"
paper report.html tables >/dev/null
is "all the while its healing lay untouched" "$(state $healed)" "$(cat state)"

# -- what changes
like "weights changed in place are seen" "$(cp other/model.safetensors tiny/; paper -n report.html | words)" 'c4-tokenize .*eval-c4 .*hidden-dump .*qlora-heal'
paper $(basename run/tiny)/$(basename $healed).model >log
like "a healing of others stops make, with what to do" "$(grep qlora-heal: log)" 'similarity-n1-r2-lr3e-4-t2-s0-d6.adapter: was begun with base '
is "and stays" "$(state $healed)" "$(cat state)"
make-tiny --set num_hidden_layers=4 --set max_position_embeddings=4096 llama tiny >/dev/null
sed 's/2/7/g' train.json >text2.json
paper TEXT="$T/text2.json" tiny/$(basename $healed).model >log
like "so do other tokens" "$(grep qlora-heal: log)" 'was begun with tokens '
is "and it stays" "$(state $healed)" "$(cat state)"
for change in "BATCH=4 -b4-d6" "HEAL=--dropout=0.2 -d6-dropout0.2" "TARGETS=up,gate -targetsgate,up-d6" "TARGETS=down,up,gate -d6" "HELD_OUT=5 -d6-v5" "HEAL_DOCS=5 -d5" "HEAL_DOCS=32 "; do
	is "${change% *} is in the name" "$(paper -n "${change% *}" fig-3 | sed -n 's,.*-o tiny/similarity-n1-r2-lr3e-4-t2-s0\(.*\)\.adapter.*,\1,p')" "${change#* }"
done
paper VALID_DOCS=3 tiny/similarity-n1.c4.score >log
like "fewer documents are another block's" "$(words <log)" '1 argmin-block .*1 drop-layers 1 eval-c4'
paper tiny/similarity-n1.c4.score >log
like "and as many again the old one's, though all of it is older" "$(words <log)" '1 argmin-block .*1 drop-layers'

# -- the report
paper report.html >/dev/null
cp -r $healed.adapter run/tiny/similarity-n1-r2-lr1e-9-t2-s0-d6.adapter
for f in c4 mmlu-k1 boolq-k0; do cp $healed.$f.score run/tiny/similarity-n1-r2-lr1e-9-t2-s0-d6.$f.score; done
cp $healed.model run/tiny/similarity-n1-r2-lr1e-9-t2-s0-d6.model
rm run/report.html
paper report.html >/dev/null
is "the report names what it shows, and no score beside it" "$(grep -oE 'n1-r2-lr[^-]*-[0-9]*-t2-s0[^ .]*\.(c4|mmlu|boolq|model)' run/report.html | sort -u | tr '\n' ' ')" \
	"n1-r2-lr3e-4-t2-s0-d6.model "
paper LR=1e-9 fig-3 >/dev/null 2>&1
paper fig-3 >/dev/null
is "a figure of other scores that are older is drawn again" "$(awk -F'\t' '$5 > 0 && $8 == "after healing" { printf "%.6f", $6 }' run/fig-3.tsv)" \
	"$(rec-cat --no-header -t normalised $healed.c4.score | awk '{ printf "%.6f", $1 }')"

# -- mend
: >run/tiny/similarity-n1.c4.score
head -c 100 run/tiny/similarity-n0.block >x && mv x run/tiny/similarity-n0.block
cp $healed.adapter/state.safetensors "run/tiny/my notes.txt"
paper mend >/dev/null 2>&1
is "mend takes what is broken, no adapter, and nothing of another's" \
	"$(ls run/tiny/similarity-n1.c4.score run/tiny/similarity-n0.block 2>/dev/null; ls -d run/tiny/*.adapter "run/tiny/my notes.txt" | wc -l)" 3
cd "$root" || exit 1
done_testing
