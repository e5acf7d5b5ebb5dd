package report

import (
	"math"
	"strconv"
	"strings"

	"slipway/release"
	"slipway/release/figures"
)

// numeral writes a value with about three digits that tell, grouped by thousands:
// "0.00125", "3.5", "1,234,567".
func numeral(v float64) string {
	if v < 0 {
		return "−" + numeral(-v)
	}
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "not known"
	case v == 0:
		return "0"
	case v < 0.0001 || v >= 1e15:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case v < 1:
		return trimmed(v, 2-int(math.Floor(math.Log10(v))))
	case v < 10:
		return trimmed(v, 2)
	case v < 100:
		return trimmed(v, 1)
	}
	return release.Grouped(int(math.Round(v)))
}

// trimmed writes so many decimals, without zeros at the end.
func trimmed(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// amount writes a value with its unit: "1 hour", "12.5 %", "1,200 CHF".
func amount(v float64, unit string) string {
	factor, unit := figures.Readable(v, unit)
	n := numeral(v * factor)
	switch {
	case unit == "percent":
		return n + " %"
	case n == "1" && strings.HasSuffix(unit, "s"):
		return n + " " + strings.TrimSuffix(unit, "s")
	}
	return strings.TrimSpace(n + " " + unit)
}

// short writes a round value in as little room as an axis has: "500", "20k", "1.5M".
func short(v float64) string {
	for _, big := range []struct {
		of   float64
		name string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if math.Abs(v) >= big.of {
			return numeral(v/big.of) + big.name
		}
	}
	return numeral(v)
}
