# golden.sh - shell functions for comparing numbers with golden values; after tap.sh

# near NAME GOT WANTED TOL [abs]: files of tab-separated lines, equal but for their last column, a number: within TOL of
# the largest wanted, or of nothing with abs.
near() {
	near_out=$(awk -F '\t' -v tol="$4" -v abs="$5" '
		function key() { k = $0; sub(/[^\t]*$/, "", k); return k }
		FNR == NR { got[FNR] = $NF; key_of[FNR] = key(); n = FNR; next }
		{
			if (FNR > n || key_of[FNR] != key()) { print "line " FNR " is another"; bad = 1; exit }
			d = got[FNR] - $NF; d = d < 0 ? -d : d; w = $NF < 0 ? -$NF : $NF
			if (!(d <= worst)) worst = d
			if (w > top) top = w
			m = FNR
		}
		END {
			if (bad) exit 1
			if (m != n || !n) { print n " lines, wanted " m; exit 1 }
			if (abs) top = 1
			printf "%.2g of %.2g\n", worst / top, tol
			exit !(worst <= tol * top)
		}' "$2" "$3")
	tap_result $? "$1: $near_out"
}
