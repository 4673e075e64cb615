#!/bin/sh
# A struct, enum or union means one thing: no tag is defined in two headers. In C files, where tags are their own, there may
# be as many with a namesake elsewhere as there are now, and no more: the number here only falls.
. "${0%/*}/tap.sh"
cd "${0%/*}/.." || exit 1
namesakes=24

# "TAG FILE" of every definition, once a file. Backends stand for each other, so that theirs are as one file.
find lib tools \( -name '*.[ch]' -o -name '*.cu' -o -name '*.inc' \) -exec awk '
	{
		line = $0
		while (match(line, /(struct|enum|union)[ \t]+[A-Za-z_0-9]+[ \t]*\{/)) {
			tag = substr(line, RSTART, RLENGTH - 1)
			sub(/^[a-z]+[ \t]+/, "", tag); sub(/[ \t]+$/, "", tag)
			print tag, FILENAME
			line = substr(line, RSTART + RLENGTH)
		}
	}' {} + | sort -u >"$T/all"
ok 'definitions are found' [ "$(wc -l <"$T/all")" -gt 200 ]
twice() { awk '{ count[$1]++; in_[$1] = in_[$1] " " $2 } END { for (t in count) if (count[t] > 1) print t ":" in_[t] }' | sort; }
is 'no tag in two headers' "$(grep '\.h$' "$T/all" | sed 's,lib/c[pu][^/]*/[a-z_]*\.h,lib/backend,' | sort -u | twice)" ''
awk '{ count[$1]++; in_[$1] = in_[$1] "\n" $0 } END { for (t in count) if (count[t] > 1) print in_[t] }' "$T/all" | grep -v '\.h$' | grep . |
	sort >"$T/namesakes"
ok 'and no more of them in C files with a namesake than there were' [ "$(wc -l <"$T/namesakes")" -le $namesakes ]
[ "$(wc -l <"$T/namesakes")" -le $namesakes ] || diag "$(cat "$T/namesakes")"
done_testing
