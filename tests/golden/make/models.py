"""The tiny models: their configs as they stand on the hub, Qwen-1 (which transformers lacks), and
how to build one."""

import copy
import json
import math
import os
import tempfile
from types import SimpleNamespace

import torch
import transformers
from torch import nn

from common import fill

_LLAMA = dict(
    architectures=["LlamaForCausalLM"],
    model_type="llama",
    attention_bias=False,
    attention_dropout=0.0,
    bos_token_id=1,
    eos_token_id=2,
    hidden_act="silu",
    initializer_range=0.02,
    max_position_embeddings=2048,
    mlp_bias=False,
    pretraining_tp=1,
    rms_norm_eps=1e-05,
    rope_scaling=None,
    rope_theta=10000.0,
    torch_dtype="float32",
    use_cache=True,
)

CONFIGS = {
    "llama-mha": dict(
        _LLAMA,
        hidden_size=48,
        intermediate_size=88,
        num_attention_heads=4,
        num_hidden_layers=6,
        num_key_value_heads=4,
        vocab_size=97,
        tie_word_embeddings=False,
    ),
    "llama-gqa": dict(
        _LLAMA,
        hidden_size=48,
        intermediate_size=88,
        num_attention_heads=6,
        num_hidden_layers=7,
        num_key_value_heads=2,
        vocab_size=131,
        tie_word_embeddings=True,
        rope_theta=100000,
    ),
    "llama3": dict(
        _LLAMA,
        hidden_size=64,
        intermediate_size=88,
        num_attention_heads=4,
        num_hidden_layers=6,
        num_key_value_heads=2,
        vocab_size=131,
        tie_word_embeddings=False,
        rope_theta=500000.0,
        rope_scaling=dict(
            factor=8.0,
            high_freq_factor=4.0,
            low_freq_factor=1.0,
            original_max_position_embeddings=64,
            rope_type="llama3",
        ),
    ),
    "mistral": dict(
        architectures=["MistralForCausalLM"],
        model_type="mistral",
        attention_dropout=0.0,
        bos_token_id=1,
        eos_token_id=2,
        hidden_act="silu",
        hidden_size=48,
        initializer_range=0.02,
        intermediate_size=88,
        max_position_embeddings=32768,
        num_attention_heads=6,
        num_hidden_layers=6,
        num_key_value_heads=3,
        rms_norm_eps=1e-05,
        rope_theta=10000.0,
        sliding_window=8,
        tie_word_embeddings=False,
        torch_dtype="float32",
        use_cache=True,
        vocab_size=97,
    ),
    "qwen1": dict(
        architectures=["QWenLMHeadModel"],
        attn_dropout_prob=0.0,
        bf16=False,
        emb_dropout_prob=0.0,
        fp16=False,
        fp32=True,
        hidden_size=48,
        initializer_range=0.02,
        intermediate_size=176,
        kv_channels=12,
        layer_norm_epsilon=1e-06,
        max_position_embeddings=8192,
        model_type="qwen",
        no_bias=True,
        num_attention_heads=4,
        num_hidden_layers=6,
        onnx_safe=None,
        rotary_emb_base=10000,
        rotary_pct=1.0,
        scale_attn_weights=True,
        seq_length=2048,
        tie_word_embeddings=False,
        tokenizer_class="QWenTokenizer",
        use_cache=True,
        use_dynamic_ntk=True,
        use_flash_attn=False,
        use_logn_attn=True,
        vocab_size=131,
    ),
    "phi2": dict(
        architectures=["PhiForCausalLM"],
        attention_dropout=0.0,
        bos_token_id=1,
        embd_pdrop=0.0,
        eos_token_id=2,
        hidden_act="gelu_new",
        hidden_size=64,
        initializer_range=0.02,
        intermediate_size=88,
        layer_norm_eps=1e-05,
        max_position_embeddings=2048,
        model_type="phi",
        num_attention_heads=4,
        num_hidden_layers=6,
        num_key_value_heads=None,
        partial_rotary_factor=0.4,
        qk_layernorm=False,
        resid_pdrop=0.0,
        rope_scaling=None,
        rope_theta=10000.0,
        tie_word_embeddings=False,
        torch_dtype="float32",
        use_cache=True,
        vocab_size=131,
    ),
    "qwen2": dict(
        architectures=["Qwen2ForCausalLM"],
        attention_dropout=0.0,
        bos_token_id=1,
        eos_token_id=1,
        hidden_act="silu",
        hidden_size=48,
        initializer_range=0.02,
        intermediate_size=88,
        max_position_embeddings=131072,
        max_window_layers=6,
        model_type="qwen2",
        num_attention_heads=6,
        num_hidden_layers=6,
        num_key_value_heads=2,
        rms_norm_eps=1e-06,
        rope_theta=1000000.0,
        sliding_window=131072,
        tie_word_embeddings=False,
        torch_dtype="float32",
        use_cache=True,
        use_sliding_window=False,
        vocab_size=131,
    ),
    "qwen3": dict(
        architectures=["Qwen3ForCausalLM"],
        attention_bias=False,
        attention_dropout=0.0,
        bos_token_id=1,
        eos_token_id=2,
        head_dim=16,
        hidden_act="silu",
        hidden_size=48,
        initializer_range=0.02,
        intermediate_size=88,
        max_position_embeddings=40960,
        max_window_layers=6,
        model_type="qwen3",
        num_attention_heads=4,
        num_hidden_layers=6,
        num_key_value_heads=2,
        rms_norm_eps=1e-06,
        rope_scaling=None,
        rope_theta=1000000,
        sliding_window=None,
        tie_word_embeddings=True,
        torch_dtype="float32",
        use_cache=True,
        use_sliding_window=False,
        vocab_size=131,
    ),
}


class RMSNorm(nn.Module):
    def __init__(self, dim, eps):
        super().__init__()
        self.eps, self.weight = eps, nn.Parameter(torch.ones(dim))

    def forward(self, x):
        f = x.float()
        return (f * torch.rsqrt(f.pow(2).mean(-1, keepdim=True) + self.eps)).type_as(
            x
        ) * self.weight


class QwenAttention(nn.Module):
    def __init__(self, c):
        super().__init__()
        d = c.kv_channels * c.num_attention_heads
        self.heads, self.head_dim, self.base = (
            c.num_attention_heads,
            c.kv_channels,
            c.rotary_emb_base,
        )
        self.c_attn = nn.Linear(c.hidden_size, 3 * d)
        self.c_proj = nn.Linear(d, c.hidden_size, bias=not c.no_bias)

    def rope(self, x):  # [B, H, T, head_dim], rotate_half over the whole head
        t, half = x.shape[2], self.head_dim // 2
        freq = 1.0 / (
            self.base ** (torch.arange(0, self.head_dim, 2, dtype=torch.float) / self.head_dim)
        )
        angle = torch.outer(torch.arange(t, dtype=torch.float), freq)
        angle = torch.cat((angle, angle), -1)
        f = x.float()
        turned = torch.cat((-f[..., half:], f[..., :half]), -1)
        return (f * angle.cos() + turned * angle.sin()).type_as(x)

    def forward(self, x):
        b, t, _ = x.shape
        q, k, v = (
            y.view(b, t, self.heads, self.head_dim).transpose(1, 2)
            for y in self.c_attn(x).chunk(3, -1)
        )
        q, k = self.rope(q), self.rope(k)
        score = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(self.head_dim)
        score = score.masked_fill(torch.ones(t, t).triu(1).bool(), torch.finfo(score.dtype).min)
        y = torch.matmul(score.softmax(-1, dtype=torch.float).to(v.dtype), v)
        return self.c_proj(y.transpose(1, 2).reshape(b, t, -1))


class QwenMLP(nn.Module):
    def __init__(self, c):
        super().__init__()
        ff = c.intermediate_size // 2
        self.w1 = nn.Linear(c.hidden_size, ff, bias=not c.no_bias)
        self.w2 = nn.Linear(c.hidden_size, ff, bias=not c.no_bias)
        self.c_proj = nn.Linear(ff, c.hidden_size, bias=not c.no_bias)

    def forward(self, x):
        return self.c_proj(self.w1(x) * nn.functional.silu(self.w2(x)))


class QwenBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.ln_1, self.attn = RMSNorm(c.hidden_size, c.layer_norm_epsilon), QwenAttention(c)
        self.ln_2, self.mlp = RMSNorm(c.hidden_size, c.layer_norm_epsilon), QwenMLP(c)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class QwenModel(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.wte = nn.Embedding(c.vocab_size, c.hidden_size)
        self.h = nn.ModuleList(QwenBlock(c) for _ in range(c.num_hidden_layers))
        self.ln_f = RMSNorm(c.hidden_size, c.layer_norm_epsilon)

    def forward(self, ids):
        x = self.wte(ids)
        for block in self.h:
            x = block(x)
        return self.ln_f(x)


class Qwen1(nn.Module):
    """QWenLMHeadModel after its published definition, for T <= seq_length (there logn and ntk
    change nothing)."""

    def __init__(self, config):
        super().__init__()
        self.config = SimpleNamespace(**config)
        self.transformer = QwenModel(self.config)
        self.lm_head = nn.Linear(self.config.hidden_size, self.config.vocab_size, bias=False)

    def forward(self, input_ids, **_):
        return SimpleNamespace(logits=self.lm_head(self.transformer(input_ids)))


def layer_list(model):
    core = getattr(model, "model", None) or model.transformer
    return getattr(core, "layers", None) or core.h


def hf_config(config):
    with tempfile.TemporaryDirectory() as d:
        json.dump(config, open(os.path.join(d, "config.json"), "w"))
        return transformers.AutoConfig.from_pretrained(d)


def empty(config):
    """a model of this config in the current default dtype, with eager attention"""
    if config["model_type"] == "qwen":
        return Qwen1(config).eval()
    return transformers.AutoModelForCausalLM.from_config(
        hf_config(config), attn_implementation="eager", dtype=torch.get_default_dtype()
    ).eval()


def build(config, salt, round_bf16=False):
    return fill(empty(config), salt, round_bf16)


def pruned(model, config, drop):
    """A new, smaller model of the same class with the kept layers renumbered."""
    count = config["num_hidden_layers"]
    keep = [i for i in range(count) if i not in drop]
    small = copy.deepcopy(config)
    small["num_hidden_layers"] = len(keep)
    if "max_window_layers" in small:
        small["max_window_layers"] = len(keep)
    out = empty(small)
    prefix = "transformer.h." if config["model_type"] == "qwen" else "model.layers."
    state = {}
    for name, w in model.state_dict().items():
        if name.startswith(prefix):
            old, rest = name[len(prefix) :].split(".", 1)
            if int(old) not in keep:
                continue
            name = f"{prefix}{keep.index(int(old))}.{rest}"
        state[name] = w
    out.load_state_dict(state, strict=True)
    return out
