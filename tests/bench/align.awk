# align - TSV to columns: numbers to the right
BEGIN { FS = "\t" }
{
	for (i = 1; i <= NF; i++) {
		cell[NR, i] = $i
		if (length($i) > width[i])
			width[i] = length($i)
	}
	columns = NF > columns ? NF : columns
}
END {
	for (r = 1; r <= NR; r++) {
		line = ""
		for (i = 1; i <= columns; i++) {
			left = i <= 3 || i == 7 || i >= 13
			line = line sprintf(left ? "%-*s  " : "%*s  ", width[i], cell[r, i])
		}
		sub(/ +$/, "", line)
		print line
	}
}
