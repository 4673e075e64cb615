"""Ids that the tokenizers library gives texts written for this purpose, for every vocabulary that the
tests know. Only SmolLM2's vocabulary, in the demo's model, is ours to fetch; the others are in
TOKENIZERS.

usage: make_tokenizers.py GGUF TOKENIZERS OUTDIR    TOKENIZERS/NAME/tokenizer.json
"""

import json
import os
import sys

import tokenizers

from smollm2_tokenizer import tokenizer

NAMES = ("llama2", "mistral-v1", "llama3", "gpt2", "phi2-codegen", "qwen3")

TEXTS = [
    "",
    " ",
    "    four, then  two and one ",
    "\t\ttabs\n\n\nand newlines \n \r\n",
    "The hazel was cut to the ground; by June it had put out forty-one new shoots.",
    "don't, WON'T, we'll've, 'tis, I'm, O'Brien's, ’twas",
    "1 12 123 1234 12345 3.14159 1,000,000 1e-5 0x1f 2026-11-27",
    "½ ¾ ² ³ x² ① Ⅳ ५ ٣ 三 1½",
    "snake_case camelCase kebab-case SHOUTING file.tar.gz https://example.org/a?b=c&d=%20#e",
    "for (int i = 0; i < n; i++)\n\ta[i] += b[i] * c;\t/* done */",
    '{"key": [1, -2.5, null], "other": "\\u00e9\\n"}',
    "Größe, façade, naïve, Ångström, œuvre, señor, İstanbul, ſtraſse",
    "e\u0301 and \u00e9, A\u030a and \u00c5, \ufb01ne",
    "Дерево растёт, пока его подрезают. Дърво.",
    "Το δέντρο μεγαλώνει ξανά.",
    "木を切ると、また芽が出る。カタカナ ﾊﾝｶｸ 한국어 나무",
    "树被砍了又长出来，十年树木，百年树人。",
    "شجرة تنمو من جديد، عام ٢٠٢٦",
    "עץ גדל שוב",
    "पेड़ फिर से बढ़ता है, ต้นไม้งอกใหม่",
    "🌳 🪓 👩‍🌾 🇸🇪 👍🏽 ❤️ ❤",
    "\u200bzero\u200dwidth\u00a0no-break\u2009thin\ufeff",
    "“quotes” ‘single’ — dash – en … dots • bullet ° degree € £ ¥",
    "a" * 70 + " " + "ab" * 20 + " " + "xyz" * 9,
    "!!!???...,,,;;;:::---===+++***///\\\\\\|||~~~```@@@###$$$%%%^^^&&&((()))[[[]]]{{{}}}<<<>>>",
    "\U0001d538\U0001d539 𝒶𝒷 \U0010fffd \ue000 \x7f\x01",
    "line one\nline two\n  indented\n\n    more\n",
    "Mixed木and字letters9and9數字",
]


def ids(t):
    return [t.encode(text, add_special_tokens=False).ids for text in TEXTS]


def lines(name, rows):
    return f'  "{name}": [\n    ' + ",\n    ".join(map(json.dumps, rows)) + "\n  ]"


def main():
    gguf, folder, outdir = sys.argv[1:4]
    parts = [f'  "tokenizers": "{tokenizers.__version__}"', '  "bos": false', lines("texts", TEXTS)]
    parts.append(lines("smollm2", ids(tokenizer(gguf))))
    for name in NAMES:
        path = os.path.join(folder, name, "tokenizer.json")
        parts.append(lines(name, ids(tokenizers.Tokenizer.from_file(path))))
    os.makedirs(outdir, exist_ok=True)
    with open(os.path.join(outdir, "tokenizers.json"), "w") as f:
        f.write("{\n" + ",\n".join(parts) + "\n}\n")


if __name__ == "__main__":
    main()
