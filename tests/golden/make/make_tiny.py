"""Tiny models: residual streams, angular distances, logits, losses, losses of pruned models.

usage: make_tiny.py [--salt S] [--weights] OUTDIR
"""

import argparse
import contextlib
import json
import os

import numpy as np
import torch
from safetensors.torch import save_file

from common import difference, dump, precision
from formula import tokens
from models import CONFIGS, build, hf_config, layer_list, pruned

LENGTHS = (37, 20, 5)


@torch.no_grad()
def stream(model, ids):
    """the last token's residual stream [L+1, d], and the logits [T, V]"""
    seen, layers = [], layer_list(model)

    def before(_, args, kwargs):
        seen.append((args[0] if args else kwargs["hidden_states"])[0, -1].clone())

    def after(_, args, out):
        seen.append((out[0] if isinstance(out, tuple) else out)[0, -1].clone())

    hooks = [m.register_forward_pre_hook(before, with_kwargs=True) for m in layers]
    hooks.append(layers[-1].register_forward_hook(after))
    logits = model(input_ids=torch.tensor([ids])).logits[0]
    for h in hooks:
        h.remove()
    return torch.stack(seen), logits


def angle(a, b):
    return (torch.dot(a, b) / (a.norm() * b.norm())).clamp(-1, 1).acos().item() / np.pi


def nll(logits, ids):
    """sum of next-token cross entropies, and their count"""
    target = torch.tensor(ids[1:])
    return torch.nn.functional.cross_entropy(logits[:-1], target, reduction="sum").item(), len(
        ids
    ) - 1


@torch.no_grad()
def loss(model, seqs, logits=False):
    ys = [model(input_ids=torch.tensor([s])).logits[0] for s in seqs]
    parts = [nll(y, s) for y, s in zip(ys, seqs)]
    out = {
        "sequences": [s / n for s, n in parts],
        "all": sum(s for s, _ in parts) / sum(n for _, n in parts),
    }
    return dict(out, logits=[y[-1] for y in ys]) if logits else out


def measure(config, seqs, salt, dtype, round_bf16):
    with precision(dtype):
        model = build(config, salt, round_bf16)
        xs, logits = zip(*(stream(model, s) for s in seqs))
        count = config["num_hidden_layers"]
        dist = {
            n: [sum(angle(x[l], x[l + n]) for x in xs) / len(xs) for l in range(count - n + 1)]
            for n in range(1, count + 1)
        }
        best = {n: int(np.argmin(dist[n])) for n in dist}
        sums = [nll(y, s) for y, s in zip(logits, seqs)]
        out = {
            "loss": {
                "sequences": [s / n for s, n in sums],
                "all": sum(s for s, _ in sums) / sum(n for _, n in sums),
            },
            "distance": dist,
            "best": best,
            "loss_similarity": {
                n: dict(
                    dropped=[best[n], best[n] + n - 1],
                    **loss(pruned(model, config, range(best[n], best[n] + n)), seqs, True),
                )
                for n in range(1, count - 1)
            },
            "loss_simple": {
                n: dict(
                    dropped=[count - 1 - n, count - 2],
                    **loss(pruned(model, config, range(count - 1 - n, count - 1)), seqs),
                )
                for n in range(1, count - 1)
            },
            "logits": [y[-1] for y in logits],
            "x": list(xs),
        }
        return model, out


@contextlib.contextmanager
def rounded_products():
    """every matrix product takes its operands rounded to bfloat16 and sums in float32; the rest
    stays float32"""

    def cut(x):
        return x.to(torch.bfloat16).to(x.dtype)

    matmul, linear = torch.matmul, torch.nn.functional.linear
    torch.matmul = lambda a, b: matmul(cut(a), cut(b))
    torch.nn.functional.linear = lambda x, w, b=None: linear(cut(x), cut(w), b)
    try:
        yield
    finally:
        torch.matmul, torch.nn.functional.linear = matmul, linear


@torch.no_grad()
def in_bf16(config, seqs, salt, want):
    """How far two kinds of bfloat16 forward are from the float64 results of the same (rounded)
    weights: transformers' own, everything in bfloat16, and products in bfloat16 with float32 sums
    and a float32 residual stream."""
    out = {}
    for key, dtype, mode in (
        ("all_bf16", torch.bfloat16, contextlib.nullcontext),
        ("bf16_products", torch.float32, rounded_products),
    ):
        with precision(dtype), mode():
            model = build(config, salt, True)
            xs, ys = zip(*(stream(model, s) for s in seqs))
        xs, ys = [x.double() for x in xs], [y.double() for y in ys]
        count = config["num_hidden_layers"]
        dist = {
            n: [sum(angle(x[l], x[l + n]) for x in xs) / len(xs) for l in range(count - n + 1)]
            for n in range(1, count + 1)
        }
        sums = [nll(y, s) for y, s in zip(ys, seqs)]
        got = {
            "x": xs,
            "distance": dist,
            "logits": [y[-1] for y in ys],
            "loss": {
                "sequences": [s / n for s, n in sums],
                "all": sum(s for s, _ in sums) / sum(n for _, n in sums),
            },
        }
        out[key] = {k: difference(got[k], want[k]) for k in got}
        out[key]["same_best"] = {n: int(np.argmin(dist[n])) for n in dist} == want["best"]
    return out


def make(name, config, salt, outdir, round_bf16, weights):
    seqs = [
        tokens(f"tokens/{name.removesuffix('-bf16')}/{k}", n, config["vocab_size"], salt)
        for k, n in enumerate(LENGTHS)
    ]
    _, f64 = measure(config, seqs, salt, torch.float64, round_bf16)
    model, f32 = measure(config, seqs, salt, torch.float32, round_bf16)
    assert f64["best"] == f32["best"], name
    gap = {
        k: difference(f32[k], f64[k])
        for k in ("x", "distance", "logits", "loss", "loss_similarity", "loss_simple")
    }
    folder = os.path.join(outdir, name)
    os.makedirs(folder, exist_ok=True)
    shown = dict(config, torch_dtype="bfloat16") if round_bf16 else config
    with open(os.path.join(folder, "config.json"), "w") as f:
        json.dump(shown, f, indent=2)
        f.write("\n")
    if config["model_type"] != "qwen":
        hf_config(shown).to_json_file(os.path.join(folder, "config-v5.json"))
    dump(os.path.join(folder, "tokens.json"), {"sequences": seqs})
    out = {"salt": salt, "layers": config["num_hidden_layers"], "f32_minus_f64": gap}
    if round_bf16:
        out["bf16_minus_f64"] = in_bf16(config, seqs, salt, f64)
    else:
        for row in f32["loss_similarity"].values():
            del row["logits"]
    out["f64"] = f64
    if not round_bf16:
        out["f32"] = f32
    dump(os.path.join(folder, "expected.json"), out)
    if weights:
        tied = config.get("tie_word_embeddings")
        state = {
            k: v.to(torch.bfloat16 if round_bf16 else torch.float32).contiguous()
            for k, v in model.state_dict().items()
            if not (tied and k == "lm_head.weight")
        }
        save_file(state, os.path.join(folder, "model.safetensors"), {"format": "pt"})
    d = [v for row in f64["distance"].values() for v in row]
    print(
        f"{name:16} loss {f64['loss']['all']:.4f} d {min(d):.3f}..{max(d):.3f}"
        f" best {list(f64['best'].values())} "
        + " ".join(f"{k} {v['abs']:.1e}" for k, v in gap.items())
    )
    for key, part in out.get("bf16_minus_f64", {}).items():
        print(
            f"{'':16} {key}",
            " ".join(f"{k} {v['abs']:.1e}" for k, v in part.items() if isinstance(v, dict)),
            "" if part["same_best"] else "another best",
        )


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--salt", default="")
    p.add_argument(
        "--weights",
        action="store_true",
        help="also write model.safetensors (not kept here: the formula gives it)",
    )
    p.add_argument("outdir")
    a = p.parse_args()
    for name, config in CONFIGS.items():
        make(name, config, a.salt, a.outdir, False, a.weights)
        make(name + "-bf16", config, a.salt, a.outdir, True, a.weights)


if __name__ == "__main__":
    main()
