#!/bin/sh
# Opening a checkpoint reads little: of models as large as Llama 2 70B, files of holes with true headers, the pages are
# counted (mincore) that a tool has brought into memory. The bound is 20 MB, for the 138 GB of a folder of bf16; a folder
# in NF4 has six tensors where that has one, and a bound of its own. Fingerprints are those of a version that read all
# pages in between as well.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
cat >sparse.py <<'END'
import ctypes, json, mmap, os, struct, sys
V, D, L, H, K, F = 32000, 8192, 80, 64, 8, 28672
LAYER = [("self_attn.q_proj", D, D), ("self_attn.k_proj", D // H * K, D), ("self_attn.v_proj", D // H * K, D),
    ("self_attn.o_proj", D, D), ("mlp.gate_proj", F, D), ("mlp.up_proj", F, D), ("mlp.down_proj", D, F)]

def shard(path, tensors):  # of (name, dtype, shape, bytes per value, data)
    head, at, small = {}, 0, []
    for name, dtype, shape, size, data in tensors:
        n = size
        for d in shape: n *= d
        head[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + n]}
        if data: small.append((at, data))
        at += n
    text = json.dumps(head).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for offset, data in small:
            f.seek(8 + len(text) + offset)
            f.write(data)
        f.truncate(8 + len(text) + at)

def linear(name, rows, cols, nf4):
    if not nf4: return [(name + ".weight", "BF16", [rows, cols], 2, None)]
    n, w = rows * cols, name + ".weight"
    state = json.dumps({"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16", "shape": [rows, cols],
        "nested_blocksize": 256, "nested_dtype": "float32", "nested_offset": 0.5}).encode()
    return [(w, "U8", [n // 2, 1], 1, None), (w + ".absmax", "U8", [n // 64], 1, None),
        (w + ".nested_absmax", "F32", [n // 64 // 256], 4, None), (w + ".nested_quant_map", "F32", [256], 4, None),
        (w + ".quant_map", "F32", [16], 4, None), (w + ".quant_state.bitsandbytes__nf4", "U8", [len(state)], 1, state)]

def folder(path, nf4):
    os.mkdir(path)
    config = {"model_type": "llama", "hidden_size": D, "intermediate_size": F, "num_hidden_layers": L, "vocab_size": V,
        "num_attention_heads": H, "num_key_value_heads": K, "rms_norm_eps": 1e-5, "max_position_embeddings": 4096}
    if nf4: config["quantization_config"] = {"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}
    json.dump(config, open(path + "/config.json", "w"))
    norm = lambda name: [(name, "BF16", [D], 2, None)]
    parts = [linear("model.embed_tokens", V, D, 0)]
    for l in range(L):
        p = "model.layers.%d." % l
        parts.append(norm(p + "input_layernorm.weight") + norm(p + "post_attention_layernorm.weight")
            + [t for name, rows, cols in LAYER for t in linear(p + name, rows, cols, nf4)])
    parts.append(norm("model.norm.weight") + linear("lm_head", V, D, 0))
    index, n = {}, 15
    for i in range(n):
        tensors = [t for part in parts[len(parts) * i // n:len(parts) * (i + 1) // n] for t in part]
        name = "model-%05d-of-%05d.safetensors" % (i + 1, n)
        shard(path + "/" + name, tensors)
        index.update({t[0]: name for t in tensors})
    json.dump({"metadata": {}, "weight_map": index}, open(path + "/model.safetensors.index.json", "w"))

def gguf(path):
    s = lambda text: struct.pack("<Q", len(text)) + text.encode()
    u32 = lambda key, v: s(key) + struct.pack("<II", 4, v)
    pairs = [s("general.architecture") + struct.pack("<I", 8) + s("llama"), u32("llama.block_count", L),
        u32("llama.context_length", 4096), u32("llama.embedding_length", D), u32("llama.feed_forward_length", F),
        u32("llama.attention.head_count", H), u32("llama.attention.head_count_kv", K), u32("llama.vocab_size", V),
        s("llama.attention.layer_norm_rms_epsilon") + struct.pack("<If", 6, 1e-5)]
    names = [("attn_q", D, D), ("attn_k", D // H * K, D), ("attn_v", D // H * K, D), ("attn_output", D, D),
        ("ffn_gate", F, D), ("ffn_up", F, D), ("ffn_down", D, F)]
    tensors = [("token_embd", V, D)]
    for l in range(L):
        tensors += [("blk.%d.%s" % (l, n), 0, D) for n in ("attn_norm", "ffn_norm")]
        tensors += [("blk.%d.%s" % (l, n), rows, cols) for n, rows, cols in names]
    infos, at = b"", 0
    for name, rows, cols in tensors + [("output_norm", 0, D), ("output", V, D)]:
        infos += s(name + ".weight") + struct.pack("<I", 2 if rows else 1) + struct.pack("<Q", cols)
        infos += (struct.pack("<Q", rows) if rows else b"") + struct.pack("<IQ", 1 if rows else 0, at)
        at += rows * cols * 2 if rows else cols * 4
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors) + 2, len(pairs)) + b"".join(pairs) + infos
    with open(path, "wb") as f:
        f.write(head + bytes(-len(head) % 32))
        f.truncate(f.tell() + at)

def resident(path):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype, libc.mmap.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_size_t] + 3 * [ctypes.c_int] + [ctypes.c_long]
    size, page, total = os.path.getsize(path), mmap.PAGESIZE, 0
    fd = os.open(path, os.O_RDONLY)
    at = libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_PRIVATE, fd, 0)
    os.close(fd)
    step = 1 << 36
    for i in range(0, size, step):
        n = min(step, size - i)
        vec = (ctypes.c_ubyte * ((n + page - 1) // page))()
        if libc.mincore(ctypes.c_void_p(at + i), ctypes.c_size_t(n), vec):
            sys.exit("mincore: %s" % os.strerror(ctypes.get_errno()))
        total += page * sum(bytes(vec).translate(bytes(i & 1 for i in range(256))))
    libc.munmap(ctypes.c_void_p(at), ctypes.c_size_t(size))
    return total

if sys.argv[1] == "make":
    folder("bf16", 0); folder("nf4", 1); gguf("m.gguf")
else:
    print(sum(resident(p) for p in sys.argv[2:]))
END
python3 sparse.py make || skip_all "no room for files of holes"
# A page of a file that was just made is in memory if it was written; those are taken out, if that can be done.
cold() { sync "$@"; python3 -c 'import os, sys
for p in sys.argv[1:]: os.posix_fadvise(os.open(p, os.O_RDONLY), 0, 0, os.POSIX_FADV_DONTNEED)' "$@"; }

opens() {	# NAME LIMIT(MB) PRINT MODEL FILES ...
	name=$1 limit=$2 print=$3 model=$4
	shift 4
	cold "$@"
	is "$name: the fingerprint" "$(drop-layers -q -m "$model" --layers 3 | rec-cat | sed 's/.*"print":"\([^"]*\)".*/\1/')" "$print"
	bytes=$(python3 sparse.py resident "$@")
	ok "$name: $((bytes / 1000)) kB read" test "$bytes" -lt "${limit}000000"
	ok "$name: the count is one" test "$bytes" -gt 1000000
}
opens "138 GB of bf16" 20 f42ca755ce9735f7 bf16 bf16/*.safetensors
opens "the same in NF4" 60 297a8b2fcc3f992f nf4 nf4/*.safetensors
opens "the same in GGUF" 20 a3511b77851f653e m.gguf m.gguf
done_testing
