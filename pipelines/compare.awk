# compare.awk says which files of samples are compared: lines of how models are paired, two files, their names without
# the task, and the layers that the second lacks, - where the models differ in that

{
	file[NR] = $0
	name = $0
	sub(/.*\//, "", name)
	sub(/\.samples$/, "", name)
	stem[NR] = substr(name, 1, index(name, ".") - 1)
	task[NR] = substr(name, index(name, ".") + 1)
	rule[NR] = substr(stem[NR], 1, index(stem[NR], "-") - 1)
	rest[NR] = substr(stem[NR], index(stem[NR], "-") + 1)
}
END {
	for (j = 1; j <= NR; j++)
		for (i = 1; i <= NR; i++)
			if (i != j && task[i] == task[j] && (by = how(i, j)) != "")
				print by, file[i], file[j], stem[i], stem[j], width(rest[j])
}
BEGIN { OFS = "\t" }

# How the models of two files are paired; "": the files are no pair, or one in the other order.
function how(i, j) {
	if (rest[i] == "all" && rest[j] == "all")
		return i < j ? "n" : ""
	if (rest[i] == "all")
		return rule[i] == rule[j] && is_healed(rest[j]) ? "keep" : ""
	return i < j && is_healed(rest[i]) && is_healed(rest[j]) && differing(stem[i], stem[j]) == 1 && \
		width(rest[i]) == width(rest[j]) ? "position" : ""
}
function is_healed(name) { return name ~ /^n[0-9]+-/ }
function width(name,   word) {
	split(name, word, "-")
	return word[1] ~ /^n[0-9]+$/ ? substr(word[1], 2) : "-"
}
# In how many words two names differ; 99 where one has more.
function differing(one, other,   a, b, n, k, sum) {
	n = split(one, a, "-")
	if (split(other, b, "-") != n)
		return 99
	for (k = 1; k <= n; k++)
		sum += a[k] != b[k]
	return sum
}
