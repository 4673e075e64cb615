#!/bin/sh
# What a user gets: completion that offers what -h says, an installation that can be taken away again, a Debian package
# that is the same each time and, with COPPICE_DEBOOTSTRAP=1 (as root, with a network), works in a fresh system.
. "${0%/*}/tap.sh"
LC_ALL=C
export LC_ALL
unset MAKEFLAGS MAKELEVEL	# of make check

tools=$(basename -s .c tools/*.c)
mk() { make -s --no-print-directory O="$T/out" "$@"; }
mkdir "$T/out"
ln -s "$O/bin" "$O/obj" "$O/libcoppice.a" "$T/out"

# -- completion. What -h says, one option a line: "-n --width=|N|only blocks of N layers"
summary() {
	"$1" -h | sed -nE 's/^ {2,6}((-.), )?--([-a-z]+)((=)([A-Z]+))?  +(.*)/\2 --\3\5|\6|\7/p'
}

# The words of an option's value, by tool and name, as the pages have them; with + where several may stand in a list.
words_of() {	# TOOL NAME
	case $1$2 in
	*--dtype) echo f32 bf16 ;;
	*--quant) echo nf4 none ;;
	eval-boolq--style) echo lm-eval paper ;;
	compare-samples--by) echo position n keep ;;
	eval-choice--metric) echo acc acc_norm ;;
	eval-choice--task) echo arc commonsenseqa hellaswag openbookqa piqa race sciq winogrande ;;
	eval-mmlu--style) echo hendrycks original lm-eval ;;
	eval-mmlu--split) echo test val dev ;;
	eval-mmlu--subjects) echo + $subjects ;;
	qlora-heal--order) echo shuffled stream ;;
	qlora-heal--schedule) echo cosine constant ;;
	qlora-heal--targets) echo + gate up down out ;;
	merge-lora--type) echo f16 bf16 f32 ;;
	clitest--parts) echo + up down out ;;
	esac
}
# The original's subjects, as its categories have them: coppice-method(7).
subjects=$(sed -n '/subcategory\[\] = {/,/^};/p' lib/eval/mmlu_categories.c | tr -d '\n\t' | sed 's/""//g' |
	grep -oE '\{ "[^}]*' | sed 's/.*, *"\([^"]*\)" *$/\1/' | tr '\n' ' ')
is 'the subjects of MMLU' "$(echo $subjects | wc -w)" 57

mkdir "$T/bash" "$T/zsh" "$T/fish" "$T/files" "$T/files/folder"
touch "$T/files/file" "$T/files/two words"
for tool in $tools clitest; do
	"$tool" --completion=bash >"$T/bash/$tool" && "$tool" --completion=zsh >"$T/zsh/_$tool" &&
		"$tool" --completion=fish >"$T/fish/$tool.fish" || echo "# $tool failed"
done
fails 'no such shell' 2 '^rec-cat: --completion=sh: bash, zsh or fish' rec-cat --completion=sh
fails 'no shell' 2 '^rec-cat: --completion: no such option' rec-cat --completion
fails 'with another argument it is no option' 2 '^rec-cat: --completion: no such option' rec-cat --completion=bash x
fails 'a full disk' 1 '^rec-cat: standard output: write: No space' sh -c 'rec-cat --completion=zsh >/dev/full'

# Each line of words with | between gives a line of what bash offers for the last one; . is an empty word.
cat >"$T/offer" <<'END'
cd "$1/files"
for script in "$1"/bash/*; do
	. "$script"
done
while IFS='|' read -ra COMP_WORDS; do
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=(stale)
	[[ ${COMP_WORDS[COMP_CWORD]} == . ]] && COMP_WORDS[COMP_CWORD]=
	how=$(complete -p "${COMP_WORDS[0]}")
	how=${how#*-F }
	"${how%% *}" "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
	((${#COMPREPLY[@]} < 2)) || mapfile -t COMPREPLY < <(printf '%s\n' "${COMPREPLY[@]}" | sort)
	(IFS=,; printf '%s\n' "${COMPREPLY[*]}")
done
END
offer() { bash --norc "$T/offer" "$T" 2>&1; }
offers() { is "bash: $1" "$(echo "$2" | offer)" "$3"; }

all=file,folder,'two words'
offers 'a long option' 'angdist|--wid' '--width='
offers 'what has been typed already' 'c4-tokenize|--no' '--no-bos'
offers 'several' 'eval-c4|-m|x|--sa' '--samples='
offers 'after an operand' 'eval-c4|x|--sk' '--skip='
offers 'no option of another tool' 'rec-cat|--width' ''
offers 'files for operands' 'angdist|.' "$all"
offers 'a name with a blank' 'angdist|tw' 'two words'
offers 'a file of a folder above' 'angdist|../files/fi' '../files/file'
offers 'files for a model' 'eval-c4|-m|fi' file
offers 'files after a name that = parts' 'eval-c4|--model|=|fi' file
offers 'all files right after the =' 'eval-c4|--model|=' "$all"
offers 'a name and a file in one word' 'eval-c4|--model=fi' --model=file
offers 'folders only' 'qlora-heal|-o|f' folder
offers 'folders only, after =' 'qlora-heal|--init|=|.' folder
offers 'nothing for a number' 'eval-c4|--limit|.' ''
offers 'nothing for a number, after =' 'eval-c4|--limit|=|f' ''
offers 'nothing for a name' 'c4-tokenize|--field|f' ''
offers 'nothing after a flag and =' 'eval-c4|--quiet|=' ''
offers 'no options after --' 'eval-c4|--|-' ''
offers 'files after --' 'eval-c4|--|f' file,folder
offers 'files to read from' 'eval-c4|<|f' file,folder
offers 'files to write to' 'rec-make|tokens|2>|f' file,folder
offers 'kinds' 'rec-make|.' angle,block,cost,hidden,loss,model,sample,score,tokens
offers 'one kind' 'rec-make|-q|to' tokens
offers 'files after the kind' 'rec-make|tokens|f' file,folder
offers 'files after the kind and an option' 'rec-make|tokens|--meta|{}|fi' file
offers 'words' 'eval-boolq|--style|.' lm-eval,paper
offers 'one of them' 'eval-boolq|--style|=|p' paper
offers 'one in one word with its option' 'eval-boolq|--style=p' --style=paper
offers 'the first of a list' 'qlora-heal|--targets|g' gate
offers 'another of a list' 'qlora-heal|--targets|gate,u' gate,up
offers 'another of a list, after =' 'qlora-heal|--targets=gate,up,d' --targets=gate,up,down
offers 'subjects' 'eval-mmlu|--subjects|virology,high_school_ph' virology,high_school_physics
offers 'no other words' 'eval-boolq|--style|fi' ''
offers 'options after the kind' 'rec-make|tokens|--me' --meta=

# The zsh file calls _arguments, with words that bash reads alike.
specs() { bash --norc -c '_arguments() { shift 2; printf "%s\n" "$@"; }; . "$1"' bash "$T/zsh/_$1"; }

for tool in $tools clitest; do
	summary "$tool" >"$T/summary"
	"$tool" -h | grep -c '^ \{2,6\}-' >"$T/count"
	is "$tool -h is understood here" "$(wc -l <"$T/summary")" "$(cat "$T/count")"
	ok "$tool has a script that bash reads" bash --norc -n "$T/bash/$tool"
	is "bash offers the options of $tool, no more and no less" "$(echo "$tool|-" | offer)" \
		"$(cut -d '|' -f 1 "$T/summary" | tr -s ' ' '\n' | grep . | sort | paste -sd,)"

	# every option from its own words, and what is offered after it
	while IFS='|' read -r names arg help; do
		words=$(words_of "$tool" "$(echo "${names% }" | grep -oE -- '--[a-z-]+')")
		case $words:$arg in
		?*:*) words=$(echo "${words#+ }" | tr ' ' '\n' | sort | paste -sd,) ;;
		:DIR) words=folder ;;
		:FILE | :PATH | :MODEL | :TOKENS) words=$all ;;
		:) continue ;;
		*) words= ;;
		esac
		for name in $names; do
			echo "$tool|${name%=}|. $words"
			[ "$name" = "${name%=}" ] || echo "$tool|${name%=}|=|. $words"
		done
	done <"$T/summary" >"$T/after"
	for name in $(cut -d '|' -f 1 "$T/summary"); do
		echo "$tool|${name%=} $name"
	done >"$T/each"
	cut -d ' ' -f 1 "$T/each" | offer | paste -d ' ' "$T/each" - |
		awk '{ n = split($3, got, ","); for (i = 1; i <= n && got[i] != $2; i++); if (i > n) print }' >"$T/lost"
	is "bash completes every option of $tool" "$(cat "$T/lost")" ''
	is "bash knows what follows every option of $tool" "$(cut -d ' ' -f 1 "$T/after" | offer)" \
		"$(cut -d ' ' -f 2- "$T/after")"

	while IFS='|' read -r names arg help; do
		words=$(words_of "$tool" "$(echo "$names" | grep -oE -- '--[a-z-]+')")
		case $words:$arg in
		+*) words=":$arg:_sequence compadd - ${words#+ }" ;;
		?*:*) words=":$arg:($words)" ;;
		:DIR) words=":$arg:_files -/" ;;
		:FILE | :PATH | :MODEL | :TOKENS) words=":$arg:_files" ;;
		:) words= ;;
		*) words=":$arg: " ;;
		esac
		for name in $names; do
			case $name in -?) name=$name${arg:++} ;; esac
			printf '%s[%s]%s\n' "$name" "$help" "$words"
		done
	done <"$T/summary" >"$T/wanted"
	specs "$tool" | sed -n 's/^([^)]*)//; /^-/{ s/\\\(.\)/\1/g; p; }' >"$T/got"
	same "zsh has the options of $tool with arguments and help" "$T/got" "$T/wanted"
	like "zsh has files for its operands" "$(specs "$tool" | tail -n 1)" '^\*:file:_files$'
	case $tool in clitest) continue ;; esac
	for name in $(cut -d '|' -f 1 "$T/summary" | grep -oE -- '--[a-z-]+'); do
		for word in $(words_of "$tool" "$name" | grep -v -e virology -e winogrande); do	# too many for a line
			[ "$word" = + ] || grep -qE -- "$name=?\|.*\|.*\b$word\b" "$T/summary" || echo "$name $word"
		done
	done >"$T/unsaid"
	is "$tool -h has the words" "$(cat "$T/unsaid")" ''
done
is 'zsh: quotes, brackets and colons are escaped' "$(specs clitest | grep '^--call')" \
	"--call=[a call \\[of 'x'\\: \"y\\\\\"\\]]:X: "
like 'zsh: kinds' "$(specs rec-make | tail -n 2 | head -n 1)" '^1:kind:\(tokens hidden .* cost\)$'

# In zsh itself: what is typed before TAB, and what the tool is then called with.
typed() {
	tap_name="zsh: $1"
	if ! command -v zsh >/dev/null; then
		tap_result 0 "$tap_name # SKIP no zsh"
		return
	fi
	is "$tap_name" "$(cd "$T/files" && ZDOTDIR=$T timeout 30 zsh -f "$T/type" "$2" 2>&1)" "$3"
}
cat >"$T/.zshrc" <<'END'
PS1='ready '
fpath=($ZDOTDIR/zsh $fpath)
autoload -Uz compinit && compinit -u -d $ZDOTDIR/dump
c4-tokenize eval-c4 eval-boolq qlora-heal rec-make clitest () { print -r -- "called ${(j:,:)@} end" }
END
cat >"$T/type" <<'END'
zmodload zsh/zpty
zpty z zsh -d -i
zpty -r z out '*ready*'
zpty -w z "${(g::)1}"
zpty -r z out '*called *end*'
print -r -- ${${out##*called }%% end*}
END
if command -v zsh >/dev/null; then
	for tool in $tools; do
		ok "zsh reads $tool's script" zsh -n "$T/zsh/_$tool"
	done
else
	tap_result 0 "zsh reads the scripts # SKIP no zsh"
fi
typed 'a long option and its number' 'eval-c4 --lim\t5' --limit=5
typed 'a flag' 'c4-tokenize --no-\tx' --no-bos,x
typed 'files for a model' 'eval-c4 -m fi\t' -m,file
typed 'files for a model, after =' 'eval-c4 --model=fi\t' --model=file
typed 'folders only' 'qlora-heal -o f\tx' -o,folder/x
typed 'nothing for a number' 'eval-c4 --limit fi\t' --limit,fi
typed 'files for operands' 'eval-c4 -q tw\t' '-q,two words'
typed 'a kind, then a file' 'rec-make to\tfi\t' tokens,file
typed 'an option with brackets in its help' 'clitest --cal\ty' --call=y
typed 'a word' 'eval-boolq --style pa\t' --style,paper
typed 'a word after =' 'eval-boolq --style=lm\t' --style=lm-eval
typed 'words of a list' 'qlora-heal --targets ga\t,u\t' --targets,gate,up
typed 'a list after =' 'qlora-heal --targets=ga\t,do\t' --targets=gate,down

# In fish itself, which says what it would offer.
fishes() {	# NAME TYPED WANTED
	tap_name="fish: $1"
	if ! command -v fish >/dev/null; then
		tap_result 0 "$tap_name # SKIP no fish"
		return
	fi
	is "$tap_name" "$(cd "$T/files" && HOME=$T fish --no-config -c 'for f in $argv[1]/fish/*; source $f; end; complete -C $argv[2]' \
		"$T" "$2" | cut -f 1 | sed 's,=$,,' | sort | paste -sd,)" "$3"
}
fishes 'a long option' 'angdist --wid' --width
fishes 'several' 'eval-c4 --s' --samples,--skip
fishes 'files for a model' 'eval-c4 -m fi' file
fishes 'folders only' 'qlora-heal -o f' folder/
fishes 'nothing for a number' 'eval-c4 --limit fi' ''
fishes 'words' 'eval-boolq --style ' lm-eval,paper
fishes 'a word after =' 'eval-boolq --style=pa' --style=paper
fishes 'words of a list' 'qlora-heal --targets gate,u' gate,up
fishes 'kinds' 'rec-make to' tokens
fishes 'files after the kind' 'rec-make tokens fi' file
fishes 'files for operands' 'angdist tw' 'two words'
if command -v fish >/dev/null; then
	for tool in $tools clitest; do
		ok "fish reads $tool's script" fish --no-config -n "$T/fish/$tool.fish"
		summary "$tool" | cut -d '|' -f 1 | grep -oE -- '--[a-z-]+' | sort >"$T/wanted"
		HOME=$T fish --no-config -c 'source $argv[1]; complete -C "$argv[2] --"' "$T/fish/$tool.fish" "$tool" |
			sed -nE 's/^(--[a-z-]+).*/\1/p' | sort >"$T/got"
		same "and offers the options of $tool" "$T/got" "$T/wanted"
	done
fi

# -- install and uninstall
tree() { (cd "$1" && find . -printf '%y %m %p %l\n' | sort); }
listing() {	# PREFIX ZSH-FOLDER: what is to be there, by what lies in the source
	for tool in $tools; do
		echo "755 $1/bin/$tool"
		echo "644 $1/share/bash-completion/completions/$tool"
		echo "644 $1/$2/_$tool"
		echo "644 $1/share/fish/vendor_completions.d/$tool.fish"
	done
	for page in man/*; do
		echo "644 $1/share/man/man${page##*.}/${page##*/}"
	done
	for file in pipelines/*; do
		case $file in
		pipelines/Containerfile | pipelines/demo | pipelines/demo.mk | pipelines/data.mk | pipelines/fetch | pipelines/lfs | pipelines/verify) ;;
		*.*) echo "644 $1/share/coppice/${file##*/}" ;;
		*) echo "755 $1/share/coppice/${file##*/}" ;;
		esac
	done
}
files() { (cd "$1" && find . -type f -printf '%m %p\n' | sed 's,\./,,' | sort); }

I=$T/installed
mkdir -p "$I/opt/share/man/man1" "$I/opt/bin"
echo foreign >"$I/opt/share/man/man1/foreign.1"
tree "$I" >"$T/before"
ok 'make install' mk install DESTDIR="$I" PREFIX=/opt
listing opt share/zsh/site-functions | sort >"$T/wanted"
files "$I" | grep -v -e foreign.1 -e '\.folders$' >"$T/got"
same 'every file is there, with its mode, and no other' "$T/got" "$T/wanted"
for tool in $tools; do
	same "completion of $tool for bash" "$T/bash/$tool" "$I/opt/share/bash-completion/completions/$tool"
	same "completion of $tool for zsh" "$T/zsh/_$tool" "$I/opt/share/zsh/site-functions/_$tool"
	same "completion of $tool for fish" "$T/fish/$tool.fish" "$I/opt/share/fish/vendor_completions.d/$tool.fish"
done
is 'an installed tool runs' "$("$I/opt/bin/angdist" --version)" "$(angdist --version)"
mkdir "$T/run"
touch "$T/run/text"
make-tiny llama "$T/run/tiny" >/dev/null || exit 1
like 'the installed flow finds its scripts and plots' \
	"$(make -C "$T/run" -n -f "$I/opt/share/coppice/paper.mk" MODELS=model=tiny TEXT=text VALID=text MMLU=text BOOLQ=text NS=1 model/fig-4.svg 2>&1)" \
	"$I/opt/share/coppice/draw svg angle.gp "
ok 'and they work, writing nothing' test ! -e "$T/run/.stamp"
ok 'make install again' mk install DESTDIR="$I" PREFIX=/opt
ok 'make uninstall' mk uninstall DESTDIR="$I" PREFIX=/opt
tree "$I" >"$T/after"
same 'leaves the tree as it was, with its empty folder' "$T/after" "$T/before"
ok 'make uninstall where nothing is' mk uninstall DESTDIR="$I" PREFIX=/opt

mkdir "$T/bare"
echo foreign >"$T/bare/foreign"
tree "$T/bare" >"$T/before"
ok 'make install into nothing, as a careful user' sh -c 'umask 077 && "$@"' sh \
	make -s --no-print-directory O="$T/out" install DESTDIR="$T/bare" PREFIX=/usr/local
is 'folders that anybody may enter' "$(find "$T/bare" -mindepth 1 -type d -printf '%m\n' | sort -u)" 755
ok 'a file of somebody else in a folder that install made' touch "$T/bare/usr/local/share/coppice/mine"
ok 'make uninstall' mk uninstall DESTDIR="$T/bare" PREFIX=/usr/local
is 'leaves that file' "$(cd "$T/bare" && find . -type f | sort | paste -sd' ')" \
	'./foreign ./usr/local/share/coppice/mine'
rm -r "$T/bare/usr"
mk install DESTDIR="$T/bare" PREFIX=/usr/local && mk uninstall DESTDIR="$T/bare" PREFIX=/usr/local
tree "$T/bare" >"$T/after"
same 'without it, nothing is left of usr' "$T/after" "$T/before"

# -- the package
version=$(mk print-VERSION)
arch=$(dpkg --print-architecture)
deb=$T/out/coppice_${version}_$arch.deb
is 'make deb says what it made' "$(mk deb PREFIX=/elsewhere DESTDIR=/nowhere 2>&1)" "$deb"
is 'and nothing else is left' "$(ls "$T/out" | grep -v -x -e bin -e obj -e libcoppice.a | paste -sd' ')" \
	"completion ${deb##*/} deb"
is 'name, version and architecture' "$(dpkg-deb -f "$deb" Package Version Architecture | paste -sd' ')" \
	"Package: coppice Version: $version Architecture: $arch"
depends=$(dpkg-deb -f "$deb" Depends)
for name in libc6 libdnnl libgomp1 libjansson libzstd1 libarchive; do
	like "it depends on $name" "$depends" "(^|, )${name}[0-9.t]* \(>= [0-9]"
done
echo "$depends" | sed 's/, /\n/g' | while read -r name _ least; do
	here=$(dpkg-query -W -f '${Version}\n' "$name" | head -n 1)
	dpkg --compare-versions "$here" ge "${least%)}" || echo "$name $here"
done >"$T/unmet"
is 'this machine has all of that' "$(cat "$T/unmet")" ''
ok 'its description is one that dpkg takes' sh -c 'dpkg-deb -I "$1" | grep -q "^ Description: cut layers"' sh "$deb"
ok 'extracted' dpkg-deb -R "$deb" "$T/x"
is "everything is root's, with plain modes" "$(dpkg-deb -c "$deb" | awk '{ print $1, $2 }' | sort -u | paste -sd,)" \
	'-rw-r--r-- root/root,-rwxr-xr-x root/root,drwxr-xr-x root/root'
{ listing usr share/zsh/vendor-completions | sed '/share\/man/s/$/.gz/'; echo '644 usr/share/doc/coppice/copyright'; } |
	sort >"$T/wanted"
files "$T/x" | grep -v ' DEBIAN/' >"$T/got"
same 'every file is there and no other' "$T/got" "$T/wanted"
ok 'its sums are right' sh -c 'cd "$1" && md5sum -c --quiet DEBIAN/md5sums' sh "$T/x"
is 'and there is one for each file' "$(sed 's/^[0-9a-f]*  //' "$T/x/DEBIAN/md5sums")" \
	"$(sed 's/^... //' "$T/wanted" | sort)"
is 'a tool runs from there' "$("$T/x/usr/bin/eval-c4" --version)" "$(eval-c4 --version)"
is 'and says what it does' "$("$T/x/usr/bin/eval-c4" -h)" "$(eval-c4 -h)"
ok 'it has its page' sh -c 'gzip -dc "$1" | cmp - man/eval-c4.1' sh "$T/x/usr/share/man/man1/eval-c4.1.gz"
same 'and its completion' "$T/bash/eval-c4" "$T/x/usr/share/bash-completion/completions/eval-c4"

mv "$deb" "$T/first.deb"
sleep 1
ok 'make deb later, with another umask and other settings' sh -c 'umask 077 && "$@"' sh env LC_ALL=C.UTF-8 GZIP=-1 TZ=X-77 \
	DPKG_DEB_COMPRESSOR_LEVEL=1 DPKG_DEB_THREADS_MAX=7 make -s --no-print-directory O="$T/out" deb
same 'the same bytes' "$deb" "$T/first.deb"
ok 'make deb at another time' env SOURCE_DATE_EPOCH=86400 make -s --no-print-directory O="$T/out" deb
is 'which all of its files have' "$(TZ=UTC dpkg-deb -c "$deb" | awk '{ print $4 }' | sort -u)" 1970-01-02

mkdir "$T/fake"
dnnl=$(objdump -p "$T/x/usr/bin/eval-c4" | awk '$1 == "NEEDED" && $2 ~ /^libdnnl/ { print $2 }')
printf '#!/bin/sh\necho "	%s => /opt/own/%s (0x1)"\n' "$dnnl" "$dnnl" >"$T/fake/ldd"
chmod +x "$T/fake/ldd"
rm "$deb"
env PATH="$T/fake:$PATH" make -s O="$T/out" deb >"$T/log" 2>&1
is 'a library of no package is refused' "$? $(grep '^deb' "$T/log")" "2 deb: /opt/own/$dnnl: no package has it"
is 'and no package made' "$(ls "$T/out" | grep '\.deb')" ''

# -- in a fresh system of the same release
fresh() {	# COMMAND ...
	unshare --mount sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' "$T/fresh" \
		env PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"
}
if [ "$COPPICE_DEBOOTSTRAP" != 1 ]; then
	tap_result 0 'the package in a fresh system # SKIP COPPICE_DEBOOTSTRAP is not 1'
	done_testing
fi
. /etc/os-release
case $ID in
ubuntu) parts=main,universe ;;
*) parts=main ;;
esac
ok "a fresh $VERSION_CODENAME" debootstrap --variant=minbase --components=$parts "$VERSION_CODENAME" "$T/fresh"
cp "$T/first.deb" "$T/fresh/${deb##*/}"
ok 'what there is to install' fresh apt-get update -q
ok 'the package and what it needs' fresh apt-get install -qq -y --no-install-recommends "/${deb##*/}"
is 'dpkg has nothing against it' "$(fresh dpkg --audit; fresh dpkg --verify coppice)" ''
is 'a tool says what it does' "$(fresh c4-tokenize -h)" "$(c4-tokenize -h)"
ok 'a stream through two tools' fresh sh -c 'rec-make tokens </dev/null | rec-cat -c'
make-tiny llama "$T/fresh/model"
echo '{"doc":0,"ids":[1,2,3]}' >"$T/fresh/lines"
ok 'a model through oneDNN' fresh sh -c 'rec-make tokens lines | hidden-dump -q -m model | angdist -q | rec-cat -c'
ok 'removed' fresh dpkg -P coppice
is 'without a trace' "$(find "$T/fresh/usr" -name '*coppice*' -o -name '*eval-c4*')" ''
done_testing
