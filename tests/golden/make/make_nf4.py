"""NF4 vectors from bitsandbytes' CPU functions, and a Linear4bit layer as it is saved.

usage: make_nf4.py [--salt S] OUTDIR
"""

import argparse
import hashlib
import math
import os

import bitsandbytes
import bitsandbytes.functional as bnb
import numpy as np
import torch
from bitsandbytes.backends.default.ops import _get_4bit_quantize_bounds
from safetensors.torch import save_file

from common import dump
from formula import LINEAR, NF4_SHAPES, affine, nf4_matrix


def matrix(name, salt):
    return torch.from_numpy(nf4_matrix(name, salt))


def words(t):
    """the bits of every number in hexadecimal, a string a row"""
    if t.dtype == torch.bfloat16:
        n, digits = t.view(torch.int16).numpy().view(np.uint16), 4
    else:
        n, digits = t.numpy().view(np.uint32), 8
    return [" ".join(f"{v:0{digits}x}" for v in row) for row in n.reshape(-1, n.shape[-1])]


def result(t):
    """small tensors in full, of a large one the first row and the SHA-256 of its little-endian
    bytes"""
    out = {"sha256": hashlib.sha256(t.contiguous().view(torch.uint8).numpy().tobytes()).hexdigest()}
    out["rows"] = words(t if t.numel() <= 5000 else t[:1])
    return out


def not_nearest(q, w, s):
    """[block, nearest code] where bitsandbytes' CPU code, which first rounds to a grid of 65536
    points, misses the nearest entry of the table (its CUDA code and the definition take the
    nearest)"""
    absmax = (
        bnb.quantize_4bit(w, blocksize=64, compress_statistics=False, quant_type="nf4")[1].absmax
        - s.offset
    )
    code = s.state2.code.double()
    x = torch.cat([part / part.abs().max() for part in absmax.split(256)]).double()
    best = (code[None] - x[:, None]).abs().argmin(1)
    return [[i, int(best[i])] for i in range(len(x)) if int(best[i]) != int(s.absmax[i])]


def vector(w):
    out = {}
    for key, nested in (("single", False), ("double", True)):
        q, s = bnb.quantize_4bit(w, blocksize=64, compress_statistics=nested, quant_type="nf4")
        part = {"packed": q.reshape(-1).numpy().tobytes().hex()}
        if nested:
            part |= {
                "absmax": s.absmax.numpy().tobytes().hex(),
                "nested_absmax": words(s.state2.absmax[None])[0],
                "absmax_not_nearest": not_nearest(q, w, s),
                "nested_blocksize": s.state2.blocksize,
                "offset": words(s.offset.reshape(1, 1))[0],
            }
            assert s.state2.absmax.dtype == torch.float32
        else:
            part["absmax"] = words(s.absmax[None])[0]
        part["dequantised"] = result(bnb.dequantize_4bit(q, s).reshape(w.shape))
        out[key] = part
    assert out["single"]["packed"] == out["double"]["packed"]
    return out


def layer(salt, folder):
    """one Linear4bit, [48, 88] with bias, quantised from bfloat16 with double quantisation"""
    lin = bitsandbytes.nn.Linear4bit(
        88, 48, bias=True, compute_dtype=torch.bfloat16, quant_type="nf4", compress_statistics=True
    )
    w = torch.from_numpy(affine("layer.weight", (48, 88), 0.0, LINEAR / math.sqrt(88), salt)).to(
        torch.bfloat16
    )
    b = torch.from_numpy(affine("layer.bias", (48,), 0.0, 0.1, salt)).to(torch.bfloat16)
    lin.load_state_dict({"weight": w, "bias": b})
    lin.weight = bitsandbytes.nn.Params4bit(
        w, requires_grad=False, quant_type="nf4", compress_statistics=True
    )
    lin.bias = torch.nn.Parameter(b, requires_grad=False)
    lin = lin.to("cpu")
    state = {"layer." + k: v.contiguous() for k, v in lin.state_dict().items()}
    os.makedirs(folder, exist_ok=True)
    save_file(state, os.path.join(folder, "model.safetensors"), {"format": "pt"})
    back = bnb.dequantize_4bit(lin.weight.data, lin.weight.quant_state)
    info = bytes(state["layer.weight.quant_state.bitsandbytes__nf4"].tolist()).decode()
    dump(
        os.path.join(folder, "expected.json"),
        {
            "salt": salt,
            "tensors": {k: f"{str(v.dtype)[6:]} {list(v.shape)}" for k, v in sorted(state.items())},
            "quant_state": info,
            "dequantised": result(back),
        },
    )


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--salt", default="")
    p.add_argument("outdir")
    a = p.parse_args()
    code8 = bnb.create_dynamic_map()
    bounds = _get_4bit_quantize_bounds("nf4", torch.device("cpu"))[0]
    out = {
        "salt": a.salt,
        "bitsandbytes": bitsandbytes.__version__,
        "blocksize": 64,
        "code": words(bnb.get_4bit_type("nf4", device="cpu")[None])[0],
        "bounds": words(bounds[None])[0],
        "nested_code": [
            " ".join(f"{v:08x}" for v in r) for r in code8.numpy().view(np.uint32).reshape(16, 16)
        ],
    }
    for name in NF4_SHAPES:
        w = matrix(name, a.salt)
        out[name] = {"shape": list(w.shape), "f32": vector(w), "bf16": vector(w.to(torch.bfloat16))}
    q, s = bnb.quantize_4bit(
        matrix("64x64", a.salt), blocksize=64, compress_statistics=True, quant_type="nf4"
    )
    changed = (s.state2.code != code8).nonzero().reshape(-1).tolist()
    out["nested_code_after_quantising"] = {
        "changed_entries": changed,
        "values": [s.state2.code[i].item() for i in changed],
    }
    dump(os.path.join(a.outdir, "nf4.json"), out)
    layer(a.salt, os.path.join(a.outdir, "linear4bit"))


if __name__ == "__main__":
    main()
