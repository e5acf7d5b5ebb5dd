//go:build race

package workflows_test

import "flag"

// The race detector makes a release some ten times slower, so the properties try
// fewer of them, unless the command line says how many.
func init() {
	if err := flag.Set("rapid.checks", "25"); err != nil {
		panic(err)
	}
}
