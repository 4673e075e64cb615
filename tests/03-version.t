#!/bin/sh
# What a source is called: by the tags and commits of git, by the Makefile where there is no git. Another commit compiles one
# object and links what says its version, and nothing else.
. "${0%/*}/tap.sh"
command -v git >/dev/null || skip_all 'no git'
root=$(cd "${0%/*}/.." && pwd)
unset MAKEFLAGS MAKELEVEL	# of make check
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@localhost GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@localhost

mkdir -p "$T/tree/.ci" "$T/tree/lib" "$T/tree/man"
cp "$root/.ci/version" "$T/tree/.ci"
cd "$T/tree" || exit 1
touch Makefile lib/a.c man/a.1
version() { .ci/version 0.7; }
commit() { git add -A && git commit -qm "$1"; }
is 'without git, the release' "$(version)" 0.7
git init -q .. && is "nor is a repository around it asked" "$(version)" 0.7
git init -q . && commit one
like 'before the first tag' "$(version)" '^0\.7~g[0-9a-f]{12}$'
git tag v0.8 && is 'a tag' "$(version)" 0.8
git tag other && is 'another kind of tag' "$(version)" 0.8
echo >man/a.1 && is 'a page that was changed changes nothing' "$(version)" 0.8
echo >lib/a.c && is 'what is compiled does' "$(version)" 0.8+0.dirty
git checkout -q . && touch lib/b.c && is 'so does a new file of it' "$(version)" 0.8+0.dirty
commit two
like 'a commit behind the tag' "$(version)" '^0\.8\+1\.g[0-9a-f]{12}$'
echo >Makefile
like 'changed' "$(version)" '^0\.8\+1\.g[0-9a-f]{12}\.dirty$'
git checkout -q . && git tag -a -m nine v0.9 && is 'the next release' "$(version)" 0.9
last=0
for next in 0.7~gffffffffffff 0.7 0.8 0.8+0.dirty 0.8+1.gffffffffffff 0.8+1.gffffffffffff.dirty 0.8+12.g000000000000 0.9; do
	dpkg --compare-versions "$last" lt "$next" || echo "$last $next"
	last=$next
done >"$T/unsorted"
is 'dpkg takes them in their order' "$(cat "$T/unsorted")" ''

cd "$root" || exit 1
is 'in the header of a stream, as in --version' "$(rec-make tokens </dev/null | rec-cat --header-json | jq -r '.made[0].version')" \
	"$(rec-make --version | sed 's/.* //')"
if [ -n "$(make -n -s --no-print-directory O="$O" tests 2>&1)" ]; then
	tap_result 0 'another version compiles one object # SKIP the build is older than its sources'
	done_testing
fi
make -n -s --no-print-directory O="$O" VERSION=9.9 tests >"$T/plan" 2>&1
is 'another version compiles one object' "$(sed -n 's/.* -c -o \([^ ]*\) .*/\1/p' "$T/plan" | sed "s,^$O/,,")" obj/lib/sys/version.o
is '... and links the tools' "$(grep -c -e "-o $O/bin/" "$T/plan")" "$(ls tools/*.c | wc -l)"
is '... and no unit test' "$(grep -c -e "-o $O/tests/[0-9]" "$T/plan")" 0
done_testing
