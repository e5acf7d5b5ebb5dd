//go:build !race

package results_test

// manyCases and manyTAP are how large a huge report is.
const (
	manyCases = 2_000_000
	manyTAP   = 300_000
)
