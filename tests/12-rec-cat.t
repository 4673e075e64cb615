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
there hidden '{"doc":0,"ntok":2,"layer":3,"x":[["nan","inf",null],["-inf","nan:ffc00001",0]]}' \
	'{"doc":0,"ntok":2,"layer":3,"x":{"dtype":"f32","shape":[2,3],"data":[null,"inf",null,"-inf","nan:ffc00001",0]}}'
there angle '{"n":1,"l":0,"count":8388608,"mean":1.9999999999999998,"sem":4.94065645841247e-324,"sum":18446744073709551615,"sumsq":3.6893488147419103e+19}'
there angle '{"n":1,"l":0,"count":3,"mean":0,"sem":"inf","sum":0,"sumsq":0}' \
	'{"n":1,"l":0,"count":3,"mean":0.0,"sem":"inf","sum":0,"sumsq":0}'
there block "$B"
there model "$M"
there loss '{"step":0,"lr":0.0003,"loss":2.5,"ce":2.5,"aux":0.0,"norm":null,"tokens":4096,"valid":1e+300}'
there loss '{"step":0,"lr":0.0003,"loss":2.5,"ce":"nan","aux":0.0,"norm":"nan:fff8000000000000","tokens":4096}' \
	'{"step":0,"lr":0.0003,"loss":2.5,"ce":null,"aux":0.0,"norm":"nan:fff8000000000000","tokens":4096}'
there block '{"n":2,"l":5,"mean":"nan","sem":null,"layers":9,"rule":"simple"}'
there model '{"base":"b","print":"00","keep":[0],"adapter":null,"adapter_print":null,"quant":null,"block":{"n":2,"l":5,"mean":null,"sem":"nan","layers":9,"rule":"simple"}}'
there sample '{"task":"mmlu","subject":"law","row":1,"model":0,"logp":{"dtype":"f32","shape":[2],"data":[-1.5,"-inf"]},"answer":0,"choice":null,"top":true,"ntok":5,"prompt":"a\u0000b\nü\ud83d\ude00"}' \
	'{"task":"mmlu","subject":"law","row":1,"model":0,"logp":{"dtype":"f32","shape":[2],"data":[-1.5,"-inf"]},"answer":0,"choice":null,"top":true,"ntok":5,"prompt":"a\u0000b\nü😀"}'
there score '{"task":"c4","metric":"loss","value":2.0,"stderr":0.5,"count":1,"sum":2.0,"sumsq":4.0,"model":'"$M"',"own":{"a":[1,-1,-9223372036854775808],"b":0.5,"c":null,"bin":{"bin":"00ff"}}}'
there block '{"zz":{"dtype":"bf16","shape":[3],"data":[1,"nan","nan:7fff"]},"rule":"simple","layers":9,"sem":1,"mean":1,"l":1,"n":1}' \
	'{"n":1,"l":1,"mean":1.0,"sem":1.0,"layers":9,"rule":"simple","zz":{"dtype":"bf16","shape":[3],"data":[1,null,"nan:7fff"]}}'

printf '{"doc":%s,"ids":[1,2,3]}\n' 1 2 3 | rec-make tokens >"$T/x.tokens"
is 'three lines, three records' "$(rec-cat "$T/x.tokens" | wc -l)" 3
rec-cat --full "$T/x.tokens" | rec-make tokens >"$T/y.tokens"
same 'rec-cat --full | rec-make tokens gives the same file' "$T/x.tokens" "$T/y.tokens"

printf '%s\n' "$B" | rec-make block --meta '{"a":[1,0.1]}' --made '[{"tool":"t","version":"1","args":{"n":8}}]' >"$T/b.block"
is '--header-json prints the header' "$(rec-cat --header-json "$T/b.block")" \
	'{"coppice":1,"kind":"block","made":[{"tool":"t","version":"1","args":{"n":8}},{"tool":"rec-make","version":"'"$(rec-make --version | sed 's/.* //')"'","args":{}}],"meta":{"a":[1,0.1]}}'
printf '%s\n' "$M" | rec-make model >"$T/m.model"
is '-t prints paths, joins arrays, leaves absent and nil empty' \
	"$(rec-cat --no-header -t keep,block.n,block.mean,block.sem,adapter,quant,base "$T/m.model")" \
	"$(printf '0,1,8\t2\t0.1\t\t\tnf4\ta "b"\\\\c')"
is '-t with the number of an element' "$(rec-cat --no-header -t keep.0,keep.2,keep.3 "$T/m.model")" "$(printf '0\t8\t')"
is '-t begins with a line of the keys' "$(rec-cat -t n,l,mean,sem "$T/b.block")" "$(printf 'n\tl\tmean\tsem\n2\t5\t0.1\t')"
printf '%s\n' '{"step":0,"lr":1,"loss":null,"ce":1,"aux":1,"norm":1,"tokens":1}' | rec-make loss >"$T/l.loss"
is '-t: a NaN is nan' "$(rec-cat --no-header -t loss "$T/l.loss")" nan

# -- keys that are none
unknown() { # FIELDS FILE PATTERN
	fails "-t $1 of ${2##*.}" 2 "^rec-cat: -t $3" rec-cat -t "$1" "$2"
	is '... and nothing else' "$(rec-cat -t "$1" "$2" 2>/dev/null)" ''
}
unknown n,layer "$T/b.block" 'layer: no record has it; did you mean layers\?: a block record has n, l, mean, sem, layers, rule'
unknown nope "$T/x.tokens" 'nope: no record has it: a tokens record has doc, ids'
unknown block.men "$T/m.model" 'block\.men: no record has it; did you mean mean\?: a block record has n,'
unknown keep.x "$T/m.model" 'keep\.x: no record'
unknown ids.dtyp "$T/x.tokens" 'ids\.dtyp: no record'
rec-make tokens </dev/null >"$T/none.tokens"
unknown nope "$T/none.tokens" 'nope: no record has it'
is 'without records there are the keys' "$(rec-cat -t doc,ids.shape.0 "$T/none.tokens")" "$(printf 'doc\tids.shape.0')"
score='"metric":"acc","value":0.5,"stderr":0.1,"count":1,"sum":1,"sumsq":1,"model":'$M
printf '%s\n' "{\"task\":\"a\",$score}" "{\"task\":\"b\",$score,\"mine\":{\"x\":[7]}}" | rec-make score >"$T/own.score"
is "-t: a key that one record has, though no table" "$(rec-cat -t task,mine.x.0,normalised,macro "$T/own.score")" \
	"$(printf 'task\tmine.x.0\tnormalised\tmacro\na\t\t\t\nb\t7\t\t')"
unknown mine.y "$T/own.score" 'mine\.y: no record has it'
unknown perplexty "$T/own.score" 'perplexty: no record has it; did you mean perplexity\?: a score record has .*own'
is "-t: a key of one kind or another" "$(rec-cat --no-header -t doc,n "$T/x.tokens" "$T/b.block" | tr '\t\n' ' ,')" '1 ,2 ,3 , 2,'
is 'the short form of a tensor' "$(rec-cat "$T/x.tokens" | head -1)" \
	'{"doc":1,"ids":{"dtype":"u32","shape":[3],"head":[1,2,3],"min":1,"max":3}}'
is '-t on tensors' "$(rec-cat --no-header --tsv=doc,ids "$T/x.tokens" | head -1)" "$(printf '1\t1,2,3')"

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
fails 'a KIND that is misspelt' 2 '^rec-make: tokesn: no such kind; did you mean tokens\?$' rec-make tokesn
fails 'a KIND is wanted' 2 'tokens, hidden, angle, block, model, loss, sample, score, cost' rec-make
fails 'an unknown KIND' 2 'no such kind' rec-make angles
fails '--meta that is no JSON' 2 'meta' rec-make --meta '{' tokens
fails 'no such option' 2 'no such option' rec-cat --nope
fails '-H and -c together' 2 'exclude' rec-cat -H -c "$T/x.tokens"
done_testing
