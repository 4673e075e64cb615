#!/bin/sh
# What comments, pages and texts point to exists: a page of man/ and, where one is named behind it in capitals, as in
# "records(5), KINDS", a section of that page. A section is the title of an .Sh or .Ss, in capitals.
. "${0%/*}/tap.sh"

# Files as one line each, without what begins the lines of comments, so that a pointer may be wrapped.
one_line() {
	for f; do
		case $f in
		*.[157]) mandoc -T ascii -O width=1000 "$f" | sed 's/.\x08//g' ;;
		*) cat "$f" ;;
		esac | sed -E 's/^[[:space:]]*(\/?\*+|\/\/|#+)?[[:space:]]*//' | paste -sd ' ' - | sed "s|^|$f: |"
	done
}

# PAGES-FOLDER FILE ...: every pointer "FILE: page(N), SECTION" or "FILE: page(N)" to a page of ours
pointers() {
	man=$1
	shift
	ours=$(cd "$man" && ls *.[157] | sed 's/\.[157]$//' | paste -sd '|' -)
	one_line "$@" | grep -aoE "^[^ ]*: |\b(coppice-[a-z]+|$ours)\([1-9]\)(, [A-Z0-9][-A-Z0-9]+\b( [A-Z0-9][-A-Z0-9]*\b)*)?" |
		awk '/: $/ { file = $0; next } { print file $0 }' | sort -u
}

# PAGES-FOLDER: the pages and their sections, as pointers have them
targets() {
	for page in "$1"/*.[157]; do
		name=${page##*/}
		name="${name%.?}(${name##*.})"
		echo "$name"
		sed -n 's/^\.S[hs] //p' "$page" | tr -d '"' | tr a-z A-Z | sed "s/^/$name, /"
	done
}

# PAGES-FOLDER FILE ...: pointers to what is not there. Where a sentence in capitals follows the title, as "A" may, the
# longest title that the pointer begins with, in whole words, counts.
astray() {
	targets "$1" >"$T/targets"
	pointers "$@" | awk -v targets="$T/targets" '
		BEGIN { while ((getline line < targets) > 0) known[line] = 1 }
		{
			text = substr($0, index($0, ": ") + 2)
			while (!(text in known) && text ~ /, .* /)
				sub(/ [^ ]*$/, "", text)
			if (!(text in known))
				print
		}'
}

# Documents that are in no repository.
old='(specs|design|decisions|style)\.md'

files() {
	git ls-files 2>/dev/null | grep . || find ./*.md Makefile bootstrap .ci lib man pipelines tests tools -type f | sed 's,^\./,,'
}
files | grep -vE "^tests/golden/|^tests/${0##*/}$|\.(gz|zst|png|gguf)$" | while read -r f; do [ ! -f "$f" ] || echo "$f"; done |
	xargs grep -lIE '\([157]\)|\.md|Xr ' >"$T/files"
ok 'there are files to look at' grep -qx lib/ops.h "$T/files"

pointers man $(cat "$T/files") >"$T/pointers"
ok 'there are many pointers to sections' sh -c '[ "$(grep -c ", " "$1")" -gt 40 ]' sh "$T/pointers"
is 'every page and section that is named exists' "$(astray man $(cat "$T/files"))" ''
is 'nothing names a document that is not here' "$(grep -nE "$old" $(cat "$T/files"))" ''

# The look itself: what is right passes, what is astray is found, wrapped or not, in code, scripts and pages.
mkdir "$T/man"
cat >"$T/man/coppice-x.7" <<'EOF'
.Dd November 27, 2026
.Dt COPPICE-X 7
.Os
.Sh NAME
.Nm coppice-x
.Nd a page
.Sh TWO WORDS
See
.Xr coppice-x 7 ,
NO SUCH.
.Ss And a part
EOF
cat >"$T/right.c" <<'EOF'
/* right - coppice-x(7), TWO WORDS. coppice-x(7), AND A PART, A word; coppice-x(7), TWO
 * WORDS; of coppice-x(7), A is no section, nor is gcc(1), OPTIONS ours
 */
EOF
cat >"$T/wrong.c" <<'EOF'
/* wrong - coppice-x(7), WRONG (coppice-x(7),
 * TWO)
 */
int x; /* coppice-y(7), and coppice-x(5), TWO WORDS */
EOF
printf '# as coppice-x(7),\n# OTHER says\n' >"$T/wrong.t"
is 'right pointers pass' "$(astray "$T/man" "$T/right.c")" ''
is 'and are seen' "$(pointers "$T/man" "$T/right.c" | sed 's/.*: //')" \
	"$(printf '%s\n' 'coppice-x(7)' 'coppice-x(7), AND A PART' 'coppice-x(7), TWO WORDS')"
is 'wrong ones are found in code' "$(astray "$T/man" "$T/wrong.c" | sed 's/.*: //')" \
	"$(printf '%s\n' 'coppice-x(5), TWO WORDS' 'coppice-x(7), TWO' 'coppice-x(7), WRONG' 'coppice-y(7)')"
is 'in scripts' "$(astray "$T/man" "$T/wrong.t" | sed 's/.*: //')" 'coppice-x(7), OTHER'
is 'and in pages' "$(astray "$T/man" "$T/man/coppice-x.7" | sed 's/.*: //')" 'coppice-x(7), NO SUCH'
for name in specs design decisions style; do
	like "$name.md is an old name" "$name.md" "$old"
done
done_testing
