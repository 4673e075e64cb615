"""Independent check of tiny/*: a plain numpy float64 forward of every architecture, from the
published definitions.

usage: check.py FOLDER    (the folder that make_tiny.py wrote)
"""

import json
import math
import os
import sys

import numpy as np

from formula import bf16, tensor


class Net:
    def __init__(self, c, salt, rounded):
        self.c, self.salt, self.rounded = c, salt, rounded
        self.kind = c["model_type"]
        self.heads = c["num_attention_heads"]
        self.kv = c.get("num_key_value_heads") or self.heads
        self.hd = c.get("head_dim") or c["hidden_size"] // self.heads
        self.rot = int(self.hd * c.get("partial_rotary_factor", 1.0))
        self.eps = c.get("rms_norm_eps") or c.get("layer_norm_eps") or c["layer_norm_epsilon"]
        self.ff = c["intermediate_size"] // (2 if self.kind == "qwen" else 1)

    def w(self, name, *shape):
        t = tensor(name, shape, self.salt)
        return (bf16(t) if self.rounded else t).astype(np.float64)

    def linear(self, x, name, rows, bias):
        y = x @ self.w(name + ".weight", rows, x.shape[-1]).T
        return y + self.w(name + ".bias", rows) if bias else y

    def norm(self, x, name):
        g = self.w(name + ".weight", x.shape[-1])
        if self.kind == "phi":
            x = x - x.mean(-1, keepdims=True)
            return x / np.sqrt((x * x).mean(-1, keepdims=True) + self.eps) * g + self.w(
                name + ".bias", x.shape[-1]
            )
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + self.eps) * g

    def freqs(self):
        theta = self.c.get("rope_theta") or self.c["rotary_emb_base"]
        f = theta ** -(np.arange(0, self.rot, 2) / self.rot)
        s = self.c.get("rope_scaling")
        if s:
            wave = 2 * math.pi / f
            lo, hi, old = (
                s["low_freq_factor"],
                s["high_freq_factor"],
                s["original_max_position_embeddings"],
            )
            mix = np.clip((old / wave - lo) / (hi - lo), 0, 1)
            f = (1 - mix) * f / s["factor"] + mix * f
        return f

    def rope(self, x):  # [T, H, hd]
        a = np.arange(len(x))[:, None, None] * self.freqs()
        h = self.rot // 2
        p, q, rest = x[..., :h], x[..., h : 2 * h], x[..., 2 * h :]
        return np.concatenate(
            (p * np.cos(a) - q * np.sin(a), q * np.cos(a) + p * np.sin(a), rest), -1
        )

    def attention(self, h, at):
        t, hd, kind = len(h), self.hd, self.kind
        if kind == "qwen":
            q, k, v = np.split(self.linear(h, at + "c_attn", 3 * self.heads * hd, True), 3, -1)
        else:
            bias = kind in ("phi", "qwen2")
            q, k, v = (
                self.linear(h, at + p, n * hd, bias)
                for p, n in (("q_proj", self.heads), ("k_proj", self.kv), ("v_proj", self.kv))
            )
        q, k, v = (y.reshape(t, -1, hd) for y in (q, k, v))
        if kind == "qwen3":
            q, k = self.norm(q, at + "q_norm"), self.norm(k, at + "k_norm")
        q, k = self.rope(q), self.rope(k)
        i = np.arange(t)
        seen = i[:, None] >= i
        if kind == "mistral":
            seen &= i[:, None] - i < self.c["sliding_window"]
        out = np.empty((t, self.heads, hd))
        for head in range(self.heads):
            g = head * self.kv // self.heads
            s = np.where(seen, q[:, head] @ k[:, g].T / math.sqrt(hd), -np.inf)
            p = np.exp(s - s.max(-1, keepdims=True))
            out[:, head] = p / p.sum(-1, keepdims=True) @ v[:, g]
        name = {"qwen": "c_proj", "phi": "dense"}.get(kind, "o_proj")
        return self.linear(out.reshape(t, -1), at + name, self.c["hidden_size"], kind == "phi")

    def mlp(self, h, at):
        d = self.c["hidden_size"]
        if self.kind == "phi":
            u = self.linear(h, at + "fc1", self.ff, True)
            u = 0.5 * u * (1 + np.tanh(math.sqrt(2 / math.pi) * (u + 0.044715 * u**3)))
            return self.linear(u, at + "fc2", d, True)
        gate, up, down = (
            ("w2", "w1", "c_proj") if self.kind == "qwen" else ("gate_proj", "up_proj", "down_proj")
        )
        g = self.linear(h, at + gate, self.ff, False)
        return self.linear(
            g / (1 + np.exp(-g)) * self.linear(h, at + up, self.ff, False), at + down, d, False
        )

    def forward(self, ids, drop=()):
        c, kind = self.c, self.kind
        core, layers = ("transformer.", "h.") if kind == "qwen" else ("model.", "layers.")
        embed = core + ("wte" if kind == "qwen" else "embed_tokens") + ".weight"
        x = self.w(embed, c["vocab_size"], c["hidden_size"])[ids]
        xs = [x[-1]]
        for i in range(c["num_hidden_layers"]):
            if i in drop:
                continue
            at = f"{core}{layers}{i}."
            attn = at + ("attn." if kind == "qwen" else "self_attn.")
            if kind == "phi":
                h = self.norm(x, at + "input_layernorm")
                x = x + self.attention(h, attn) + self.mlp(h, at + "mlp.")
            else:
                one, two = (
                    ("ln_1", "ln_2")
                    if kind == "qwen"
                    else ("input_layernorm", "post_attention_layernorm")
                )
                x = x + self.attention(self.norm(x, at + one), attn)
                x = x + self.mlp(self.norm(x, at + two), at + "mlp.")
            xs.append(x[-1])
        x = self.norm(x, core + {"qwen": "ln_f", "phi": "final_layernorm"}.get(kind, "norm"))
        head = embed if c["tie_word_embeddings"] else "lm_head.weight"
        y = x @ self.w(head, c["vocab_size"], c["hidden_size"]).T
        if kind == "phi":
            y = y + self.w("lm_head.bias", c["vocab_size"])
        return np.array(xs), y


def nll(y, ids):
    z = y[:-1] - y[:-1].max(-1, keepdims=True)
    return (np.log(np.exp(z).sum(-1)) - z[np.arange(len(z)), ids[1:]]).sum()


def angle(a, b):
    return math.acos(np.clip(a @ b / math.sqrt((a @ a) * (b @ b)), -1, 1)) / math.pi


def compare(net, seqs, want):
    """the largest difference between one golden file and this program"""
    count = sum(len(s) - 1 for s in seqs)
    xs, ys = zip(*(net.forward(s) for s in seqs))
    gaps = [abs(sum(map(nll, ys, seqs)) / count - want["loss"]["all"])]
    for k in range(len(seqs)):
        gaps += [np.abs(xs[k] - want["x"][k]).max(), np.abs(ys[k][-1] - want["logits"][k]).max()]
    for n, row in want["distance"].items():
        mine = [sum(angle(x[l], x[l + int(n)]) for x in xs) / len(xs) for l in range(len(row))]
        gaps.append(np.abs(np.array(mine) - row).max())
        assert want["best"][n] == int(np.argmin(mine)), (n, mine)
    for rule in ("loss_similarity", "loss_simple"):
        for row in want[rule].values():
            first, last = row["dropped"]
            ys = [net.forward(s, range(first, last + 1))[1] for s in seqs]
            gaps.append(abs(sum(map(nll, ys, seqs)) / count - row["all"]))
            gaps += [np.abs(y[-1] - w).max() for y, w in zip(ys, row.get("logits", []))]
    return max(gaps)


def main():
    bad = 0
    for name in sorted(os.listdir(sys.argv[1])):
        folder = os.path.join(sys.argv[1], name)
        config, seqs, want = (
            json.load(open(os.path.join(folder, f"{n}.json")))
            for n in ("config", "tokens", "expected")
        )
        gap = compare(
            Net(config, want["salt"], name.endswith("-bf16")), seqs["sequences"], want["f64"]
        )
        print(f"{name:16} largest difference {gap:.1e}")
        bad += gap > 1e-11
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
