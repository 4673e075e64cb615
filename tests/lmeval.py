"""The same questions through lm-eval, in float32, and what differs from a samples file of ours (see 93-lm-eval.t).

    lmeval.py mmlu MODEL FOLDER SUBJECTS LIMIT SAMPLES      5 shots
    lmeval.py boolq MODEL FILE LIMIT SAMPLES                0 shots

SAMPLES are the lines of `rec-cat --full`. Exits with 1 if a pick differs though its lead over the other one is larger
than twice the largest difference of log-probabilities, or if one of these is above 1e-3.
"""
import csv
import json
import sys
import tempfile

import lm_eval
from lm_eval.models.huggingface import HFLM


def task(name, files, **more):
    """A task that reads JSON lines from files {split: rows}."""
    paths = {}
    for split, rows in files.items():
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", delete=False) as f:
            f.writelines(json.dumps(r) + "\n" for r in rows)
        paths[split] = f.name
    return dict(task=name, dataset_path="json", dataset_kwargs={"data_files": paths}, output_type="multiple_choice",
                metric_list=[{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
                metadata={"version": 1}, **more)


def mmlu(folder, subjects, limit):
    prompt = "{{question.strip()}}" + "".join("\n%s. {{choices[%d]}}" % (c, i) for i, c in enumerate("ABCD")) + "\nAnswer:"
    for subject in subjects.split(","):
        files = {}
        for split in "dev", "test":
            with open(f"{folder}/{split}/{subject}_{split}.csv", newline="") as f:
                files[split] = [{"question": q, "choices": [a, b, c, d], "answer": "ABCD".index(letter)}
                                for q, a, b, c, d, letter in csv.reader(f)]
        files["test"] = files["test"][:int(limit)]
        yield subject, task(
            f"ours_{subject}", files, test_split="test", fewshot_split="dev", fewshot_config={"sampler": "first_n"},
            num_fewshot=5, doc_to_text=prompt, doc_to_choice=list("ABCD"), doc_to_target="answer",
            description=f"The following are multiple choice questions (with answers) about {subject.replace('_', ' ')}.\n\n")


def boolq(path, limit):
    rows = [json.loads(line) for line in open(path)][:int(limit)]
    yield None, task("ours_boolq", {"test": [dict(r, label=int(r["label"])) for r in rows]}, test_split="test",
                     num_fewshot=0, doc_to_text="{{passage}}\nQuestion: {{question}}?\nAnswer:", doc_to_target="label",
                     doc_to_choice=["no", "yes"])


def theirs(model, tasks):
    lm = HFLM(pretrained=model, dtype="float32", device="cpu", batch_size=1, max_length=8192)
    out = {}
    for subject, t in tasks:
        got = lm_eval.simple_evaluate(model=lm, tasks=[t], bootstrap_iters=0, log_samples=True)
        for s in got["samples"][t["task"]]:
            out[subject, s["doc_id"]] = [float(r[0][0] if isinstance(r[0], (list, tuple)) else r[0]) for r in s["resps"]]
    return out


def main():
    kind, model, *args, samples = sys.argv[1:]
    want = theirs(model, {"mmlu": mmlu, "boolq": boolq}[kind](*args))
    worst, picks, right, seen = 0, [], [0, 0], 0
    for line in open(samples):
        s = json.loads(line)
        a, b = s["logp"]["data"], want[s["subject"], s["row"]]
        worst = max(worst, *(abs(x - y) for x, y in zip(a, b)))
        i, j = a.index(max(a)), b.index(max(b))
        right[0] += i == s["answer"]
        right[1] += j == s["answer"]
        seen += 1
        if i != j:
            picks.append((s["subject"], s["row"], b[j] - b[i]))
    print(f"{seen} questions: right {right[0]} here, {right[1]} in lm-eval {lm_eval.__version__}; picks that differ: {len(picks)}; "
          f"largest difference of a log-probability: {worst:.1e}")
    for p in picks:
        print("another pick: %s row %d, lead %.1e" % p)
    if seen != len(want) or worst > 1e-3 or any(lead > 2 * worst for *_, lead in picks):
        sys.exit("not the same answers")


if __name__ == "__main__":
    main()
