package activities_test

import (
	"encoding/json"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/activities"
	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
)

func TestAReportIsKeptWithTheRecordThatItIsOf(t *testing.T) {
	g := newGround(t, 0)
	record := release.Record{
		ID: "httpbin@2.26.0", Service: "httpbin", Version: "2.26.0", Started: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
		Closed: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC), Outcome: release.Rejected, Reason: "gate plan was rejected by ana",
		Review: &release.Review{Missing: []string{"1 lesson"}},
	}
	keep := func() activities.Kept {
		value, err := g.env.ExecuteActivity(g.a.KeepReport, record, release.Plan{})
		require.NoError(t, err)
		var done activities.Kept
		require.NoError(t, value.Get(&done))
		return done
	}
	done := keep()
	require.Equal(t, done, keep(), "once more, as after a lost answer")
	library, err := dml.OpenReadOnly("oci-layout:" + g.path("dml"))
	require.NoError(t, err)
	artifacts, err := library.Artifacts(t.Context())
	require.NoError(t, err)
	require.Len(t, artifacts, 1)
	require.Equal(t, done.Blob.Digest, artifacts[0].Digest)
	texts := map[string]string{}
	for _, layer := range artifacts[0].Layers {
		blob, err := library.OpenBlob(t.Context(), layer.Digest)
		require.NoError(t, err)
		text, err := io.ReadAll(blob)
		require.NoError(t, err)
		require.NoError(t, blob.Close())
		texts[layer.Name] = string(text)
	}
	require.Contains(t, texts[audit.ReportPage], "gate plan was rejected by ana")
	require.Contains(t, texts[audit.ReportMarkdown], "- Missing: 1 lesson")
	var kept release.Record
	require.NoError(t, json.Unmarshal([]byte(texts[audit.ReportRecord]), &kept))
	require.Equal(t, record, kept)

	record.Package = &release.Package{Digest: release.DigestOfBytes([]byte("gone"))}
	require.Contains(t, keep().Problem, "not in the media library")
}
