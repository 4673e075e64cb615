#!/bin/sh
# Other tokens than the last: hidden-dump --positions against --all-tokens, and angdist's mean over the tokens of a
# sequence against the mean of what it says of each token alone; equal bits for any split and number of threads.
. "${0%/*}/tap.sh"
cd "$T" || exit 1

make-tiny llama-gqa m
awk 'BEGIN { srand(3); for (doc = 0; doc < 7; doc++) { printf "{\"doc\":%d,\"ids\":[%d", doc, 1 + int(rand() * 60)
	for (i = 1; i < 3 + 3 * doc; i++) printf ",%d", 1 + int(rand() * 60); print "]}" } }' | rec-make tokens >tokens
dump() { hidden-dump -q --dtype=f32 -m m "$@" tokens; }
full() { rec-cat --full "$@"; }
dump >last.hidden
dump --all-tokens >all.hidden

dump --positions=last >got
same "the last is what is dumped anyway" got last.hidden
dump --positions=-1 >got
same "... and another name of -1" got last.hidden

# states [doc, position, layer, numbers] of a stream, a line each
by_token() {
	full "$1" | sed 's/[]["{}:]/ /g; s/,/ /g' | awk '{ for (i = 1; i <= NF; i++) {
		if ($i == "doc") doc = $(i + 1); if ($i == "ntok") ntok = $(i + 1); if ($i == "position") at = $(i + 1)
		if ($i == "layer") layer = $(i + 1); if ($i == "shape") { rows = $(i + 1); d = $(i + 2) } if ($i == "data") from = i + 1 }
		for (row = 0; row < rows; row++) { printf "%d %d %d", doc, all ? row : at, all ? layer : row
			for (c = 0; c < d; c++) printf " %s", $(from + row * d + c); print "" } }' "all=$2" | sort
}
dump --positions=0,2-4,-2 >some.hidden
by_token some.hidden 0 >got
by_token all.hidden 1 | awk -v lengths="3 6 9 12 15 18 21" 'BEGIN { split(lengths, n, " ") }
	$2 == 0 || ($2 >= 2 && $2 <= 4) || $2 == n[$1 + 1] - 2' >want
same "chosen positions: the rows of all tokens" got want
is "... in the order of the tokens, each once" "$(full some.hidden | sed 's/.*"doc":\([0-9]*\).*"position":\([0-9]*\).*/\1:\2/' |
	head -8 | tr '\n' ' ')" "0:0 0:1 0:2 1:0 1:2 1:3 1:4 2:0 "
dump --positions=-3--2 >got
is "a range from the end" "$(full got | sed 's/.*"position":\([0-9]*\).*/\1/' | head -4 | tr '\n' ' ')" "0 1 3 4 "
hidden-dump -q --dtype=f32 -m m --positions=0,2-4,-2 -j 1 --memory=50M tokens >got
same "any -j and --memory: the same bytes" got some.hidden
dump --positions=5-9 >got 2>err
like "those that are too short are counted" "$(hidden-dump --dtype=f32 -m m --positions=5-9 tokens 2>&1 >/dev/null)" \
	'1 sequences are too short for any of the positions'
is "meta says which" "$(rec-cat --header-json got | grep -o '"positions":"[^"]*"' | tail -1)" '"positions":"5-9"'

# -- distances
angdist last.hidden >last.angle
angdist all.hidden >all.angle
angdist some.hidden >some.angle
full last.angle >want
angdist --positions=last all.hidden | full >got
same "the last of all tokens: the distances of the last" got want
angdist --positions=last last.hidden | full >got
same "... and of what has no others" got want
full some.angle >want
angdist --positions=0,2-4,-2 all.hidden | full >got
same "chosen out of all tokens: as of those that were dumped" got want
angdist --positions=2-4,0,-2 some.hidden | full >got
same "chosen out of chosen ones" got want
is "a sample is a sequence" "$(rec-cat -t count --no-header all.angle | sort -u)" 7
for p in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	for doc in 0 1 2 3 4 5 6; do
		[ $p -lt $((3 + 3 * doc)) ] || continue
		hidden-dump -q --dtype=f32 -m m --skip $doc --limit 1 --positions=$p tokens | angdist |
			rec-cat --no-header -t n,l,mean | sed "s/^/$doc	/"
	done
done >each
awk '{ k = $1 " " $2 " " $3; sum[k] += $4; n[k]++ }
	END { for (k in sum) { split(k, part, " "); mean = sum[k] / n[k]; pair = part[2] "\t" part[3]; all[pair] += mean; squares[pair] += mean * mean }
		for (pair in all) { m = all[pair] / 7; printf "%s\t%.10f\t%.8f\n", pair, m, sqrt((squares[pair] / 7 - m * m) / 6) } }' each | sort >want
rec-cat --no-header -t n,l,mean,sem all.angle | awk '{ printf "%d\t%d\t%.10f\t%.8f\n", $1, $2, $3, $4 }' | sort >got
same "all tokens: the mean over sequences of their means, and its error" got want
for j in 1 2 5; do
	angdist -j $j all.hidden | full >got
	full all.angle >want
	same "all tokens, -j $j: the same records" got want
	angdist -j $j some.hidden | full >got
	full some.angle >want
	same "chosen ones, -j $j: the same records" got want
done
for part in 0:2 2:1 3:4; do
	hidden-dump -q --dtype=f32 -m m --skip ${part%:*} --limit ${part#*:} --all-tokens tokens >part${part%:*}.hidden
	angdist part${part%:*}.hidden >part${part%:*}.angle
done
full all.angle >want
angdist part3.hidden part0.angle part2.hidden | full >got
same "parts, as states and as angles: the records of one run" got want
cat part2.hidden part0.hidden part3.hidden | angdist | full >got
same "parts in one pipe" got want
angdist -n 2 all.hidden | full >got
grep '"n":2,' want >want2
same "one width" got want2
argmin-block -q -n 2 all.angle | rec-cat --no-header -t l,mean >got
rec-cat --no-header -t n,l,mean all.angle | awk '$1 == 2' | sort -k3,3g | sed -n '1s/^2	//p' >want
same "argmin-block takes them" got want

# -- refused
fails "angles of other tokens don't add up" 1 'meta.all_tokens is ' angdist last.angle part0.angle
dump --positions=0 --limit 2 >zero.hidden
dump --positions=1 --skip 2 >one.hidden
fails "nor do other positions" 1 'meta.positions is "1" here, but "0"' angdist zero.hidden one.hidden
fails "records of another form" 1 'of other tokens than the records before' sh -c '
	{ rec-cat --full zero.hidden; rec-cat --full last.hidden; } | rec-make hidden | angdist'
full all.hidden | sed 2d | rec-make hidden >gap.hidden
fails "a layer that is missing" 1 "gap.hidden: record 2: key 'layer': not the next layer" angdist gap.hidden
full all.hidden | sed '$d' | rec-make hidden >gap.hidden
fails "the last layer of the last sequence missing" 1 'another shape' angdist gap.hidden
full all.hidden | sed 1d | rec-make hidden >gap.hidden
fails "the first layer missing" 1 "record 1: key 'layer': not the next" angdist gap.hidden
full some.hidden | sed 's/"position":2,/"position":99,/' | rec-make hidden >far.hidden
fails "a position beyond the sequence" 1 "key 'position': beyond" angdist far.hidden
fails "a list that is none" 2 "positions: .*is no list of positions" hidden-dump -m m --positions=5-3 tokens
for list in '' ',' '1,' 1--1 -1-1 x 1-2-3 lastly 99999999999999999999 0-9999999; do
	fails "... nor is '$list'" 2 "positions: " angdist --positions="$list" all.hidden
done
fails "both options" 2 'not with --positions' hidden-dump -m m --all-tokens --positions=0 tokens
fails "no sequence has it" 1 'no angles' sh -c 'angdist -q --positions=40 all.hidden | argmin-block'
done_testing
