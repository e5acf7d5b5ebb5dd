package release_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"slipway/release"
)

func TestSizesNeverShowAThousandOfAUnit(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 1: "1 B", 999: "999 B", 1000: "1.0 kB", 8_412_331: "8.4 MB",
		999_949: "999.9 kB", 999_950: "1.0 MB", 2e15: "2.0 PB",
	} {
		assert.Equal(t, want, release.Size(n))
	}
}
