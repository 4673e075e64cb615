#!/bin/sh
# make lint, a test a check; left out where its program is not installed.
. "${0%/*}/tap.sh"
lint=${0%/*}/lint
for check in style shell pages code words; do
	"$lint" $check >"$T/found" 2>"$T/why"
	status=$?
	if [ $status -eq 77 ]; then
		tap_result 0 "$check # SKIP $(sed 's/^lint: //' "$T/why")"
	else
		tap_result $status "nothing to say of $check"
		[ $status -eq 0 ] || diag "$(head -n 20 "$T/found" "$T/why")"
	fi
done
# That it would say so: a file with mistakes of every kind.
copy=$T/copy
mkdir -p "$copy/lib" "$copy/tests" "$copy/man" "$copy/tools" "$copy/pipelines" "$copy/tests/helper" "$copy/tests/fuzz" \
	"$copy/tests/bench" "$copy/.ci"
cp "$lint" "${0%/*}/lint-words" "$copy/tests"
cp "${0%/*}/../.clang-format" "${0%/*}/../.shellcheckrc" "$copy"
printf 'int  f(void){ int a[2]; return a[2]; } /* t%s %0100d */\n' eh 0 >"$copy/lib/bad.c"
printf '#!/bin/sh\nlocal x=$[1]\n' >"$copy/pipelines/bad"
printf '.Dd today\n.Dt X 1\n.Os\n.Sh NAME\n.Xx\n' >"$copy/man/bad.1"
for check in style shell pages code words; do
	"$copy/tests/lint" $check >"$T/found" 2>"$T/why"
	status=$?
	[ $status -ne 77 ] || continue
	ok "a mistake is found by $check" [ "$status" -eq 1 -a -s "$T/found" ]
done
done_testing
