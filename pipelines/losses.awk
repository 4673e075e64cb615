# losses.awk lays out the losses of healings: a line with the name of a stream, then its steps,
#   step loss held-out

BEGIN { x_label = "step" }
NF == 2 && $1 == "" {
	file[++n_files] = $2
	name[n_files] = called($2)
	times[name[n_files]]++
	next
}
is_number($1) {
	k = ++steps[n_files]
	step[n_files, k] = $1
	loss[n_files, k] = $2
	held_out[n_files, k] = $3
}
END {
	p = panel("", "loss, nats a token")
	for (i = 1; i <= n_files; i++)
		draw(i, times[name[i]] > 1 ? stem(file[i]) : name[i], i)
	if (n_raw)
		in_key("dashes", "each step", 0 OFS 5 OFS 0)
	in_key("dashes", "mean of steps around", 0 OFS 6 OFS 0)
	if (n_held_out)
		in_key("dashes", "held out", 0 OFS 4 OFS 0)
	folder = file[1]	# of the adapter
	sub(/\/[^\/]*$/, "", folder)
	write_figure(model_of(folder), "The loss of healing", 0)
}

# The folder of an adapter without its suffix, and what it says of the width.
function stem(path) {
	sub(/\/[^\/]*$/, "", path)
	sub(/.*\//, "", path)
	sub(/[.]adapter$/, "", path)
	return path
}
function called(path,   s) {
	s = stem(path)
	if (!match(s, /-n[0-9]+/))
		return s
	s = substr(s, RSTART + 2, RLENGTH - 2)
	return s " layer" (s == 1 ? "" : "s") " dropped"
}

function draw(i, name, hue,   faint, mean, held, around, k, m) {
	faint = curve(p, name ", each step", hue OFS 5)
	mean = curve(p, name, hue OFS 6)
	around = int(steps[i] / 100)
	if (around < 1)
		around = 1
	in_key("hues", name, hue OFS 6 OFS 0)
	for (k = 1; k <= steps[i]; k++) {
		if (!is_value(loss[i, k])) {
			left_out++
			continue
		}
		n_raw++
		add(p, faint, step[i, k], loss[i, k], 0)
		m = smoothed(i, k, around)
		if (m != "")
			add(p, mean, step[i, k], m, 0)
	}
	for (k = 1; k <= steps[i]; k++)
		if (is_value(held_out[i, k])) {
			n_held_out++
			add(p, curve(p, name ", held out", hue OFS 4), step[i, k], held_out[i, k], 0)
		}
}
function smoothed(i, k, around,   j, n, sum) {
	for (j = k - around; j <= k + around; j++)
		if ((i, j) in loss && is_number(loss[i, j])) {
			sum += loss[i, j]
			n++
		}
	return n ? sum / n : ""
}
