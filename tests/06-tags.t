#!/bin/sh
# A tag of a struct, union or enum means one thing: it is defined in one header of lib/ only. lib/cuda stands in place of
# lib/cpu, so each of the two is looked at without the other.
. "${0%/*}/tap.sh"
cd "${0%/*}/.." || exit 1

twice() {	# FILE ...: tags that are defined in two of them
	grep -oE '^[[:space:]]*(struct|union|enum) [a-z0-9_]+ \{' "$@" | awk '{ tag = $(NF - 1); sub(/:.*/, "")
		if (tag in at) print tag, at[tag], $0; at[tag] = $0 }'
}
is 'no tag in two headers, with lib/cpu' "$(twice lib/*.h $(ls lib/*/*.h | grep -v '^lib/cuda'))" ''
is 'no tag in two headers, with lib/cuda' "$(twice lib/*.h $(ls lib/*/*.h | grep -v '^lib/cpu'))" ''
is 'one that stands twice would be found' "$(twice lib/ops.h lib/cpu/cpu.h lib/cuda/cuda.h | cut -d ' ' -f 1)" 'mat
row_place'

# C files have their tags to themselves. How many of those have a namesake elsewhere in lib/ and tools/: it only falls.
namesakes=10
grep -oHE '(struct|union|enum) [a-z0-9_]+ \{' $(find lib tools -name '*.[ch]' -o -name '*.cu') |
	awk '{ sub(/:.*/, "", $1); print $(NF - 1), $1 }' | sort -u >"$T/all"
awk '{ count[$1]++; line[NR] = $0; tag[NR] = $1 } END { for (i = 1; i <= NR; i++) if (count[tag[i]] > 1) print line[i] }' "$T/all" |
	grep -v '\.h$' >"$T/namesakes"
ok 'no more tags of C files have a namesake than had one' [ "$(wc -l <"$T/namesakes")" -le $namesakes ]
[ "$(wc -l <"$T/namesakes")" -le $namesakes ] || diag "$(cat "$T/namesakes")"
done_testing
