"""What the generators share: computing in float64, filling a model by the formula, and a readable
JSON writer."""

import contextlib
import json
import math
import os

import numpy as np
import torch

from formula import tensor


@contextlib.contextmanager
def precision(dtype):
    """Under float64 the float32 casts inside transformers and peft (norms, rope, softmax, loss)
    become float64 too."""
    saved = torch.float32, torch.float, torch.Tensor.float, torch.get_default_dtype()
    if dtype == torch.float64:
        torch.float32 = torch.float = torch.float64
        torch.Tensor.float = torch.Tensor.double
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.float32, torch.float, torch.Tensor.float = saved[:3]
        torch.set_default_dtype(saved[3])


def fill(model, salt, round_bf16=False):
    """Give every parameter of a model its value from the formula."""
    seen = set()
    with torch.no_grad():
        for name, p in model.named_parameters():  # a tied tensor comes once, under its first name
            if id(p) in seen:
                continue
            seen.add(id(p))
            w = torch.from_numpy(tensor(name, p.shape, salt))
            if round_bf16:
                w = w.to(torch.bfloat16)
            p.copy_(w.to(p.dtype))
    return model


def _num(x, digits):
    if isinstance(x, (bool, np.bool_)):
        return "true" if x else "false"
    if isinstance(x, (int, np.integer)):
        return str(int(x))
    if not math.isfinite(x):
        return json.dumps(str(float(x)))
    return f"%.{digits}g" % x


def _text(x, pad, digits):
    if isinstance(x, torch.Tensor):
        x = x.detach().cpu().numpy()
    if isinstance(x, (np.ndarray, np.generic)):
        if x.dtype == np.float32:
            digits = 9
        x = x.tolist()
    if isinstance(x, dict):
        if not x:
            return "{}"
        body = ",\n".join(
            f"{pad}  {json.dumps(str(k))}: {_text(v, pad + '  ', digits)}" for k, v in x.items()
        )
        return "{\n" + body + "\n" + pad + "}"
    if isinstance(x, (list, tuple)):
        if all(not isinstance(v, (list, tuple, dict, np.ndarray, torch.Tensor)) for v in x):
            return "[" + ", ".join(_text(v, "", digits) for v in x) + "]"
        return (
            "[\n"
            + ",\n".join(pad + "  " + _text(v, pad + "  ", digits) for v in x)
            + "\n"
            + pad
            + "]"
        )
    if isinstance(x, (int, float)):
        return _num(x, digits)
    return json.dumps(x)


def dump(path, obj):
    """Floats are written with 17 significant digits, float32 arrays and scalars with 9."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w") as f:
        f.write(_text(obj, "", 17) + "\n")


def difference(a, b):
    """largest |a - b| over two nested results, and the same relative to the largest |b| of each
    array"""
    worst = [0.0, 0.0]

    def walk(p, q):
        if isinstance(p, dict):
            for k in p:
                if k in q:
                    walk(p[k], q[k])
            return
        if (
            isinstance(p, (list, tuple))
            and p
            and isinstance(p[0], (list, tuple, dict, np.ndarray, torch.Tensor))
        ):
            for u, v in zip(p, q):
                walk(u, v)
            return
        if isinstance(p, (str, type(None))):
            return
        u, v = np.asarray(p, np.float64), np.asarray(q, np.float64)
        if u.size:
            d = float(np.abs(u - v).max())
            worst[0] = max(worst[0], d)
            worst[1] = max(worst[1], d / max(float(np.abs(v).max()), 1e-300))

    walk(a, b)
    return {"abs": worst[0], "rel": worst[1]}
