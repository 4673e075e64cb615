#!/bin/sh
# Question files that are wrong in one way each: exit 1, one line that says what is wrong and where, nothing written, no
# samples file left. The files that they were made from are taken.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
make-tiny llama m >/dev/null || exit 1

cat >make.py <<'EOF'
import gzip, io, json, os, subprocess, sys, tarfile

letters = "ABCD"
good = [{"question": f"what is {i}?", "subject": "knots", "choices": ["a", "b", "c", str(i)], "answer": i % 4} for i in range(6)]
boolq = [{"question": f"is it {i}", "passage": f"It is {i}.", "label": i % 2 == 0} for i in range(6)]
line = lambda o: json.dumps(o, ensure_ascii=False).encode() + b"\n"
def put(name, data, why):
    open(name, "wb").write(data)
    print(name, why, sep="\t")
def csv(rows):
    return "".join(",".join([r["question"], *r["choices"], letters[r["answer"]]]) + "\n" for r in rows).encode()
def tar(members, form=tarfile.USTAR_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as t:
        for name, data in members:
            i = tarfile.TarInfo(name)
            if data is None:
                i.type, i.linkname = tarfile.SYMTYPE, "/etc/passwd"
            else:
                i.size = len(data)
            t.addfile(i, None if data is None else io.BytesIO(data))
    return bytearray(out.getvalue())
def zstd(data):
    return subprocess.run(["zstd", "-qc"], input=bytes(data), stdout=subprocess.PIPE, check=True).stdout
T, lines = "data/test/knots_test.csv", b"".join(map(line, good))
def bad(i, **keys):
    o = dict(good[i], **keys)
    return b"".join(map(line, good[:i])) + line({k: v for k, v in o.items() if v is not ...})
whole = tar([(T, csv(good))])
def flip(at, what):
    t = bytearray(whole)
    t[at:at + len(what)] = what
    return t
def resum(t):            # with a checksum that fits
    t[148:156] = b"        "
    t[148:156] = b"%06o\0 " % sum(t[:512])
    return t

put("good.tar", whole, "")
put("pax.tar", tar([("x" * 90 + "/" + T, csv(good))], tarfile.PAX_FORMAT), "")
put("gnu.tar", tar([("y/" * 90 + T, csv(good))], tarfile.GNU_FORMAT), "")
put("good.mmlu", lines, "")
put("blank.mmlu", b"\n \r\n" + lines + b"\n", "")
put("good.boolq", b"".join(map(line, boolq)), "")

put("sum.tar", flip(100, b"7"), "sum.tar: ")
put("size.tar", resum(flip(124, b"77777777777")), "size.tar: .*(more than|cut|runcated|bytes)")
put("negative.tar", resum(flip(124, b"\xff" * 12)), "negative.tar: ")
put("huge.tar", resum(flip(124, b"\x80" + b"\x7f" * 11)), "huge.tar: ")
put("garbage.tar", b"\1\2\3" * 999, "garbage.tar: ")
put("empty.tar", tar([]), "empty.tar: no file test/SUBJECT_test.csv in it, of 0")
put("link.tar", tar([(T, None)]), "link.tar: no file test/SUBJECT_test.csv in it, of 0")
put("elsewhere.tar", tar([("data/best/knots_test.csv", csv(good))]), "no file test/SUBJECT_test.csv in it, of 1")
put("twice.tar", tar([(T, csv(good)), ("other/" + T[5:], csv(good))]), "knots_test.csv: is there twice")
put("utf8.tar", tar([("data/test/kn\udcffots_test.csv", csv(good))]), "utf8.tar: ")
put("letter.tar", tar([(T, csv(good).replace(b",C\n", b",E\n"))]), "knots_test.csv: line 3: the answer .E. is none")
put("cells.tar", tar([(T, csv(good).replace(b"b,c", b"b"))]), "knots_test.csv: line 1: 5 cells")
put("quote.tar", tar([(T, b'"' + csv(good))]), "knots_test.csv: line 1: ")
put("nul.tar", tar([(T, csv(good).replace(b"what", b"wh\0t"))]), "knots_test.csv: contains a NUL byte")
put("latin.tar", tar([(T, csv(good).replace(b"what", b"wh\xe4t"))]), "knots_test.csv: byte 2: not UTF-8")
put("cut.tar", whole[:600], "cut.tar: ")
put("end.tar", whole[:1024], "end.tar: cut")
put("cut.tar.gz", gzip.compress(bytes(whole))[:-20], "cut.tar.gz: ")
put("crc.tar.gz", (lambda z: z[:-8] + b"\0\0\0\0" + z[-4:])(gzip.compress(bytes(whole))), "crc.tar.gz: ")
put("cut.tar.zst", zstd(whole)[:-9], "cut.tar.zst: ")

for key in good[0]:
    put(f"no-{key}.mmlu", bad(2, **{key: ...}), f"no-{key}.mmlu:3: .*{key}")
    put(f"null-{key}.mmlu", bad(1, **{key: None}), f"null-{key}.mmlu:2: .*{key}")
put("five.mmlu", bad(0, choices=list("abcde")), "five.mmlu:1: .*choices")
put("nested.mmlu", bad(0, choices=["a", "b", ["c"], "d"]), "nested.mmlu:1: a choice is no text")
put("minus.mmlu", bad(3, answer=-1), "minus.mmlu:4: .*answer")
put("real.mmlu", bad(0, answer=1.5), "real.mmlu:1: .*answer")
put("large.mmlu", bad(0, answer=2**40), "large.mmlu:1: .*answer")
put("letter.mmlu", bad(0, answer="AB"), "letter.mmlu:1: .*answer")
put("list.mmlu", line(good[0]) + b"[1]\n", "list.mmlu:2: not a JSON object")
put("cut.mmlu", lines[:-20], "cut.mmlu:6: ")
put("twice.mmlu", lines[:-2] + b', "answer": 1}\n', "twice.mmlu:6: .*duplicate")
put("utf8.mmlu", lines.replace(b"4?", b"\xff?"), "utf8.mmlu:5: .*byte 0xff")
put("nul.mmlu", lines.replace(b"4?", b"\\u0000?"), "nul.mmlu:5: ")
put("half.mmlu", lines.replace(b"4?", b"\\ud800?"), "half.mmlu:5: ")
put("deep.mmlu", b'{"question":' + b"[" * 100000 + b"\n", "deep.mmlu:1: ")
put("long.mmlu", b'{"question":"' + b"x" * (65 << 20), "long.mmlu:1: a line of more than 64 MiB")
put("behind.mmlu", lines + b"{}{}\n", "behind.mmlu:7: ")
put("cut.mmlu.gz", gzip.compress(lines)[:-9], "cut.mmlu.gz: ")
put("empty.mmlu", b"", "empty.mmlu: ")

for key in boolq[0]:
    put(f"no-{key}.boolq", line({k: v for k, v in boolq[0].items() if k != key}), f"no-{key}.boolq:1: .*{key}")
    put(f"map-{key}.boolq", line(dict(boolq[0], **{key: {}})), f"map-{key}.boolq:1: .*{key}")
put("two.boolq", line(dict(boolq[0], label=2)), "two.boolq:1: .*label")
put("cut.boolq", b"".join(map(line, boolq))[:-5], "cut.boolq:6: ")
put("cut.boolq.zst", zstd(b"".join(map(line, boolq)))[:-9], "cut.boolq.zst: ")
EOF
python3 make.py >list || exit 1
ok "there are sixty cases" [ "$(wc -l <list)" -ge 60 ]

eval_it() {
	case $1 in
	*.boolq*) eval-boolq -q -m m --samples=s "$1" ;;
	*) eval-mmlu -q -k 0 -m m --samples=s "$1" ;;
	esac
}
while IFS="$(printf '\t')" read -r name why; do
	if [ -z "$why" ]; then
		eval_it "$name" >out
		ok "$name is taken" rec-cat -c out
	else
		fails "$name: $why" 1 "$why" eval_it "$name"
		is "$name: nothing is written" "$(cat "$T/.out"; ls s s.part 2>/dev/null)" ""
	fi
	rm -f s "$name"
done <list
done_testing
