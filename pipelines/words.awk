# words.awk - words and lists of words, which stand apart by one blank

function joined(a, b) {
	return a == "" ? b : b == "" ? a : a " " b
}
function without_repeats(list,   word, n, i, seen, result) {
	n = split(list, word, " ")
	for (i = 1; i <= n; i++)
		if (!(word[i] in seen)) {
			seen[word[i]]
			result = joined(result, word[i])
		}
	return result
}
function sorted(list,   word, n, i, j, gap, held, result) {	# by Shell's method; without repeats
	n = split(without_repeats(list), word, " ")
	for (gap = int(n / 2); gap > 0; gap = int(gap / 2))
		for (i = gap + 1; i <= n; i++) {
			held = word[i]
			for (j = i; j > gap && held "" < word[j - gap] ""; j -= gap)
				word[j] = word[j - gap]
			word[j] = held
		}
	for (i = 1; i <= n; i++)
		result = joined(result, word[i])
	return result
}
function before_each(text, list,   word, n, i, result) {
	n = split(list, word, " ")
	for (i = 1; i <= n; i++)
		result = joined(result, text word[i])
	return result
}
function behind_each(text, list) {
	gsub(/[^ ]+/, "&" text, list)
	return list
}
function sorted_numbers(list,   word, n, i, j, held, result) {	# a few; without repeats
	n = split(without_repeats(list), word, " ")
	for (i = 1; i <= n; i++) {
		held = word[i]
		for (j = i; j > 1 && held + 0 < word[j - 1] + 0; j--)
			word[j] = word[j - 1]
		word[j] = held
	}
	for (i = 1; i <= n; i++)
		result = joined(result, word[i])
	return result
}

# A word as the shell reads it, and each of a list.
function quoted(word) {
	if (word ~ /[#&'"`()*;<>?[{|}~!\\$[:cntrl:]]/) {
		gsub(/'/, "'\\''", word)
		return "'" word "'"
	}
	return word
}
function quoted_words(list,   word, n, i, result) {
	n = split(list, word, " ")
	for (i = 1; i <= n; i++)
		result = joined(result, quoted(word[i]))
	return result
}

# Parts of a file's name: MODEL/RULE-n3.TASK.score is in the folder MODEL, of the stem
# MODEL/RULE-n3, of the task TASK.
function folder(file) {
	sub(/\/[^\/]*$/, "", file)
	return file
}
function last_part(file) {
	sub(/.*\//, "", file)
	return file
}
function stem_of(score) {
	sub(/\.[^.]*\.score$/, "", score)
	return score
}
function task_of(score) {
	sub(/\.score$/, "", score)
	sub(/.*\./, "", score)
	return score
}
