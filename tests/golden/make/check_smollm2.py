"""Independent check of smollm2/: numpy float64 straight from the GGUF file (its own tensor order,
interleaved rotary pairs).

usage: check_smollm2.py GGUF FOLDER
"""

import json
import math
import os
import sys

import numpy as np
from gguf import GGUFReader
from gguf.quants import dequantize

THETA, EPS, H, KV = 100000.0, float(np.float32(1e-5)), 9, 3


def norm(x, g):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + EPS) * g


def rope(
    x,
):  # [T, heads, hd], pairs (0,1), (2,3), ...: the order of rows in a GGUF file of this family
    hd = x.shape[-1]
    a = np.arange(len(x))[:, None, None] * THETA ** -(np.arange(0, hd, 2) / hd)
    out = np.empty_like(x)
    p, q = x[..., 0::2], x[..., 1::2]
    out[..., 0::2], out[..., 1::2] = p * np.cos(a) - q * np.sin(a), q * np.cos(a) + p * np.sin(a)
    return out


def forward(w, ids, layers):
    x = w["token_embd.weight"][ids]
    t, xs = len(ids), [x[-1]]
    hide = np.triu(np.full((t, t), -np.inf), 1)
    for i in layers:
        b = f"blk.{i}."
        h = norm(x, w[b + "attn_norm.weight"])
        q, k, v = (h @ w[b + f"attn_{n}.weight"].T for n in "qkv")
        q, k, v = rope(q.reshape(t, H, -1)), rope(k.reshape(t, KV, -1)), v.reshape(t, KV, -1)
        y = np.empty_like(q)
        for head in range(H):
            s = q[:, head] @ k[:, head // (H // KV)].T / math.sqrt(q.shape[-1]) + hide
            s = np.exp(s - s.max(-1, keepdims=True))
            y[:, head] = s / s.sum(-1, keepdims=True) @ v[:, head // (H // KV)]
        x = x + y.reshape(t, -1) @ w[b + "attn_output.weight"].T
        h = norm(x, w[b + "ffn_norm.weight"])
        g = h @ w[b + "ffn_gate.weight"].T
        x = x + (g / (1 + np.exp(-g)) * (h @ w[b + "ffn_up.weight"].T)) @ w[b + "ffn_down.weight"].T
        xs.append(x[-1])
    return np.array(xs), norm(x, w["output_norm.weight"]) @ w["token_embd.weight"].T


def nll(y, ids):
    z = y[:-1] - y[:-1].max(-1, keepdims=True)
    return (np.log(np.exp(z).sum(-1)) - z[np.arange(len(z)), ids[1:]]).mean()


def main():
    w = {
        t.name: dequantize(t.data, t.tensor_type).astype(np.float64)
        for t in GGUFReader(sys.argv[1]).tensors
    }
    ids, angles, c4, mmlu = (
        json.load(open(os.path.join(sys.argv[2], n + ".json")))
        for n in ("tokens", "angles", "c4", "mmlu")
    )
    xs, y = forward(w, ids["ids"][0], range(30))
    want = np.array(angles["x_of_first_document"])
    print(f"x: largest difference {np.abs(xs - want).max():.1e} of {np.abs(want).max():.1f}")
    assert np.abs(xs - want).max() < 1e-7 * np.abs(want).max()
    for row in c4["results"]:
        if row["rule"] != "simple" or row["n"] == 4:
            first, last = row["dropped"] or (30, 29)
            keep = [i for i in range(30) if not first <= i <= last]
            gap = (
                nll(forward(w, ids["ids"][0], keep)[1], ids["ids"][0]) - row["f32"]["sequences"][0]
            )
            print(f"loss of document 0, n = {row['n']} {row['rule']}: difference {gap:.1e}")
            assert abs(gap) < 1e-5
    for row in mmlu["runs"]:
        for name, prompt in row.get("prompt_ids", {}).items():
            subject, number = name.split("/")
            at = [
                i
                for i, s in enumerate(mmlu["subject"])
                if s == subject and mmlu["row"][i] == int(number)
            ][0]
            y = forward(w, prompt, range(30))[1][-1]
            lp = (y - y.max() - np.log(np.exp(y - y.max()).sum()))[mmlu["tokens_of_letters"]]
            gap = np.abs(lp - row["logprob"][at]).max()
            print(f"mmlu {name} {row['shots']} shots: difference {gap:.1e}")
            assert gap < 1e-4


if __name__ == "__main__":
    main()
