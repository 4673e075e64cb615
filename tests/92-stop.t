#!/bin/sh
# Told to stop, or killed, make takes the tool along, which saves its state: directly, through RUN= and through JOBS=; nothing of it
# is left running or half written, and the next make goes on.
. "${0%/*}/tap.sh"
. "${0%/*}/pipeline.sh"

make-tiny --set num_hidden_layers=4 --set max_position_embeddings=4096 llama tiny >/dev/null || exit 1
for i in 1 2 3 4 5 6; do echo "{\"text\": \"$(seq -s ' ' $i $((i * 4)))\"}"; done >text.json
printf '#!/bin/sh\n"$@"\n' >wrap
chmod +x wrap
steps=$((50000 + $$ % 50000))		# of this test alone
running() { cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n' | grep -c -e "^--steps=$steps\$"; }
until_healing() {	# the tool itself, for a while
	for i in $(seq 300); do
		for p in $(grep -ls '^qlora-heal$' /proc/[0-9]*/comm); do
			! grep -aqs -e "--steps=$steps" "${p%comm}cmdline" || [ ! -e "$adapter" ] || break 2
		done
		sleep 0.1
	done
	sleep 1.5
}
heal() {
	exec env --default-signal=INT make --no-print-directory -C run -f "$P/paper.mk" MODELS="$T/tiny" TEXT="$T/text.json" VALID="$T/text.json" \
		LEN=48 VALID_DOCS=6 STEPS=$steps HEAL_DOCS=6 HEAL=--save=0 "$@" tiny/similarity-n1-r2-lr3e-4-t$steps-s0-d6.model
}
adapter=run/tiny/similarity-n1-r2-lr3e-4-t$steps-s0-d6.adapter
saved() { rec-cat --no-header -t step "$adapter/heal.loss" 2>/dev/null | wc -l; }
mkdir run
before=0
for way in TERM INT KILL "TERM RUN=$T/wrap" "TERM JOBS=1" "KILL JOBS=1"; do
	signal=${way%% *}
	heal ${way#"$signal"} RANK=2 >log 2>&1 &
	make=$!
	until_healing
	kill -$signal $make
	for i in $(seq 100); do [ "$(running)$(find run -name '*.part')" != 0 ] || break; sleep 0.1; done
	wait $make 2>/dev/null
	is "$way: nothing is left running, or half written" "$(running) $(find run -name '*.part' | wc -l) $(ls run/.places 2>/dev/null | grep -v '^1$')" "0 0 "
	like "and the state is saved" "$(cat log)" 'interrupted after step [0-9]+ of'
	ok "which goes on from that before it" [ "$(saved)" -ge $before ]
	before=$(saved)
done
heal RANK=2 >log 2>&1 &
make=$!
until_healing
like "a second make doesn't heal beside it" "$( (heal RANK=2) 2>&1)" 'is being made by another make'
kill $make
wait $make 2>/dev/null
ok "nor takes away what the first has written" grep -q 'interrupted after step' log

# -- two makes of one file: the second waits for the first
printf '#!/bin/sh\nsleep 1\necho "$1"\necho "$1" >>ran\n' >slow
chmod +x slow
twice() {	# INPUT: what is in the file, and which of the two ran
	rm -f made ran
	"$P/into" made $1 -- "./slow first > made" >/dev/null &
	sleep 0.5
	"$P/into" made $1 -- "./slow second > made" >/dev/null
	wait $!
	echo $(cat made ran)
}
is "it finds the file made" "$(twice text.json)" "first first"
is "or makes it anew, whole, where it has to" "$(twice '')" "second first second"
mkdir lockless
printf '#!/bin/sh\necho "flock: 9: Function not implemented" >&2\nexit 65\n' >lockless/flock
chmod +x lockless/flock
like "where there are no locks, that is said, and made" "$(PATH=$T/lockless:$PATH "$P/into" made -- "./slow first > made" 2>&1)" "not implemented"
is "all the same" "$(cat made)" first
cd "$root" || exit 1
done_testing
