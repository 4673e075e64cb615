#!/bin/sh
# Files that change while they are read: no result of two of them, nor of a part. And pipes that never wait, as another
# program that shares them left them.
. "${0%/*}/tap.sh"
cd "$T" || exit 1
make-tiny --gguf=f32 llama m
for i in 1 2 3; do echo "{\"text\": \"the man said that it is time $i to go home\"}"; done >t.json
c4-tokenize -q -m m -l 16 t.json >t.tokens
hidden-dump -q -m m t.tokens >t.hidden
rec-cat --full t.tokens >t.records
eval-c4 -q -m m t.tokens >m.score
eval-c4 -q -m m/model.gguf t.tokens >g.score
mkfifo fifo

# changed FILE CHANGE COMMAND ...: once the command has mapped FILE, CHANGE; then its tokens come
changed() {
	file=$1 change=$2
	shift 2
	rm -rf w out
	cp -r m w
	"$@" <fifo >o 2>e &
	pid=$!
	exec 7>fifo
	for i in $(seq 100); do grep -q "$file" /proc/$pid/maps && break; sleep 0.05; done
	sh -c "$change"
	cat t.tokens >&7
	exec 7>&-
	wait $pid
	status=$?
	cat e >&2
	return $status
}
said='was written to while it was read'
for file in w/model.safetensors w/model.gguf; do
	for change in "truncate -s -1 $file" "echo more >>$file" \
		"head -c 3000 /dev/zero | dd of=$file bs=1000 seek=100 conv=notrunc status=none" "cat m/config.json >$file"; do
		case $file in *.gguf) model=$file ;; *) model=w ;; esac
		fails "${change%% *} on $file" 1 "^eval-c4: $file: (.*beyond the file|$said|.*shorter)" changed $file "$change" eval-c4 -q -m $model
	done
	case $file in *.gguf) good=g.score ;; *) good=m.score ;; esac
	changed $file "cp $file x; echo more >>x; mv x $file" eval-c4 -q -m $model >/dev/null 2>&1
	is "$file: another that takes its place changes nothing" "$(rec-cat --no-header -t value o)" "$(rec-cat --no-header -t value $good)"
done
fails 'a healing' 1 "^qlora-heal: w/model.safetensors: $said" changed w/model.safetensors 'truncate -s -1 w/model.safetensors' \
	qlora-heal -q -m w --steps=1 --batch=1 --rank=2 -o out
fails 'states' 1 "^hidden-dump: w/model.safetensors: $said" changed w/model.safetensors 'truncate -s -1 w/model.safetensors' \
	hidden-dump -q -m w

# text has no end of its own: it must be the file's
python3 - <<'EOF'
import random
random.seed(1)
with open("long.json", "w") as t, open("long.tokens", "w") as r:
    for i in range(40000):
        t.write('{"text":"%050x"}\n' % random.getrandbits(200))
        r.write('{"doc":%d,"ids":{"dtype":"u32","shape":[24],"data":[%s]}}\n' % (i, ",".join(str((i * 7 + k) % 97) for k in range(24))))
EOF
shrinks() {	# LINES FILE COMMAND ...: cut at the end of a line, while the command waits for who reads it
	lines=$1 file=$2
	shift 2
	mkfifo slow
	"$@" >slow 2>e &
	pid=$!
	exec 8<slow
	head -c 1 <&8 >/dev/null
	truncate -s $(head -n $lines $file | wc -c) $file
	cat <&8 >/dev/null
	exec 8<&-
	rm slow
	wait $pid
	status=$?
	cat e >&2
	return $status
}
fails 'text that becomes shorter' 1 'long.json: has become shorter while it was read' shrinks 39000 long.json c4-tokenize -q -m m long.json
fails "rec-make's lines, too" 1 'long.tokens: has become shorter while it was read' shrinks 39000 long.tokens rec-make tokens long.tokens

# -- descriptors that say EAGAIN
python3 - >got <<'EOF'
import os, subprocess, threading, time
def never_waits(fd):
    os.set_blocking(fd, False)
    return fd
def tool(argv, data):
    inside, feed = os.pipe()
    drain, outside = os.pipe()
    never_waits(inside), never_waits(outside)
    pad = os.write(outside, b"x" * (1 << 20))		# full
    p = subprocess.Popen(argv, stdin=inside, stdout=outside, stderr=subprocess.PIPE)
    os.close(inside), os.close(outside)
    def give():
        for i in range(0, len(data), len(data) // 2 + 1):
            time.sleep(0.1)
            os.write(feed, data[i:i + len(data) // 2 + 1])
        os.close(feed)
    threading.Thread(target=give).start()
    time.sleep(0.4)
    out = b"".join(iter(lambda: os.read(drain, 1 << 16), b""))[pad:]
    return p.wait(), out, p.stderr.read()
for argv, name in ((["rec-cat", "--full"], "t.tokens"), (["angdist", "-q"], "t.hidden"), (["rec-make", "tokens"], "t.records")):
    data = open(name, "rb").read()
    good = subprocess.run(argv, input=data, stdout=subprocess.PIPE).stdout
    print(argv[0], tool(argv, data) == (0, good, b""))
EOF
is 'pipes that never wait are waited for' "$(cat got)" "$(printf '%s True\n' rec-cat angdist rec-make)"
done_testing
