"""The weight formula: every tensor and every token id of the golden values, made from a name
(../README.md). numpy alone."""

import math
import re

import numpy as np

MASK = (1 << 64) - 1
GOLD = 0x9E3779B97F4A7C15

LINEAR, EMBED, BIAS, NORM, LORA = 2.0, 0.5, 0.1, 0.2, 0.1
# Projections back into the residual stream are weaker in some layers, so that angles differ:
# indexed by layer % 7.
OUTWARD = ("o_proj", "down_proj", "c_proj", "dense", "fc2")
DEPTH = (1.0, 0.5, 0.2, 0.1, 0.15, 0.6, 0.9)


def fnv1a(text):
    h = 0xCBF29CE484222325
    for b in text.encode():
        h = ((h ^ b) * 0x100000001B3) & MASK
    return h


def bits(name, count, salt):
    """count 64-bit words: the splitmix64 sequence whose seed is the hash of salt + name"""
    with np.errstate(over="ignore"):
        z = np.uint64(fnv1a(salt + name)) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(
            GOLD
        )
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def uniform(name, shape, salt):
    """float32 in [-1, 1), multiples of 2^-23"""
    u = (bits(name, math.prod(shape), salt) >> np.uint64(40)).astype(np.float64) * 2.0**-24
    return (2 * u - 1).astype(np.float32).reshape(shape)


def affine(name, shape, base, scale, salt):
    """float32(base + float32(scale * x)): two roundings, never a fused multiply-add"""
    return uniform(name, shape, salt) * np.float32(scale) + np.float32(base)


def rule(name, shape):
    """base and scale of a tensor, by its name and shape"""
    if "lora_" in name:
        return 0.0, LORA
    if name.endswith(".bias"):
        return 0.0, BIAS
    if len(shape) == 1:
        return 1.0, NORM
    if any(part in name for part in ("embed_tokens", "wte", "lm_head")):
        return 0.0, EMBED
    gain = LINEAR
    if any(f".{part}." in name for part in OUTWARD):
        gain *= DEPTH[int(re.search(r"\.(\d+)\.", name)[1]) % 7]
    return 0.0, gain / math.sqrt(shape[1])


def tensor(name, shape, salt):
    return affine(name, tuple(shape), *rule(name, shape), salt)


def tokens(name, count, vocab, salt):
    """ids in [0, vocab): the top 24 bits of each word, scaled"""
    return [int(w >> np.uint64(40)) * vocab >> 24 for w in bits(name, count, salt)]


def bf16(w):
    """float32 rounded to bfloat16, to nearest, ties to even; still float32"""
    u = w.view(np.uint32).astype(np.uint64)
    return ((u + 0x7FFF + ((u >> 16) & 1)) >> 16 << 16).astype(np.uint32).view(np.float32)


NF4_SHAPES = {
    "64x64": (64, 64),
    "48x88": (48, 88),
    "45x78": (45, 78),
    "5x13": (5, 13),
    "zero-block": (64, 64),
    "wide-range": (64, 64),
    "160x128": (160, 128),
}


def nf4_matrix(name, salt):
    """a matrix of nf4/, float32"""
    rows, cols = NF4_SHAPES[name]
    w = affine("nf4/" + name, (rows, cols), 0.0, LINEAR / math.sqrt(cols), salt)
    if name == "zero-block":
        w.reshape(-1)[5 * 64 : 6 * 64] = 0
    if name == "wide-range":
        w = np.ldexp(w, np.arange(rows)[:, None] // 2 - 16).astype(np.float32)
    return w
