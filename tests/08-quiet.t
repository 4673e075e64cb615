#!/bin/sh
# What a newcomer sees of the build: short lines from make, a line for each step from bootstrap, and where something fails all
# that it said. apt and dpkg are stand-ins here.
. "${0%/*}/tap.sh"
unset MAKEFLAGS MAKELEVEL
command -v dpkg-query >/dev/null || skip_all "dpkg is absent"

build() { make --no-print-directory O="$T/o" "$@" 2>&1; }
object=$T/o/obj/lib/philox.o
is 'make: a line for what is compiled' "$(build "$object")" 'CC  lib/philox.c'
is '... -s: none' "$(touch -d 1970-01-02 "$object"; build -s "$object")" ''
like '... V=1: the command' "$(touch -d 1970-01-02 "$object"; build V=1 "$object")" " -c -o $object lib/philox.c"
like '... -n: too' "$(touch -d 1970-01-02 "$object"; build -n "$object")" " -c -o $object lib/philox.c"
is '... which has no line in its place' "$(build -n "$object" | grep -c '^CC')" 0
printf '#!/bin/sh\ncase $* in *-dumpmachine*) exec gcc "$@" ;; esac\necho some reason >&2\nexit 1\n' >"$T/cc"
chmod +x "$T/cc"
like '... a failure: what the compiler said' "$(build CC="$T/cc" "$object" | tr '\n' ' ')" '^CC  lib/philox.c some reason make: '

# -- bootstrap, in a tree of its own: dpkg knows nothing, apt chatters, the Makefile has little to do
mkdir "$T/tree" "$T/bin"
cp bootstrap "$T/tree"
cat >"$T/tree/Makefile" <<'END2'
TOOLS = one two
O = out
all tests: ; @echo 'CC  one.c'; echo a warning; $(FAIL)
demo: ; @echo the demo
print-%: ; @echo '$($*)'
END2
say() { printf '#!/bin/sh\n%s\n' "$2" >"$T/bin/$1"; chmod +x "$T/bin/$1"; }
say dpkg-query 'case $* in *" make") echo "install ok installed" ;; esac'
say apt-cache 'echo "  Candidate: 1"'
say apt-get 'echo "$*" >>'"$T"'/apt; echo "Selecting previously unselected package"; [ -z "$BROKEN" ] || { echo "E: broken" >&2; exit 100; }'
say id 'echo 0'
boot() { (cd "$T/tree" && PATH="$T/bin:$PATH" ./bootstrap "$@" 2>&1); }
is 'bootstrap: a line for each step' "$(boot | sed 's/in [0-9]* s/in N s/; s/these [0-9]*/these N/; s/missing: .*/missing: .../' | sed '/^The tools/,$d')" \
	"$(printf 'bootstrap: %s\n' 'asking apt what there is' 'done in N s' 'missing: ...' 'installing these N packages' 'done in N s' 'building the tools' 'done in N s')"
like '... apt is asked for the names that it knows' "$(tr '\n' ' ' <"$T/apt")" '^update .*install .*gcc g\+\+ libc6-dev pkgconf libdnnl-dev'
is '... but not for what is there' "$(grep -cw -- make "$T/apt")" 0
like '... at the end what there is, and what next' "$(echo $(boot))" 'done in [0-9]* s The tools are in out/bin: one two What next: ./bootstrap demo .*make install'
is '... a target: nothing but that' "$(boot demo | tail -n 2)" "$(printf 'bootstrap: done in 0 s\nthe demo')"
out=$(BROKEN=1 boot)
is '... apt fails: so does it' $? 100
like '... with all that apt said' "$(echo $out)" 'Selecting previously unselected package E: broken bootstrap: failed: apt-get update -q$'
out=$(boot FAIL=false)
like '... make fails: all that it said' "$(echo $out)" 'CC one.c a warning make: .* bootstrap: failed: make -j'
like '... V=1: all of it in any case' "$(echo $(boot V=1))" 'Selecting previously .* CC one.c a warning The tools'
if command -v script >/dev/null; then
	is '... on a terminal: a line, which counts' "$(cd "$T/tree" && PATH="$T/bin:$PATH" script -qec ./bootstrap /dev/null | tr '\r' '\n' | grep -c 'bootstrap: .*done in')" 3
fi
done_testing
