#!/bin/sh
# rec-cat and rec-make: every kind there and back, as text a person can read.
. "${0%/*}/tap.sh"

# there KIND JSON [WANTED]: rec-make takes the line, rec-cat --full gives WANTED (default: the same line)
there() {
	is "$1: $2" "$(printf '%s\n' "$2" | rec-make "$1" 2>&1 | rec-cat --full 2>&1)" "${3:-$2}"
}

B='{"n":2,"l":5,"mean":0.1,"sem":null,"layers":9,"rule":"simple"}'
M='{"base":"a \"b\"\\c","print":"00ff","keep":[0,1,8],"adapter":null,"adapter_print":null,"quant":"nf4","block":'$B'}'
there tokens '{"doc":18446744073709551615,"ids":{"dtype":"u32","shape":[2],"data":[0,4294967295]}}'
there tokens '{"ids":[7],"doc":0}' '{"doc":0,"ids":{"dtype":"u32","shape":[1],"data":[7]}}'
there hidden '{"doc":0,"ntok":9,"x":{"dtype":"f32","shape":[2,3],"data":[0,-0,1.4013e-45,3.4028235e+38,0.1,-16777216]}}'
there hidden '{"doc":0,"ntok":2,"layer":3,"x":[["nan","inf"],["-inf","nan:ffc00001"]]}' \
	'{"doc":0,"ntok":2,"layer":3,"x":{"dtype":"f32","shape":[2,2],"data":["nan","inf","-inf","nan:ffc00001"]}}'
there angle '{"n":1,"l":0,"count":8388608,"mean":1.9999999999999998,"sem":4.94065645841247e-324,"sum":18446744073709551615,"sumsq":3.6893488147419103e+19}'
there angle '{"n":1,"l":0,"count":3,"mean":0,"sem":"inf","sum":0,"sumsq":0}' \
	'{"n":1,"l":0,"count":3,"mean":0.0,"sem":"inf","sum":0,"sumsq":0}'
there block "$B"
there model "$M"
there loss '{"step":0,"lr":0.0003,"loss":2.5,"ce":2.5,"aux":0.0,"norm":"nan","tokens":4096,"valid":1e+300}'
there sample '{"task":"mmlu","subject":"law","row":1,"model":0,"logp":{"dtype":"f32","shape":[2],"data":[-1.5,"-inf"]},"answer":0,"choice":null,"top":true,"ntok":5,"prompt":"a\u0000b\nü\ud83d\ude00"}' \
	'{"task":"mmlu","subject":"law","row":1,"model":0,"logp":{"dtype":"f32","shape":[2],"data":[-1.5,"-inf"]},"answer":0,"choice":null,"top":true,"ntok":5,"prompt":"a\u0000b\nü😀"}'
there score '{"task":"c4","metric":"loss","value":2.0,"stderr":0.5,"count":1,"sum":2.0,"sumsq":4.0,"model":'"$M"',"own":{"a":[1,-1,-9223372036854775808],"b":0.5,"c":null,"bin":{"bin":"00ff"}}}'
there block '{"zz":{"dtype":"bf16","shape":[3],"data":[1,"nan","nan:7fff"]},"rule":"simple","layers":9,"sem":1,"mean":1,"l":1,"n":1}' \
	'{"n":1,"l":1,"mean":1.0,"sem":1.0,"layers":9,"rule":"simple","zz":{"dtype":"bf16","shape":[3],"data":[1,"nan","nan:7fff"]}}'

printf '{"doc":%s,"ids":[1,2,3]}\n' 1 2 3 | rec-make tokens >"$T/x.tokens"
is 'three lines, three records' "$(rec-cat "$T/x.tokens" | wc -l)" 3
rec-cat --full "$T/x.tokens" | rec-make tokens >"$T/y.tokens"
same 'rec-cat --full | rec-make tokens gives the same file' "$T/x.tokens" "$T/y.tokens"

printf '%s\n' "$B" | rec-make block --meta '{"a":[1,0.1]}' --made '[{"tool":"t","version":"1","args":{"n":8}}]' >"$T/b.block"
is '-H prints the header' "$(rec-cat -H "$T/b.block")" \
	'{"coppice":1,"kind":"block","made":[{"tool":"t","version":"1","args":{"n":8}},{"tool":"rec-make","version":"'"$(rec-make --version | sed 's/.* //')"'","args":{}}],"meta":{"a":[1,0.1]}}'
printf '%s\n' "$M" | rec-make model >"$T/m.model"
is '-t prints paths, joins arrays, leaves absent and nil empty' \
	"$(rec-cat -t keep,block.n,block.mean,block.sem,nope.n,quant,base "$T/m.model")" \
	"$(printf '0,1,8\t2\t0.1\t\t\tnf4\ta "b"\\\\c')"
is '-t with the number of an element' "$(rec-cat -t keep.0,keep.2,keep.3,keep.x "$T/m.model")" "$(printf '0\t8\t\t')"
is 'the short form of a tensor' "$(rec-cat "$T/x.tokens" | head -1)" \
	'{"doc":1,"ids":{"dtype":"u32","shape":[3],"head":[1,2,3],"min":1,"max":3}}'
is '-t on tensors' "$(rec-cat --tsv=doc,ids "$T/x.tokens" | head -1)" "$(printf '1\t1,2,3')"

# refused KIND JSON PATTERN
refused() {
	printf '%s\n' "$2" >"$T/in.jsonl"
	fails "refused: $(printf %.100s "$2")" 1 "^rec-make: $T/in.jsonl: line 1: .*$3" rec-make "$1" "$T/in.jsonl"
}
refused tokens '{"doc":0}' "key 'ids': missing"
refused tokens '{"doc":0,"ids":[]}' "key 'ids': empty"
refused tokens '{"doc":-1,"ids":[1]}' "key 'doc'"
refused tokens '{"doc":"0","ids":[1]}' "key 'doc'"
refused tokens '{"doc":0,"ids":[1.5]}' "key 'ids': an element"
refused tokens '{"doc":0,"ids":[4294967296]}' "key 'ids': an element"
refused tokens '{"doc":0,"ids":{"dtype":"u32","shape":[2],"data":[1]}}' "key 'ids': shape and data"
refused tokens '{"doc":0,"ids":{"dtype":"f32","shape":[1],"data":[1]}}' "key 'ids': of another dtype"
refused tokens '{"doc":0,"ids":{"dtype":"u32","shape":[99999999999],"data":[1]}}' "key 'ids': larger than"
refused tokens '{"doc":0,"ids":{"dtype":"u32","shape":[1],"head":[1],"min":1,"max":1}}' "rec-cat --full"
refused tokens '{"doc":0,"doc":1,"ids":[1]}' 'twice'
refused tokens '{"doc":18446744073709551616,"ids":[1]}' 'beyond 64 bits'
refused tokens '{"doc":0,"ids":[1]' 'without its end'
refused tokens '{"doc":0,"ids":[1]} x' 'something follows'
refused tokens '{"doc":00,"ids":[1]}' 'JSON'
refused tokens '{"doc":0x0,"ids":[1]}' 'JSON'
refused tokens '[1]' 'no object'
refused hidden '{"doc":0,"ntok":1,"x":[[1,2],[3]]}' "key 'x'"
refused hidden '{"doc":0,"ntok":1,"x":[[1e39]]}' "key 'x': an element"
refused block '{"n":2,"l":8,"mean":null,"sem":null,"layers":9,"rule":"simple"}' 'beyond the last layer'
refused block '{"n":2,"l":1,"mean":null,"sem":null,"layers":9,"rule":""}' "key 'rule'"
refused block '{"n":2,"l":1,"mean":"x","sem":null,"layers":9,"rule":"simple"}' "key 'mean': no number"
refused model "$(printf %s "$M" | sed 's/0,1,8/0,8,1/')" "key 'keep': not ascending"
refused model "$(printf %s "$M" | sed 's/"l":5/"l":-5/')" "key 'block': key 'l'"
refused sample '{"task":"a\u0000b"}' "key 'task': a string with a NUL"
refused tokens '{"doc":0,"ids":[1],"a":"\ud800"}' 'escape'
printf '{"doc":0,"ids":[1],"a":"\377"}' >"$T/in.jsonl"
fails 'refused: a byte that is not UTF-8' 1 'line 1: .*UTF-8' rec-make tokens "$T/in.jsonl"
refused tokens "{\"doc\":0,\"ids\":[1],\"a\":$(printf '[%.0s' $(seq 20))1$(printf ']%.0s' $(seq 20))}" '16 deep'
refused tokens "$(printf '[%.0s' $(seq 100000))" 'too deep'
fails 'a KIND is wanted' 2 'tokens, hidden, angle, block, model, loss, sample, score, cost' rec-make
fails 'an unknown KIND' 2 'no such kind' rec-make angles
fails '--meta that is no JSON' 2 'meta' rec-make --meta '{' tokens
fails 'no such option' 2 'no such option' rec-cat --nope
fails '-H and -c together' 2 'exclude' rec-cat -H -c "$T/x.tokens"
done_testing
