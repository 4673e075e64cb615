# needs.awk finds what the targets of a plan depend on, down to what no rule makes
#
# targets="TARGET ..." awk -f needs.awk PLAN prints, with tabs between:
#   no TARGET           if the plan has no rule for it
#   stamp FILE TEXT     for each stamp; TEXT of a .list are the other things that its file depends on

/^[^\t #][^=]*:/ {
	n = split(substr($0, 1, index($0, ":") - 1), target, " ")
	for (i = 1; i <= n; i++) {
		made[target[i]]
		needs[target[i]] = needs[target[i]] " " substr($0, index($0, ":") + 1)
	}
}
END {
	OFS = "\t"
	last = split(ENVIRON["targets"], queue, " ")
	for (i = 1; i <= last; i++) {
		if (!(queue[i] in made))
			print "no", queue[i]
		seen[queue[i]]
	}
	for (first = 1; first <= last; first++) {
		n = split(needs[queue[first]], need, " ")
		for (i = 1; i <= n; i++)
			if (!(need[i] in seen)) {
				seen[need[i]]
				queue[++last] = need[i]
				if (need[i] ~ /(^|\/)\.stamp\//)
					print "stamp", need[i], need[i] ~ /\.list$/ ? others(queue[first], need[i]) : ""
			}
	}
}
function others(file, stamp,   word, n, i, text) {
	n = split(needs[file], word, " ")
	for (i = 1; i <= n; i++)
		if (word[i] != stamp)
			text = text (text == "" ? "" : " ") word[i]
	return text
}
