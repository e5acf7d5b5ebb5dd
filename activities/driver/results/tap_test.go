package results_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/results"
)

const tapRun = `compiling…
TAP version 14
1..6
ok 1 - starts
not ok 2 - serves AVIF # nothing special
  ---
  message: "wanted image/avif"
  severity: fail
  at:
    file: test/avif.js
    line: 12
  ...
# Subtest: images
    ok 1 - png
    not ok 2 - jpeg
    # at t/images.t line 7
    # Subtest: webp
        1..1
        ok 1 - lossless # SKIP no encoder
    ok 3 - webp
    1..3
not ok 3 - images
not ok 4 - later # TODO not yet
ok 5 # skip no network
ok 6 - costs 5\#unit
`

func TestARunOfTAPIsReadWithItsSubtests(t *testing.T) {
	c := read(t, "tap", tapRun, 1)
	assert.Equal(t, []string{"serves AVIF # nothing special", "images / jpeg"}, cases(c))
	assert.Equal(t, 2, c.Failed, "what failed because of its subtests is no failure of its own")
	assert.Equal(t, 3, c.Passed, "starts, png, costs")
	assert.Equal(t, 3, c.Skipped, "lossless, later, no network")
	assert.Equal(t, "test/avif.js:12", c.Failures[0].File)
	assert.Contains(t, c.Failures[0].Message, "message: \"wanted image/avif\"\nseverity: fail")
	assert.Equal(t, "t/images.t:7", c.Failures[1].File)
}

func TestWhatIsMissingOfARunOfTAPIsAFailure(t *testing.T) {
	for name, c := range map[string]struct {
		output string
		exit   int
		failed []string
		says   string
	}{
		"a test":           {"1..3\nok 1\nok 2\n", 0, []string{"plan"}, "3 tests were planned, but 2 ran"},
		"the plan":         {"ok 1\nok 2\n", 0, []string{"plan"}, "no plan"},
		"all after a bail": {"1..9\nok 1\nBail out! no database\nBail out! again", 1, []string{"Bail out!"}, "no database"},
		"the end":          {"1..1\n    1..2\n    ok 1 - a\n", 1, []string{"subtest / plan", "plan"}, "no end"},
		"a subtest":        {"1..1\n    1..2\n    ok 1 - a\nok 1 - group\n", 0, []string{"group / plan"}, "2 tests were planned, but 1 ran"},
		"a huge plan":      {"1..999999999\nok 1\n", 0, []string{"plan"}, "999999999"},
		"a todo group":     {"1..1\n    1..1\n    not ok 1\nnot ok 1 - group # TODO\n", 0, nil, ""},
	} {
		found := read(t, "tap", c.output, c.exit)
		if c.failed == nil {
			assert.Empty(t, found.Failures, name)
			assert.Equal(t, 1, found.Skipped, name)
			continue
		}
		assert.Equal(t, c.failed, cases(found), name)
		assert.Contains(t, found.Failures[0].Message, c.says, name)
	}
}

func TestARunOfTAPThatSkipsAllRanNothing(t *testing.T) {
	assert.Zero(t, read(t, "tap", "TAP version 13\n1..0 # SKIP no network\n", 0).Total())
}

func TestWhatIsNoTAPIsUnreadable(t *testing.T) {
	for _, output := range []string{"", "PASS\n", "okay\nnot okay\n", "# ok 1\n", "  ---\n", "        ok 1 - far in\n"} {
		_, err := results.Read("tap", strings.NewReader(output), "", 0)
		require.ErrorIs(t, err, results.ErrUnreadable, output)
	}
}

func TestADiagnosisWithoutItsEndDoesNotHideTheTestsAfterIt(t *testing.T) {
	c := read(t, "tap", "1..2\nnot ok 1 - a\n  ---\n  message: cut\nnot ok 2 - b\n", 1)
	assert.Equal(t, []string{"a", "b"}, cases(c))
}

func TestAHugeRunOfTAPIsCountedWhole(t *testing.T) {
	reader, writer := io.Pipe()
	go func() {
		_, _ = fmt.Fprintf(writer, "1..%d\n", manyTAP)
		for i := range manyTAP {
			_, _ = fmt.Fprintf(writer, "not ok %d - case\n  ---\n  message: %s\n  ...\n", i+1, strings.Repeat("x", 100))
		}
		_ = writer.Close()
	}()
	c, err := results.Read("tap", reader, "", 1)
	require.NoError(t, err)
	assert.Equal(t, manyTAP, c.Failed)
	assert.Len(t, c.Failures, 50)
}

func FuzzTAP(f *testing.F) {
	f.Add([]byte(tapRun), 1)
	f.Add([]byte("1..2\n    ok 1 - \xff\\# # todo\n        not ok\n          ---\nBail out!\nok"), 0)
	f.Add([]byte("TAP version 13\n# Subtest: a\n    # Subtest: b\n    1..0\nnot ok - a #SKIP"), 0)
	f.Fuzz(func(t *testing.T, output []byte, exit int) {
		c, err := results.Read("tap", strings.NewReader(string(output)), "", exit)
		checkBounds(t, c)
		if err == nil && exit != 0 && c.Failed == 0 {
			t.Fatal("passed with a bad exit status")
		}
	})
}
