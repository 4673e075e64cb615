#!/usr/bin/python3
"""faults.py FOLDER PART: every tool on small inputs in FOLDER, while one call after another fails (tests/preload/fail.c).

A run must give the bytes of a good run and status 0, or status 1 and one line on stderr, with nothing under an output's
name and no temporary left. What is kept for the next run (a healing's folder, samples' FILE.part) must serve it: that
one gives the good run's bytes. PART is memory or calls. Prints TAP, one test a case. COPPICE_FAULTS=all takes each call
in turn, COPPICE_FAULTS=N every Nth; otherwise a few of each are tried, other ones in each case.
"""
import concurrent.futures, errno, os, re, shutil, subprocess, sys, threading

base, part = os.path.abspath(sys.argv[1]), sys.argv[2]
shim = next(p for d in os.environ["PATH"].split(":") if os.path.exists(p := os.path.join(d, "fail.so")))
wanted = os.environ.get("COPPICE_FAULTS", "")
only = os.environ.get("COPPICE_FAULTS_ONLY", "")
workers = int(os.environ.get("COPPICE_FAULTS_JOBS", os.cpu_count()))

# name, arguments (@ is FOLDER), file on standard input
CASES = [
    ("c4-tokenize", "c4-tokenize -m @/m -l 16 @/t.json", None),
    ("c4-tokenize gzip, packed", "c4-tokenize -m @/m -p 8 --join=x @/t.json.gz", None),
    ("c4-tokenize zstd, GGUF, sample", "c4-tokenize -m @/m/model.gguf -l 16 --sample=2 @/t.json.zst", None),
    ("hidden-dump", "hidden-dump -m @/m @/t.tokens", None),
    ("hidden-dump --all-tokens, GGUF", "hidden-dump --all-tokens -m @/m/model.gguf @/t.tokens", None),
    ("angdist", "angdist @/t.hidden", None),
    ("angdist, merging", "angdist @/a.angle @/b.angle", None),
    ("argmin-block", "argmin-block -n 2 @/t.angle", None),
    ("argmin-block, merging", "argmin-block -n all @/a.angle @/b.angle", None),
    ("argmin-block --simple", "argmin-block -n 1-3 --simple -m @/m", None),
    ("drop-layers", "drop-layers -m @/m", "n2.block"),
    ("drop-layers -o", "drop-layers -m @/m --layers=2-3 -o out", None),
    ("drop-layers -o, GGUF", "drop-layers -m @/m/model.gguf --scores=@/c4.score -o out @/n2.block", None),
    ("qlora-heal", "qlora-heal -o out --steps=2 --batch=2 --rank=2 --save=1 --valid=@/t.tokens --every=1 @/t.tokens",
     "n2.model"),
    ("qlora-heal --resume", "qlora-heal -o out --resume --steps=2 --batch=2 --rank=2 --save=1 @/t.tokens", "n2.model"),
    ("merge-lora -o", "merge-lora -o out", "healed.model"),
    ("merge-lora -o, GGUF", "merge-lora -o out --base=@/m/model.gguf", "g-healed.model"),
    ("eval-c4, two models", "eval-c4 @/t.tokens", "all.model"),
    ("eval-c4, healed, samples", "eval-c4 --samples=out @/t.tokens", "healed.model"),
    ("eval-c4 --merge", "eval-c4 --merge @/c4.score @/c4b.score", None),
    ("eval-c4 --table", "eval-c4 --table -m @/m @/t.tokens", None),
    ("eval-mmlu, samples, prompts", "eval-mmlu -k 1 --samples=out --prompts @/mmlu", "n2.model"),
    ("eval-mmlu, tar, packed, table", "eval-mmlu -k 1 --style=lm-eval --table -m @/m @/mmlu.tar.gz", None),
    ("eval-mmlu --merge", "eval-mmlu --merge @/mmlu.score", None),
    ("eval-boolq", "eval-boolq -k 1 --train=@/boolq.jsonl @/boolq.jsonl", "n2.model"),
    ("rec-cat", "rec-cat --full @/t.tokens @/a.angle", None),
    ("rec-cat -t", "rec-cat --no-header -t n,l,mean @/t.angle", None),
    ("rec-cat -H", "rec-cat --header-json @/c4.score", None),
    ("rec-make", "rec-make angle --meta={\"a\":[1,\"x\"]} @/angle.jsonl", None),
]
ALONE = ("argmin-block", "rec-cat", "rec-make")  # tools whose work is one thread's: they have no -j
MEMORY = [("malloc", "ENOMEM", ""), ("malloc", "ENOMEM", "1"), ("mmap", "ENOMEM", ""), ("mmap", "ENOMEM", "1"),
          ("thread", "EAGAIN", "")]
CALLS = [(c, e, "") for c, list_ in {
    "write": "ENOSPC EIO EINTR short", "pwrite": "ENOSPC EIO EINTR short", "read": "EIO ENOMEM EINTR short",
    "pread": "EIO EINTR short", "copy_file_range": "ENOSPC EIO EINTR EXDEV short", "open": "ENOENT EACCES EMFILE ENOMEM EINTR",
    "close": "EIO EINTR", "fsync": "EIO ENOSPC EINTR", "ftruncate": "ENOSPC EINTR", "rename": "EIO ENOSPC", "unlink": "EIO",
    "mkdir": "ENOSPC", "fstat": "ENOMEM EIO",
}.items() for e in list_.split()] + [("write", "ENOSPC", "1"), ("read", "EIO", "1")]

local, folders, made = threading.local(), [], threading.Lock()


def folder():
    """A worker's own folder, empty, of a name as long as the others'."""
    if not hasattr(local, "path"):
        with made:
            local.path = os.path.join(base, "run%03d" % len(folders))
            folders.append(local.path)
    shutil.rmtree(local.path, ignore_errors=True)
    os.mkdir(local.path)
    return local.path


def run(case, at, extra):
    name, line, stdin = case
    env = {k: v for k, v in os.environ.items() if not k.startswith("FAIL_")}
    if extra:
        env.update(extra, LD_PRELOAD=shim)
    argv = [a.replace("@", base) for a in line.split()]
    with open(os.path.join(base, stdin) if stdin else os.devnull, "rb") as f:
        threads = [] if argv[0] in ALONE else ["-j", "2"]
        p = subprocess.run([argv[0], "-q"] + threads + argv[1:], cwd=at, env=env, stdin=f, capture_output=True, timeout=300)
    return p.returncode, p.stdout, p.stderr.decode(errors="replace")


def tree(at):
    """Every file's bytes; the healing's clock is no result."""
    got = {}
    for d, _, files in os.walk(at):
        for f in files:
            path = os.path.join(d, f)
            got[os.path.relpath(path, at)] = open(path, "rb").read()
    return got


def prepare(case, at):
    if "--resume" in case[1]:
        shutil.copytree(os.path.join(base, "resumed"), os.path.join(at, "out"))


def number(name):
    return getattr(errno, name, 0)


def count(case, call):
    at = folder()
    prepare(case, at)
    path = os.path.join(base, os.path.basename(at) + ".count")
    status, _, err = run(case, at, {"FAIL_CALL": call, "FAIL_AT": "0", "FAIL_COUNT": path})
    if status:
        return 0
    return int(open(path).read())


def outcome(case, good, fault, nth):
    """same, refused, or what is wrong."""
    call, e, ever = fault
    at = folder()
    prepare(case, at)
    status, out, err = run(case, at, {"FAIL_CALL": call, "FAIL_AT": str(nth), "FAIL_EVER": ever,
                                      "FAIL_AS": "short" if e == "short" else str(number(e))})
    left = tree(at)
    if status == 0:
        if call in ("unlink", "open"):		# what could not be taken away is the next run's to clear
            left = {k: v for k, v in left.items() if not k.startswith("out.part")}
        if (out, left) != good:
            return "status 0 and other bytes: " + ("stdout" if out != good[0] else
                                                   " ".join(k for k in left.keys() | good[1].keys() if left.get(k) != good[1].get(k)))
        return "same" if not err else "same, but it says: " + err
    if e in ("EINTR", "short") and call in ("write", "read", "pwrite", "pread", "copy_file_range", "close"):
        return "is not taken up again: " + err
    if status != 1 or err.count("\n") != 1 or not re.match(r"[\w-]+: .", err):
        return "status %d and %r" % (status, err)
    if part == "memory" and not re.search("out of memory", err):
        return "other words: " + err
    if part == "calls" and re.search("cut|damaged|JSON|no stream", err):
        return "blames the file: " + err
    if any(".part-" in k for k in left):
        return "left " + " ".join(left)
    if not left and not os.path.exists(at + "/out"):
        return "refused"
    if any(k in good[1] and left[k] != good[1][k] and "state" not in k for k in left) and "qlora" not in case[0]:
        return "half of an output: " + " ".join(left)
    again = case if "qlora" not in case[0] or "--resume" in case[1] else (case[0], case[1] + " --resume", case[2])
    status, out, err = run(again, at, None)		# what is left serves the next run
    return "refused" if (status, (out, tree(at))) == (0, good) else "left %s, and the next run: %d %s" % (" ".join(left), status, err)


def stride(n, fault):
    """Every how many-th of n calls."""
    if wanted:
        return 1 if wanted == "all" else int(wanted)
    return max(1, n // (1 if part == "calls" else 6) | 1)


def main():
    faults = MEMORY if part == "memory" else CALLS
    cases = [c for c in CASES if only in c[0]]
    pool = concurrent.futures.ThreadPoolExecutor(workers)
    total = {}
    print("1..%d" % len(cases))
    for i, case in enumerate(cases):
        at = folder()
        prepare(case, at)
        status, out, err = run(case, at, None)
        if status or err:
            print("not ok %d - %s: a good run: %d %s" % (i + 1, case[0], status, err))
            continue
        good = out, tree(at)
        calls = dict(zip({f[0] for f in faults}, pool.map(lambda c: count(case, c), {f[0] for f in faults})))
        jobs = []
        for f in faults:
            step = stride(calls[f[0]], f)
            jobs += [(f, nth) for nth in range(1 + i * 7 % step % max(calls[f[0]], 1), calls[f[0]] + 1, step)]
        got = list(pool.map(lambda j: outcome(case, good, *j), jobs))
        sums = {g: got.count(g) for g in ("same", "refused")}
        wrong = [(j, g) for j, g in zip(jobs, got) if g not in sums]
        for k, v in list(sums.items()) + [("wrong", len(wrong))]:
            total[k] = total.get(k, 0) + v
        print("%s %d - %s: %d runs, %d the same bytes, %d refused, %d wrong" % ("not ok" if wrong or not jobs else "ok", i + 1,
              case[0], len(jobs), sums["same"], sums["refused"], len(wrong)))
        for ((call, e, ever), nth), g in wrong[:12]:
            print("#   %s %d %s%s: %s" % (call, nth, e, " ever" if ever else "", g.strip()[:300]))
        sys.stdout.flush()
    print("# in all: " + ", ".join("%d %s" % (v, k) for k, v in total.items()))


main()
