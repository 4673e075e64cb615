#!/bin/sh
# The scripts of pipelines/ and paper.mk in hostile surroundings, a comma locale, settings files and options of gnuplot, curl,
# jq and parallel, names that torchrun and others set, and with each awk that is here: the bytes of a plain run.
. "${0%/*}/tap.sh"
. "${0%/*}/pipeline.sh"
unset MAKEFLAGS MAKELEVEL

mkdir -p locale mmlu/dev mmlu/test home/.parallel home/.config empty
make-tiny --set num_hidden_layers=5 --set max_position_embeddings=4096 llama Tiny-7b >/dev/null || exit 1
letters 20 1 >train.json
letters 9 2 >valid.json
questions

# -- what each of them does at its head
is "every shell script of pipelines/ takes env.sh, but the one that runs commands of others" \
	"$(cd "$root/pipelines" && grep -l '^#!/bin/sh' * demo/* 2>/dev/null | xargs grep -L '/env.sh"$' | tr '\n' ' ')" "on-gpu "
is "every Python script leaves the user's modules" \
	"$(cd "$root/pipelines" && grep -l '^#!.*python' * demo/* 2>/dev/null | xargs grep -L '^#!.*python3 -I -X utf8$')" ""
is "gnuplot, curl and python3 are called without the user's settings" \
	"$(cd "$root/pipelines" && grep -nE '(gnuplot|curl|python3) +-' *.mk [a-z]* demo/[a-z]* 2>/dev/null | grep -vE 'gnuplot -d|curl -q|python3 -I')" ""

# -- the surroundings
printf "set key off\nset decimalsign ','\nset samples 7\n" | tee home/.gnuplot >home/.config/gnuplotrc
echo 'def tojson: "mine";' >home/.jq
printf 'output = "%s/stolen"\ninclude\n' "$T" >home/.curlrc
echo '--dry-run' >home/.parallel/config
for module in json zlib tarfile zipfile hashlib; do echo 'raise SystemExit("mine")' >home/$module.py; done
comma=
if localedef -i de_DE -f UTF-8 locale/de_DE.UTF-8 2>/dev/null; then
	comma=1
	is "the locale has a comma" "$(LOCPATH=$T/locale LC_ALL=de_DE.UTF-8 locale decimal_point)" ,
else
	tap_result 0 "a comma locale # SKIP localedef cannot make one"
fi
hostile() {
	env LOCPATH="$T/locale" LC_ALL=de_DE.UTF-8 LC_NUMERIC=de_DE.UTF-8 LANG=de_DE.UTF-8 LANGUAGE=de HOME="$T/home" \
		XDG_CONFIG_HOME="$T/home/.config" TZ=X-77 TERM=dumb COLUMNS=5 POSIXLY_CORRECT=1 _POSIX2_VERSION=199209 CDPATH=/tmp \
		OMP_THREAD_LIMIT=1 OMP_MAX_ACTIVE_LEVELS=0 OMP_DYNAMIC=true OMP_NUM_THREADS=3,1 DNNL_VERBOSE=2 ONEDNN_VERBOSE=2 \
		QUOTING_STYLE=shell-always TIME_STYLE=full-iso BLOCKSIZE=1 BLOCK_SIZE=human LS_COLORS='*=1' GREP_OPTIONS=-v GREP_COLORS=mt=1 \
		AWKPATH=/nowhere WHINY_USERS=1 MAWKBINMODE=7 GAWK_READ_TIMEOUT=1 ZSTD_CLEVEL=19 ZSTD_NBTHREADS=3 GZIP=-1 JQ_COLORS=1 \
		PARALLEL=--dry-run PARALLEL_SHELL=/bin/false PERL5OPT=-Mnonsense PERL5LIB=/nowhere PYTHONPATH="$T/home" PYTHONOPTIMIZE=2 \
		PYTHONIOENCODING=utf-16 GNUTERM=dumb GNUPLOT_LIB=/nowhere GDFONTPATH=/nowhere GNUPLOT_DEFAULT_GDFONT=nonsense \
		ENV=/nowhere BASH_ENV=/nowhere IFS=e OPTIND=3 RANK=0 LEN=7 LR=1 STEPS=9 OUT=elsewhere/ RUN=false STAGE_angdist=false JOBS=7 HOSTS=/nowhere SPLIT=5 \
		HEAL=--nonsense REPORT=fig-9 QUESTIONS=1 MODEL=none "$@"
}

# -- a run of all that paper.mk makes
fresh() {
	rm -rf run
	mkdir run
}
paper() {	# TARGETS COMMAND ...: make, started by it
	targets=$1
	shift
	"$@" make --no-print-directory -C run -f "$root/pipelines/paper.mk" MEASURE=0 MODELS="$T/Tiny-7b" TEXT="$T/train.json" VALID="$T/valid.json" \
		MMLU="$T/mmlu" BOOLQ="$T/boolq.jsonl" SHOTS=1 VALID_DOCS=8 C4_DOCS=8 STEPS=1 BATCH=2 NS=2 SPLIT=2 RANKS=64 SEEDS='0 1' ORDERS=1 \
		SHOT_COUNTS=1 REPORT='fig-4 fig-5' -j 2 $targets >log 2>&1
}
# Every file but those of make's own; how long it took is no result, nor is what was measured of speed and memory.
sums() { (cd run && find . -type f ! -path '*/.stamp/*' ! -name '*.log' ! -name '*.cost' ! -name 'fig-cost.*' | sort | xargs sha256sum); }
all='figures tables report.html'
fresh
ok "a plain run" paper "$all" env
sums >sums.plain
cp -a run kept
like "with pictures, tables and a page" "$(sed 's/.* //' sums.plain | tr '\n' ' ')" 'Tiny-7b/fig-5.png .*table.txt .*fig-2.svg .*report.html'
fresh
ok "in hostile surroundings" paper "$all" hostile
sums >sums.hostile
same "the same bytes of all of it" sums.hostile sums.plain
paper "$all" env
is "and nothing for a plain make to do" "$(grep -v 'Nothing to be done\|is up to date' log | grep -vc 'layers$\|^ n \|^ *[0-9]\|^ *guessing\|^$')" 0

# -- each script alone
rm -rf run
mv kept run
cat >alone <<'END'
P=$1/pipelines
"$P/rows" run/Tiny-7b/*.score
"$P/table" run/Tiny-7b/*.score
"$P/seen" run/report.tsv
"$P/report" run/report.tsv -m run/Tiny-7b /models/Tiny-7b run/Tiny-7b/similarity-all.block - -p run/Tiny-7b/fig-4.svg run/Tiny-7b/*.score
for figure in 1d 2 3 5 6 7 8 9; do LC_ALL=C awk -v figure=fig-$figure -f "$P/numbers.awk" -f "$P/tasks.awk" -f "$P/rows.awk" -f "$P/panels.awk" -f "$P/series.awk" "$P/method.txt" run/report.tsv; done
(cd run && "$P/plan" -n MODELS=../Tiny-7b VALID=../valid.json TEXT=../train.json MMLU=../mmlu -- fig-9 |
	tr '\001' '\n' | sed '/^.stamp/d')
(cd run && "$P/plan" help MODELS=../Tiny-7b VALID=../valid.json TEXT= NS=9 --)
"$P/lfs" pointer
"$P/verify" some.tar '[^/]*'
"$P/demo/prose" Rdata.rdb emma | gzip -dc
rm -f got stolen; "$P/fetch" "file://$PWD/some.tar" got && sha256sum got; ls stolen
GPUS=95 "$P/on-gpu" sh -c 'echo $CUDA_VISIBLE_DEVICES'; rm -f /tmp/coppice-gpu-95.lock
"$P/spread" -j 2 sh -c 'cat; printf "%s|" "$@"' sh 'a  b' "c'd" <pointer
"$P/spread" -j 3 -n
END
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 12345678901\n' 7 >pointer
tar cf some.tar --mtime=@0 boolq.jsonl train.json valid.json
python3 - <<'END'
import struct, zlib
lines = ["EMMA", ""] + ["A handsome, clever, and rich \u00e9lite. " * 60, ""] * 2
vector = struct.pack(">2sIIIII", b"X\n", 2, 0, 0, 16, len(lines))
for b in (s.encode() for s in lines):
    vector += struct.pack(">II", 9, len(b)) + b
data = zlib.compress(vector)
open("Rdata.rdb", "wb").write(struct.pack(">I", len(vector)) + data)
END
alone() { "$@" sh ./alone "$root" >alone.out 2>alone.err; cat alone.out; }
alone env >alone.plain
is "each script alone says something, and no error" "$(wc -l <alone.plain | awk '{ print ($1 > 100) }') $(grep -v "ls: .*stolen" alone.err)" "1 "
alone hostile >alone.hostile
same "each script alone, in hostile surroundings" alone.hostile alone.plain

is "what was not measured is no number" \
	"$("$root/pipelines/table" run/Tiny-7b/similarity-all.c4.score run/Tiny-7b/similarity-n0.boolq-k0-qnf4.score |
		awk '/ base / { print $NF } /NF4/ { print $7 }' | tr '\n' ' ')" "- - "
eval-c4 -q -m Tiny-7b run/Tiny-7b/valid.tokens >no-block.c4.score 2>/dev/null ||
	c4-tokenize -q -m Tiny-7b valid.json | eval-c4 -q -m Tiny-7b >no-block.c4.score
like "a score of a model without a block" "$("$root/pipelines/rows" no-block.c4.score)" "^[^	]*	no	c4	0	-	0	"
is "spread without a HOME makes no folder of its own" "$(env -u HOME "$root/pipelines/spread" echo ok; ls -A /dev/null/.parallel 2>/dev/null)" ok

# -- with each awk
mkdir awk
ln -s /bin/busybox awk/busybox
for awk in mawk 'gawk --posix' 'busybox awk' original-awk; do
	[ "$(readlink -f "$(command -v "$awk")")" != "$(readlink -f "$(command -v awk)")" ] || continue	# the plain run's
	if ! command -v "${awk% *}" >/dev/null; then
		tap_result 0 "$awk # SKIP there is none"
		continue
	fi
	printf '#!/bin/sh\nexec %s "$@"\n' "$awk" >awk/awk
	chmod +x awk/awk
	alone env PATH="$T/awk:$PATH" >alone.awk
	same "each script alone, with $awk" alone.awk alone.plain
	find run -name '*.tsv' -o -name 'fig-[45].svg' -o -name 'table.txt' -o -name 'report.html' | sed 's,^run/,,' >again
	(cd run && xargs rm <../again)
	ok "make draws with it" paper "$(cat again)" env PATH="$T/awk:$PATH"
	sums >sums.awk
	same "the same bytes" sums.awk sums.plain
done

# -- another parallel
printf '#!/bin/sh\necho "parallel: invalid option" >&2\nexit 1\n' >awk/parallel
chmod +x awk/parallel
fails "a parallel that is not GNU's" 2 '^spread: parallel is not GNU parallel' env PATH="$T/awk:$PATH" "$root/pipelines/spread" true
done_testing
