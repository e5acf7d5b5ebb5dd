package release_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"slipway/release"
)

func TestAnExecutionSaysWhyItIsNotWell(t *testing.T) {
	for want, e := range map[string]release.Execution{
		"":                               {Tail: "all is well"},
		"exit status 3":                  {Exit: 3},
		"exit status 3: the last line":   {Exit: 3, Tail: "first\n  the last line\n\n"},
		"timed out after 2s: still busy": {Exit: 143, TimedOut: true, Elapsed: release.Duration(2 * time.Second), Tail: "still busy"},
	} {
		assert.Equal(t, want, e.Problem())
	}
}
