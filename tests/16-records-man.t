#!/bin/sh
# man/records.5 says what the table of kinds in the code says, word for word.
. "${0%/*}/tap.sh"
sed -n '/^\.Sh KINDS/,/^\.Sh JSON/p' man/records.5 | sed '1d;$d' >"$T/page"
kinds >"$T/table"
ok 'the kinds of records.5 are those of the code' diff "$T/page" "$T/table"
ok 'there are nine' [ "$(grep -c '^\.Ss' "$T/page")" -eq 9 ]
for page in man/records.5 man/rec-cat.1 man/rec-make.1; do
	is "mandoc has no complaint about $page" "$(mandoc -Tlint "$page" | grep -v 'referenced manual not found')" ''
done
done_testing
