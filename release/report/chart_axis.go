package report

import "math"

// rungs is about how many steps an axis of numbers has.
const rungs = 4

// roundAxis lays round numbers from below the least to above the largest value, with
// zero among them: what is twice as large has to look twice as large. They are whole
// numbers where all values are.
func roundAxis(least, most float64, whole bool) []float64 {
	least, most = min(least, 0), max(most, 0)
	if most-least < tiny*tiny { // as good as nothing but zeros
		least, most = 0, 1
	}
	step := roundStep((most - least) / rungs)
	if whole {
		step = max(step, 1)
	}
	first, last := math.Floor(least/step+tiny), math.Ceil(most/step-tiny)
	ticks := make([]float64, 0, rungs+2)
	for n := first; n <= last; n++ {
		ticks = append(ticks, n*step)
	}
	return ticks
}

// tiny keeps what floats cannot hold exactly from adding a step to an axis.
const tiny = 1e-9

// roundStep is the next of 1, 2, 5, 10, 20, 50… that is not smaller.
func roundStep(rough float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, n := range []float64{1, 2, 5} {
		if n*power >= rough*(1-tiny) {
			return n * power
		}
	}
	return 10 * power
}
