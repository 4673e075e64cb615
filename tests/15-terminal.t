#!/bin/sh
# The terminal: usage instead of waiting, a live line as wide as there is room, of which nothing stays, plain lines where
# there is no going back in a line. A clock that only goes on when it is looked at (tests/preload/clock.c) makes all lines
# known beforehand.
. "${0%/*}/tap.sh"
tools=$(basename -s .c "${0%/*}"/../tools/*.c)
cd "$T" || exit 1
script -qec true /dev/null </dev/null >/dev/null 2>&1 || skip_all 'no terminal: script(1)'

# on COMMAND: its standard files are a terminal; what that shows, a line for each carriage return
on() { TERM=${term-xterm} script -qec "$1" /dev/null </dev/null | tr '\r' '\n'; }
clear=$(printf '\033[K')

# -- usage instead of waiting
for tool in $tools; do
	case $tool in
	rec-make) typed='rec-make tokens' ;;
	merge-lora | qlora-heal) typed="$tool -o x" ;;
	*) typed=$tool ;;
	esac
	script -qec "timeout 10 $typed >x" said </dev/null >/dev/null
	is "$tool: nothing is given, exit 2" "$?" 2
	tr -d '\r' <said >plain
	if "$tool" -h | grep -qx "usage: $tool \[OPTION ...\]"; then
		like "$tool: has no operands, but a model" "$(grep "^$tool:" plain)" "^$tool: no model: -m MODEL, or a model stream"
	else
		is "$tool: says how it is used" "$(grep -c "^usage: $tool " plain)" 1
		like "$tool: and why" "$(grep "^$tool:" plain)" "^$tool: standard input is a terminal: name a file"
	fi
	is "$tool: that is all, without colour or escapes" "$(grep -c "$(printf '\033')" said)" 0
	is "$tool -h goes to standard output, exit 0" "$("$tool" -h 2>&1 >/dev/null; echo $?)" 0
	is "$tool --version, too" "$("$tool" --version 2>&1 >/dev/null; echo $?)" 0
done
script -qec 'timeout 10 rec-cat - ; echo $?' said <<END >/dev/null
END
is 'what is typed is read where - asks for it' "$(grep -c usage said)" 0
like 'with an option that needs no input there is no usage' "$(on 'timeout 10 drop-layers --layers 3 >x')" \
	'^drop-layers: no model: -m MODEL, or a model stream on standard input$'
like '... for argmin-block --simple, too' "$(on 'timeout 10 argmin-block --simple >x')" '^argmin-block: no model: -m MODEL'
fails 'no terminal, and nothing in it' 1 '^rec-cat: standard input: is empty' sh -c 'rec-cat </dev/null'

# -- the live line
nm "$O/bin/rec-cat" 2>/dev/null | grep -q __asan_init && { skip 'progress' 'sanitizers are to be loaded first'; done_testing; }
quick="LD_PRELOAD=$O/tests/helper/clock.so"
live() { on "$1; $quick ${2-clitest work}" | sed "/^\$/d" >got; }
# The numbers of the forty items that are told, those of the first three seconds being silent.
lines() {	# COLUMNS NAME
	awk -v width="$1" -v name="$2" -v clear="$clear" 'BEGIN {
		for (i = 4; i <= 40; i++) {
			left = sprintf("clitest: %s%d of 40 (%d%%), 0:%02d left, 1.00 item/s", name, i, i / 40 * 100 + 1e-9, 40 - i)
			print clear substr(left, 1, width - 1)
		}
		printf "%s", clear
	}'
}
percent() { sed 's/([0-9]*%)/(%)/'; }	# the rounding of halves is printf's
for w in 2 3 20 39 40 41 62 63 64 80 500; do
	live "stty cols $w"
	is "$w columns: one less is used, and in the end the line is cleared" "$(percent <got)" "$(lines $w 'counting: ' | percent)"
done
live 'stty cols 1'
is '1 column: nothing' "$(tr -d "$clear" <got)" ''
live 'stty cols 0'
is 'a terminal that does not know its width has 80' "$(percent <got)" "$(lines 80 'counting: ' | percent)"
live 'stty cols 100' 'clitest work ""'
is 'work without a name has that of the tool, once' "$(percent <got)" "$(lines 100 '' | percent)"
long=$(printf '%0200d' 0)
live 'stty cols 100' "clitest work $long"
is 'a name longer than the line' "$(sort -u got)" "$(printf '%s\n%s' "$clear" "${clear}clitest: $(printf '%.90s' "$long")")"
live 'stty cols 500' "clitest work $long$long$long"
is 'a name longer than all that is kept of a line' "$(sort -u got | sed -n '$p' | cut -c 4- | wc -c)" 500
name=二つ漢字の長い名前
for cut in 22:二つ漢字の長 23:二つ漢字の長 24:二つ漢字の長い 25:二つ漢字の長い 26:二つ漢字の長い名 12:二 11: 10:; do
	live "stty cols ${cut%%:*}" "clitest work $name"
	is "${cut%%:*} columns: letters of two columns are never cut" "$(sort -u got | tail -n 1)" "${clear}clitest: ${cut#*:}"
done
live 'stty cols 100' "clitest work \"\$(printf 'a\\033[2J\\377\\302\\205b\\314\\201c')\""
like 'what is no text does not reach the terminal' "$(tail -n 2 got)" "^.\\[Kclitest: a\\?\\[2J\\?\\?\\?b.*c: 40 of 40"
live 'stty cols 80' 'NO_COLOR=1 clitest work'
is 'NO_COLOR changes nothing, for there is no colour' "$(percent <got)" "$(lines 80 'counting: ' | percent)"
live 'stty cols 80' 'clitest -q work'
is '-q: no line' "$(cat got)" ''
for term in dumb ''; do
	live 'stty cols 20'
	is "TERM='$term': a plain line after half a minute, not cut" "$(cat got)" \
		'clitest: counting: 31 of 40 (78%), 0:09 left, 1.00 item/s'
done
term=xterm
env $quick clitest work 2>log
is 'so in a log' "$(cat log)" 'clitest: counting: 31 of 40 (78%), 0:09 left, 1.00 item/s'
env $quick CLOCK_TICK=31 clitest work 2>log
is '... and after each half minute' "$(wc -l <log) $(tail -n 1 log)" \
	'40 clitest: counting: 40 of 40 (100%), 0:00 left, 0.03 item/s'
env $quick CLOCK_TICK=30 clitest work 2>log
is '... not before it is over' "$(wc -l <log)" 20

live 'stty cols 80' 'clitest work "" warn'
is 'a message stands alone, and the line goes on after it' "$(sed -n '/35 of/,/36 of/p' got | percent)" \
	"$(printf '%s\n%s\n%s' "$(lines 80 '' | sed -n 32p)" "${clear}clitest: a message" "$(lines 80 '' | sed -n 33p)" | percent)"
live 'stty cols 80' 'clitest work "" fail'
is 'the last message, too' "$(tail -n 1 got)" "${clear}clitest: failed"
live 'stty cols 80' 'clitest work "" kill; echo then'
is 'a signal leaves no line' "$(sed -n '/35 of/,$p' got | sed '1d; s/Terminated//' | tr -d '\n')" "${clear}then"
live 'stty cols 80' 'CLOCK_TICK=4 clitest pieces'
is 'steps count as their part of a piece, what a run before did has no rate' "$(sed -n 's/.*: \([0-9]*\) of 40.*/\1/p' got | tr '\n' ' ')" \
	'10 12 14 16 18 20 20 22 24 26 28 30 30 32 34 36 38 40 40 '
is '... which is that of this run' "$(sed -n 's/.*, 0:.*left, \([0-9.]*\) item.*/\1/p' got | tail -n 1)" 0.39	# 30 in 19 looks of 4 s

# -- tools that run a model: each layer is a step
make-tiny llama m >/dev/null || exit 1
for i in 0 1 2 3 4 5 6 7; do echo "{\"doc\":$i,\"ids\":[1,5,9,$i,3,4,8,7,6,2]}"; done | rec-make tokens >t.tokens
argmin-block -q --simple -n 1,2 -m m | drop-layers -q -m m >two.model
counts() {	# the counts that the line showed, the last one twice
	sed -n "s/.*: \([0-9]*\) of $1 .*/\1/p" got | tr '\n' ' '
}
go() { on "stty cols 99; LD_PRELOAD=$O/tests/helper/clock.so CLOCK_TICK=4 $1" >got; }
hidden-dump -q -j 1 -m m t.tokens >want.hidden
go 'hidden-dump -j 1 -m m t.tokens >got.hidden'
is 'hidden-dump: seven layers and the end, of eighty tokens' "$(counts 80)" '10 20 30 40 50 60 70 80 80 '
same '... and the same bytes' got.hidden want.hidden
like '... named once' "$(cat got)" '^.\[Khidden-dump: 10 of 80 \(1[23]%\), '
go 'hidden-dump -j 1 -m m <t.tokens >got.hidden'
is 'a file as standard input' "$(counts 80)" '10 20 30 40 50 60 70 80 80 '
same '... and the same bytes' got.hidden want.hidden
go 'sh -c "cat t.tokens | hidden-dump -j 1 -m m >got.hidden"'
is 'a pipe has no total' "$(sed -n 's/.*hidden-dump: \([0-9]* tokens\), .*/\1/p' got | tr '\n' ' ')" \
	"$(for i in 10 20 30 40 50 60 70 80 80; do printf '%s tokens ' $i; done)"
same '... and the same bytes' got.hidden want.hidden
go 'hidden-dump -j 1 -m m --skip 2 --limit 4 t.tokens >got.hidden'
is 'a part of a file' "$(counts 40)" '5 10 15 20 25 30 35 40 40 '
go 'hidden-dump -j 1 -m m t.tokens t.tokens - <t.tokens >got.hidden'
is 'several files' "$(counts 240 | wc -w)" 9
go 'hidden-dump -j 1 -m m --all-tokens t.tokens >got.hidden'
is 'batch after batch' "$(counts 80 | wc -w) $(counts 80 | sed 's/.* \([0-9]*\) $/\1/')" '72 80'
env LD_PRELOAD=$O/tests/helper/clock.so CLOCK_TICK=31 hidden-dump -j 1 -m m t.tokens 2>log >got.hidden
is 'in a log' "$(sed -n 's/^hidden-dump: \([0-9]*\) of 80 .* tokens\/s$/\1/p' log | tr '\n' ' ')" '10 20 30 40 50 60 70 80 80 '

eval-c4 -q -j 1 t.tokens <two.model >want.score
go 'eval-c4 -j 1 t.tokens <two.model >got.score'
is 'eval-c4: two models of four layers in common and three of their own, and two ends' "$(counts 160)" \
	'18 36 53 71 89 107 124 142 160 160 '
like '... which are named, for their tokens are counted' "$(cat got)" '^.\[Keval-c4: 2 models: 18 of 160 '
same '... and the same bytes' got.score want.score
for i in 0 1 2 3; do echo "{\"question\":\"is it $i\",\"passage\":\"it is\",\"answer\":true}"; done >boolq.jsonl
go 'eval-boolq -j 1 boolq.jsonl <two.model >got.score'
is 'eval-boolq: its questions, for each model' "$(counts 8)" '1 2 3 4 4 5 6 7 8 8 '
go 'eval-boolq -j 1 -m m --samples s boolq.jsonl >got.score'
is '... of one' "$(counts 4 | wc -w) $(grep -c models got)" '9 0'

drop-layers -q -m m --layers 4,5 >cut.model
heal='qlora-heal -j 1 --steps 3 --batch 4 --rank 2 --quant none --dtype f32 --valid t.tokens --every 2'
$heal -q -o want t.tokens <cut.model >want.model
go "$heal -o got.ad t.tokens <cut.model >got.model"
is 'qlora-heal: from nothing to all tokens, held-out ones too, and never back' \
	"$(counts 280 | tr ' ' '\n' | awk 'NF { if ($1 < last) back = 1; last = $1; n++ } END { print (back ? "back" : "on"), last, (n > 40) }')" \
	'on 280 1'
like '... a step by its number' "$(cat got)" 'qlora-heal: step 2 of 3: [0-9]* of 280'
like '... a held-out loss, too' "$(cat got)" 'qlora-heal: held-out loss before step 3 of 3: [0-9]* of 280'
same '... and the same adapter' got.ad/adapter_model.safetensors want/adapter_model.safetensors
done_testing
