#!/bin/sh
# What models take, counted by model-cost from their shapes, against sums over the tensors of their files: every family, layers
# dropped, an adapter, windows, and Llama-2-70B, of which the paper speaks.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
keys=parameters,adapter_parameters,bytes_bf16,bytes_nf4,flop,kv,length

# tensors FOLDER: "name rows cols" of each, a vector with rows 0, from the headers of its safetensors files
tensors() {
	for file in "$1"/*.safetensors; do
		head -c 8 "$file" | od -An -tu8 | tr -d ' ' >n
		tail -c +9 "$file" | head -c "$(cat n)"
	done | grep -oE '"[^"]*": ?\{"dtype": ?"[A-Z0-9]*", ?"shape": ?\[[0-9, ]*\]' |
		sed -E 's/^"([^"]*)".*\[([0-9, ]*)\]$/\1 \2/; s/, */ /' | awk 'NF == 2 { print $1, 0, $2 } NF == 3'
}

# costs FOLDER LENGTH WINDOW DROPPED ...: the keys above, by going over the tensors. A layer is one of a list; the rows of what
# makes q and k say what attention takes.
costs() {
	folder=$1 length=$2 window=$3
	shift 3
	tensors "$folder" | awk -v len="$length" -v window="$window" -v dropped=" $* " '
		function nf4(n, blocks) { blocks = int((n + 63) / 64); return int((n + 1) / 2) + blocks + 4 * int((blocks + 255) / 256) + 4 }
		{
			n = ($2 ? $2 : 1) * $3
			layer = match($1, /\.[0-9]+\./) ? substr($1, RSTART + 1, RLENGTH - 2) : -1
			if (index(dropped, " " layer " ")) next
			all += n
			if (layer < 0) {
				if ($2) { out = n; outer++ }
				four += 2 * n
				next
			}
			four += $2 ? nf4(n) : 2 * n
			if (!$2) next
			flop += 2 * n
			part = $1 ~ /c_attn/ ? 3 : 1
			if ($1 ~ /q_proj|c_attn/) for (t = 1; t <= len; t++) flop += 4 * $2 / part * (window && t > window ? window : t) / len
			if ($1 ~ /k_proj|c_attn/) kv += 4 * $2 / part * (window && len > window ? window : len) / len
		}
		END { printf "%.0f\t0\t%.0f\t%.0f\t%.17g\t%.17g\t%d\n", all, 2 * all, four, flop + 2 * out, kv, len }'
}

same_costs() {	# NAME FILE FILE: equal, numbers that are no integers to 12 digits
	ok "$1" awk -F '\t' 'NR == FNR { for (i = 1; i <= NF; i++) want[FNR, i] = $i; rows = FNR; next }
		{ for (i = 1; i <= 7; i++) { d = $i - want[FNR, i]; if (d < 0) d = -d; if (d > 1e-12 * $i || !$4) bad = 1 } }
		END { exit bad || FNR != rows || !rows }' "$2" "$3"
}

for name in llama-mha llama-gqa llama3 mistral qwen1 phi2 qwen2 qwen3; do
	make-tiny "$name" "$name" >/dev/null || exit 1
	window=0
	[ $name != mistral ] || window=8
	for length in 1 5 2048; do
		model-cost -q -m $name --length=$length | rec-cat -t $keys | sed '/^parameters/d' >got
		costs $name $length $window >want
		same_costs "$name, sequences of $length" want got
	done
	for dropped in 5 2,3 0,4,5; do
		drop-layers -q -m $name --layers=$dropped | model-cost -q | rec-cat -t $keys | sed '/^parameters/d' >got
		costs $name 512 $window $(echo $dropped | tr , ' ') >want
		same_costs "$name without layers $dropped" want got
	done
done

# An adapter counts beside the weights.
make-adapter ad 3 6 5 mlp.up_proj:88:48 mlp.down_proj:48:88 >/dev/null
drop-layers -q -m llama-gqa --layers=2,3 | model-cost -q --adapter=ad | rec-cat -t $keys | sed '/^parameters/d' >got
own=$((5 * 3 * (2 * (88 + 48))))
costs llama-gqa 512 0 2 3 | awk -F '\t' -v OFS='\t' -v own=$own '{ $2 = own; $3 += 2 * own; $4 += 2 * own; $5 += 2 * own; print }' >want
same_costs 'an adapter beside the layers that are left' want got

# Llama-2-70B by its config, as files without their bytes: 140 GB in bf16, a quarter of the layers' part in NF4, and half of
# what is in layers, time and memory alike, without every second layer.
mkdir big
cat >big/config.json <<'END'
{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 32000, "hidden_size": 8192,
 "intermediate_size": 28672, "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8,
 "max_position_embeddings": 4096, "rms_norm_eps": 1e-05, "hidden_act": "silu", "tie_word_embeddings": false}
END
awk 'function add(name, rows, cols, shape) {
		shape = rows ? rows "," cols : cols
		n = 2 * (rows ? rows : 1) * cols
		printf "%s\"%s.weight\":{\"dtype\":\"BF16\",\"shape\":[%s],\"data_offsets\":[%.0f,%.0f]}", at ? "," : "{", name, shape, at, at + n
		at += n
	}
	BEGIN {
		add("model.embed_tokens", 32000, 8192)
		for (l = 0; l < 80; l++) {
			p = "model.layers." l "."
			add(p "input_layernorm", 0, 8192); add(p "post_attention_layernorm", 0, 8192)
			add(p "self_attn.q_proj", 8192, 8192); add(p "self_attn.o_proj", 8192, 8192)
			add(p "self_attn.k_proj", 1024, 8192); add(p "self_attn.v_proj", 1024, 8192)
			add(p "mlp.gate_proj", 28672, 8192); add(p "mlp.up_proj", 28672, 8192); add(p "mlp.down_proj", 8192, 28672)
		}
		add("model.norm", 0, 8192); add("lm_head", 32000, 8192)
		printf "}"
		printf "%.0f\n", at >"size"
	}' >header
n=$(wc -c <header)
pad=$(((8 - n % 8) % 8))
{
	printf "\\$(printf %o $(((n + pad) % 256)))\\$(printf %o $(((n + pad) / 256 % 256)))\\$(printf %o $(((n + pad) / 65536)))\\0\\0\\0\\0\\0"
	cat header
	printf "%${pad}s" ''
} >big/model.safetensors
if truncate -s $((8 + n + pad + $(cat size))) big/model.safetensors 2>/dev/null; then
	model-cost -q -m big --length=1 | rec-cat -t $keys | sed '/^parameters/d' >got
	costs big 1 0 >want
	same_costs 'Llama-2-70B' want got
	is 'it has 69.0 billion parameters, 138 GB, 36.4 GB in NF4' "$(awk '{ printf "%.1f %.1f %.1f", $1 / 1e9, $3 / 1e9, $4 / 1e9 }' got)" \
		'69.0 138.0 36.4'
	like 'twice as many operations a token' "$(awk '{ print $5 / $1 }' got)" '^1\.99'
	drop-layers -q -m big --layers=39-78 | model-cost -q --length=1 | rec-cat -t $keys | sed '/^parameters/d' >half
	costs big 1 0 $(seq 39 78) >want
	same_costs 'half of its layers' want half
	is 'take half of all that grows with layers' "$(paste got half | awk '{ e = 32000 * 8192
		print ($8 - 2 * e - 8192) * 2 == $1 - 2 * e - 8192, ($12 - 2 * e) * 2 == $5 - 2 * e, $13 * 2 == $6 }')" '1 1 1'
	is 'and 18.7 GB in NF4' "$(awk '{ printf "%.1f", $4 / 1e9 }' half)" 18.7
else
	skip 'Llama-2-70B' 'the file system has no files of 138 GB'
fi

# Nothing but the models and the length decides the bytes.
model-cost -q -m phi2 -j 1 >one
model-cost -q -m phi2 -j 2 --memory=1G >two
same 'the same bytes for any number of threads' one two
model-cost -q --length=513 -m phi2 >other
ok 'and others for another length' sh -c '! cmp -s one other'

# What is not asked for in earnest.
fails 'an operand' 2 'model-cost: m: models come from -m' model-cost m
fails 'no length' 2 'at least 1' model-cost -m llama-mha --length=0
fails 'a sequence longer than the model takes' 1 'llama-mha: takes at most 2048 tokens, --length is 2049' model-cost -m llama-mha --length=2049

fails 'no room to measure in' 1 '^model-cost: --memory: .* MiB are too few' model-cost -m llama-mha --measure --memory=1M

# Measured: what is counted stays the same, and memory is each model's own, whatever came before it on the stream.
make-tiny --set hidden_size=512 --set intermediate_size=2048 --set num_attention_heads=8 --set num_hidden_layers=12 llama wide >/dev/null
printf '%s\n' '{"n":0,"l":0,"mean":null,"sem":null,"layers":12,"rule":"x"}' '{"n":8,"l":2,"mean":0.5,"sem":null,"layers":12,"rule":"x"}' |
	rec-make block | drop-layers -q -m wide >two.model
model-cost -q <two.model | rec-cat -t $keys | sed '/^parameters/d' >want
model-cost -q --measure --dtype=f32 --length=64 -j 1 --memory=1G <two.model >two.cost
rec-cat -t rate,peak two.cost | sed '/^rate/d' >got
is 'two models were measured' "$(awk '$1 > 0 && $2 > 1e6' got | wc -l)" 2
# 8 layers of 3.8 million parameters, in f32, and as much again on the way there at most
like 'eight layers less are 120 MB less' "$(awk '{ peak[NR] = $2 } END { print int((peak[1] - peak[2]) / 1e6) }' got)" '^1[0-5][0-9]$'
model-cost -q --length=64 <two.model | rec-cat -t $keys >want
rec-cat -t $keys two.cost >got
same 'what is counted stays the same' got want
like 'the header says what it was measured with' "$(rec-cat --full "$T/two.cost" 2>/dev/null; zstd -dcq two.cost | head -c 4000 | tr -cd '[:print:]')" \
	'measure.*dtype.*f32.*kernel'
done_testing
