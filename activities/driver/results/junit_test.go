package results_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/results"
)

const report = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="6"><testsuite name="outer">
  <properties><property name="go" value="1.26"/></properties>
  <testsuite name="inner">
    <testcase classname="http" name="get"/>
    <testcase classname="http" name="put"><failure message="wanted 200" type="t">body &lt;<![CDATA[<raw>]]></failure></testcase>
    <testcase name="crash"><error message="nil"/><system-out>lots</system-out></testcase>
  </testsuite>
  <testcase name="later"><skipped message="no"/></testcase>
</testsuite><testsuite><testcase name="last"></testcase></testsuite></testsuites>`

// readFile reads a report that lies in the suite's folder.
func readFile(t *testing.T, text string, exit int) (results.Counts, error) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "report.xml"), []byte(text), 0o600))
	return results.Read("junit:report.xml", nil, dir, exit)
}

func TestAJUnitReportIsReadHoweverItsSuitesAreNested(t *testing.T) {
	c, err := readFile(t, report, 1)
	require.NoError(t, err)
	assert.Equal(t, 2, c.Passed)
	assert.Equal(t, 1, c.Skipped)
	assert.Equal(t, 2, c.Failed)
	assert.Equal(t, []string{"http put", "crash"}, cases(c))
	assert.Equal(t, "wanted 200\nbody <<raw>", messageOf(c, "http put"))
	assert.Equal(t, "nil", messageOf(c, "crash"))
}

func TestAReportThatIsNotJUnitIsUnreadable(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "no XML": "PASS", "cut off": report[:len(report)/2], "something else": "<html></html>",
		"external entity": `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&e;"/></testsuite>`,
		"too deep":        "<testsuite><testcase>" + strings.Repeat("<a>", 20_000),
	} {
		_, err := readFile(t, text, 0)
		require.ErrorIs(t, err, results.ErrUnreadable, name)
		c, err := readFile(t, text, 2)
		require.NoError(t, err, name)
		assert.Contains(t, cases(c), "exit status 2", name)
	}
}

func TestAReportDoesNotLeaveItsFolder(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "report.xml")
	require.NoError(t, os.WriteFile(outside, []byte(report), 0o600))
	dir := t.TempDir()
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "link.xml")))
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	require.NoError(t, os.Truncate(outside, 0))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "huge.xml"), nil, 0o600))
	require.NoError(t, os.Truncate(filepath.Join(dir, "huge.xml"), 1<<30))
	for _, path := range []string{outside, "../" + filepath.Base(filepath.Dir(outside)) + "/report.xml", "link.xml", "missing.xml", ".", "pipe", "huge.xml"} {
		_, err := results.Read("junit:"+path, nil, dir, 0)
		require.ErrorIs(t, err, results.ErrUnreadable, path)
		assert.ErrorContains(t, err, path)
	}
}

func FuzzJUnit(f *testing.F) {
	f.Add(report, 1)
	f.Add("<testsuite><testcase name='\u0001'><failure>\xff</failure></testcase></testsuite>", 0)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string, exit int) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "report.xml"), []byte(text), 0o600))
		c, err := results.Read("junit:report.xml", nil, dir, exit)
		checkBounds(t, c)
		if err == nil && exit != 0 && c.Failed == 0 {
			t.Fatal("passed with a bad exit status")
		}
	})
}
