//go:build race

package results_test

// The race detector makes reading some thirty times slower.
const (
	manyCases = 100_000
	manyTAP   = 15_000
)
