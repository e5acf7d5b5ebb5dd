package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"slipway/release"
	"slipway/worker/library"
	"slipway/worker/library/librarytest"
)

// shelf is a media library with two releases, the second with two builds; it runs in
// production.
func shelf(t *testing.T) (*librarytest.Media, release.Package) {
	t.Helper()
	m := librarytest.New(t)
	m.Now = today.AddDate(-2, 0, 0)
	old := m.Build("shop@1.0.0", 1, "one")
	m.Attest("shop@1.0.0", old, "production")
	m.Runs("production", "shop@1.0.0", old)
	m.Build("shop@1.1.0", 1, "two")
	m.Now = today.Add(-3 * time.Hour)
	p := m.Build("shop@1.1.0", 2, "three")
	m.Test(p, "unit")
	m.Attest("shop@1.1.0", p, "staging", "production")
	m.Runs("production", "shop@1.1.0", p)
	return m, p
}

// aged makes all blobs older than those that a check-in may count on.
func aged(t *testing.T, m *librarytest.Media) {
	t.Helper()
	blobs, err := filepath.Glob(filepath.Join(m.Folder, "dml", "*", "blobs", "sha256", "*"))
	fatal(t, err)
	for _, blob := range blobs {
		fatal(t, os.Chtimes(blob, today, today.AddDate(0, 0, -2)))
	}
}

// dmlCall calls a verb with the configuration of a library; FOLDER is where that is.
func dmlCall(t *testing.T, m *librarytest.Media, line string) *call {
	t.Helper()
	return (&call{env: []string{nowhere}}).run(t, strings.Fields(strings.ReplaceAll(line, "FOLDER", m.Folder))...)
}

var (
	shortDigest = regexp.MustCompile(`\b[0-9a-f]{12}\b`)
	blobFile    = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	anySize     = regexp.MustCompile(`\b[0-9.]+ k?B\b`)
	anyDigit    = regexp.MustCompile(`[0-9]`)
)

// masked takes out of a text what is another at each test.
func masked(m *librarytest.Media, text string) string {
	text = strings.ReplaceAll(text, m.Folder, "FOLDER")
	// Times, keys and signatures take a few bytes more or less.
	text = anySize.ReplaceAllStringFunc(text, func(size string) string { return anyDigit.ReplaceAllString(size, "0") })
	text = anyKey.ReplaceAllString(anyDigest.ReplaceAllString(text, "sha256:DIGEST"), "SHA256:KEY")
	return shortDigest.ReplaceAllString(blobFile.ReplaceAllString(text, "DIGEST"), "DIGESTDIGEST")
}

func TestTheMediaLibraryIsReadWithoutAServer(t *testing.T) {
	m, p := shelf(t)
	aged(t, m)
	var text strings.Builder
	for _, c := range []struct {
		line   string
		status int
	}{
		{"dml list --config FOLDER/slipway.yaml", exitDone},
		{"dml list shop@1.0.0 --config FOLDER/slipway.yaml", exitDone},
		{"dml list bakery --config FOLDER/slipway.yaml", exitDone},
		{"dml list --segment sources --dml oci-layout:FOLDER/dml", exitDone},
		{"dml list --segment evidence unit --dml oci-layout:FOLDER/dml", exitDone},
		{"dml show shop@1.1.0 --config FOLDER/slipway.yaml", exitDone},
		{"dml show " + p.Tag + " --document release-notes.md --config FOLDER/slipway.yaml", exitDone},
		{"dml show " + p.Tag + " --document manual.pdf --config FOLDER/slipway.yaml", exitFailed},
		{"dml show shop@2.0.0 --config FOLDER/slipway.yaml", exitFailed},
		{"dml pull shop@1.1.0 --to FOLDER/out --config FOLDER/slipway.yaml", exitDone},
		{"dml pull shop@1.1.0 --to FOLDER/out --config FOLDER/slipway.yaml", exitFailed},
		{"dml pull shop@1.1.0 --to FOLDER/all --documents --config FOLDER/slipway.yaml", exitDone},
		{"dml verify --config FOLDER/slipway.yaml", exitDone},
		{"dml verify shop@1.0.0 --config FOLDER/slipway.yaml", exitDone},
		{"dml verify --dml oci-layout:FOLDER/dml", exitDone},
		{"dml verify shop@2.0.0 --config FOLDER/slipway.yaml", exitFailed},
		{"dml export shop@1.1.0 --to oci-layout:FOLDER/copy --config FOLDER/slipway.yaml", exitDone},
		{"dml export shop@1.1.0 --to oci-layout:FOLDER/copy --all --config FOLDER/slipway.yaml", exitDone},
		{"dml verify --dml oci-layout:FOLDER/copy --config FOLDER/slipway.yaml", exitDone},
		{"dml prune --dry-run --config FOLDER/slipway.yaml", exitDone},
		{"dml prune --dry-run --cms sqlite:FOLDER/none.db --config FOLDER/slipway.yaml", exitFailed},
		{"dml prune --config FOLDER/slipway.yaml", exitDone},
		{"dml prune --older 30d --config FOLDER/slipway.yaml", exitDone},
		{"dml verify --config FOLDER/slipway.yaml", exitDone},
	} {
		call := dmlCall(t, m, c.line)
		text.WriteString(masked(m, call.transcript(strings.Fields(c.line))))
		if call.status != c.status {
			t.Errorf("starter %s: exit %d, want %d: %s", c.line, call.status, c.status, &call.errs)
		}
	}
	golden(t, "dml", text.String())
	for file, want := range map[string]string{
		"out/bin/shop": "three", "all/content/bin/shop": "three", "all/documents/release-notes.md": "# shop@1.1.0\n\nNew: three\n",
	} {
		got, err := os.ReadFile(filepath.Join(m.Folder, file))
		fatal(t, err)
		if string(got) != want {
			t.Errorf("%s holds %q, want %q", file, got, want)
		}
	}
}

func TestADamagedLibraryIsToldWithWhatIsDamaged(t *testing.T) {
	m, p := shelf(t)
	blob := func(segment string, d release.Digest) string {
		return filepath.Join(m.Folder, "dml", segment, "blobs", "sha256", strings.TrimPrefix(string(d), "sha256:"))
	}
	var details library.Details
	fatal(t, json.Unmarshal(dmlCall(t, m, "dml show "+p.Tag+" -o json --config FOLDER/slipway.yaml").out.Bytes(), &details))
	layer := blob("packages", details.Layers[0].Digest)
	text, err := os.ReadFile(layer)
	fatal(t, err)
	text[700] ^= 1
	fatal(t, os.Chmod(layer, 0o644))
	fatal(t, os.WriteFile(layer, text, 0o644))
	fatal(t, os.Remove(blob("packages", p.Digest)))

	var shown strings.Builder
	for _, line := range []string{
		"dml verify --config FOLDER/slipway.yaml", "dml list --config FOLDER/slipway.yaml",
		"dml export shop@1.0.0 --to oci-layout:FOLDER/copy --config FOLDER/slipway.yaml", "dml prune --config FOLDER/slipway.yaml",
	} {
		shown.WriteString(masked(m, dmlCall(t, m, line).transcript(strings.Fields(line))))
	}
	golden(t, "dml-damaged", shown.String())
}

func TestTheMediaLibraryIsWrittenForProgramsToo(t *testing.T) {
	m, p := shelf(t)
	for line, into := range map[string]any{
		"dml list -o json":            &[]library.Package{},
		"dml show " + p.Tag:           &library.Details{},
		"dml verify":                  &library.Verification{},
		"dml prune --dry-run":         &library.Pruning{},
		"dml list --segment evidence": &[]library.Stored{},
		"dml export " + p.Tag + " --to oci-layout:FOLDER/copy": &library.Exported{},
		"dml pull " + p.Tag + " --to FOLDER/pulled":            &pulled{},
	} {
		c := dmlCall(t, m, line+" -o json --config FOLDER/slipway.yaml")
		if err := json.Unmarshal(c.out.Bytes(), into); err != nil || c.status != exitDone || c.errs.Len() > 0 {
			t.Errorf("starter %s: exit %d, %v: %s%s", line, c.status, err, &c.out, &c.errs)
		}
	}
	c := dmlCall(t, m, "dml list -o jsonl --config FOLDER/slipway.yaml")
	if strings.Count(c.out.String(), "\n") != 3 {
		t.Errorf("not a line for each package: %s", &c.out)
	}
}

func TestTagsAndReleasesAreCompleted(t *testing.T) {
	m, _ := shelf(t)
	c := dmlCall(t, m, "__complete dml show --config FOLDER/slipway.yaml sh")
	c.want(t, exitDone, "shop@1.1.0\trelease", "")
	c.want(t, exitDone, "shop-1.1.0-b2\tpackage of shop@1.1.0", "")
}
