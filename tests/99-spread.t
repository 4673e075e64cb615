#!/bin/sh
# Many jobs and many machines: pipelines/spread and on-gpu, and paper.mk with them. The machines are two ssh servers
# of this test's own on the loopback; one of them is killed in the middle. What comes out is what one plain run gives.
. "${0%/*}/tap.sh"
. "${0%/*}/pipeline.sh"

# -- places on this machine
spread() { "$P/spread" "$@"; }
printf 'line\n' >in
is "input, arguments as they are, output, folder" "$(spread sh -c 'cat; printf "%s|" "$@"; pwd' sh 'a  b' "c'd" '$e' '' <in)" "$(printf 'line\na  b|c'\''d|$e||%s' "$T")"
spread -j 2 sh -c 'echo half; exit 7' </dev/null >out 2>err
is "the command's status; its output is kept back" "$? $(cat out err)" "7 "
is "places" "$(printf '# mine\n\n3/:\nnode\n' >list; spread -j 4 -h list -n; spread -n)" "$(printf '7\n1')"
crowd() {	# of commands, each says how many others it meets
	mkdir -p here most
	for i in 1 2 3 4 5; do
		"$@" sh -c 'mkdir here/$$; ls here | wc -l >most/$$; sleep 0.3; rmdir here/$$' </dev/null &
	done
	wait
	echo "$(cat most/* | sort -n | tail -1) of $(ls most | wc -l)"
	rm -r here most
}
is "two at a time" "$(crowd "$P/spread" -j 2)" "2 of 5"
is "each with its share of the processors" "$(spread -j 4 sh -c 'echo $OMP_NUM_THREADS' </dev/null)" "$((($(nproc) + 3) / 4))"
is "one job a GPU" "$(GPUS='91 92'; export GPUS; crowd "$P/on-gpu")" "2 of 5"
is "which is all that it sees" "$(GPUS=91 "$P/on-gpu" sh -c 'echo $CUDA_VISIBLE_DEVICES')" 91
rm -f /tmp/coppice-gpu-9[12].lock
echo 'ssh -o BatchMode=yes -p 1 127.0.0.1' >nowhere
spread -h nowhere true </dev/null 2>err
is "no machine can be reached" "$? $(tail -1 err)" "1 spread: no machine of nowhere can be reached"
rm -r .places

# -- two machines
tree() {	# PID [NAME]: it, and what runs under it; of that name
	cat /proc/[0-9]*/stat 2>/dev/null | sed 's/ (\([^ )]*\)[^)]*)/ \1/' | awk -v of="$1" -v only="$2" '{ parent[$1] = $4; name[$1] = $2 }
		END { for (p in name) { for (q = p; q > 1 && q != of; q = parent[q]); if (q == of && name[p] ~ "^" only) print p } }'
}
[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f key && cp key.pub authorized && chmod 700 . && chmod 600 authorized
serve() {	# NAME: an ssh server on a port that is free
	for try in 1 2 3 4 5 6 7 8 9; do
		port=$(shuf -i 20000-60000 -n 1)
		ssh-keygen -q -t ed25519 -N '' -f "host-$1" <<-EOF >/dev/null 2>&1
			y
		EOF
		cat >"conf-$1" <<-EOF
			Port $port
			ListenAddress 127.0.0.1
			HostKey $T/host-$1
			AuthorizedKeysFile $T/authorized
			PidFile none
			StrictModes no
			UsePAM no
			PasswordAuthentication no
			PermitRootLogin yes
			MaxStartups 100
		EOF
		setsid "$sshd" -D -e -f "$T/conf-$1" >/dev/null 2>"log-$1" </dev/null &
		echo $! >"pid-$1"
		sleep 0.5
		if kill -0 "$(cat "pid-$1")" 2>/dev/null; then
			echo "ssh -p $port -i $T/key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR 127.0.0.1" >>hosts
			return
		fi
	done
}
stop() {	# the server and all its connections, but not what runs in them
	kill -9 $(tree "$(cat "$T/pid-$1" 2>/dev/null)" sshd) 2>/dev/null
	wait "$(cat "$T/pid-$1" 2>/dev/null)" 2>/dev/null
}
trap 'stop one; stop two; rm -rf "$T"' EXIT
if sshd=$(PATH=$PATH:/usr/sbin command -v sshd); then
serve one
serve two
is "on another machine: arguments, input, folder" "$(sed 2d hosts >first; spread -h first sh -c 'cat; printf "%s|" "$@"; pwd' sh 'a  b' "c'd" '$e' <in)" \
	"$(printf 'line\na  b|c'\''d|$e|%s' "$T")"
spread -h first sh -c 'echo half; exit 7' </dev/null >out 2>err
is "its status" "$? $(cat out)" "7 "
stop one
spread -h hosts sh -c 'echo done' </dev/null >out 2>err
is "what a dead one should have done, the other does" "$(cat out) $(grep -c "can't be reached" err)" "done 1"
spread -h hosts sh -c 'echo done' </dev/null >out 2>err
is "and the dead one is left out for a while" "$(cat out) $(grep -c "can't be reached" err)" "done 0"
stop two
rm -r .places hosts
serve one
spread -h hosts sh -c 'echo $$ >job; exec sleep 60' </dev/null >out 2>err &
running=$!
until [ -s job ]; do sleep 0.1; done
stop one
ok "a machine that is lost in the middle: its job doesn't go on there" \
	sh -c 'for i in $(seq 100); do kill -0 "$(cat job)" 2>/dev/null || exit 0; sleep 0.1; done; exit 1'
wait $running
is "and the next machine is tried, where there is one" "$? $(tail -1 err)" "1 spread: no machine of hosts can be reached"
stop one
rm -r .places hosts job
else
	tap_result 0 'other machines # SKIP no sshd'
fi
"$P/spread" sh -c 'echo $$ >job; exec sleep 60' </dev/null &
running=$!
until [ -s job ]; do sleep 0.1; done
kill $running
ok "stopped, it takes its command along" sh -c 'for i in $(seq 50); do kill -0 "$(cat job)" 2>/dev/null || exit 0; sleep 0.1; done; exit 1'
wait $running
is "and leaves nothing but its places" "$(ls .places | grep -v '^[0-9]*$' | grep -v 'down$')" ""
rm -r .places job

# -- paper.mk
make-tiny --set num_hidden_layers=6 --set max_position_embeddings=4096 llama tiny >/dev/null || exit 1
letters 60 1 >train.json
letters 20 2 >valid.json
mkdir -p mmlu/dev mmlu/test
for subject in astronomy anatomy; do
	for split in dev test; do
		printf 'Which %s?,one,two,three,four,%s\n' first A second B third C fourth D >"mmlu/$split/${subject}_$split.csv"
	done
done
for i in 0 1 2 3 4; do
	echo "{\"question\": \"is it $i\", \"passage\": \"It -- It is $i.\", \"label\": $([ $i -gt 1 ] && echo true || echo false)}"
done >boolq.jsonl
run() {	# FOLDER [VARIABLE=VALUE ...]: with its log
	folder=$1; shift; mkdir -p "$folder"
	make --no-print-directory -C "$folder" -f "$P/paper.mk" MODELS="$T/tiny" TEXT="$T/train.json" VALID="$T/valid.json" MMLU="$T/mmlu" \
		BOOLQ="$T/boolq.jsonl" SHOTS=1 LEN=48 VALID_DOCS=12 STEPS=12 NS=2 SEEDS='0 1 2 3' ORDERS= RANKS=64 \
		tiny/fig-1d.svg tiny/fig-8.svg "$@" >"$folder.log" 2>&1
}
# but for the note on pairs, which parts do not have: they keep no samples
figures() { grep -hv "^0	0	" "$1/tiny/fig-1d.tsv" "$1/tiny/fig-8.tsv"; }
scores() { for f in "$1"/tiny/*.score "$1"/tiny/*.angle; do case $f in *of3*) ;; *) rec-cat "$f" ;; esac; done; }
ok "one run, plainly" run alone
figures alone >figures.alone
scores alone >scores.alone

ok "in three parts each, two jobs at a time" run parts SPLIT=3 JOBS=2
same "the same figures" figures.alone "$(figures parts >figures.parts; echo figures.parts)"
same "the same records in all scores and angles" scores.alone "$(scores parts >scores.parts; echo scores.parts)"
is "that were in parts" "$(ls parts/tiny/*of3* | sed 's/.*\.//' | sort | uniq -c | tr -s ' \n' ' ')" " 3 hidden 39 score "
is "a second make does nothing" "$(run parts SPLIT=3 JOBS=2; cat parts.log | grep -v 'is up to date')" ""
is "nor does one without parts" "$(run parts; cat parts.log | grep -v 'is up to date')" ""
rm parts/tiny/similarity-all.c4-*.score
is "nor one whose parts are gone" "$(run parts SPLIT=3; cat parts.log | grep -v 'is up to date')" ""

if [ -n "$sshd" ]; then
serve one
serve two
ok "on two machines" run machines HOSTS="$T/hosts"
same "the same figures" figures.alone "$(figures machines >figures.machines; echo figures.machines)"
is "both have worked" "$(for s in one two; do grep -c 'Accepted publickey' log-$s | awk '{ print ($1 > 3) }'; done | tr '\n' ' ')" "1 1 "

run killed HOSTS="$T/hosts" &
running=$!
until [ "$(ls -d killed/tiny/*.adapter 2>/dev/null | wc -l)" = 2 ]; do sleep 0.05; done
stop one
ok "one is killed when both are at work" wait $running
is "that was said" "$(grep -c "was lost" killed.log)" 1
same "the same figures" figures.alone "$(figures killed >figures.killed; echo figures.killed)"
is "and nothing is left half done" "$(find killed -name '*.part')" ""
fi

# -- killed and started again
healings() { grep -o -e '-o tiny/[a-z0-9.-]*adapter' "$1" | sort -u; }
"$P/spread" -n >/dev/null
run again JOBS=2 &
running=$!
until [ "$(ls again/tiny/*-s?.model 2>/dev/null | wc -l)" -ge 1 ]; do sleep 0.05; done
kill -9 $(tree $running) 2>/dev/null
wait $running 2>/dev/null
ls again/tiny/*-s?.model | sed 's,^again/,-o ,; s/model$/adapter/' >whole
cp again.log before.log
ok "killed with all that it ran, and started again" run again JOBS=2
is "what was whole is not healed again" "$(healings again.log | grep -c -F -f whole)" 0
is "all else is" "$(healings again.log | wc -l)" "$((4 - $(wc -l <whole)))"
same "the same figures" figures.alone "$(figures again >figures.again; echo figures.again)"

# -- a scheduler that fails now and then, in the middle of a command
cat >srun <<EOF
#!/bin/sh
n=\$(cat "$T/count" 2>/dev/null || echo 0)
echo \$((n + 1)) >"$T/count"
[ \$((n % 4)) != 1 ] || { "\$@" | head -c 20; exit 1; }
exec "\$@"
EOF
chmod +x srun
runs=1
until run flaky RUN="$T/srun" JOBS=2 -k || [ $runs -ge 20 ]; do runs=$((runs + 1)); done
ok "a scheduler that fails: done after some more tries ($runs)" [ $runs -gt 1 -a $runs -lt 20 ]
same "the same figures" figures.alone "$(figures flaky >figures.flaky; echo figures.flaky)"
cd "$root" || exit 1
done_testing
