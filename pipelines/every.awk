# every.awk lays out the blocks of one width: method.txt, then a line with the name of their stream,
# its blocks and the scores of the models without them,
#   n l distance error
#   n l normalised loss error, with n empty or 0 for the base

BEGIN { x_label = "first layer of the block, l" }
NF < 2 { add_label($0); next }
NF == 2 { path = $2 }
NF == 4 && is_number($1) && $1 > 0 { take_block() }
NF == 5 && ($1 == "" || is_number($1)) { take_score() }
END {
	loss_label = axis_of("c4")
	draw("loss", loss_label)
	draw("distance", "angular distance / π")
	if (is_value(unpruned))
		add_line(panel("", loss_label), "unpruned", 3 OFS 1, unpruned)
	if (most_loss > 0.8 * guess_of["c4"])
		add_line(panel("", loss_label), "random", 0 OFS 3, guess_of["c4"])
	note = agreement()
	write_figure(model_of(path), "Loss without each block of " width " layer" (width == 1 ? "" : "s") \
		", and the distance across it", 2)
}

function take_block() {
	width = $1
	take("distance", $2, $3, is_number($4) && $4 >= 0 ? $4 : "")
}
function take_score(   error) {
	error = is_number($5) && is_number($4) && $4 != 0 && is_number($3) ? $3 / $4 * $5 : ""
	if ($1 + 0 == 0)
		unpruned = $3
	else
		take("loss", $2, $3, error)
}
function take(what, l, y, error) {
	if (!is_value(y)) {
		left_out++
		return
	}
	if ((what, l) in value)
		return
	value[what, l] = y
	error_of[what, l] = error
	order[what, ++n[what]] = l
	if (is_number(y) && (least_of[what] == "" || y + 0 < value[what, least_of[what]] + 0))
		least_of[what] = l
	if (what == "loss" && is_number(y) && y + 0 > most_loss)
		most_loss = y + 0
}

function draw(what, label,   p, i, l) {
	if (!n[what])
		return
	p = panel("", label)
	for (i = 1; i <= n[what]; i++) {
		l = order[what, i]
		add(p, curve(p, "each block", 1 OFS 1), l, value[what, l], error_of[what, l])
	}
	in_key("hues", "each block", 1 OFS 1 OFS 0)
	l = least_of[what]
	if (l == "")
		return
	in_key("points", "least", 2 OFS 3 OFS 0)
	add(p, curve(p, "least", 2 OFS 3), l, value[what, l], 0)
}

# Spearman's correlation of loss and distance over the blocks that have both. Of equal values each
# has the mean of their ranks.
function agreement(   i, l, m, a, b, sa, sb, saa, sbb, sab, v) {
	for (i = 1; i <= n["loss"]; i++)
		if (("distance", order["loss", i]) in value)
			m++
	if (m < 3)
		return ""
	for (i = 1; i <= n["loss"]; i++) {
		l = order["loss", i]
		if (!(("distance", l) in value))
			continue
		a = rank("loss", l)
		b = rank("distance", l)
		sa += a
		sb += b
		saa += a * a
		sbb += b * b
		sab += a * b
	}
	v = (saa - sa * sa / m) * (sbb - sb * sb / m)
	return v <= 0 ? "" : sprintf("Rank correlation of loss and distance: %.2f, over %d blocks.", \
		(sab - sa * sb / m) / root(v), m)
}
# By Newton's rule: an awk may have no sqrt.
function root(v,   r, k) {
	r = v > 1 ? v : 1
	for (k = 0; k < 100; k++)
		r = (r + v / r) / 2
	return r
}
function number_value(v) { return v ~ /inf/ ? 1e300 : v + 0 }
function rank(what, l,   i, k, below, equal, v, w) {
	v = number_value(value[what, l])
	for (i = 1; i <= n["loss"]; i++) {
		k = order["loss", i]
		if (!(("distance", k) in value))
			continue
		w = number_value(value[what, k])
		below += w < v
		equal += w == v
	}
	return below + (equal + 1) / 2
}
