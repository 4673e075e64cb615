# tasks.awk knows what tasks are called, and what guessing gives
#
# add_label takes the lines of method.txt. tasks[1 ... n_tasks] are those that have a label.

function add_label(line,   word) {
	split(line, word, /[ \t]+/)
	if (word[1] == "label")
		add_task(word[2], word[3], after(line, 3))
}
function add_task(name, guess, label) {
	tasks[++n_tasks] = name
	guess_of[name] = guess
	label_of[name] = label
}
function after(line, n) {
	for (; n > 0; n--)
		sub(/^[^ \t]+[ \t]+/, "", line)
	return line
}

# What the axis of a task says; what its values are, "MMLU accuracy", "C4 loss"; what it is called
# beside them.
function axis_of(task) { return task in label_of ? label_of[task] : task " accuracy" }
function measure_of(task,   name) {
	name = axis_of(task)
	sub(/ \/ .*/, "", name)
	return name
}
function title_of(task,   name) {
	name = measure_of(task)
	sub(/ accuracy$/, "", name)
	return name
}

# A few layers can go, and the answers stay right; then they fall. That is told of MMLU where it was
# measured, else of another task, and of BoolQ only where that is all.
function tells_more(task, other) { return told_by(task) > told_by(other) }
function told_by(task) { return task == "" ? 0 : task == "boolq" ? 1 : task == "mmlu" ? 3 : 2 }

# The last n before a quarter is lost of what the base knows beyond guessing; 0 where it knows
# nothing. right[0 ...]: the shares of right answers by n.
function last_before_the_fall(right, guess,   least, n) {
	least = guess + 0.75 * (right[0] - guess)
	for (n = 0; right[0] > guess && n + 1 in right && right[n + 1] >= least; n++) ;
	return n
}
