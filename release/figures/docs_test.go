package figures_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/release/figures"
)

var update = flag.Bool("update", false, "write the documentation of the figures anew")

const (
	page  = "../../docs/figures.md"
	begin = "-run TestTheFiguresAreDocumented -update -->\n"
	end   = "<!-- end of figures -->"
)

func TestTheFiguresAreDocumented(t *testing.T) {
	data, err := os.ReadFile(page)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(data), begin)
	require.True(t, found)
	_, after, found := strings.Cut(rest, end)
	require.True(t, found)
	want := before + begin + documented() + end + after
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o644))
		return
	}
	require.Equal(t, want, string(data), "run the test with -update")
}

// documented says what each figure is, and how to make it better.
func documented() string {
	var b strings.Builder
	for _, d := range figures.Definitions() {
		unit := d.Unit
		if unit == "currency" {
			unit = "the organization's currency"
		}
		fmt.Fprintf(&b, "\n### %s\n\n`%s`, unit: %s; %s.\n\n%s\n\n*Source:* %s. *Make it better:* %s\n", d.Title, d.ID, unit,
			direction[d.Better],
			d.Definition, d.Source, d.Improve)
	}
	return b.String() + "\n"
}

var direction = map[figures.Better]string{
	figures.Lower: "lower is better", figures.Higher: "higher is better", "": "neither higher nor lower is better",
}

func TestEachFigureSaysWhatItIs(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range figures.Definitions() {
		require.False(t, seen[d.ID], d.ID)
		seen[d.ID] = true
		for what, text := range map[string]string{
			"title": d.Title, "meaning": d.Meaning, "definition": d.Definition, "source": d.Source, "unit": d.Unit, "improve": d.Improve,
		} {
			require.NotEmpty(t, text, "%s of %s", what, d.ID)
		}
		require.True(t, strings.HasSuffix(d.Definition, "."), d.ID)
		require.True(t, strings.HasSuffix(d.Improve, "."), d.ID)
	}
}
