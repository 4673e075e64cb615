#!/bin/sh
# What the files beside a tokenizer's own change: each case is a folder made here, whose ids transformers 5.24 with
# tokenizers 0.23.3 gave for the same folder (they stand here as numbers), or what is refused by name. 256 bytes are ids
# 0-255, then ab 256, "!\n" 257, "!\n\n" 258, 12 259, " a" 260, " ab" 261, <|endoftext|> 262.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
cat >make.py <<'END' || skip_all "no python3"
import json, os, shutil, sys
plain = [b for b in range(256) if 33 <= b <= 126 or 161 <= b <= 172 or b >= 174]
name = {b: chr(b) for b in plain}
for i, b in enumerate(b for b in range(256) if b not in name):
    name[b] = chr(256 + i)
vocab = {name[b]: b for b in range(256)}
N, S = name[10], name[32]
merges = ["a b", "! " + N, "!" + N + " " + N, "1 2", S + " a", S + "a b"]
for m in merges:
    vocab[m.replace(" ", "")] = len(vocab)
vocab["<|endoftext|>"] = len(vocab)
shutil.rmtree("x", ignore_errors=True)
os.mkdir("x")
T = lambda content, **k: dict({"content": content, "lstrip": False, "rstrip": False, "normalized": False,
    "single_word": False, "special": True}, **k)
X = lambda **k: {"added_tokens_decoder": {"263": T("<|x|>", **k)}}
E = lambda **k: {"added_tokens_decoder": {"262": T("<|endoftext|>", **k)}}
kind, rest = sys.argv[1], dict(eval(sys.argv[2]))
top, special = rest.pop("top", {}), {"id": 262, **T("<|endoftext|>")}
if kind == "slow":
    json.dump(vocab, open("x/vocab.json", "w"))
    open("x/merges.txt", "w").write("#version: 0.2\n" + "\n".join(merges) + "\n")
else:
    json.dump({"added_tokens": [special], "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False},
        "model": {"type": "BPE", "vocab": vocab, "merges": merges}, **top}, open("x/tokenizer.json", "w"))
for key in rest:
    json.dump(rest[key], open("x/" + key + ".json", "w"))
END
printf '%s\n' '{"text":"a!\n\nab 12e\u0301 <|x|> ab<|endoftext|> b"}' >in.json
ids() { python3 make.py "$1" "$2" && c4-tokenize -m x in.json 2>err | rec-cat --full | sed 's/.*"data":\[\([0-9,]*\)\].*/\1/'; }
as() {	# NAME KIND FILES IDS
	is "$1" "$(ids "$2" "$3")" "$4"
}
no() {	# NAME KIND FILES WHAT
	python3 make.py "$2" "$3"
	fails "$1" 1 "$4" sh -c 'c4-tokenize -m x in.json >x.tokens'
}
told() {	# NAME PATTERN: what the last one said
	like "$1" "$(cat err)" "$2"
}
x=60,124,120,124,62
gpt2=97,33,10,10,256,32,259,101,204,129,32,$x,32,256,262,32,98
qwen=97,258,256,32,49,50,195,169,32,$x,32,256,262,32,98

# -- whose vocab.json and merges.txt are
for c in GPT2Tokenizer GPT2TokenizerFast CodeGenTokenizer; do
	as "$c" slow "{'tokenizer_config': {'tokenizer_class': '$c'}}" $gpt2
done
for c in Qwen2Tokenizer Qwen2TokenizerFast; do
	as "$c: Qwen's pattern and NFC" slow "{'tokenizer_config': {'tokenizer_class': '$c'}}" $qwen
done
for m in gpt2 phi codegen; do as "no class, model_type $m" slow "{'config': {'model_type': '$m'}}" $gpt2; done
for m in qwen2 qwen3; do as "no class, model_type $m" slow "{'config': {'model_type': '$m'}}" $qwen; done
as "the class comes before another model_type" slow \
	"{'config': {'model_type': 'llama'}, 'tokenizer_config': {'tokenizer_class': 'GPT2Tokenizer'}}" $gpt2
as "a class in config.json" slow "{'config': {'model_type': 'llama', 'tokenizer_class': 'Qwen2Tokenizer'}}" $qwen
for c in RobertaTokenizer GPTNeoXTokenizerFast PreTrainedTokenizerFast MyTokenizer; do
	no "$c" slow "{'tokenizer_config': {'tokenizer_class': '$c'}}" "tokenizer_class ${c%Fast}: how it splits text is not known here; save it as tokenizer.json"
done
no "no class, model_type llama" slow "{'config': {'model_type': 'llama'}}" 'model_type llama does not say how text is split'
no "nobody says" slow "{}" 'neither tokenizer_config.json nor config.json says whose it is'
no "they contradict each other" slow "{'config': {'model_type': 'qwen2'}, 'tokenizer_config': {'tokenizer_class': 'GPT2Tokenizer'}}" \
	'tokenizer_class GPT2Tokenizer and model_type qwen2 split text in different ways'

# -- what else their configs say
G="'tokenizer_class': 'GPT2Tokenizer'" Q="'tokenizer_class': 'Qwen2Tokenizer'"
config() { printf '%s' "{'tokenizer_config': {$1}}"; }
as "add_prefix_space" slow "$(config "$G, 'add_prefix_space': True")" 260,33,10,10,256,32,259,101,204,129,32,$x,32,256,262,32,98
as "add_prefix_space of Qwen2: before each piece" slow "$(config "$Q, 'add_prefix_space': True")" \
	260,32,258,32,256,32,32,49,32,50,32,195,169,32,60,124,32,120,32,124,62,32,256,262,32,98
as "add_bos_token" slow "$(config "$G, 'add_bos_token': True")" 262,$gpt2
as "add_bos_token, but no BOS is named" slow "$(config "$Q, 'add_bos_token': True")" $qwen
as "add_bos_token, and one is" slow "$(config "$Q, 'add_bos_token': True, 'bos_token': '<|endoftext|>'")" 262,$qwen
no "add_eos_token" slow "$(config "$G, 'add_eos_token': True")" 'add_eos_token: a token after the text'
for k in do_lower_case split_special_tokens; do
	for kind in slow json; do no "$k, $kind" $kind "$(config "$G, '$k': True")" "tokenizer_config.json: $k is set"; done
done
as "keys that change nothing" json "$(config "$G, 'errors': 'strict', 'truncation_side': 'left', 'model_max_length': 2")" $gpt2
is "and nothing is said" "$(cat err)" ''

# -- added tokens: the same for both kinds of files
before=97,33,10,10,256,32,259,101,204,129
for kind in slow json; do
	t() { printf '%s' "{'tokenizer_config': {$G, **$1}}"; }
	as "$kind: a token in tokenizer_config.json alone" $kind "$(t 'X()')" $before,32,263,32,256,262,32,98
	as "$kind: it swallows white space" $kind "$(t 'X(lstrip=True, rstrip=True)')" $before,263,256,262,32,98
	as "$kind: it must stand alone" $kind "$(t 'X(single_word=True)')" $before,32,263,32,256,262,32,98
	as "$kind: no special one" $kind "$(t 'X(special=False, normalized=True)')" $before,32,263,32,256,262,32,98
	as "$kind: other flags of a known one" $kind "$(t 'E(lstrip=True, rstrip=True)')" $before,32,$x,32,256,262,98
	as "$kind: a named token of the vocabulary is cut out" $kind "$(t "{'pad_token': '!'}")" 97,33,10,10,256,32,259,101,204,129,32,$x,32,256,262,32,98
	as "$kind: the same in a list" $kind "$(t "{'additional_special_tokens': ['12']}")" $gpt2
	as "$kind: in added_tokens.json" $kind "{'tokenizer_config': {$G}, 'added_tokens': {'<|x|>': 263}}" $before,32,263,32,256,262,32,98
	no "$kind: an id that is not the next" $kind "$(t "{'added_tokens_decoder': {'300': T('<|x|>')}}")" 'has the id 300, but not the next that is free'
	no "$kind: another id than it has" $kind "$(t "{'added_tokens_decoder': {'300': T('<|endoftext|>')}}")" 'endoftext|>" has the id'
	no "$kind: an id that is no number" $kind "{'tokenizer_config': {$G}, 'added_tokens': {'<|x|>': 263.5}}" '"<\|x\|>" has the id -1|with a wrong id'
	as "$kind: a name that no token has" $kind "$(t "{'pad_token': '<|x|>'}")" $gpt2
	told "$kind: is told" 'names the token <\|x\|>, which the vocabulary has not'
done
as "Qwen2: a named token stops the split" slow "$(config "$Q, 'additional_special_tokens': ['12']")" \
	97,258,256,32,259,195,169,32,$x,32,256,262,32,98

# -- tokenizer.json decides, and the difference is told
as "add_bos_token" json "$(config "$G, 'add_bos_token': True, 'bos_token': '<|endoftext|>'")" $gpt2
told "is told" 'add_bos_token true, but tokenizer.json, which decides, adds none: --bos or --no-bos settles it'
c4-tokenize --no-bos -m x in.json 2>err >x.tokens
is "not where an option has settled it" "$(cat err)" ''
as "add_eos_token" json "$(config "$G, 'add_eos_token': True")" $gpt2
told "is told, too" 'add_eos_token true, but tokenizer.json, which decides, adds none'
as "a class with another rule" json "$(config "$Q")" $gpt2
told "is told" 'splits text in another way than some versions of Qwen2Tokenizer'
no "add_prefix_space, which a class obeys" json "$(config "$G, 'add_prefix_space': True")" 'has add_prefix_space true, and this file has it false'
as "and the general one does not" json "$(config "'tokenizer_class': 'PreTrainedTokenizerFast', 'add_prefix_space': True")" $gpt2
as "truncation" json "{'top': {'truncation': {'direction': 'Right', 'max_length': 3, 'strategy': 'LongestFirst', 'stride': 0}}}" $gpt2
told "is told" 'x/tokenizer.json: its truncation or padding has no say here'

# -- beside a SentencePiece model, of five pieces: <unk> <s> </s>, U+2581, a
cat >spm.py <<'END'
import shutil, os, struct
field = lambda n, b: bytes([n << 3 | 2, len(b)]) + b
piece = lambda text, score, kind: field(1, field(1, text.encode()) + b"\x15" + struct.pack("<f", score) + bytes([0x18, kind]))
shutil.rmtree("x", ignore_errors=True)
os.mkdir("x")
open("x/tokenizer.model", "wb").write(piece("<unk>", 0, 2) + piece("<s>", 0, 3) + piece("</s>", 0, 3) + piece("\u2581", -1, 1)
    + piece("a", -2, 1) + field(2, bytes([3 << 3, 2])) + field(3, bytes([4 << 3, 0])))
END
echo '{"text":"aa"}' >a.json
spm() { python3 spm.py && echo "$1" >"x/$2.json" && c4-tokenize -m x a.json 2>err | rec-cat --full | sed 's/.*"data":\[\([0-9,]*\)\].*/\1/'; }
is "nothing beside it: BOS" "$(spm '{}' config)" 1,3,4,4
is "what is known, and pieces of it" "$(spm '{"tokenizer_class":"LlamaTokenizerFast","legacy":true,"sp_model_kwargs":{},
	"add_prefix_space":true,"add_bos_token":false,"added_tokens_decoder":{"1":{"content":"<s>"}}}' tokenizer_config)" 3,4,4
while read -r file text; do
	case $file in "#") what=$text; continue ;; esac
	spm "$text" $file >/dev/null
	fails "$what: refused by name" 1 "$what" sh -c 'c4-tokenize -m x a.json >x.tokens'
done <<'END'
# added token "<pad>" is no piece
added_tokens {"<pad>":5}
tokenizer_config {"added_tokens_decoder":{"5":{"content":"<pad>"}}}
tokenizer_config {"added_tokens_decoder":{"2":{"content":"<pad>"}}}
# add_eos_token
tokenizer_config {"add_eos_token":true}
# sp_model_kwargs
tokenizer_config {"sp_model_kwargs":{"enable_sampling":true}}
# tokenizer_class XLNetTokenizer
tokenizer_config {"tokenizer_class":"XLNetTokenizer"}
config {"tokenizer_class":"XLNetTokenizerFast"}
# add_prefix_space
tokenizer_config {"tokenizer_class":"LlamaTokenizer","add_prefix_space":false}
END

# -- a broken file beside it is no absent one
for f in tokenizer_config special_tokens_map added_tokens config; do
	python3 make.py json "{}"
	ln -s nowhere x/$f.json
	fails "$f.json: a link to nothing" 1 "x/$f.json: No such file" sh -c 'c4-tokenize -m x in.json >x.tokens'
	rm x/$f.json
	echo '[]' >x/$f.json
	fails "$f.json: no object" 1 "x/$f.json: is no JSON object" sh -c 'c4-tokenize -m x in.json >x.tokens'
done
no "a token without content" json "$(config "'added_tokens_decoder': {'263': {'special': True}}")" 'token 263 has no content'

# -- BOS in the evals: as c4-tokenize has it; the same as that of a tokenizer whose own rule it is
make-tiny llama m >/dev/null
python3 make.py json "{}"
cp x/tokenizer.json m
echo '{"bos_token":"<|endoftext|>"}' >m/tokenizer_config.json
cp -r m ruled
python3 make.py json "{'top': {'post_processor': {'type': 'TemplateProcessing', 'single': [{'SpecialToken': {'id': '<s>', 'type_id': 0}},
	{'Sequence': {'id': 'A', 'type_id': 0}}], 'pair': [], 'special_tokens': {'<s>': {'id': '<s>', 'ids': [262], 'tokens': ['<s>']}}}}}"
cp x/tokenizer.json ruled
echo '{"question":"is it","passage":"It is.","label":1}' >b.jsonl
mkdir -p mmlu/test
echo 'What is a fox?,a bird,a beast,a fish,a stone,B' >mmlu/test/anatomy_test.csv
for run in "eval-boolq b.jsonl" "eval-mmlu -k 0 mmlu"; do
	tool=${run%% *}
	sample() { rm -f s.sample; $run -q --dtype=f32 --samples=s.sample "$@" >s.score && rec-cat --full s.sample | sed 's/.*"logp"/"logp"/'; }
	plain=$(sample -m m) with=$(sample -m m --bos)
	is "$tool --bos: as where it is the rule" "$with" "$(sample -m ruled)"
	is "$tool --no-bos takes it away" "$(sample -m ruled --no-bos)" "$plain"
	ok "$tool: it matters" test "$with" != "$plain"
	sample -m m --bos >/dev/null
	like "$tool --bos: in the header" "$(rec-cat --header-json s.score)" '"args":\{.*"bos":true.*\}.*"tokenizer":\{.*"bos":true'
	fails "$tool: both" 2 'not both' $run -m m --bos --no-bos
done
done_testing
