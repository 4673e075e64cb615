"""adapters.py BASE ADAPTER MERGED CONFIG PARTS: an adapter for peft's readers, and what it means, written out.

ADAPTER gets the config (JSON, over a plain one) and the tensors of PARTS: {"self_attn.q_proj": [rank, scale], ...}, for all
layers of BASE, or with "LAYER:" in front for one. MERGED gets BASE with W + scale B A in their place, in double and rounded
once. Who calls says each module's rank and scale; nothing here reads the patterns. "-": no MERGED."""
import array
import json
import os
import random
import shutil
import sys


def read(path):
    with open(path, "rb") as f:
        n = int.from_bytes(f.read(8), "little")
        header = json.loads(f.read(n))
        data = f.read()
    return header, data


def write(path, header, data):
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(len(text).to_bytes(8, "little") + text + data)


def matrix(rows, cols, name):
    r = random.Random(name)
    return array.array("f", (r.uniform(-0.2, 0.2) for _ in range(rows * cols)))


def add_product(w, a, b, rank, scale, cols):
    for i in range(len(w) // cols):
        row = [0.0] * cols
        for k in range(rank):
            x = b[i * rank + k]
            row = [s + x * y for s, y in zip(row, a[k * cols:(k + 1) * cols])]
        w[i * cols:(i + 1) * cols] = array.array("f", (v + scale * s for v, s in zip(w[i * cols:(i + 1) * cols], row)))


def main(base, adapter, merged, config, parts):
    header, data = read(base + "/model.safetensors")
    data, new, body = bytearray(data), {"__metadata__": {"format": "pt"}}, b""
    layers = json.load(open(base + "/config.json"))["num_hidden_layers"]
    for name, (rank, scale) in json.loads(parts).items():
        only, _, module = name.rpartition(":")
        for layer in [int(only)] if only else range(layers):
            full = f"model.layers.{layer}.{module}"
            weight = header[full + ".weight"]
            (rows, cols), (at, end) = weight["shape"], weight["data_offsets"]
            a, b = matrix(rank, cols, full + "A"), matrix(rows, rank, full + "B")
            for which, m, shape in ("A", a, [rank, cols]), ("B", b, [rows, rank]):
                new[f"base_model.model.{full}.lora_{which}.weight"] = {
                    "dtype": "F32", "shape": shape, "data_offsets": [len(body), len(body) + 4 * len(m)]}
                body += m.tobytes()
            if merged != "-":
                w = array.array("f", bytes(data[at:end]))
                add_product(w, a, b, rank, scale, cols)
                data[at:end] = w.tobytes()
    os.makedirs(adapter, exist_ok=True)
    write(adapter + "/adapter_model.safetensors", new, body)
    plain = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "bias": "none", "r": 4, "lora_alpha": 8,
             "target_modules": sorted({p.rpartition(".")[2] for p in json.loads(parts)})}
    with open(adapter + "/adapter_config.json", "w") as f:
        json.dump({**plain, **json.loads(config)}, f)
    if merged != "-":
        shutil.rmtree(merged, ignore_errors=True)
        shutil.copytree(base, merged)
        write(merged + "/model.safetensors", header, data)


main(*sys.argv[1:])
