# help.awk prints what paper.mk can make, and the settings with their values
#
# file=SETTINGS mk=PAPER.MK awk -f help.awk reads method.txt, each line after the word method and a
# tab, then what settings.awk printed, then settings.txt.

BEGIN {
	print "make -f " ENVIRON["mk"] " TARGET ... [NAME=value ...]\n\nTargets"
}
/^method\tfigure/ { each[$3] = $4 == "each" }
/^method\ttitle/ {
	name = $3
	sub(/^method\ttitle[ \t]+[^ \t]+[ \t]+/, "")
	printf "  %-12s %s%s\n", name, $0, each[name] ? ", of each model" : ""
	next
}
/^set\t/ {
	name = $2
	sub(/^set\t[^\t]*\t/, "")
	value[name] = $0
	next
}
/^[A-Z]/ {
	if (!begun++) {
		print "  figures      all of these"
		print "  tables       what is left of each model, as text"
		print "  comparisons  paired differences: rules, healed or not"
		print "  report.html  a page of tables and figures, how to get each model, and what was run"
		print "  plan         only plan.mk, the rules for all these; if you edit it, it is kept"
		print "  mend         removes streams that are not whole, for the next make to make anew"
		print "\nSettings, NAME = value in the file " ENVIRON["file"] ", or on the command line, which wins"
	}
	name = $1
	sub(/^[^ ]+ +[^ ]+ +[^ ]+ +/, "")
	printf "  %-16s %s%s\n", name, $0, value[name] == "" ? "" : " [" value[name] "]"
}
END {
	printf "  %-16s %s\n", "STAGE_tool", "a program in the place of a tool: STAGE_angdist=./mine"
}
