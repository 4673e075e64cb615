#!/bin/sh
# lib/ is in rooms, in the order of the data: a file includes from its own room and from lower ones, by "room/file.h", and
# no two files need each other.
. "${0%/*}/tap.sh"
cd "${0%/*}/.." || exit 1
unset MAKEFLAGS MAKELEVEL	# of make check

rooms=$(make -s --no-print-directory print-ROOMS)
# Operations on matrices, and random words, are below all rooms: a backend is built on these and on the lowest rooms, and
# no room may use it. cuda-emu stands for a device, in place of some of cuda.
below='ops.h philox.h'
backends='cpu cuda cuda-emu'
may_backends='sys file'

# "FILE INCLUDED" of every include of ours
find lib tools \( -name '*.[ch]' -o -name '*.cu' -o -name '*.inc' \) -exec grep -H '^ *# *include "' {} + |
	sed -E 's,^lib/,,; s,: *# *include "([^"]*)".*, \1,' | sort >"$T/includes"

is 'every include names its room' "$(awk -v below="$below" '
	BEGIN { n = split(below, b); for (i = 1; i <= n; i++) ok[b[i]] = 1 }
	$2 !~ /\// && !($2 in ok) { print $1 ": " $2 }' "$T/includes")" ''
is 'every room is in the list' "$(find lib -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort | paste -sd' ')" \
	"$(printf '%s\n' $rooms $backends | sort | paste -sd' ')"
is 'every file is in a room' "$(find lib -maxdepth 1 -name '*.h' -printf '%f\n' | sort | paste -sd' ')" "$below"

awk -v rooms="$rooms" -v backends="$backends" -v may="$may_backends" '
	function room(file) { return file ~ /\// ? substr(file, 1, index(file, "/") - 1) : "" }
	BEGIN {
		n = split(rooms, r); for (i = 1; i <= n; i++) floor[r[i]] = i
		n = split(backends, r); for (i = 1; i <= n; i++) backend[r[i]] = 1
		n = split(may, r); for (i = 1; i <= n; i++) lowest[r[i]] = 1
	}
	room($1) == "tools" { if (room($2) in backend) print; next }
	room($2) == "" { next }
	room($1) == "" { print; next }
	room($1) in backend { if (!(room($2) in lowest) && substr(room($1), 1, 3) != substr(room($2), 1, 3)) print; next }
	!(room($2) in floor) || floor[room($2)] > floor[room($1)]' "$T/includes" >"$T/up"
is 'no include of a higher room' "$(cat "$T/up")" ''

# A file is NAME.h with NAME.c. A header that has no such file is part of what includes it.
awk '
	function base(file) { sub(/\.[a-z]+$/, "", file); return file }
	/^tools/ { next }
	{ if ($1 ~ /\.(c|cu)$/) code[base($1)] = 1; from[NR] = base($1); to[NR] = base($2) }
	function follow(f, t, depth,   i) {
		if (t in code || depth > 9) { if (f != t) print f, t; return }
		for (i = 1; i <= NR; i++) if (from[i] == t) follow(f, to[i], depth + 1)
	}
	END { for (k = 1; k <= NR; k++) if (from[k] in code) follow(from[k], to[k], 0) }' "$T/includes" | sort -u >"$T/needs"
grep -v '^cuda/device cuda-emu/emu$' "$T/needs" | tsort 2>&1 >/dev/null | sed -n '/loop:$/d; s/^tsort: //p' | sort -u >"$T/circles"
is 'no files need each other' "$(cat "$T/circles")" ''
done_testing
