#!/bin/sh
# Whatever a user's environment says, each tool writes the same bytes, or one line and exits with 2: variables
# of the libraries, a comma locale, limits, masks, closed descriptors. Products are those of AVX2, whose kernels divide the
# work among threads and so show a team that is too small.
. "${0%/*}/tap.sh"
. "${0%/*}/pipeline.sh"
DNNL_MAX_CPU_ISA=AVX2
export DNNL_MAX_CPU_ISA
unset OMP_NUM_THREADS OMP_WAIT_POLICY

mkdir -p locale mmlu/dev mmlu/test home
make-tiny --set num_hidden_layers=6 --set max_position_embeddings=4096 llama m >/dev/null || exit 1
awk 'BEGIN { srand(3); for (i = 0; i < 8; i++) { s = ""; for (j = 0; j < 200; j++)
	s = s substr("abcdefgh ", 1 + int(rand() * 9), 1); print "{\"text\":\"" s "\"}" } }' >x.json
questions
cat >chain <<'END'
set -e
c4-tokenize -q -m m x.json >t.tokens
hidden-dump -q -m m t.tokens >t.hidden
angdist -q t.hidden >t.angle
argmin-block -q -n 2 t.angle >t.block
drop-layers -q -m m t.block >t.model
qlora-heal -q -j 4 --rank 4 --steps 2 --batch 4 -o ad t.tokens <t.model >h.model
merge-lora -q -o merged <h.model >merged.model
eval-c4 -q -j 4 t.tokens <h.model >c4.score
eval-mmlu -q -k 1 -m m mmlu >mmlu.score
eval-boolq -q -k 0 -m m boolq.jsonl >boolq.score
model-cost -q <h.model >h.cost
rec-cat --full t.angle >angle.json
rec-cat --no-header -t task,value,stderr *.score >scores.tsv
rec-make angle angle.json >again.angle
END
tools() {	# COMMAND ...: all tools, started by it, in a fresh folder: their status, a sum of all they wrote, their words
	rm -rf run
	mkdir run
	(cd run && ln -s ../m ../x.json ../mmlu ../boolq.jsonl . && "$@" sh ../chain) 2>err
	echo "$? $(find run -type f | sort | xargs cat | sha256sum) $(cat err)"
}
plain=$(tools env)
like "all tools, plainly" "$plain" '^0 [0-9a-f]{64}  - $'
alike() {	# NAME COMMAND ...
	tap_name=$1
	shift
	is "$tap_name" "$(tools "$@")" "$plain"
}

# -- variables: each alone where it would show, and all of them for all tools
eval-c4 -q -j 4 -m m run/t.tokens >want
for var in OMP_THREAD_LIMIT=1 OMP_MAX_ACTIVE_LEVELS=0 OMP_DYNAMIC=true OMP_NUM_THREADS=3,1 OMP_NUM_THREADS= OMP_STACKSIZE=999999G \
	OMP_DISPLAY_ENV=true OMP_PROC_BIND=true OMP_WAIT_POLICY=nonsense OMP_WAIT_POLICY=ACTIVE OMP_SCHEDULE=nonsense GOMP_SPINCOUNT=9 \
	KMP_AFFINITY=x DNNL_VERBOSE=2 ONEDNN_VERBOSE=2 DNNL_JIT_DUMP=1 MALLOC_PERTURB_=165 MALLOC_TOP_PAD_=9999999999999 \
	GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA GLIBC_TUNABLES=glibc.malloc.top_pad=9999999999999 OPENSSL_CONF="$T/none" TZ=X-77 \
	OMP_PROC_BIND= OMP_PROC_BIND=nonsense OMP_PLACES= 'OMP_PLACES={99}' 'OMP_PLACES=cores(0)' 'OMP_PLACES=threads(2)' OMP_PLACES=cores \
	GOMP_CPU_AFFINITY=3-1 GOMP_CPU_AFFINITY=x 'OMP_NUM_THREADS= 2' OMP_TOOL_LIBRARIES=/nowhere GOMP_DEBUG=1 \
	TMPDIR=/nowhere TERM=nonsense COLUMNS=3 COPPICE_ANEW=1; do
	env "$var" eval-c4 -q -j 4 -m m run/t.tokens >got 2>&1
	same "$var" got want
done
alike "no variables at all" env -i PATH="$PATH" DNNL_MAX_CPU_ISA=AVX2
if localedef -i de_DE -f UTF-8 locale/de_DE.UTF-8 2>/dev/null; then
	is "the locale has a comma" "$(LOCPATH=$T/locale LC_ALL=de_DE.UTF-8 locale decimal_point)" ,
	alike "a German locale" env LOCPATH="$T/locale" LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8 LANGUAGE=de
	sort_example=$(mandoc -T ascii "$root/man/argmin-block.1" 2>/dev/null | sed 's/.\x08//g; s/^ *//' | grep 'sort.*seen')
	cp run/t.angle c4.angle
	ok "its page has another way" test -n "$sort_example"
	is "argmin-block(1)'s other way there, too" \
		"$(LOCPATH=$T/locale LC_ALL=de_DE.UTF-8 sh -c "$sort_example" | cut -f1,2 | head -n 5)" \
		"$(argmin-block -q -n all c4.angle | rec-cat --no-header -t n,l)"
else
	tap_result 0 "a German locale # SKIP localedef cannot make one"
fi
alike "all of it at once" env OMP_THREAD_LIMIT=1 OMP_MAX_ACTIVE_LEVELS=0 OMP_DYNAMIC=true OMP_NUM_THREADS=3,1 DNNL_VERBOSE=2 \
	ONEDNN_VERBOSE=2 OMP_PLACES=cores LOCPATH="$T/locale" LC_ALL=de_DE.UTF-8 HOME="$T/home" POSIXLY_CORRECT=1 TZ=X-77

for var in OMP_NUM_THREADS=two OMP_NUM_THREADS=0 OMP_NUM_THREADS=-1 OMP_NUM_THREADS=2x OMP_THREAD_LIMIT=none; do
	fails "$var is refused" 2 "^eval-c4: $var: a number of threads" env $var eval-c4 -q -m m run/t.tokens
done

# -- how many threads where -j says nothing, and where it does
is "the less of the two that say it" "$(OMP_NUM_THREADS=4096,3 OMP_THREAD_LIMIT=1 clitest threads)" "1 of 1"
is "the first of a list" "$(OMP_NUM_THREADS='1 , 3' clitest threads)" "1 of 1"
is "no more than there are processors" "$(OMP_NUM_THREADS=4096 clitest threads)" "$(clitest threads)"
is "an empty one is none" "$(OMP_NUM_THREADS= OMP_THREAD_LIMIT= clitest threads)" "$(clitest threads)"
is "bound to processors, as many" "$(OMP_PROC_BIND=true clitest threads)" "$(clitest threads)"
is "-j is more than a limit" "$(OMP_NUM_THREADS=1 OMP_THREAD_LIMIT=1 OMP_DYNAMIC=true clitest -j 5 threads)" "5 of 5"

# -- what else a process inherits
alike "umask 0" sh -c 'umask 0; exec "$@"' sh
alike "ignored signals" sh -c 'trap "" HUP INT TERM CHLD PIPE USR1; exec "$@"' sh
alike "standard descriptors closed" sh -c 'exec 0>&- 2>&-; exec "$@"' sh
alike "a stack of 64 KiB" sh -c 'ulimit -S -s 64; exec "$@"' sh
alike "a stack without a limit" sh -c 'ulimit -s unlimited; exec "$@"' sh
alike "sixteen open files" sh -c 'ulimit -n 16; exec "$@"' sh
alike "one processor" taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')"
alike "no terminal, the least priority" setsid -w nice -n 19
umask 0777
plain drop-layers -q -m m --layers 1 -o "$T/cut" >/dev/null 2>&1
umask 022
is "what a tool makes, its user may read, whatever the umask" "$(ls cut/config.json) $(find cut ! -perm -u=rw)" "cut/config.json "

# -- where it can't start itself anew
ld=$(ldd "$(command -v eval-c4)" | awk '$1 ~ /ld-linux/ { print $1 }')
ok "by the loader's own name" sh -c '"$@" >got' sh "$ld" "$(command -v eval-c4)" -q -j 4 -m m run/t.tokens
same "the same" got want
fails "what would change something is refused" 2 '^eval-c4: DNNL_VERBOSE=2: .* unset it' \
	env DNNL_VERBOSE=2 "$ld" "$(command -v eval-c4)" -q -j 4 -m m run/t.tokens
if unshare -m sh -c 'mount -t tmpfs none /proc' 2>/dev/null; then
	without() { unshare -m sh -c 'mount -t tmpfs none /proc && exec "$@"' sh "$@"; }
	ok "without /proc" without sh -c 'eval-c4 -q -j 4 -m m run/t.tokens >got'
	same "the same there" got want
	fails "and refused there" 2 '^eval-c4: OMP_THREAD_LIMIT=1: .* unset it' without env OMP_THREAD_LIMIT=1 eval-c4 -q -m m run/t.tokens
else
	tap_result 0 "without /proc # SKIP it can't be covered here"
fi
done_testing
