#!/bin/sh
# Limits of a process, and a file that is cut while it is read: one line, or the right bytes, and no temporaries.
. "${0%/*}/tap.sh"
nm "$O/bin/rec-cat" 2>/dev/null | grep -q __asan_init && skip_all 'sanitizers take over signals and memory'
cd "$T" || exit 1
make-tiny --gguf=f32 llama m
for i in 1 2 3; do echo "{\"text\": \"the man said that it is time $i to go home\"}"; done >t.json
c4-tokenize -q -m m -l 16 t.json >t.tokens
eval-c4 -q -m m t.tokens >good.score
ok "a good run" [ -s good.score ]

# limited LIMIT COMMAND ...: under ulimit LIMIT, with messages through a pipe, as a file's size is limited too
limited() {
	(l=$1; shift; ulimit $l && exec "$@") 2>&1 >out.bin | cat
}

# -- memory: a limit of what the libraries need, and little more
wrong=
for kib in 60000 70000 80000 85000 90000 95000 100000 110000 120000 140000 200000; do
	for c in "eval-c4 -q -j 2 -m m t.tokens" "hidden-dump -q -j 2 -m m t.tokens" "c4-tokenize -q -m m -l 16 t.json" \
		"drop-layers -q -m m --layers=2-3" "rec-cat --full t.tokens"; do
		said=$( (ulimit -v $kib; $c) 2>&1 >out.bin)
		status=$?
		case "$status $said" in
		'0 ' | '1 '*': out of memory'*) [ "$(echo "$said" | wc -l)" = 1 ] || wrong="$wrong;$kib $c: $said" ;;
		127*'error while loading shared libraries'*) ;;
		*) wrong="$wrong;$kib $c: $status $said" ;;
		esac
	done
done
is 'too little address space: the right end, or one line that says out of memory' "$wrong" ''

python3 - >long.jsonl <<'EOF'
line = '{"doc":%d,"ids":{"dtype":"u32","shape":[3],"data":[1,2,3]}}'
print(line % 0)
print(line[:-1] % 1 + ',"junk":"' + 'x' * 100000000 + '"}')
print(line % 2)
EOF
rec_make() { (ulimit -v 150000; rec-make tokens <long.jsonl >cut.tokens); }
fails 'a line that memory does not hold is no end of the input' 1 '^rec-make: out of memory' rec_make

# -- stacks
for kib in 64 128 1024; do
	(ulimit -s $kib; eval-c4 -q -j 3 -m m t.tokens) >a.score
	same "a stack of $kib KiB gives the same bytes" good.score a.score
done
fails 'no stack left: one line' 1 '^clitest: out of stack' clitest deep

# -- files
said=$(limited '-f 1' hidden-dump -q -m m t.tokens)
is 'a limit of file sizes: one line' "$said" 'hidden-dump: standard output: write: File too large'
said=$(limited '-f 1' drop-layers -q -m m --layers=2-3 -o f.out)
like 'the same with -o' "$said" '^drop-layers: f.out[^ ]*/model.safetensors: write: File too large$'
is 'and nothing is left' "$(ls -d f.out* 2>&1 | grep -v 'No such')" ''
# How many are open already is the caller's: as many as the loader needs, and a few more.
wrong= refused=
for n in 4 5 6 7 8 9 10; do
	said=$(limited "-n $n" drop-layers -q -m m --layers=2-3 -o n.out)
	case $said in
	'' | *'error while loading shared libraries'*) ;;
	'drop-layers: '*': Too many open files') refused=1 ;;
	*) wrong="$wrong;$n: $said" ;;
	esac
	[ ! -e n.out.part ] || wrong="$wrong;$n: n.out.part is left"
	rm -rf n.out n.out.part
done
is 'no descriptor left: one line, and no temporary folder' "$refused$wrong" 1

# -- a model that is cut while it is mapped
cp -r m cut
mkfifo fifo
hidden-dump -q -m cut <fifo >cut.hidden 2>cut.err &
pid=$!
exec 7>fifo
for i in $(seq 100); do grep -q 'cut/model.safetensors' /proc/$pid/maps && break; sleep 0.1; done
truncate -s 4096 cut/model.safetensors
cat t.tokens >&7
exec 7>&-
wait $pid
is 'a model that is cut while it is read: status' $? 1
is 'a model that is cut while it is read: its name' "$(cat cut.err)" \
	'hidden-dump: cut/model.safetensors: has become shorter while it was read'

# -- text that JSON cannot hold is not left out
odd=$(printf 'a\377')
fails '--join that is not UTF-8 is refused' 1 '^c4-tokenize: join: JSON cannot hold it' c4-tokenize -q -m m -p 8 --join="$odd" t.json
cp -r m "$odd"
fails 'a name that no record can hold is refused at once' 1 ': its name is not UTF-8' eval-c4 -q -m "$odd" no.tokens
fails '... of a folder to be written' 1 ': its name is not UTF-8' qlora-heal -q -m m --steps=1 --batch=1 --rank=2 -o "$odd.out" t.tokens
is '... before it is made' "$(ls -d *.out 2>&1 | grep -v 'No such')" ''
is 'where none comes into a record, it may be any' "$(c4-tokenize -q -m "$odd" -l 16 t.json | rec-cat)" "$(rec-cat t.tokens)"
done_testing
