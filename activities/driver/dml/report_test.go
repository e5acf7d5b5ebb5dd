package dml_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
)

// reportOf is the report of a closed release.
func reportOf(id string, p *release.Package) dml.Report {
	return dml.Report{
		Record: release.Record{
			ID: id, Started: time.Date(2026, 3, 2, 9, 0, 0, 123000, time.UTC), Outcome: release.Rejected, Package: p,
		},
		Page: []byte("<html>"), Markdown: []byte("# report"), Source: []byte("{}"),
	}
}

func TestAReportIsKeptBesideItsPackageOrUnderATagOfItsOwn(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		ctx := context.Background()
		p := checkIn(t, l, build(t))
		for _, r := range []dml.Report{reportOf("httpbin@2.26.0", &p), reportOf("httpbin@2.27.0+meta", nil)} {
			kept, err := l.KeepReport(ctx, r)
			require.NoError(t, err)
			again, err := l.KeepReport(ctx, r)
			require.NoError(t, err)
			require.Equal(t, kept, again, "keeping the same again changes nothing")

			var subject release.Digest
			tag := "report-httpbin-2.27.0-meta-20260302T090000.000123Z"
			if r.Record.Package != nil {
				subject, tag = p.Digest, ""
			}
			var found []audit.Artifact
			for _, a := range attached(t, l, subject) {
				if a.Type == audit.ReportType {
					found = append(found, a)
				}
			}
			require.Len(t, found, 1)
			require.Equal(t, kept.Digest, found[0].Digest)
			require.Equal(t, tag, found[0].Tag)
			require.Equal(t, r.Record.ID, found[0].Annotations[audit.AnnotationRelease])
			require.Equal(t, "rejected", found[0].Annotations[audit.AnnotationOutcome])
			names := map[string]string{}
			for _, layer := range found[0].Layers {
				text, err := read(t, l, layer.Digest)
				require.NoError(t, err)
				names[layer.Name+" "+layer.Type] = text
			}
			require.Equal(t, map[string]string{
				"report.html text/html": "<html>", "report.md text/markdown": "# report", "record.json application/json": "{}",
			}, names)
		}
	})
}

func TestAReportOfAPackageThatIsGoneIsNotKept(t *testing.T) {
	onEach(t, func(t *testing.T, l *dml.Library) {
		_, err := l.KeepReport(context.Background(), reportOf("httpbin@2.26.0", &release.Package{Digest: release.DigestOfBytes([]byte("gone"))}))
		require.ErrorIs(t, err, dml.ErrNotFound)
	})
}
