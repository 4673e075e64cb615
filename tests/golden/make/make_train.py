"""Healing: gradients and AdamW steps of LoRA adapters on the tiny models, the auxiliary loss, the
schedule.

usage: make_train.py [--salt S] OUTDIR
"""

import argparse
import os

import bitsandbytes.functional as bnb
import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import get_cosine_schedule_with_warmup
from transformers.loss.loss_utils import ForCausalLMLoss

from common import difference, dump, precision
from formula import tensor, tokens
from models import CONFIGS, build, layer_list, pruned

GATED = r".*\.mlp\.(gate_proj|up_proj|down_proj)"
TARGETS = {
    "llama-gqa": GATED,
    "qwen1": r".*\.mlp\.(w1|w2|c_proj)",
    "phi2": r".*\.mlp\.(fc1|fc2)",
    "llama-mha": GATED,
    "llama3": GATED,
    "mistral": GATED,
    "qwen2": GATED,
    "qwen3": GATED,
}
FULL = ("llama-gqa", "qwen1", "phi2")  # the other families only on the unquantised base
STEPS, WARMUP, PEAK, CLIP, LENGTH = 10, 3, 1e-2, 1.0, 24
AUX_WIDTH, AUX_WEIGHT = 2, 1.0
WHOLE = (
    "lora_A",
    "lora_B",
)  # one tensor of each, of the first and the last layer, is given in full


def short(name):
    """the tensor's name in adapter_model.safetensors"""
    return name.replace(".default.weight", ".weight")


def nf4(config, salt):
    """The weights of all linear layers but lm_head after NF4 with double quantisation, as
    load_in_4bit makes them."""
    out = {}
    for name, m in build(config, salt).named_modules():
        if isinstance(m, nn.Linear) and name != "lm_head":
            q, state = bnb.quantize_4bit(
                m.weight.detach(), blocksize=64, compress_statistics=True, quant_type="nf4"
            )
            out[name + ".weight"] = bnb.dequantize_4bit(q, state)
    return out


def adapted(model, target, salt):
    peft = get_peft_model(
        model, LoraConfig(r=4, lora_alpha=4, lora_dropout=0.0, target_modules=target, bias="none")
    )
    named = {short(n): p for n, p in peft.named_parameters() if p.requires_grad}
    assert named and all("lora_" in n for n in named)
    with torch.no_grad():
        for n, p in named.items():
            p.copy_(torch.from_numpy(tensor(n, p.shape, salt)).to(p.dtype))
    return peft, named


def entropy(model, vocab, seqs, items=None):
    """HF's loss of a batch; shorter sequences are padded on the right and their labels masked"""
    width = max(map(len, seqs))
    ids = torch.tensor([s + [0] * (width - len(s)) for s in seqs])
    labels = torch.tensor([s + [-100] * (width - len(s)) for s in seqs])
    mask = (labels != -100).long()
    logits = model(input_ids=ids, attention_mask=mask).logits
    return ForCausalLMLoss(logits, labels, vocab, num_items_in_batch=items)


def digest(t):
    flat = t.detach().reshape(-1)
    at = [0, len(flat) // 4, len(flat) // 2, 3 * len(flat) // 4, len(flat) - 1]
    return np.array(
        [flat.sum().item(), flat.norm().item()] + flat[at].tolist(),
        np.float32 if flat.element_size() == 4 else np.float64,
    )


def gradients(named, whole=True):
    out = {
        "norm": float(torch.stack([p.grad.norm() for p in named.values()]).norm()),
        "tensors": {n: digest(p.grad) for n, p in named.items()},
    }
    if whole:
        names = [n for n in named if any(w in n for w in WHOLE)]
        pick = [names[0], names[1], names[-2], names[-1]]
        out["whole"] = {n: named[n].grad.clone() for n in pick}
    return out


def train(named, losses):
    """STEPS steps of AdamW; losses(step) gives the tensor to descend and a dict to log"""
    opt = torch.optim.AdamW(named.values(), lr=PEAK, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
    sched = get_cosine_schedule_with_warmup(opt, WARMUP, STEPS)
    log, first = [], None
    for step in range(STEPS):
        opt.zero_grad()
        loss, extra = losses(step)
        loss.backward()
        for p in named.values():
            p.grad = torch.zeros_like(p) if p.grad is None else p.grad
        first = first or gradients(named)
        norm = nn.utils.clip_grad_norm_(named.values(), CLIP)
        log.append(
            dict(step=step, lr=sched.get_last_lr()[0], loss=loss.item(), **extra, norm=norm.item())
        )
        opt.step()
        sched.step()
    return {
        "loss": log[0]["loss"],
        "gradients": first,
        "steps": log,
        "final": {n: digest(p) for n, p in named.items()},
    }


def plain(name, batches, salt, weights):
    config = CONFIGS[name]
    model = build(config, salt)
    model.load_state_dict(weights, strict=False)
    peft, named = adapted(model, TARGETS[name], salt)
    return train(named, lambda step: (entropy(peft, config["vocab_size"], batches[step]), {}))


def accumulated(name, micro, salt):
    config = CONFIGS[name]
    peft, named = adapted(build(config, salt), TARGETS[name], salt)
    items = sum(len(s) - 1 for batch in micro for s in batch)
    parts = []
    for batch in micro:
        loss = entropy(peft, config["vocab_size"], batch, items)
        loss.backward()
        parts.append(loss.item())
    return {
        "items": items,
        "parts": parts,
        "loss": sum(parts),
        "gradients": gradients(named, whole=False),
    }


def auxiliary(name, batches, salt, first):
    """the paper's equation 8 added to the loss; student: pruned model with adapters, teacher: the
    unpruned base"""
    config = CONFIGS[name]
    teacher = build(config, salt)
    student = pruned(teacher, config, range(first, first + AUX_WIDTH))
    peft, named = adapted(student, TARGETS[name], salt)
    seen = {}

    def keep(who):
        def hook(_, args, kwargs):
            seen[who] = args[0] if args else kwargs["hidden_states"]

        return hook

    layer_list(teacher)[first + AUX_WIDTH].register_forward_pre_hook(
        keep("teacher"), with_kwargs=True
    )
    layer_list(student)[first].register_forward_pre_hook(keep("student"), with_kwargs=True)

    def losses(step):
        with torch.no_grad():
            teacher(input_ids=torch.tensor(batches[step]))
        ce = entropy(peft, config["vocab_size"], batches[step])
        gap = seen["teacher"] - seen["student"]
        aux = gap.pow(2).mean()
        return ce + AUX_WEIGHT * aux, {
            "ce": ce.item(),
            "aux": aux.item(),
            "sum_of_squares": gap.pow(2).sum().item(),
            "last_token_mean": gap[:, -1].pow(2).mean().item(),
        }

    ce, _ = losses(0)
    gap = (seen["teacher"] - seen["student"]).pow(2).mean()
    gap.backward()
    for p in named.values():
        p.grad = torch.zeros_like(p) if p.grad is None else p.grad
    alone = gradients(named, whole=False)
    return dict(
        dropped=[first, first + AUX_WIDTH - 1],
        weight=AUX_WEIGHT,
        elements=int(seen["student"].numel()),
        gradients_of_aux=alone,
        **train(named, losses),
    )


def both(make):
    """the result in float64 and float32, and how far they are apart"""
    out = {}
    for key, dtype in (("f64", torch.float64), ("f32", torch.float32)):
        torch.manual_seed(0)
        with precision(dtype):
            out[key] = make()
    return {
        "f32_minus_f64": {
            k: difference(out["f32"][k], out["f64"][k])
            for k in ("loss", "gradients", "steps", "final")
            if k in out["f64"]
        },
        **out,
    }


def schedule():
    def table(total, warmup, at):
        opt = torch.optim.AdamW([nn.Parameter(torch.zeros(1))], lr=3e-4)
        sched = get_cosine_schedule_with_warmup(opt, warmup, total)
        lrs = []
        for _ in range(total + 1):
            lrs.append(sched.get_last_lr()[0])
            opt.step()
            sched.step()
        return {
            "peak": 3e-4,
            "total": total,
            "warmup": warmup,
            "step": at,
            "lr": [lrs[s] for s in at],
        }

    return {
        "note": "lr used by the step-th optimizer step, counted from 0",
        "short": table(20, 5, list(range(21))),
        "long": table(5000, 100, [0, 1, 2, 50, 99, 100, 101, 2500, 4999]),
    }


def adamw():
    """AdamW on a vector of four, with the gradients g(t) = (1, -0.5, 1e-6, 0) * (t + 1), and
    clipping off"""
    out = {}
    for decay in (0.0, 0.1):
        p = nn.Parameter(torch.tensor([1.0, -2.0, 0.5, 0.25], dtype=torch.float64))
        opt = torch.optim.AdamW([p], lr=1e-2, weight_decay=decay)
        rows = []
        for t in range(5):
            p.grad = torch.tensor([1.0, -0.5, 1e-6, 0.0], dtype=torch.float64) * (t + 1)
            opt.step()
            s = opt.state[p]
            rows.append(
                {"p": p.detach().clone(), "m": s["exp_avg"].clone(), "v": s["exp_avg_sq"].clone()}
            )
        out[f"weight_decay_{decay:g}"] = rows
    return {"lr": 1e-2, "betas": [0.9, 0.999], "eps": 1e-8, **out}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--salt", default="")
    p.add_argument("outdir")
    a = p.parse_args()
    dump(os.path.join(a.outdir, "schedule.json"), {"cosine": schedule(), "adamw": adamw()})
    for name in TARGETS:
        vocab = CONFIGS[name]["vocab_size"]
        batches = [
            [tokens(f"train/{name}/{s}/{k}", LENGTH, vocab, a.salt) for k in range(2)]
            for s in range(STEPS)
        ]
        micro = [batches[0], [batches[1][0], batches[1][1][:9]]]
        out = {
            "salt": a.salt,
            "recipe": dict(
                r=4,
                alpha=4,
                dropout=0.0,
                steps=STEPS,
                warmup=WARMUP,
                peak=PEAK,
                clip=CLIP,
                weight_decay=0.0,
                betas=[0.9, 0.999],
                eps=1e-8,
            ),
            "digest": ["sum", "norm", "at 0", "at n/4", "at n/2", "at 3n/4", "at n-1"],
            "batches": batches,
            "base": both(lambda: plain(name, batches, a.salt, {})),
        }
        if name in FULL:
            quantised = nf4(CONFIGS[name], a.salt)
            out["nf4"] = both(lambda: plain(name, batches, a.salt, quantised))
            out["micro_batches"] = micro
            out["accumulate"] = both(lambda: accumulated(name, micro, a.salt))
        if name == "llama-gqa":
            out["aux"] = both(lambda: auxiliary(name, batches, a.salt, 3))
        dump(os.path.join(a.outdir, name + ".json"), out)
        for case in ("base", "nf4", "accumulate", "aux"):
            if case in out:
                r = out[case]
                print(
                    name,
                    case,
                    "loss",
                    r["f64"]["loss"],
                    "norms",
                    [round(s["norm"], 3) for s in r["f64"].get("steps", [])],
                    "losses",
                    [round(s["loss"], 4) for s in r["f64"].get("steps", [])],
                    {k: f"{v['abs']:.1e}/{v['rel']:.1e}" for k, v in r["f32_minus_f64"].items()},
                )


if __name__ == "__main__":
    main()
