#!/bin/sh
# Documents against programs: each tool's -h and its man page name the same options with the same arguments, every page
# passes mandoc's lint, and what README.md, CONTRIBUTING.md and coppice(7) name exists.
. "${0%/*}/tap.sh"

tools=$(sed -n '/^TOOLS =/,/[^\\]$/p' Makefile | tr -d '\\' | sed 's/TOOLS =//')

# "-x, --long=ARG", sorted, of a summary and of a page
summary_options() { "$1" -h | sed -n 's/^ \{2,6\}\(-.*\)/\1/p' | sed 's/   *.*//' | sort; }
page() { mandoc -T ascii -O width=200 "$1" | sed 's/.\x08//g'; }
page_options() { page "$1" | sed -nE 's/^ {5}((-[a-zA-Z], )?--[-a-z]+(=[A-Z]+)?)( .*)?$/\1/p' | sort -u; }

for tool in $tools; do
	man=man/$tool.1
	like "$tool --version says its name and a version" "$("$tool" --version)" "^$tool \(coppice\) [0-9]+\.[0-9]"
	like "$tool -h begins with how it is used" "$("$tool" -h | head -1)" "^usage: $tool( |$)"
	if [ ! -e "$man" ]; then
		ok "$man exists" false
		continue
	fi
	is "$man and -h have the same options" "$(page_options "$man")" "$(summary_options "$tool")"
	for word in $("$tool" -h | head -1 | grep -oE '[A-Z]{2,}' | grep -vx OPTION); do
		like "$man has the operand $word in its synopsis" "$(page "$man" | sed -n '/^SYNOPSIS/,/^DESCRIPTION/p')" "\b$word\b"
	done
	ok "coppice.7 leads to $tool" grep -q "Xr $tool 1" man/coppice.7
	ok "README.md names $tool" grep -qw -e "$tool" README.md
done

# Which of the paper's equations, figures and appendices a tool computes.
while read -r tool words; do
	for word in $words; do
		like "man/$tool.1: $word of the paper" "$(page "man/$tool.1" | tr -s ' \n' ' ')" "$(echo "$word" | tr _ ' ')"
	done
done <<'END'
angdist equation_7 figures_1c_and_4
argmin-block equation_6 section_4.4_and_figure_5
drop-layers equation_3_for_one_layer,_5_for_a_block
hidden-dump equations_1_and_7
qlora-heal appendix_A equation_8
eval-mmlu figures_1d,_2,_5,_7,_8_and_9
eval-boolq figures_1d,_5_and_6
eval-c4 figures_1d,_3,_5_and_9
END

for f in man/*.[157]; do
	is "mandoc has nothing against $f" "$(mandoc -T lint -W warning "$f" 2>&1)" ""
	for page in $(sed -n 's/^\.\(It \)\{0,1\}Xr \([a-z0-9-]*\) \([157]\).*/\2.\3/p' "$f" | sort -u); do
		case " $(echo $tools) " in
		*" ${page%.?} "*) ok "$f: $page exists" test -e "man/$page" ;;
		esac
	done
done

for room in lib/*/; do
	room=${room#lib/}
	ok "CONTRIBUTING.md's map has $room" grep -qE "^ {4}([a-z/-]+ )?$room" CONTRIBUTING.md
done
for target in demo check; do
	ok "README.md says ./bootstrap $target" grep -qx "    ./bootstrap $target.*" README.md
	ok "the Makefile or what it includes can make $target" grep -q "^$target:" Makefile pipelines/demo.mk
done
for page in README.md CONTRIBUTING.md; do
	for file in $(grep -oE '`(pipelines|tests|man|lib|tools|\.ci)/[-a-zA-Z0-9_./]*`' $page | tr -d '`' | sort -u); do
		ok "$page: $file exists" test -e "$file"
	done
done
is "on a bare machine the demo begins with its model and text" \
	"$(env -u MAKEFLAGS -u MAKELEVEL make -n demo O="$T/bare" 2>/dev/null | sed -n 's,^pipelines/demo/\([a-z0-9]*\) .*,\1,p' | sort | tr '\n' ' ')" \
	"novels prose prose smollm2 "
for script in bootstrap .ci/run .ci/deb $(grep -ls '^#!/bin/sh' pipelines/* pipelines/demo/*); do
	ok "$script is a script that a POSIX shell reads" sh -n "$script"
	ok "$script is executable" test -x "$script"
done
ok "pipelines/env.sh is one, too" sh -n pipelines/env.sh
done_testing
