package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

var update = flag.Bool("update", false, "write the golden files anew")

// told are the releases whose reports are kept as golden files.
var told = map[string]struct {
	record release.Record
	plan   release.Plan
}{
	"completed":  {quick.completed(), quick.plan()},
	"backed-out": {quick.backedOut(), quick.plan()},
	"rejected":   {quick.rejected(), quick.plan()},
	"running":    {quick.running(), quick.plan()},
	"stopped":    {quick.stopped(), quick.plan()},
	"weeks":      {slow.completed(), slow.plan()},
	"supported":  {supported(), quick.plan()},
	"unplanned":  {unplanned(), release.Plan{}},
	"partly":     {quick.partly(10_000), quick.large(10_000)},
}

// unplanned failed before it had a plan.
func unplanned() release.Record {
	return release.Record{
		ID: "httpbin@3.0.0", Service: "httpbin", Version: "3.0.0", Model: "normal", Requester: "rita", Manager: "marc",
		Phase: release.StageClosed, Outcome: release.Failed, Reason: "the plan could not be made",
		Started: quick.at(0), Closed: quick.at(0),
		Problems: release.Problems{{Path: "environments[0].name", Message: `there is no environment "prod"`}},
	}
}

func rendered(t *testing.T, r release.Record, p release.Plan) string {
	t.Helper()
	var w bytes.Buffer
	require.NoError(t, HTML(&w, r, p))
	return w.String()
}

func TestReportsAreTheGoldenFiles(t *testing.T) {
	for name, c := range told {
		t.Run(name, func(t *testing.T) {
			golden(t, name+".md", Markdown(c.record, c.plan))
			golden(t, name+".html", rendered(t, c.record, c.plan))
		})
	}
}

// golden compares with a file; the style of a page, which is the same in all, is left out.
func golden(t *testing.T, name, got string) {
	t.Helper()
	style, err := files.ReadFile("style.css")
	require.NoError(t, err)
	got = strings.Replace(got, string(style), "", 1)
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "run with -update when the change is meant")
}
