# rows.awk reads a line of what `rows` prints. tasks.awk and numbers.awk come with it.
#
# y is the share of right answers, or a loss as a share of that of guessing; error is its own.

function read_row(line,   f) {
	split(line, f, "\t")
	model = f[1]
	rule = f[2]
	task = f[3]
	n = f[4] + 0
	layers = f[5]
	healed = f[6] + 0
	rank = f[7]
	seed = f[8]
	shots = f[9]
	order = f[10]
	value = f[11]
	is_loss = is_value(f[13])
	y = is_loss ? f[13] : value
	error = is_number(f[12]) && f[12] >= 0 ? f[12] : ""
	if (error != "" && is_loss)
		error = is_number(value) && value != 0 ? f[13] / value * f[12] : ""
	commoner = f[14]
	quant = f[15] == "" ? "-" : f[15]
	guess = is_number(f[16]) ? f[16] : guess_of[task]
	category = f[17]
	is_base = n == 0 && !healed
}
