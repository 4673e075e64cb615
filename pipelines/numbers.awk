# numbers.awk knows which words are numbers, and writes them for people

function is_number(s) { return s ~ /^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$/ }
function is_value(s) { return is_number(s) || s ~ /^[+]?inf/ }

function decimal(x, places) {
	return is_number(x) ? sprintf("%." places "f", x) : is_value(x) ? "inf" : "-"
}
function percent(x) { return sprintf("%.0f %%", 100 * x) }
# Bytes, or what else there are very many of; unit: "B", or nothing.
function amount(x, places, unit) {
	return x >= 1e9 ? sprintf("%." places "f G", x / 1e9) unit : sprintf("%.1f M", x / 1e6) unit
}
