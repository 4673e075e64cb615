#!/bin/sh
# A test that is skipped without leave fails the run in CI and is named.
. "${0%/*}/tap.sh"
one=$PWD/tests/one
cd "$T" || exit 1
mkdir -p shared/data bare
: >model
test_of() { printf '#!/bin/sh\n' >some.t && for line; do printf "echo '%s'\n" "$line"; done >>some.t && chmod +x some.t; }
run() { env -u CI -u COPPICE_NO_SKIP COPPICE_SHARED=shared COPPICE_SMOLLM=model "$@" "$one" ./some.t; }
test_of '1..0 # SKIP no data/mmlu in COPPICE_SHARED'
is 'a whole test may be skipped' "$(run)" '1..0 # SKIP no data/mmlu in COPPICE_SHARED'
is '... but not in CI' "$(run CI=true)" \
	"$(printf '1..1\nnot ok 1 - skipped, where it must not be: no data/mmlu in COPPICE_SHARED')"
is '... nor where that is asked for' "$(run COPPICE_NO_SKIP=1 | tail -1)" \
	'not ok 1 - skipped, where it must not be: no data/mmlu in COPPICE_SHARED'
is '... but without the data' "$(run CI=true COPPICE_SHARED=bare)" '1..0 # SKIP no data/mmlu in COPPICE_SHARED'
is '... to lack the model is no leave' "$(run CI=true COPPICE_SMOLLM=nowhere | tail -1)" \
	'not ok 1 - skipped, where it must not be: no data/mmlu in COPPICE_SHARED'
test_of '1..0 # SKIP no golden values'
is 'another reason is none, with the data or without' "$(run CI=true COPPICE_SHARED=bare | tail -1)" \
	'not ok 1 - skipped, where it must not be: no golden values'
test_of 'ok 3 - the package # SKIP COPPICE_DEBOOTSTRAP is not 1'
is 'what a machine need not have may be skipped in CI' "$(run CI=true)" 'ok 3 - the package # SKIP COPPICE_DEBOOTSTRAP is not 1'
test_of 'ok 3 - a name # SKIP make-tiny failed'
is 'one of several tests' "$(run CI=true)" 'not ok 3 - a name - skipped, where it must not be: make-tiny failed'
test_of '# lacks no SmolLM2' 'not ok 7 # SKIP smollm_tensors' 'ok 8 - nf4_values'
cmocka=$(printf '# lacks no SmolLM2\nok 7 - smollm_tensors # SKIP no SmolLM2\nok 8 - nf4_values')
is "cmocka's" "$(run)" "$cmocka"
is '... in CI' "$(run CI=true | sed -n 2p)" 'not ok 7 - smollm_tensors - skipped, where it must not be: no SmolLM2'
is '... without the model' "$(run CI=true COPPICE_SMOLLM=nowhere)" "$cmocka"
test_of 'not ok 7 # SKIP smollm_tensors'
is '... without a reason: never in CI' "$(run CI=true COPPICE_SMOLLM=nowhere COPPICE_SHARED=bare)" \
	'not ok 7 - smollm_tensors - skipped, where it must not be: '
test_of 'ok 1 - all is well'
is 'what is not skipped is as it was' "$(run CI=true)" 'ok 1 - all is well'
printf '#!/bin/sh\necho "ok 1"\nexit 3\n' >some.t
run >/dev/null
is "a test's exit status is kept" $? 3
test_of '1..0 # SKIP no data/mmlu in COPPICE_SHARED'
mkdir tests && cp "$one" tests/one && cp some.t tests/1.t
COPPICE_SHARED=shared COPPICE_SMOLLM=model CI=true prove --exec tests/one tests/1.t >out 2>&1
is "prove's last word" "$(tail -1 out)" 'Result: FAIL'
done_testing
