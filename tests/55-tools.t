#!/bin/sh
# golden/tiny once more, through the tools; and layers dropped by reference, in a written checkpoint and in memory.
. "${0%/*}/tap.sh"
. "${0%/*}/golden.sh"
G=$COPPICE_GOLDEN/tiny

for n in llama-gqa phi2; do
	e=$G/$n/expected.json m=$T/$n
	make-tiny --gguf=f32 "$n" "$m"
	golden-get --ids "$G/$n/tokens.json" sequences | rec-make tokens >"$T/tokens"

	hidden-dump -q -m "$m" --dtype=f32 "$T/tokens" >"$T/hidden"
	rec-cat --full "$T/hidden" >"$T/hidden.json"
	last=$(golden-get "$e" layers)
	for s in 0 1 2; do
		sed -n $((s + 1))p "$T/hidden.json" >"$T/one.json"
		golden-get "$T/one.json" x.data | awk -v rows=$((last + 1)) '{ v[NR - 1] = $2 }
			END { for (i = 0; i < NR; i++) printf "%d\t%d\t%s\n", i / (NR / rows), i % (NR / rows), v[i] }' >"$T/a"
		golden-get "$e" f64.x.$s >"$T/b"
		near "$n: hidden-dump's x of sequence $s" "$T/a" "$T/b" 1e-5
	done

	angdist -q "$T/hidden" >"$T/angle"
	rec-cat --no-header -t n,l,mean "$T/angle" >"$T/a"
	golden-get "$e" f64.distance >"$T/b"
	near "$n: angdist's means" "$T/a" "$T/b" 1e-5
	argmin-block -q -n all "$T/angle" >"$T/block"
	rec-cat --no-header -t n,l "$T/block" >"$T/a"
	golden-get "$e" f64.best | sed '$d' >"$T/b"
	same "$n: argmin-block's l*(n)" "$T/a" "$T/b"

	drop-layers -q -m "$m" "$T/block" | eval-c4 -q --dtype=f32 "$T/tokens" | rec-cat --no-header -t model.block.n,value | sed '$d' >"$T/a"
	golden-get "$e" f64.loss_similarity | awk '$2 == "all" { print $1 "\t" $3 }' >"$T/b"
	near "$n: eval-c4 without the best blocks" "$T/a" "$T/b" 1e-5
	argmin-block -q --simple -n all -m "$m" | drop-layers -q -m "$m" | eval-c4 -q --dtype=f32 "$T/tokens" |
		rec-cat --no-header -t model.block.n,value | sed '$d' >"$T/a"
	golden-get "$e" f64.loss_simple | awk '$2 == "all" { print $1 "\t" $3 }' >"$T/b"
	near "$n: eval-c4 without the deepest blocks" "$T/a" "$T/b" 1e-5

	run() { golden-forward --dtype=f32 --tokens="$G/$n/tokens.json" "$@" >/dev/null; }
	run -m "$m" --keep=0-1,$((last - 2))-$((last - 1)) --dump="$T/a"
	for from in "$m" "$m/model.gguf"; do
		drop-layers -q -m "$from" --layers=2-$((last - 3)) -o "$T/written" >"$T/model"
		to=$T/written
		[ "$from" = "$m" ] || to=$(ls "$to"/*.gguf)
		run -m "$to" --keep=0-3 --dump="$T/b"
		same "$n: $(basename "$from") without layers 2-$((last - 3)), written: the bits of skipping them in memory" "$T/a" "$T/b"
		hidden-dump -q --dtype=f32 "$T/tokens" <"$T/model" | rec-cat --full >"$T/by-reference"
		hidden-dump -q -m "$to" --dtype=f32 "$T/tokens" | rec-cat --full >"$T/by-file"
		same "$n: $(basename "$from"): and of dropping by reference" "$T/by-reference" "$T/by-file"
		rm -rf "$T/written"
	done
done
done_testing
