"""The MMLU and BoolQ values of smollm2/ against lm-eval itself, on the same rows, offline.

usage: check_lmeval.py GGUF DATA FOLDER     (writes FOLDER/lmeval.json)
"""

import json
import os
import sys
import tempfile

import lm_eval
import numpy as np
from lm_eval.models.huggingface import HFLM
from transformers import PreTrainedTokenizerFast

from common import dump
from make_smollm2 import LETTERS, Base, rows_of
from smollm2_tokenizer import tokenizer


def lines(path, rows):
    with open(path, "w", encoding="utf-8") as f:
        for r in rows:
            f.write(json.dumps(r) + "\n")
    return path


def mmlu_task(tmp, data, subject, numbers, style):
    rows = {
        k: [
            dict(question=r[0], choices=r[1:5], answer=LETTERS.index(r[5]))
            for r in rows_of(os.path.join(data, f"mmlu/{k}/{subject}_{k}.csv"))
        ]
        for k in ("dev", "test")
    }
    rows["test"] = [rows["test"][i] for i in numbers]
    files = {k: lines(os.path.join(tmp, f"{subject}_{k}.jsonl"), v) for k, v in rows.items()}
    strip, gap = (".strip()", "") if style == "lm-eval" else ("", " ")
    return dict(
        task=f"golden_{style}_{subject}",
        dataset_path="json",
        dataset_kwargs={"data_files": files},
        test_split="test",
        fewshot_split="dev",
        fewshot_config={"sampler": "first_n"},
        output_type="multiple_choice",
        num_fewshot=5,
        description="The following are multiple choice questions (with answers) about "
        f"{gap}{subject.replace('_', ' ')}.\n\n",
        doc_to_text="{{question"
        + strip
        + "}}\nA. {{choices[0]}}\nB. {{choices[1]}}\nC. {{choices[2]}}\nD. {{choices[3]}}\nAnswer:",
        doc_to_choice=list(LETTERS),
        doc_to_target="answer",
        metric_list=[dict(metric="acc", aggregation="mean", higher_is_better=True)],
        metadata={"version": 1.0},
    )


def boolq_task(tmp, data, first, last):
    rows = [
        json.loads(x)
        for x in open(os.path.join(data, "boolq/val.jsonl"), encoding="utf-8", newline="\n")
    ][first : last + 1]
    file = lines(os.path.join(tmp, "boolq.jsonl"), [dict(r, label=int(r["label"])) for r in rows])
    return dict(
        task="golden_boolq",
        dataset_path="json",
        dataset_kwargs={"data_files": {"validation": file}},
        validation_split="validation",
        output_type="multiple_choice",
        num_fewshot=0,
        doc_to_text="{{passage}}\nQuestion: {{question}}?\nAnswer:",
        doc_to_target="label",
        doc_to_choice=["no", "yes"],
        metric_list=[dict(metric="acc", aggregation="mean", higher_is_better=True)],
        metadata={"version": 2.0},
    )


def logprobs(samples):
    """in the order of the documents; the answers stand in the order of the choices"""
    return np.array(
        [
            [float(r[0]) for r in s["filtered_resps"]]
            if isinstance(s["filtered_resps"][0], (list, tuple))
            else [float(s["filtered_resps"][0])]
            for s in sorted(samples, key=lambda s: s["doc_id"])
        ]
    )


def main():
    gguf, data, folder = sys.argv[1:4]
    mmlu, boolq = (json.load(open(os.path.join(folder, n + ".json"))) for n in ("mmlu", "boolq"))
    t = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer(gguf),
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|im_end|>",
    )
    lm = HFLM(
        pretrained=Base(os.path.abspath(gguf)).model(), tokenizer=t, batch_size=1, max_length=8192
    )
    with tempfile.TemporaryDirectory() as tmp:
        groups = {"boolq": [boolq_task(tmp, data, *boolq["rows"])]}
        for style in sys.argv[4:] or ("hendrycks", "lm-eval"):
            groups[style] = [
                mmlu_task(
                    tmp, data, s, [r for x, r in zip(mmlu["subject"], mmlu["row"]) if x == s], style
                )
                for s in dict.fromkeys(mmlu["subject"])
            ]
        path = os.path.join(folder, "lmeval.json")
        out = json.load(open(path)) if os.path.exists(path) else {"lm_eval": lm_eval.__version__}
        for name, tasks in groups.items():
            got = lm_eval.simple_evaluate(
                model=lm, tasks=tasks, bootstrap_iters=0, log_samples=True
            )
            lp = np.concatenate([logprobs(got["samples"][x["task"]]) for x in tasks])
            run = (
                boolq["runs"][0]
                if name == "boolq"
                else [r for r in mmlu["runs"] if r["style"] == name and r["shots"] == 5][0]
            )
            want = np.array(run["logprob"])
            acc = [got["results"][x["task"]]["acc,none"] for x in tasks]
            out[name] = {
                "correct": round(
                    sum(a * len(got["samples"][x["task"]]) for a, x in zip(acc, tasks))
                ),
                "correct_here": run["correct"],
                "rows": len(lp),
                "largest_logprob_difference": float(np.abs(lp - want).max()),
            }
            print(name, out[name], flush=True)
            dump(path, out)


if __name__ == "__main__":
    main()
