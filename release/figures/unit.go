package figures

import "math"

// Readable gives the factor and the unit by which people read a value more easily: what
// is less than an hour in minutes, and less than a minute in seconds.
func Readable(value float64, unit string) (factor float64, better string) {
	factor, value = 1, math.Abs(value)
	for _, step := range []struct{ from, to string }{{"hours", "minutes"}, {"minutes", "seconds"}} {
		if unit == step.from && value > 0 && value*factor < 1 {
			factor, unit = factor*60, step.to
		}
	}
	return factor, unit
}
