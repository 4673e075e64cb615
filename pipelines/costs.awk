# costs.awk lays out what models take: a line with the name of a stream, then its records,
#   n layers bytes_bf16 bytes_nf4 flop kv rate peak, with n empty or 0 for the base
# The paper has memory and time fall in proportion to the layers. A rate is drawn as the time of a
# token, which is what does so.

NF == 2 { path = $2 }
NF == 8 && ($1 == "" || is_number($1)) {
	row[++n_rows] = $0
	if (is_number($2) && $2 > 0)
		layers = $2
}
END {
	quantity(3, "bf16", 1, "weights, GB", 1e-9, 0)
	quantity(4, "NF4", 2, "weights, GB", 1e-9, 0)
	quantity(5, "", 1, "GFLOP a token", 1e-9, 0)
	quantity(6, "", 1, "keys and values, KB a token", 1e-3, 0)
	quantity(7, "", 1, "time, ms a token", 1000, 1)
	quantity(8, "", 1, "peak memory, GB", 1e-9, 0)
	if (n_rows)
		in_key("lines", "in proportion to layers", 0 OFS 7 OFS 0)
	write_figure(model_of(path), "What a model takes when layers are dropped", 0)
}

# A curve of a column, times a factor; of its inverse for a rate.
function quantity(column, name, hue, label, times, is_rate,   i, f, p, s, y, base) {
	for (i = 1; i <= n_rows; i++) {
		split(row[i], f, "\t")
		if (!is_number(f[column]) || f[column] <= 0)
			continue
		y = times * (is_rate ? 1 / f[column] : f[column])
		p = panel("", label)
		s = curve(p, name == "" ? "this model" : name, hue OFS 1)
		add(p, s, f[1] + 0 && layers ? f[1] / layers : 0, y, 0)
		if (f[1] + 0 == 0)
			base = y
		if (name != "")
			in_key("hues", name, hue OFS 1 OFS 0)
	}
	if (base == "")
		return
	s = curve(p, "in proportion to layers" (name == "" ? "" : ", " name), 0 OFS 7)
	add(p, s, 0, base, 0)
	add(p, s, 1, 0, 0)
}
