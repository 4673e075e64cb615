"""The questions of a choice task through lm-eval's own task, with log-probabilities that are given (see 93-lm-eval.t).

    lmchoice.py FORM QUESTIONS SHOTS TRAIN|- POSED [SAMPLES]

POSED are the lines of the helper pose for these questions, SAMPLES those of `rec-cat --full`. Exits with 1 where a context
or a continuation differs by a byte, or, with SAMPLES, a pick by acc or acc_norm.
"""
import json
import os
import sys
import tempfile

import lm_eval
from lm_eval.api.model import LM
from lm_eval.tasks import TaskManager

TASKS = {"arc": "arc/arc_easy", "hellaswag": "hellaswag/hellaswag", "piqa": "piqa/piqa", "openbookqa": "openbookqa/openbookqa",
         "winogrande": "winogrande/default", "sciq": "sciq/sciq", "race": "race/race", "commonsenseqa": "commonsense_qa/default"}


class Known(LM):
    def __init__(self, logp):
        super().__init__()
        self.logp, self.seen = logp, []

    def loglikelihood(self, requests, **_):
        self.seen += [(r.doc_id, r.idx, *r.args) for r in requests]
        return [(self.logp[r.doc_id][r.idx], False) for r in requests]

    def loglikelihood_rolling(self, requests, **_):
        raise NotImplementedError

    def generate_until(self, requests, **_):
        raise NotImplementedError


def manager(form, path, shots, train):
    files = {split: os.path.abspath(path) for split in ("validation", "test")}
    files["train"] = os.path.abspath(train or path)
    task = dict(include=f"{os.path.dirname(lm_eval.__file__)}/tasks/{TASKS[form]}.yaml", task="ours", tag=None, dataset_path="json",
                dataset_name=None, dataset_kwargs={"data_files": files},
                metric_list=[{"metric": m, "aggregation": "mean", "higher_is_better": True} for m in ("acc", "acc_norm")])
    if shots:
        task.update(num_fewshot=shots, fewshot_split="train" if train else "test", test_split="test",
                    fewshot_config={"sampler": "first_n"})
    folder = tempfile.mkdtemp()
    with open(folder + "/ours.yaml", "w") as f:
        json.dump(task, f)
    return TaskManager(include_path=folder, include_defaults=False)


def main():
    form, path, shots, train, posed, *samples = sys.argv[1:]
    ours = [json.loads(line) for line in open(posed)]
    known = [json.loads(line) for line in open(samples[0])] if samples else []
    logp = [s["logp"]["data"] for s in known] or [[-1.0] * len(o["contexts"]) for o in ours]
    lm = Known(logp)
    got = lm_eval.simple_evaluate(model=lm, tasks=["ours"], bootstrap_iters=0, log_samples=True,
                                  task_manager=manager(form, path, int(shots), None if train == "-" else train))
    bad = [(d, i) for d, i, context, rest in lm.seen
           if (ours[d]["contexts"][i], ours[d]["continuations"][i]) != (context, rest)]
    picks = {s["doc_id"]: (s["acc"], s["acc_norm"]) for s in got["samples"]["ours"]}
    other = [s["row"] for s in known
             if (s["choice"] == s["answer"], form == "winogrande" or s["choice_norm"] == s["answer"]) !=
             (bool(picks[s["row"]][0]), form == "winogrande" or bool(picks[s["row"]][1]))]
    print(f"{form}, {shots} shots: {len(ours)} questions, {len(lm.seen)} requests; differ: {len(bad)}; other picks: {len(other)}; "
          f"lm-eval {lm_eval.__version__}")
    if bad or other or len(lm.seen) != sum(len(o["contexts"]) for o in ours):
        sys.exit(f"not the same: {bad[:5]} {other[:5]}")


if __name__ == "__main__":
    main()
