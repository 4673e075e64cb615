"""Checkpoint folders as transformers, peft and bitsandbytes write them, all of the tiny model
llama-gqa with its weights rounded to bfloat16, and what each of them must compute.

usage: make_checkpoint.py [--salt S] OUTDIR

plain/    one model.safetensors, bfloat16 sharded/  the same in shards of at most 100 kB, with an
index, float32 adapter/  a PEFT adapter for plain/: rank 4, alpha 8, gate, up and down projections
bnb4/     plain/ quantised to NF4 with double quantisation and saved"""

import argparse
import os
import shutil

import bitsandbytes.functional as bnb
import torch
import transformers
from bitsandbytes.functional import QuantState
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors import safe_open
from safetensors.torch import load_file
from torch import nn

from common import difference, dump, precision
from formula import tensor, tokens
from make_tiny import LENGTHS, nll, stream
from models import CONFIGS, build

NAME = "llama-gqa"


def load(folder, dtype, **more):
    return transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=dtype, attn_implementation="eager", **more
    ).eval()


def measure(model, seqs):
    xs, ys = zip(*(stream(model, s) for s in seqs))
    sums = [nll(y, s) for y, s in zip(ys, seqs)]
    return {
        "loss": {
            "sequences": [s / n for s, n in sums],
            "all": sum(s for s, _ in sums) / sum(n for _, n in sums),
        },
        "logits": [y[-1] for y in ys],
        "x": list(xs),
    }


def both(folder, state, seqs, lora=None, merge=False):
    """A model of this config with these weights, and an adapter folder on it, in both precisions.
    Files are read before float32 means float64."""
    config = transformers.AutoConfig.from_pretrained(folder)
    delta = load_file(os.path.join(lora, "adapter_model.safetensors")) if lora else None
    out = {}
    for key, dtype in (("f64", torch.float64), ("f32", torch.float32)):
        with precision(dtype):
            model = transformers.AutoModelForCausalLM.from_config(
                config, attn_implementation="eager", dtype=dtype
            ).eval()
            model.load_state_dict(state, strict=True)
            if lora:
                peft = get_peft_model(
                    model, LoraConfig.from_pretrained(lora), autocast_adapter_dtype=False
                )
                assert not set_peft_model_state_dict(peft, delta).unexpected_keys
                peft.to(dtype)
                model = peft.merge_and_unload().eval() if merge else peft.base_model.model.eval()
            out[key] = measure(model, seqs)
    gap = difference(out["f32"], out["f64"])
    return {"f32_minus_f64": gap, "f64": out["f64"]}


def listing(folder):
    """what stands in a folder's safetensors files: file, type and shape of every tensor"""
    out = {}
    for file in sorted(os.listdir(folder)):
        if file.endswith(".safetensors"):
            with safe_open(os.path.join(folder, file), "pt") as f:
                for name in sorted(f.keys()):
                    t = f.get_slice(name)
                    out[name] = [file, t.get_dtype(), t.get_shape()]
    return out


def adapter(folder, base, salt):
    """A is the formula's, and so is B: an adapter that has been trained"""
    peft = get_peft_model(
        load(base, torch.float32),
        LoraConfig(
            r=4,
            lora_alpha=8,
            lora_dropout=0.05,
            bias="none",
            task_type="CAUSAL_LM",
            target_modules=["gate_proj", "up_proj", "down_proj"],
        ),
    )
    with torch.no_grad():
        for n, p in peft.named_parameters():
            if p.requires_grad:
                p.copy_(
                    torch.from_numpy(tensor(n.replace(".default.weight", ".weight"), p.shape, salt))
                )
    peft.peft_config["default"].base_model_name_or_path = "../plain"
    peft.save_pretrained(folder)
    os.remove(os.path.join(folder, "README.md"))


def dequantised(base):
    """plain/'s weights, every linear layer but lm_head replaced by what bitsandbytes makes of it"""
    model = load(base, torch.bfloat16)
    for name, m in model.named_modules():
        if isinstance(m, nn.Linear) and name != "lm_head":
            q, s = bnb.quantize_4bit(
                m.weight.detach(), blocksize=64, compress_statistics=True, quant_type="nf4"
            )
            m.weight.data = bnb.dequantize_4bit(q, s)
    return model.state_dict()


def quantised(base):
    return load(
        base,
        torch.bfloat16,
        quantization_config=transformers.BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        ),
    )


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--salt", default="")
    p.add_argument("outdir")
    a = p.parse_args()
    plain, sharded, lora, bnb4 = (
        os.path.join(a.outdir, n) for n in ("plain", "sharded", "adapter", "bnb4")
    )
    for folder in (plain, sharded, lora, bnb4):
        shutil.rmtree(folder, ignore_errors=True)
    config = CONFIGS[NAME]
    build(config, a.salt, True).to(torch.bfloat16).save_pretrained(plain)
    build(config, a.salt, True).save_pretrained(sharded, max_shard_size="100KB")
    adapter(lora, plain, a.salt)
    quantised(plain).save_pretrained(bnb4)
    seqs = [
        tokens(f"tokens/{NAME}/{k}", n, config["vocab_size"], a.salt) for k, n in enumerate(LENGTHS)
    ]
    out = {"salt": a.salt, "sequences": seqs}
    base = load(plain, torch.bfloat16).state_dict()
    cases = dict(
        plain=(plain, base),
        sharded=(sharded, load(sharded, torch.float32).state_dict()),
        adapter=(plain, base, lora),
        merged=(plain, base, lora, True),
        bnb4=(plain, dequantised(plain)),
    )
    for key, (folder, state, *more) in cases.items():
        out[key] = both(folder, state, seqs, *more)
        folder = dict(sharded=sharded, adapter=lora, bnb4=bnb4).get(key, plain)
        out[key]["tensors"] = listing(folder)
        print(
            f"{key:8} loss {out[key]['f64']['loss']['all']:.6f}"
            f" f32-f64 {out[key]['f32_minus_f64']['abs']:.1e}"
        )
    gap = difference(out["merged"]["f64"], out["adapter"]["f64"])["abs"]
    assert gap < 1e-11, gap
    del out["merged"]
    saved = load_file(
        os.path.join(bnb4, "model.safetensors")
    )  # what the file holds is what bnb4's values came from
    state = dequantised(plain)
    for name in [n for n in saved if n + ".absmax" in saved]:
        parts = {k[len(name) + 1 :]: v for k, v in saved.items() if k.startswith(name + ".")}
        back = bnb.dequantize_4bit(
            saved[name], QuantState.from_dict(parts, device=torch.device("cpu"))
        )
        assert torch.equal(back, state.pop(name)), name
    assert all(torch.equal(v, saved[n]) for n, v in state.items() if n != "lm_head.weight")
    dump(os.path.join(a.outdir, "expected.json"), out)


if __name__ == "__main__":
    main()
