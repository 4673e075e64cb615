# faults-inputs - in the working folder, what tests/faults.py and tests that fail tools on purpose read
make-tiny --gguf=f32 llama m
for i in 1 2 3 4; do echo "{\"text\": \"the man said & it is time $i to go home é\"}"; done >t.json
gzip -c t.json >t.json.gz
zstd -qc t.json >t.json.zst
mkdir -p mmlu/dev mmlu/test
for s in anatomy virology; do
	echo "What is $s?,one,two,three,four,B" >mmlu/dev/${s}_dev.csv
	for i in 1 2; do echo "Where is $i of $s?,here,there,at home,gone,A"; done >mmlu/test/${s}_test.csv
done
tar czf mmlu.tar.gz mmlu
for i in 1 2; do
	echo "{\"question\": \"is tree $i old\", \"passage\": \"Tree $i -- it is $i of an old kind.\", \"idx\": $i, \"label\": true}"
done >boolq.jsonl

c4-tokenize -q -m m -l 16 t.json >t.tokens
hidden-dump -q -m m t.tokens >t.hidden
hidden-dump -q -m m --limit=2 t.tokens | angdist -q >a.angle
hidden-dump -q -m m --skip=2 t.tokens | angdist -q >b.angle
angdist -q t.hidden >t.angle
rec-cat --full t.angle >angle.jsonl
argmin-block -q -n 2 t.angle >n2.block
drop-layers -q -m "$PWD/m" n2.block >n2.model
drop-layers -q -m "$PWD/m/model.gguf" n2.block >g-n2.model
argmin-block -q -n 0,2 t.angle | drop-layers -q -m "$PWD/m" >all.model
heal='--steps=2 --batch=2 --rank=2 --save=1 t.tokens'
qlora-heal -q -o "$PWD/adapter" $heal <n2.model >healed.model
qlora-heal -q -o "$PWD/g-adapter" $heal <g-n2.model >g-healed.model
# one that was broken off after its first step
LD_PRELOAD=$(command -v fail.so) FAIL_CALL=rename FAIL_AT=3 FAIL_AS=5 qlora-heal -q -o resumed $heal <n2.model >left 2>&1
eval-c4 -q -m m --limit=2 t.tokens >c4.score
eval-c4 -q -m m --skip=2 t.tokens >c4b.score
eval-mmlu -q -k 0 -m m mmlu >mmlu.score
