#!/bin/sh
# Checkpoints that are wrong in one way each: exit 1 and one line that says what is wrong, in at most 64 MiB of data
# (where no sanitizer is at work); those they were made from are opened.
. "${0%/*}/tap.sh"

nm "$O/tests/helper/model-info" 2>/dev/null | grep -q __asan_init || ulimit -d 65536

tab=$(printf '\t')
ok "there are over a hundred cases" sh -c 'hostile list >"$1" && [ "$(wc -l <"$1")" -gt 100 ]' - "$T/list"
while IFS=$tab read -r name why <&3; do
	args=$(hostile make "$name" "$T/$name")
	# shellcheck disable=SC2086
	if [ -n "$why" ]; then
		fails "$name is refused: $why" 1 "$why" model-info $args
	else
		ok "$name is opened" model-info $args
	fi
	rm -rf "${T:?}/$name"
done 3<"$T/list"

done_testing
