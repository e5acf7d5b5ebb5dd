package release_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

func TestADigestIsNamedByTwelveOrMoreOfItsDigits(t *testing.T) {
	d := release.DigestOfBytes([]byte("content"))
	digits := strings.TrimPrefix(string(d), "sha256:")
	for text, want := range map[string]bool{
		string(d):                        true,
		digits:                           true,
		d.Short():                        true,
		"sha256:" + digits[:12]:          true,
		digits[:20]:                      true,
		" " + digits[:12] + "\n":         true,
		strings.ToUpper(digits[:12]):     true,
		"SHA256:" + digits[:12]:          true,
		digits[:11]:                      false,
		"sha256:" + digits[:11]:          false,
		"":                               false,
		"sha256:":                        false,
		digits + "0":                     false,
		digits[1:20]:                     false,
		"sha512:" + digits:               false,
		strings.Repeat("0", 12):          false,
		"sha256:sha256:" + digits[:12]:   false,
		digits[:12] + "*":                false,
		strings.Repeat("sha256:", 3):     false,
		digits[:6] + " " + digits[6:12]:  false,
		"sha256:" + digits[:12] + "\x00": false,
	} {
		assert.Equal(t, want, d.Matches(text), "%q", text)
	}
	assert.False(t, release.Digest("").Matches(strings.Repeat("a", 12)), "nothing has no digest")
	assert.Len(t, d.Short(), 12)
	assert.Equal(t, "", release.Digest("").Short())
	assert.Equal(t, "abc", release.Digest("sha256:abc").Short())
}

func TestEqualValuesHaveEqualDigests(t *testing.T) {
	one, err := release.DigestOf(map[string]any{"a": 1, "b": []string{"x"}})
	require.NoError(t, err)
	two, err := release.DigestOf(map[string]any{"b": []string{"x"}, "a": 1})
	require.NoError(t, err)
	assert.Equal(t, one, two)
	assert.Regexp(t, `^sha256:[0-9a-f]{64}$`, one)
	_, err = release.DigestOf(func() {})
	assert.ErrorContains(t, err, "digest of func()")
}
