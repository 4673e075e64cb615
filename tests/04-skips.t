#!/bin/sh
# Where reference values are, a test that is skipped without leave fails the run and is named.
. "${0%/*}/tap.sh"
one=$PWD/tests/one
cd "$T" || exit 1
mkdir -p shared/golden bare
: >model
test_of() { printf '#!/bin/sh\nprintf "%%s\\n" "%s"\n' "$1" >some.t && chmod +x some.t; }
run() { env -u CI -u COPPICE_NO_SKIP COPPICE_SHARED=shared COPPICE_SMOLLM=model "$@" "$one" ./some.t; }
test_of '1..0 # SKIP no golden values'
is 'a whole test may be skipped' "$(run)" '1..0 # SKIP no golden values'
is '... but not in CI' "$(run CI=true)" "$(printf '1..1\nnot ok 1 - skipped, where it must not be: no golden values')"
is '... nor where that is asked for' "$(run COPPICE_NO_SKIP=1 | tail -1)" 'not ok 1 - skipped, where it must not be: no golden values'
is '... but without the values' "$(run CI=true COPPICE_SHARED=bare)" '1..0 # SKIP no golden values'
test_of 'ok 3 - the package # SKIP COPPICE_DEBOOTSTRAP is not 1'
is 'what a machine need not have may be skipped in CI' "$(run CI=true)" 'ok 3 - the package # SKIP COPPICE_DEBOOTSTRAP is not 1'
test_of 'ok 3 - a name # SKIP make-tiny failed'
is 'one of several tests' "$(run CI=true)" 'not ok 3 - a name - skipped, where it must not be: make-tiny failed'
test_of 'not ok 7 # SKIP golden_bnb4'
is "cmocka's" "$(run)" 'ok 7 - golden_bnb4 # SKIP reference values or data are absent'
is '... in CI' "$(run CI=true)" 'not ok 7 - golden_bnb4 - skipped, where it must not be: reference values or data are absent'
is '... without the model' "$(run CI=true COPPICE_SMOLLM=nowhere)" 'ok 7 - golden_bnb4 # SKIP reference values or data are absent'
test_of 'ok 1 - all is well'
is 'what is not skipped is as it was' "$(run CI=true)" 'ok 1 - all is well'
printf '#!/bin/sh\necho "ok 1"\nexit 3\n' >some.t
run >/dev/null
is "a test's exit status is kept" $? 3
test_of '1..0 # SKIP no golden values'
mkdir tests && cp "$one" tests/one && cp some.t tests/1.t
COPPICE_SHARED=shared COPPICE_SMOLLM=model CI=true prove --exec tests/one tests/1.t >out 2>&1
is "prove's last word" "$(tail -1 out)" 'Result: FAIL'
done_testing
