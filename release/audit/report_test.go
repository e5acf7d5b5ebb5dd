package audit_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/dml"
	"slipway/release"
)

// keepReport keeps what became of the release, as the worker does when it closes.
func (r *rig) keepReport(releaseID string) {
	blob, err := r.dml.KeepReport(context.Background(), dml.Report{
		Record: release.Record{ID: releaseID, Started: r.a.Started, Package: r.a.Package, Outcome: release.Completed},
		Page:   []byte("<html>"), Markdown: []byte("# done"), Source: []byte("{}"),
	})
	require.NoError(r.t, err)
	r.a.Report = &blob
}

func TestTheReportIsWhatWasAttested(t *testing.T) {
	r := newRig(t)
	r.carry()
	r.keepReport(id)
	r.seal()
	require.Equal(t, "report.html, report.md, record.json are what was attested", found(t, r.verify())["report"])
}

func TestAReportThatIsNotTheOneThatWasAttestedIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		lie  func(r *rig)
		says string
	}{
		"it is gone":              {func(r *rig) { r.a.Report = &release.Blob{Digest: digest(r.t, "other")} }, "it is not in the library as it was attested: it was taken out, or replaced"},
		"it is another release's": {func(r *rig) { r.keepReport("other@1") }, `it is stored as that of "other@1"`},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.carry()
			c.lie(r)
			r.seal()
			report := r.verify()
			require.False(t, report.Holds)
			problem, _ := report.Problem()
			require.Equal(t, "report", problem.Name)
			require.Equal(t, c.says, problem.Found)
		})
	}
}
