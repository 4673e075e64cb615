# table - single runs to one row for each job: the median, the best, and how many times faster ours is than a peer's
BEGIN {
	FS = OFS = "\t"
	print "line", "job", "who", "runs", "value", "best", "unit", "limit %", "peak MB", "seconds", "min s", "cpus", "asked",
		"ours is"
}

function sort(a, n,    i, j, t) {
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && a[j] < a[j - 1]; j--) {
			t = a[j]
			a[j] = a[j - 1]
			a[j - 1] = t
		}
}

# quantile of a column over the runs of a row; "-" where there is none
function of(row, column, q,    a, n, i) {
	for (i = 1; i <= runs[row]; i++)
		if (cell[row, i, column] != "-")
			a[++n] = cell[row, i, column] + 0
	if (!n)
		return "-"
	sort(a, n)
	return q == "min" ? a[1] : q == "max" ? a[n] : n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
}

function short(x) {
	return x == "-" ? x : x >= 1000 ? sprintf("%.0f", x) : sprintf("%.3g", x)
}

{
	key = $1 FS $3 FS $2
	if (!(key in runs))
		order[++rows] = key
	i = ++runs[key]
	cell[key, i, "value"] = $4
	cell[key, i, "gflops"] = $6
	cell[key, i, "memory"] = $7
	cell[key, i, "seconds"] = $8
	cell[key, i, "cpus"] = $8 + 0 ? $9 / $8 : "-"
	unit[key] = $5
	asked[key] = $10
	if ($2 == "machine" && $5 == "GFLOP/s" && $4 > limit)
		limit = $4
}

function share(gflops) {
	return gflops == "-" || !limit ? "-" : 100 * gflops / limit
}

# The peer of a line is held against the last row of ours before it with the same unit.
END {
	for (r = 1; r <= rows; r++) {
		k = order[r]
		split(k, name, FS)
		rate = unit[k] ~ /\/s$/
		v = of(k, "value", "median")
		times = ""
		if (name[3] == "coppice")
			mine[name[1], unit[k]] = v
		else if ((name[1], unit[k]) in mine && v > 0 && mine[name[1], unit[k]] > 0)
			times = sprintf("%.2f x", rate ? mine[name[1], unit[k]] / v : v / mine[name[1], unit[k]])
		print name[1], name[2], name[3], runs[k], short(v), short(of(k, "value", rate ? "max" : "min")), unit[k],
			short(share(of(k, "gflops", "median"))), short(of(k, "memory", "max")), short(of(k, "seconds", "median")),
			short(of(k, "seconds", "min")), short(of(k, "cpus", "median")), asked[k], times
	}
}
