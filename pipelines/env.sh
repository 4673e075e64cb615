# env.sh - what every script beside it takes first, so that its words, numbers and orders are the same whatever a user has
# set: . "$(dirname "$(readlink -f "$0")")/env.sh". The make files take the same by env.mk.
#
# Numbers have points, sorting goes by bytes, and what a script makes it may read. Taken away, and named in $gone, is what
# gives options to a program that is called here, or chooses its words, sizes or styles; by prefixes, since such programs
# get more of them. What says where things lie, PATH, HOME, TMPDIR or proxies, stays; so does what a stage of the user's own may
# need: PYTHONPATH and the like are set aside where this flow calls Python and Perl. The tools look after themselves.
LC_ALL=C
export LC_ALL
umask u+rwx
set +Cfx
gone=
for name in $(env | sed -n 's/^\([A-Z_][A-Z0-9_]*\)=.*/\1/p'); do
	case $name in
	LANGUAGE | POSIXLY_CORRECT | _POSIX2_VERSION | BASH_ENV | ENV | CDPATH | \
	BLOCKSIZE | *BLOCK_SIZE | QUOTING_STYLE | TIME_STYLE | TABSIZE | LS_COLORS | GREP_* | \
	AWK* | GAWK* | MAWK* | WHINY_USERS | JQ_* | GZIP | ZSTD_* | XZ_* | PARALLEL* | \
	GNUTERM | GNUPLOT_* | GDFONTPATH | FIT_* | CAIRO* | PANGO* | FREETYPE_PROPERTIES)
		unset "$name"
		gone="$gone $name"
		;;
	esac
done
