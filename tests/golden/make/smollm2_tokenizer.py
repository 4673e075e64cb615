"""SmolLM2's tokenizer from its GGUF file. Needs gguf and tokenizers."""

from gguf import GGUFReader
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers


def tokenizer(path):
    """byte-level BPE from the file's tokens and merges, with llama.cpp's pre-tokenizer "smollm":
    single digits, then GPT-2's"""
    f = {
        k: GGUFReader(path).fields[f"tokenizer.ggml.{k}"].contents()
        for k in ("tokens", "merges", "token_type")
    }
    t = Tokenizer(
        models.BPE(
            vocab={w: i for i, w in enumerate(f["tokens"])},
            merges=[tuple(m.split(" ")) for m in f["merges"]],
        )
    )
    t.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    t.decoder = decoders.ByteLevel()
    t.add_special_tokens(
        [
            AddedToken(w, special=True, normalized=False)
            for w, k in zip(f["tokens"], f["token_type"])
            if k == 3
        ]
    )
    return t
