#!/bin/sh
# angdist: the records of one run, bit for bit, whatever the split, the order and the threads; parts that don't belong
# together; damaged parts. argmin-block against sort and head.
. "${0%/*}/tap.sh"
cd "$T" || exit 1

make-hidden 0 100 >all.hidden
make-hidden 0 40 >a.hidden
make-hidden 40 1 >b.hidden
make-hidden 41 59 >c.hidden
angdist all.hidden >all.angle
records() { rec-cat --full "$@"; }
records all.angle >want

is "one record for each pair of 9 layers" "$(wc -l <want)" 45
for j in 1 2 3 7; do
	angdist -j $j all.hidden | records >got
	same "-j $j: equal records" got want
done
angdist c.hidden a.hidden b.hidden | records >got
same "three files in another order: equal records" got want
cat b.hidden c.hidden a.hidden | angdist | records >got
same "three streams in one pipe: equal records" got want
for p in a b c; do angdist $p.hidden >$p.angle; done
angdist b.angle c.angle a.angle | records >got
same "three angle streams added: equal records" got want
angdist b.angle c.hidden a.angle | records >got
same "angle and hidden streams mixed: equal records" got want
angdist a.angle b.angle >ab.angle
cat c.angle ab.angle | angdist - | records >got
same "added in two steps, from a pipe: equal records" got want
is "meta.docs of the merged parts is one range" "$(rec-cat --header-json ab.angle | tr -d ' \n' | grep -o '"docs":\[\[[0-9,]*\]\]')" '"docs":[[0,40]]'
angdist -n 3 all.hidden | records >got
grep '"n":3,' want >want3
same "-n 3: those of width 3 alone" got want3
angdist -n 3 a.angle b.hidden c.angle | records >got
same "-n 3 of parts with every width" got want3
make-hidden 0 0 | angdist >none.angle
is "no records in, no records out, a whole stream" "$(rec-cat none.angle | wc -l) $(rec-cat -c none.angle >/dev/null && echo ok)" "0 ok"
angdist none.angle all.angle | records >got
same "an empty part adds nothing" got want

fails "the same part twice" 1 'document 0 is in this part and in one before' angdist a.angle b.angle a.angle
fails "a document in two hidden streams" 1 'document 40 is in this part' angdist c.angle b.hidden b.hidden
make-hidden 200 3 '{"print":"fedcba9876543210"}' >other.hidden
fails "another model" 1 'other.hidden: meta.print is "fedcba9876543210" here' angdist a.angle other.hidden
make-hidden 200 3 '{"keep":[0,1]}' >other.hidden
fails "other layers kept" 1 'meta.keep is \[0,1\] here, but absent' angdist a.angle other.hidden
angdist -n 3 b.hidden >b3.angle
fails "a part with one width only" 1 'has .* samples, others have' angdist a.angle b3.angle
make-hidden 200 3 '{"kernel":"avx512_core_bf16"}' >other.hidden
angdist a.angle other.hidden >mixed.angle 2>err
is "another kernel: merged, with a warning" "$? $(wc -l <err)" "0 1"
like "... which names the file" "$(cat err)" 'other.hidden: .*kernels'
angdist -q a.angle other.hidden >/dev/null 2>err
is "... and not with -q" "$(cat err)" ""
SPOIL=7:4:0 make-hidden 0 20 >zero.hidden
fails "a zero state: document and layer" 1 'zero.hidden: document 7, layer 4: ' angdist zero.hidden
SPOIL=19:0:nan make-hidden 0 20 >nan.hidden
SPOIL=7:2:0 make-hidden 0 20 >zero2.hidden
fails "the first such of all, for any -j" 1 'zero2.hidden: document 7, layer 2: ' angdist -j 3 zero2.hidden zero.hidden
fails "a state that is not a number" 1 'nan.hidden: document 19, layer 0: ' angdist nan.hidden
fails "an angle stream and a hidden one in one pipe" 1 'is a stream of hidden: angle is wanted' \
	sh -c 'cat a.angle b.hidden | angdist'
fails "... and the other way round" 1 'is a stream of angle: hidden is wanted' sh -c 'cat b.hidden a.angle | angdist'
fails "another kind" 1 'is a stream of angle|hidden' argmin-block all.hidden
fails "-n beyond the model" 1 'the model has only 9 layers' angdist -n 10 all.hidden

head -c $(($(wc -c <c.angle) - 7)) c.angle >cut.angle
fails "a cut part" 1 'cut.angle: ' angdist a.angle cut.angle
angdist a.angle cut.angle 2>/dev/null >out.angle
fails "... leaves a stream that is not complete" 1 '.' rec-cat -c out.angle
fails "/dev/full" 1 'write' sh -c 'angdist all.hidden >/dev/full'

# l*(n) by another way: the smallest mean, the first of equals, of the table as text
argmin-block -n all all.angle 2>table | rec-cat --no-header -t n,l >got
rec-cat --no-header -t n,l,mean all.angle | sort -k1,1n -k3,3g -k2,2n | awk '$1 < 9 && !seen[$1]++ { print $1 "\t" $2 }' >want
same "argmin-block -n all: as sort finds it in the table" got want
is "... and a line for each on stderr, below a head" "$(wc -l <table)" 9
argmin-block -q -n 3,0,5-6 a.angle b.angle c.angle | rec-cat --no-header -t n >got
is "-n 3,0,5-6: in that order, from parts" "$(tr '\n' ' ' <got)" "3 0 5 6 "
is "-q: nothing on stderr" "$(argmin-block -q all.angle 2>&1 >/dev/null)" ""
is "-n 8 is the default" "$(argmin-block -q all.angle | rec-cat --no-header -t n)" 8
like "n = 0: the base, an empty block" "$(argmin-block -q -n 0 all.angle | rec-cat)" \
	'"n":0,"l":0,"mean":null,"sem":null,"layers":9,"rule":"similarity"'

# how sure that is, by another way: from the sums that rec-cat prints of each resample
SPREAD=1 make-hidden 0 30 | angdist >spread.angle
rec-cat --full -t n,l,mean,resamples spread.angle | tr ',' '\t' | sort -k1,1n -k2,2n | awk '
	function end_of_width(  k, i, best, next_) {
		for (k = 4; count > 1 && k <= 103; k++) {
			best = 0
			for (i = 1; i < count; i++) if (sum[i, k] < sum[best, k]) best = i
			wins[best]++
		}
		best = 0
		for (i = 1; i < count; i++) if (sum[i, 3] < sum[best, 3]) best = i
		for (i = 0; count > 1 && i < count; i++) {
			printf "%d\t%d\t%g", n, i, wins[i] / 100
			next_ = i == 0
			for (k = 0; k < count; k++) if (k != i && (wins[k] > wins[next_] ||
				(wins[k] == wins[next_] && sum[k, 3] < sum[next_, 3]))) next_ = k
			printf "\t%d\n", next_
		}
		split("", wins)
		count = 0
	}
	$1 != n { end_of_width(); n = $1 }
	{ for (k = 3; k <= 103; k++) sum[count, k] = $k + 0; wins[count++] += 0 }' >want
argmin-block -q --every -n all spread.angle | rec-cat --no-header -t n,l,sure,second | awk -F '\t' '{ printf "%d\t%d\t%g\t%d\n", $1, $2, $3, $4 }' >got
same "sure and second, of every block" got want
is "... and some are in doubt" "$(awk '$3 > 0 && $3 < 1' got | wc -l | awk '{ print ($1 > 3) }')" 1
like "the table says so" "$(argmin-block -n 1 all.angle 2>&1 >/dev/null)" '^   1 .* +[0-9]+% +[0-9]+  [0-9]+$'
bare() { rec-cat --full "$1" | sed 's/,"resamples".*/}/' | rec-make --meta "{$meta}" angle; }
meta='"print":"0123456789abcdef","layers":9,"kernel":"avx2"'
bare all.angle >bare.angle
like "angles without resamples: no word of it" "$(argmin-block -q bare.angle | rec-cat)" '"rule":"similarity"}$'
is "... nor in the table" "$(argmin-block bare.angle 2>&1 >/dev/null | head -1)" "   n  share  distance      +-  layers of 9"
angdist a.angle c.angle >ac.angle
rec-cat --full ac.angle | grep -c '"resamples"' >got
bare b.angle >bare.angle
angdist ac.angle bare.angle | rec-cat >bare
is "a part without them: none of the whole" "$(cat got) $(wc -l <bare) $(grep -c resamples bare)" "45 45 0"
rec-cat --full all.angle | sed 's/"shape":\[100\],"data":\[[0-9]*,/"shape":[99],"data":[/' >short.json
fails "99 resamples" 1 "key 'resamples': not 100 sums" rec-make angle short.json

# every block of a width: the table's rows of that width, in the order of l
argmin-block -q --every -n 3 all.angle | rec-cat --no-header -t n,l,mean,sem,layers,rule >got
rec-cat --no-header -t n,l,mean,sem all.angle | awk '$1 == 3 { print $0 "\t9\tevery" }' | sort -k2,2n >want
same "--every -n 3: all seven blocks, in order of l" got want
is "--every -n 0,8: the base once, then two blocks" \
	"$(argmin-block -q --every -n 0,8 all.angle | rec-cat --no-header -t n,l | tr '\t\n' ', ')" "0,0 8,0 8,1 "
is "... each a line of the table" "$(argmin-block --every -n 3 all.angle 2>&1 >/dev/null | wc -l)" 8
fails "--every with --simple" 2 'not both' argmin-block --every --simple -n 3
fails "n = L" 2 'at most 8 can go' argmin-block -n 9 all.angle
fails "a list that is none" 2 'is no list' argmin-block -n 3-1 all.angle
fails "no angles of that width" 1 'no angles for n = 4' argmin-block -n 4 b3.angle
fails "no angles at all" 1 'no angles' argmin-block none.angle
done_testing
