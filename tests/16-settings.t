#!/bin/sh
# lib reads no command line's globals and names no option: what it needs is handed in, and a message that shows a way
# out asks for the spelling of the setting (lib/sys/setting.h), which is an option that a tool has.
. "${0%/*}/tap.sh"
cd "${0%/*}/.." || exit 1

rooms=$(find lib -name '*.[ch]' -o -name '*.cu' | grep -v '^lib/cli/')
is 'only the command line and the tools know the options that were parsed' \
	"$(grep -lE '\bcommon\.|"cli/cli\.h"' $rooms)" ''

# The options of all tools, as they are typed: --name and -x.
for tool in $(make -s print-TOOLS); do $tool -h; done |
	sed -n 's/^  \(-.\), --\([a-z0-9-]*\).*/\1\n--\2/p; s/^      --\([a-z0-9-]*\).*/--\1/p' | sort -u >"$T/options"
ok 'the tools have options' test "$(wc -l <"$T/options")" -gt 60

# Texts of lib, without comments and without the options of other programs.
texts() {
	grep -vE '^[[:space:]]*(/?\*|//|#include)' "$@" | grep -oE '"([^"\\]|\\.)*"' |
		sed -E 's/llama-cli .*|rec-cat -t [a-z.,]+|iconv -f [A-Z0-9-]+ -t|(gzip|zstd|xz|bzip2|lz4|lzip|ulimit|jq|python3|llama-gguf-split) --?[a-z]+//g'
}
texts $rooms | grep -oE '(^|[^[:alnum:]_%-])--?[a-z][a-z0-9-]*' | sed 's/^[^-]*//' | sort -u |
	comm -12 - "$T/options" >"$T/named"
is 'no text of lib names an option' "$(cat "$T/named")" ''

texts lib/cli/spelling.c | tr -d '"' | sort -u >"$T/spelt"
ok 'settings have spellings' test "$(wc -l <"$T/spelt")" -gt 15
is '... which are options of a tool' "$(comm -23 "$T/spelt" "$T/options" | grep -v '^cli/')" ''
is 'each setting has one' "$(grep -oE '\[SETTING_[A-Z_]+\]' lib/cli/spelling.c | grep -v _COUNT | sort)" \
	"$(sed -n 's/^	\(SETTING_[A-Z_]*\),.*/[\1]/p' lib/sys/setting.h | grep -v _COUNT | sort)"
# No option is listed that does nothing. A row's variable is read elsewhere in its file, or is a field that lib reads.
for tool in tools/*.c lib/eval/options.c; do
	[ -e "$tool" ] || continue
	for var in $(grep -oE 'OPT_[A-Z]+,( |[[:space:]])*&[a-z_.]+' "$tool" | sed 's/.*&//'); do
		case $var in
		*.*) grep -rqE "(\.|->)${var##*.}\>" lib --include='*.c' || echo "$tool $var" ;;
		*) [ "$(grep -v "&$var,\|^static [^(]*\<$var\>[^(]*[;,]$" "$tool" | grep -c "\<$var\>")" -gt 0 ] || echo "$tool $var" ;;
		esac
	done
done >"$T/unread"
is 'each variable of an option is read' "$(cat "$T/unread")" ''
ok '... of which there are many' test "$(grep -ohE 'OPT_[A-Z]+,[[:space:]]*&[a-z_.]+' tools/*.c | wc -l)" -gt 50
is 'the tools that have the options of those that run a model are those that do' \
	"$(grep -l 'ops_init(' tools/*.c)" "$(grep -l 'MODEL_RUN' tools/*.c)"
for tool in $(make -s print-TOOLS); do
	$tool -h >"$T/help"
	for o in threads memory dtype; do
		grep -q -- "--$o=" "$T/help" && echo "$tool --$o"
	done
done >"$T/have"
is 'the others have no --memory and no --dtype, and -j where threads work' "$(grep -E '^(angdist|argmin|c4|drop|merge|rec)' "$T/have" | tr '\n' ,)" \
	'c4-tokenize --threads,angdist --threads,drop-layers --threads,merge-lora --threads,'
done_testing
