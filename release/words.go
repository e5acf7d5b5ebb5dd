package release

import (
	"fmt"
	"strconv"
	"strings"
)

// Grouped writes a number as people read large ones: "9,970".
func Grouped(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Cut keeps a text to so many bytes, of whole characters.
func Cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + " …"
}

// ManyOf writes a number of things: "1 target", "9,970 targets".
func ManyOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%s %ss", Grouped(n), noun)
}

// Size writes a number of bytes: "12 B", "8.4 MB".
func Size(n int64) string {
	const step, units = 1000, "kMGTPE"
	if n < step {
		return fmt.Sprintf("%d B", n)
	}
	value, unit := float64(n)/step, 0
	for value >= 999.95 && unit < len(units)-1 { // more would be written as 1000.0
		value, unit = value/step, unit+1
	}
	return fmt.Sprintf("%.1f %cB", value, units[unit])
}
