package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"slipway/activities/driver/attest"
	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
)

// attested leaves a release behind that never got a package, with the roster beside
// it; it gives the folder of both.
func attested(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	media, err := dml.Open("oci-layout:" + filepath.Join(folder, "dml"))
	fatal(t, err)
	worker, err := attest.LoadOrCreate(filepath.Join(folder, "slipway.key"))
	fatal(t, err)
	started := time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC)
	a := release.Attestation{
		Release: "httpbin@2.26.0", Started: started, Closed: started.Add(time.Hour), Outcome: release.Withdrawn,
		Plan: release.Plan{Release: "httpbin@2.26.0", Revision: 1, Definition: release.Definition{Service: "httpbin", Version: "2.26.0"}},
	}
	a.Plan.Digest, err = a.Plan.Content()
	fatal(t, err)
	envelope, err := worker.Envelope(context.Background(), a)
	fatal(t, err)
	_, err = media.Attach(context.Background(), "", audit.EnvelopeType, audit.EnvelopeName, envelope, audit.Annotations(a))
	fatal(t, err)
	roster := "dml: oci-layout:dml\norganization:\n  roster: [{id: ana}]\n  workers:\n    - {name: build-1, key: " + worker.PublicKey() + "}\n"
	fatal(t, os.WriteFile(filepath.Join(folder, "slipway.yaml"), []byte(roster), 0o600))
	fatal(t, os.WriteFile(filepath.Join(folder, "strangers.yaml"), []byte("organization: {roster: [{id: ana}]}\n"), 0o600))
	return folder
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var (
	anyDigest = regexp.MustCompile(`sha256:[0-9a-f]{64}`)
	anyKey    = regexp.MustCompile(`SHA256:[A-Za-z0-9+/]{43}`)
)

func TestAnAuditNeedsNoServer(t *testing.T) {
	folder := attested(t)
	var text strings.Builder
	for _, c := range []struct {
		line   string
		status int
	}{
		{"audit verify httpbin@2.26.0 --roster FOLDER/slipway.yaml", exitDone},
		{"audit verify httpbin@2.26.0 --roster FOLDER/slipway.yaml --dml oci-layout:FOLDER/dml", exitDone},
		{"audit verify httpbin@2.25.0 --roster FOLDER/slipway.yaml", exitFailed},
		{"audit verify httpbin@2.26.0 --roster FOLDER/strangers.yaml --dml oci-layout:FOLDER/dml", exitFailed},
		{"audit verify httpbin@2.26.0 --roster FOLDER/strangers.yaml", exitUsage},
		{"audit verify httpbin@2.26.0 --roster FOLDER/none.yaml", exitUsage},
		{"audit verify httpbin@2.26.0 --roster FOLDER/slipway.yaml --dml oci-layout:FOLDER/none", exitUsage},
		{"audit verify httpbin@2.26.0 --roster FOLDER/slipway.yaml --dml FOLDER/dml", exitUsage},
		{"audit verify httpbin", exitUsage},
		{"audit", exitUsage},
	} {
		call := &call{env: []string{nowhere}}
		call.run(t, strings.Fields(strings.ReplaceAll(c.line, "FOLDER", folder))...)
		text.WriteString(strings.ReplaceAll(call.transcript(strings.Fields(c.line)), folder, "FOLDER"))
		if call.status != c.status {
			t.Errorf("starter %s: exit %d, want %d", c.line, call.status, c.status)
		}
	}
	golden(t, "audit", anyKey.ReplaceAllString(anyDigest.ReplaceAllString(text.String(), "sha256:DIGEST"), "SHA256:KEY"))
}

func TestAnAuditIsWrittenForProgramsToo(t *testing.T) {
	folder := attested(t)
	c := (&call{}).run(t, "audit", "verify", "httpbin@2.26.0", "--roster", filepath.Join(folder, "slipway.yaml"), "-o", "json")
	var report audit.Report
	fatal(t, json.Unmarshal(c.out.Bytes(), &report))
	if c.status != exitDone || !report.Holds || len(report.Attestations[0].Checks) != 10 || c.errs.Len() > 0 {
		t.Errorf("exit %d: %s%s", c.status, &c.out, &c.errs)
	}
}
