#!/bin/sh
# What every tool does alike: options, misuse, outputs that appear whole, signals, progress.
. "${0%/*}/tap.sh"
cd "$T" || exit 1

D='all=0 both=0 width=-1 rate=-1 size=0 time=0 output= parts= call= seed=0 model= quant= dtype= memory=0'
given() {	# NAME WANTED ARGUMENT ...: these words change the defaults to that
	tap_name=$1 tap_want=$2
	shift 2
	is "$tap_name" "$(clitest "$@" 2>&1)" "$(echo "$D" | sed "$tap_want")"
}
given 'nothing' ''
given 'a flag' 's/all=0/all=1/' -a
given 'two flags in one word' 's/all=0/all=1/; s/both=0/both=1/' -ab
given 'a flag by its name' 's/all=0/all=1/' --all
given 'an integer' 's/width=-1/width=12/' -n 12
given 'without a space' 's/width=-1/width=12/' -n12
given 'after a flag' 's/all=0/all=1/; s/width=-1/width=12/' -an12
given 'by its name' 's/width=-1/width=12/' --width 12
given 'by its name with =' 's/width=-1/width=12/' --width=12
given 'by its first letters' 's/width=-1/width=12/' --wid=12
given 'by its first letter' 's/width=-1/width=12/' --w 12
given 'all of a name that another begins with' 's/rate=-1/rate=2/' --rate=2
given 'words of a list' 's/parts=/parts=down,up/' --parts=down,up
given 'the last one counts' 's/width=-1/width=3/' -n 12 --width=3
given 'a number' 's/rate=-1/rate=-0.0025/' --rate -2.5e-3
given 'a size' 's/size=0/size=3221225472/' --size=3G
given 'a size in bytes' 's/size=0/size=17/' --size=17
given 'a time' 's/time=0/time=5400/' --time=1.5h
given 'a time in seconds' 's/time=0/time=90/' --time 90
given 'an empty text' '' --output=
given 'a call' 's/call=/call=<y>/' --call=y
given 'options of models' 's/model=/model=m/; s/quant=/quant=nf4/; s/dtype=/dtype=f32/' -m m --quant nf4 --dtype=f32
given 'a seed' 's/seed=0/seed=7/' -s 7
given 'memory' 's/memory=0/memory=2048/' --memory 2k
given 'operands' 's/$/ x y -/' x y -
given 'options between operands' 's/all=0/all=1/; s/$/ x y/' x -a y
given 'operands after --' 's/all=0/all=1/; s/$/ -b -- x/' -a -- -b -- x

# -- what made says of them
made() {	# NAME WANTED ARGUMENT ...
	tap_name=$1 tap_want=$2
	shift 2
	is "made: $tap_name" "$(clitest "$@" made 2>&1)" "$tap_want"
}
made 'what always shapes the result' '{"seed":0,"rate":-1.0}'
made 'what was given' '{"seed":0,"width":3,"rate":-1.0}' -n 3
made 'a name that was cut short' '{"seed":0,"width":3,"rate":-1.0}' --wi 3
made 'not what is as it was' '{"seed":0,"rate":-1.0}' --size 0 --call y
made 'an order of its own' '{"dtype":"f32","seed":5,"rate":0.5,"bytes":1024,"quant":"nf4","all":true}' \
	--all --size=1K --quant nf4 --rate .5 -s 5 --dtype f32
made 'a time, in seconds' '{"seed":0,"rate":-1.0,"time":120.0}' --time 2m
made 'an option that says no' '{"seed":0,"rate":-1.0,"all":false}' -b
made 'not what changes no result' '{"seed":0,"rate":-1.0}' -q -j 2 --memory 1G -m m --ignore k

misused() {	# NAME PATTERN ARGUMENT ...
	tap_name=$1 tap_want=$2
	shift 2
	fails "misuse: $tap_name" 2 "^clitest: $tap_want" clitest "$@"
}
misused 'no such letter' '-z: no such option' -z
misused 'no such letter among others' '-z: no such option' -az
misused 'no such name' '--zz: no such option' --zz=3
misused 'a name that is near another' '--widht: no such option; did you mean --width\?$' --widht=3
misused 'a name without its last letters and wrong' '--wit: no such option \(try' --wit=3
misused 'a name that several begin with' '--q: may be --quant, --quiet$' --q
misused 'no name' '--: no such option' --=3
misused 'a flag with an argument' '--all: takes no argument' --all=1
misused 'no argument' '-n: needs an argument' -n
misused 'no argument by name' '--width: needs an argument: N' --width
misused 'no integer' '-n 1x: a whole number' -n 1x
misused 'a negative integer' '--width=-1: a whole number' --width=-1
misused 'an integer beyond 64 bits' '-n 9999999999999999999: a whole' -n 9999999999999999999
misused 'no number' '--rate=x: a number' --rate=x
misused 'not a finite number' '--rate=nan: a number' --rate=nan
misused 'no size' '--size=3X: a size' --size=3X
misused 'a size beyond 64 bits' '--size=99999999T: a size' --size=99999999T
misused 'no time' '--time=3w: not understood' --time=3w
misused 'no time at all' '--time=0s: not understood' --time=0s
misused 'a call that refuses' '--call=x: not understood' --call=x
misused 'a type that there is not' '--dtype=f16: f32 or bf16 is wanted; did you mean bf16\?$' --dtype=f16
misused 'one that is near nothing' '--quant=four: nf4 or none is wanted$' --quant four
misused 'one that is only begun' '--dtype=f3: f32 or bf16 is wanted; did you mean f32\?$' --dt=f3
misused 'an empty one' '--dtype=: f32 or bf16 is wanted$' --dtype=
misused 'a word of a list' '--parts=up,dwon: dwon: up, down or out is wanted; did you mean down\?$' --parts=up,dwon
misused 'a list with nothing at its end' '--parts=up,: : up, down or out is wanted$' --parts=up,

is '--version' "$(clitest --version)" "clitest (coppice) $(rec-cat --version | sed 's/.* //')"
is '-h goes to stdout' "$(clitest -h 2>/dev/null | head -1)" 'usage: clitest [OPTION ...] [WORD ...]'
is '-h has every option once' "$(clitest -h | sed -n 's/^  .. *--\([a-z]*\).*/\1/p; s/^  -.,* --\([a-z]*\).*/\1/p' | sort | tr '\n' ' ')" \
	'adapter all base both call dtype help ignore memory model output parts plan quant quiet rate rates seed size threads time verbose version width '
is 'memory_budget is --memory' "$(clitest --memory=5M budget)" 5242880
ok 'memory_budget is less than all' [ "$(clitest budget)" -lt "$(awk '/MemTotal/ { printf "%.0f", $2 * 1024 }' /proc/meminfo)" ]
is '-v ends with a line of resources' "$(clitest -v 2>&1 >/dev/null | grep -Ec '^clitest: [0-9.]+ s, [0-9.]+ s user, [0-9.]+ s system, [0-9.]+ MiB at most$')" 1

# -- outputs in files
echo old >f
ok 'an output' clitest -o f write
is 'is there' "$(cat f; ls)" "$(printf 'new\nf\nf.folder')"
rm -r f.folder
echo old >f
fails 'a tool that dies' 1 '^clitest: f: broken\?in two: why$' clitest -o f die
is 'leaves the old file and nothing else' "$(cat f; ls)" "$(printf 'old\nf')"
for sig in TERM:143 INT:130 HUP:129 QUIT:131 USR1:138 ALRM:142; do
	mkfifo ready
	env --default-signal clitest -o f wait >ready &
	read -r line <ready
	kill "-${sig%:*}" $!
	wait $! 2>/dev/null
	is "a tool that gets SIG${sig%:*}, too" "$? $line $(rm ready; cat f; ls)" "$(printf '%s ready old\nf' "${sig#*:}")"
done
ok 'a device is written in place' sh -c 'clitest -o /dev/null write && rm -r /dev/null.folder && [ -c /dev/null ]'
fails 'a full device' 1 '^clitest: /dev/full: write: No space' sh -c 'clitest -o /dev/full write; s=$?; rm -rf /dev/full.folder; exit $s'
fails 'no such folder' 1 '^clitest: no/f: create: No such' clitest -o no/f write
fails 'a folder' 1 '^clitest: \.: is a folder' clitest -o . write
mkdir locked && chmod a-w locked
fails 'a folder that is not ours' 1 'create: Permission denied' plain clitest -o locked/f write

# -- progress, all at once for it takes its time
on_terminal() { script -qec "$1" /dev/null </dev/null | tr '\r' '\n'; }
clitest work >log 2>&1 &
on_terminal 'clitest work' >live &
on_terminal 'clitest -q work' >quiet &
wait
is 'no progress before three seconds, none in a log before thirty' "$(cat log)" ''
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
	like 'a live line on a terminal' "$(cat live)" 'clitest: counting: [0-9]+ of 40 \([0-9]+%\), 0:0[01] left, [0-9.]+ item/s'
	is 'none with -q' "$(cat quiet)" ''
	is 'records do not go to a terminal' "$(on_terminal 'echo | rec-make tokens' | head -1)" \
		'rec-make: standard output: is a terminal: records are binary, use rec-cat'
fi
done_testing
