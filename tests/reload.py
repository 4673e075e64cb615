"""What transformers, peft, gguf and llama.cpp make of a checkpoint that coppice wrote (see 65-reload.t). Each command exits
with 1 and one line if something differs.

    layers BASE KEEP NEW            same logits, bit for bit, as BASE with only the layers KEEP (3,5,7) in its list
    merged BASE KEEP ADAPTER NEW    weights are W + s B A, rounded once; logits near peft's
    loads NEW LAYERS                so many layers, without a word of warning, and finite logits
    near NEW TOKENS DUMP TOLERANCE [ADAPTER]  last logits of the sequences, as golden-forward dumped them; peft's with an
                                    adapter; relative to the largest
    llama NEW TOKENS DUMP TOLERANCE the same of a GGUF file in llama.cpp
    adapt BASE NEW                  peft writes an adapter of random matrices on all linear layers into the folder NEW
    gguf BASE KEEP NEW              every pair and tensor of the GGUF file is BASE's, but for what must change
"""
import sys
import warnings

import numpy as np


def quiet_load(path, dtype=None):
    """The model, in float32 unless another dtype is given; anything transformers warns of is an error."""
    import logging
    import torch
    import transformers

    seen = []
    handler = logging.Handler()
    handler.emit = lambda r: seen.append(r.getMessage()) if r.levelno >= logging.WARNING else None
    transformers.utils.logging.get_logger("transformers").addHandler(handler)
    transformers.utils.logging.disable_progress_bar()
    with warnings.catch_warnings(record=True) as w:
        warnings.simplefilter("always")
        model, info = transformers.AutoModelForCausalLM.from_pretrained(
            path, dtype=dtype or torch.float32, output_loading_info=True)
    seen += [str(x.message) for x in w if "kernel" not in str(x.message)]
    seen += [f"{k}: {v}" for k, v in info.items() if v]
    if seen:
        sys.exit(f"{path}: {seen[0]}")
    if getattr(model, "is_quantized", False):  # bitsandbytes' CPU kernels want larger matrices than the golden ones
        model = model.dequantize()
    return model.float().eval()


def pruned(base, keep, dtype=None):
    import torch

    model = quiet_load(base, dtype)
    model.model.layers = torch.nn.ModuleList([model.model.layers[i] for i in keep])
    for i, layer in enumerate(model.model.layers):
        layer.self_attn.layer_idx = i
    model.config.num_hidden_layers = len(keep)
    return model


def logits(model):
    import torch

    ids = torch.arange(3, 35).reshape(2, 16) * 7 % model.config.vocab_size
    with torch.no_grad():
        return model(input_ids=ids, use_cache=False).logits.numpy()


def layers(base, keep, new):
    dtype = "auto" if "quantization_config" in open(f"{base}/config.json").read() else None
    a, b = logits(pruned(base, keep, dtype)), logits(quiet_load(new, dtype))
    if not np.array_equal(a, b):
        sys.exit(f"{new}: logits differ by {abs(a - b).max()}")


def merged(base, keep, adapter, new):
    import peft
    import torch

    old, model = pruned(base, keep), quiet_load(new)
    weights = {n: p.detach().clone() for n, p in old.named_parameters()}
    tuned = peft.PeftModel.from_pretrained(old, adapter).eval()
    want = logits(tuned)
    ab = {}
    for n, p in tuned.named_parameters():
        if "lora_" in n:
            module, kind = n.removeprefix("base_model.model.").split(".lora_")
            ab.setdefault(module + ".weight", {})[kind[0]] = p.detach()
    scale = tuned.peft_config["default"].lora_alpha / tuned.peft_config["default"].r
    off = total = 0
    for n, p in model.named_parameters():
        w = weights[n]
        if n in ab:
            w = (w + scale * (ab[n]["B"] @ ab[n]["A"])).to(torch.bfloat16).float()
            total += w.numel()
            off += (w != p).sum().item()
            if not torch.allclose(w, p, rtol=2**-7, atol=0):
                sys.exit(f"{new}: {n} is off by more than one step of bf16")
        elif not torch.equal(w, p):
            sys.exit(f"{new}: {n} has changed")
    if not total or off > total / 1000:
        sys.exit(f"{new}: {off} of {total} merged values differ")
    gap = abs(logits(model) - want).max() / abs(want).max()
    if gap > 0.02:
        sys.exit(f"{new}: logits differ by {gap} of the largest")


def loads(new, layers):
    model = quiet_load(new)
    if [model.config.num_hidden_layers] != layers or not np.isfinite(logits(model)).all():
        sys.exit(f"{new}: {model.config.num_hidden_layers} layers, or logits that are not finite")


def compare(new, got, tokens, dump, tolerance):
    """got: a row of logits for each sequence. The dump ends in such rows and a number for each predicted token."""
    ours = np.fromfile(dump, dtype=np.float32)
    predicted, n, v = sum(len(s) - 1 for s in tokens), len(tokens), len(got[0])
    ours = ours[-predicted - n * v:-predicted].reshape(n, v)
    got = np.array(got, dtype=np.float64)
    gap = (abs(got - ours).max(axis=1) / abs(got).max(axis=1)).max()
    print(f"{gap:.1e}")
    if not gap < float(tolerance):
        sys.exit(f"{new}: logits differ by {gap} of the largest")


def near(new, tokens, dump, tolerance, adapter=None):
    import json
    import torch

    model, sequences = quiet_load(new), json.load(open(tokens))["sequences"]
    if adapter:
        import peft

        model = peft.PeftModel.from_pretrained(model, adapter).eval()
    with torch.no_grad():
        got = [model(input_ids=torch.tensor([s]), use_cache=False).logits[0, -1].numpy() for s in sequences]
    compare(new, got, sequences, dump, tolerance)


def adapt(base, new):
    import peft
    import torch

    config = peft.LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM")
    model = peft.get_peft_model(quiet_load(base), config)
    torch.manual_seed(1)
    for name, p in model.named_parameters():
        if "lora_B" in name:
            p.data.normal_(0, 0.1)
    model.save_pretrained(new)


def llama(new, tokens, dump, tolerance):
    import json
    from llama_cpp import Llama

    sequences = json.load(open(tokens))["sequences"]
    model = Llama(new, n_ctx=512, n_batch=512, logits_all=True, type_k=0, type_v=0, verbose=False)  # 0: F32
    got = []
    for s in sequences:
        model.reset()
        model.eval(s)
        got.append(model.scores[len(s) - 1].copy())
    compare(new, got, sequences, dump, tolerance)


def gguf(base, keep, new):
    from gguf import GGUFReader

    a, b = GGUFReader(base), GGUFReader(new)
    arch = a.get_field("general.architecture").contents()
    names = {f"blk.{k}.": f"blk.{i}." for i, k in enumerate(keep)}
    for key, f in a.fields.items():
        want = f.contents()
        if key == f"{arch}.block_count" or key == "GGUF.tensor_count":
            continue
        if b.fields[key].contents() != want or b.fields[key].types != f.types:
            sys.exit(f"{new}: {key} has changed")
    if b.get_field(f"{arch}.block_count").contents() != len(keep) or list(a.fields) != list(b.fields):
        sys.exit(f"{new}: pairs or block_count are wrong")
    kept = []
    for t in a.tensors:
        if t.name.startswith("blk."):
            prefix = ".".join(t.name.split(".")[:2]) + "."
            if prefix in names:
                kept.append((t.name.replace(prefix, names[prefix], 1), t))
        else:
            kept.append((t.name, t))
    if [n for n, _ in kept] != [t.name for t in b.tensors]:
        sys.exit(f"{new}: other tensors or another order")
    end = b.data_offset
    for (n, t), u in zip(kept, b.tensors):
        if t.tensor_type != u.tensor_type or list(t.shape) != list(u.shape) or not np.array_equal(t.data, u.data):
            sys.exit(f"{new}: {n} has changed")
        if u.data_offset != end:
            sys.exit(f"{new}: {n} does not lie at the end of the tensor before")
        end = -(-(end + int(u.n_bytes)) // b.alignment) * b.alignment


if __name__ == "__main__":
    command, args = sys.argv[1], sys.argv[2:]
    if command in ("layers", "merged", "loads", "gguf"):
        args[1] = [int(k) for k in args[1].split(",")]
    {f.__name__: f for f in (layers, merged, loads, near, adapt, llama, gguf)}[command](*args)
