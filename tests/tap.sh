# tap - what shell tests share: `. "${0%/*}/tap.sh"`, then ok, is, fails, ... and done_testing at the end.
# $T is a fresh folder, removed when the test ends.
tap_n=0
tap_failed=0
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
trap 'exit 1' HUP INT TERM

tap_result() {	# STATUS NAME
	tap_n=$((tap_n + 1))
	if [ "$1" -eq 0 ]; then
		printf 'ok %d - %s\n' $tap_n "$2"
	else
		tap_failed=$((tap_failed + 1))
		printf 'not ok %d - %s\n' $tap_n "$2"
	fi
}

diag() { printf '%s\n' "$*" | sed 's/^/# /'; }

# ok NAME COMMAND ...: the command succeeds
ok() {
	tap_name=$1
	shift
	if "$@" >"$T/.out" 2>&1; then
		tap_result 0 "$tap_name"
	else
		tap_result 1 "$tap_name"
		diag "failed: $*"
		head -20 "$T/.out" | sed 's/^/# /'
	fi
}

# is NAME GOT WANTED: two equal texts
is() {
	if [ "$2" = "$3" ]; then
		tap_result 0 "$1"
	else
		tap_result 1 "$1"
		diag "got:    $2"
		diag "wanted: $3"
	fi
}

# same NAME FILE FILE: two equal files
same() { ok "$1" cmp "$2" "$3"; }

# like NAME TEXT PATTERN: the text matches an extended regular expression
like() {
	if printf '%s\n' "$2" | grep -Eq -e "$3"; then
		tap_result 0 "$1"
	else
		tap_result 1 "$1"
		diag "got:    $2"
		diag "wanted: $3"
	fi
}

# fails NAME STATUS PATTERN COMMAND ...: that exit status, and one line on stderr that matches PATTERN
fails() {
	tap_name=$1 tap_want=$2 tap_pattern=$3
	shift 3
	"$@" >"$T/.out" 2>"$T/.err"
	tap_status=$?
	if [ $tap_status -eq "$tap_want" ] && [ "$(wc -l <"$T/.err")" -eq 1 ] && grep -Eq -e "$tap_pattern" "$T/.err"; then
		tap_result 0 "$tap_name"
	else
		tap_result 1 "$tap_name"
		diag "status $tap_status of: $*"
		head -5 "$T/.err" | sed 's/^/# /'
	fi
}

# plain COMMAND ...: without root's power to write where the permissions say no
plain() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --bounding-set=-dac_override,-dac_read_search "$@"
	else
		"$@"
	fi
}

# skip NAME REASON: one test that is left out; skip_all REASON: all of them
skip() { tap_result 0 "$1 # SKIP $2"; }
skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

# Text and vocabularies of others are in $COPPICE_SHARED/data: has_data NAME: if a file or folder is there, else $lacks says
# so; need_data NAME and need_smollm (the demo's model) leave out the whole test.
has_data() {
	lacks="no data/$1 in COPPICE_SHARED"
	[ -e "$COPPICE_SHARED/data/$1" ]
}
need_data() { has_data "$1" || skip_all "$lacks"; }
no_smollm='no SmolLM2, which make model fetches'
need_smollm() { [ -r "$COPPICE_SMOLLM" ] || skip_all "$no_smollm"; }

done_testing() {
	echo "1..$tap_n"
	[ $tap_failed -eq 0 ]
	exit
}

# sanitized TARGET ...: makes them with AddressSanitizer and UBSan in $O/asan, one test at a time
sanitized() {
	(flock 9 && exec make -s --no-print-directory -j2 SANITIZE=address,undefined OPT='-O1 -g' O="$O/asan" "$@" 9>&-) \
		9>>"$O/asan.lock"
}
