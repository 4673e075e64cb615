"""Independent check of nf4/: numpy float32 by the formulas of the README; the packed bytes and
dequantised words must be equal.

usage: check_nf4.py FOLDER
"""

import hashlib
import json
import os
import sys

import numpy as np

from formula import NF4_SHAPES, bf16, nf4_matrix

F = np.float32


def floats(hexwords):
    return np.array([int(x, 16) for x in hexwords.split()], np.uint32).view(F)


def blocks(x, size):
    pad = -len(x) % size
    return np.concatenate((x, np.zeros(pad, F))).reshape(-1, size)


def nearest8(code, x):
    """the nearest entry of the 256 sorted ones"""
    mid = (code[:-1] + code[1:]) / F(2)
    return np.searchsorted(mid, x, side="left").astype(np.uint8)


def main():
    g = json.load(open(os.path.join(sys.argv[1], "nf4.json")))
    code, bounds = floats(g["code"]), floats(g["bounds"])
    code8 = np.concatenate([floats(r) for r in g["nested_code"]])
    bad = 0
    for name in NF4_SHAPES:
        for kind in ("f32", "bf16"):
            w = nf4_matrix(name, g["salt"])
            w = bf16(w) if kind == "bf16" else w
            want = g[name][kind]
            b = blocks(w.reshape(-1), 64)
            top = np.abs(b).max(1)
            with np.errstate(divide="ignore", invalid="ignore"):
                x = np.where(top[:, None] > 0, b / top[:, None], F(0))
            idx = np.searchsorted(bounds, x.reshape(-1), side="left")[: w.size + w.size % 2]
            packed = (idx[0::2] << 4 | idx[1::2]).astype(np.uint8).tobytes().hex()
            value = (code[idx[: w.size].reshape(-1)] * np.repeat(top, 64)[: w.size]).astype(F)
            ok = [
                packed == want["single"]["packed"],
                np.array_equal(top, floats(want["single"]["absmax"])),
            ]
            sha = lambda v: hashlib.sha256(
                (
                    v if kind == "f32" else (bf16(v).view(np.uint32) >> 16).astype(np.uint16)
                ).tobytes()
            ).hexdigest()
            ok.append(sha(value) == want["single"]["dequantised"]["sha256"])
            d = want["double"]
            offset = floats(d["offset"])[0]
            ok.append(abs(offset / top.mean(dtype=np.float64) - 1) < 3e-7)
            c = blocks(top - offset, 256)
            top2 = np.abs(c).max(1)
            q = nearest8(code8, (c / top2[:, None]).astype(F).reshape(-1))[: len(top)]
            ok.append(np.array_equal(top2, floats(d["nested_absmax"])))
            got = np.frombuffer(bytes.fromhex(d["absmax"]), np.uint8)
            for block, best in d[
                "absmax_not_nearest"
            ]:  # see the README: bitsandbytes' CPU code is coarser than the definition
                x = c[block // 256, block % 256] / top2[block // 256]
                assert (
                    q[block] == best
                    and abs(x - code8[got[block]]) < abs(x - code8[best]) + 2.0**-15
                )
                q[block] = got[block]
            ok.append(np.array_equal(q, got))
            again = (code8[got] * np.repeat(top2, 256)[: len(top)] + offset).astype(F)
            ok.append(
                sha((code[idx[: w.size]] * np.repeat(again, 64)[: w.size]).astype(F))
                == d["dequantised"]["sha256"]
            )
            print(
                f"{name:12} {kind:5}",
                *(
                    ("packed absmax dequantised offset nested_absmax absmax8 dequantised2").split()[
                        i
                    ]
                    + ("" if v else " DIFFERS")
                    for i, v in enumerate(ok)
                ),
            )
            bad += not all(ok)
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
