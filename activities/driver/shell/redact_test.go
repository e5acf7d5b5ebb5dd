package shell

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// masked runs text through a redactor in pieces of n bytes.
func masked(text string, n int, secrets ...string) string {
	r := newRedactor(secrets)
	var out bytes.Buffer
	for text != "" {
		piece := text[:min(n, len(text))]
		out.Write(r.next([]byte(piece)))
		text = text[len(piece):]
	}
	out.Write(r.rest())
	return out.String()
}

func TestMaskingDoesNotDependOnHowTheOutputIsCut(t *testing.T) {
	for _, c := range []struct {
		name, text, want string
		secrets          []string
	}{
		{"no secret", "plain", "plain", nil},
		{"in the middle", "a secret b", "a *** b", []string{"secret"}},
		{"twice and at the ends", "secret-secret", "***-***", []string{"secret"}},
		{"only its beginning", "a secre", "a secre", []string{"secret"}},
		{"one is the beginning of another", "abcdef abc abcx", "*** *** ***x", []string{"abc", "abcdef"}},
		{"two overlap", "xabcde.", "***.", []string{"xabc", "bcde"}},
		{"it overlaps itself", "ababab.", "***.", []string{"abab"}},
		{"over lines", "k: one\ntwo\n.", "k: ***\n.", []string{"one\ntwo"}},
		{"a false start", "sesecret", "se***", []string{"secret"}},
	} {
		for n := 1; n <= len(c.text); n++ {
			assert.Equal(t, c.want, masked(c.text, n, c.secrets...), "%s, in pieces of %d", c.name, n)
		}
	}
}

func FuzzMaskedOutputHoldsNoSecret(f *testing.F) {
	f.Add("some hunter2 text", "hunter2", "2 te", uint8(3))
	f.Add("aaaaaaa", "aa", "aaa", uint8(1))
	f.Fuzz(func(t *testing.T, text, one, two string, n uint8) {
		if one == "" || two == "" || strings.ContainsAny(one+two, "*") || n == 0 || len(text) > 1<<10 {
			t.Skip()
		}
		for piece := range strings.SplitSeq(masked(text, int(n), one, two), mask) {
			if strings.Contains(piece, one) || strings.Contains(piece, two) {
				t.Fatalf("%q is shown", piece)
			}
		}
	})
}
