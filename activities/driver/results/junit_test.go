package results_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

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
	require.NoError(t, os.Truncate(filepath.Join(dir, "huge.xml"), 3<<30))
	for _, path := range []string{outside, "../" + filepath.Base(filepath.Dir(outside)) + "/report.xml", "link.xml", "missing.xml", ".", "pipe", "huge.xml"} {
		_, err := results.Read("junit:"+path, nil, dir, 0)
		require.ErrorIs(t, err, results.ErrUnreadable, path)
		assert.ErrorContains(t, err, path)
	}
}

func TestAFailureOfJUnitSaysWhereItIs(t *testing.T) {
	c, err := readFile(t, `<testsuite>
<testcase name="pytest" file="tests/test_web.py" line="12"><failure message="assert 1 == 2">&gt; assert x</failure></testcase>
<testcase name="python"><error message="boom">Traceback
  File "tests/test_db.py", line 7, in test_db</error></testcase>
<testcase name="java" file="Web.java"><failure type="AssertionError">at org.example.WebTest.get(WebTest.java:31)</failure></testcase>
<testcase name="own"><failure file="a.rb" line="3"/></testcase>
<testcase name="nowhere"><failure message="dial tcp example.com:80: refused"/></testcase>
</testsuite>`, 1)
	require.NoError(t, err)
	var places []string
	for _, f := range c.Failures {
		places = append(places, f.File)
	}
	assert.Equal(t, []string{"tests/test_web.py:12", "tests/test_db.py:7", "WebTest.java:31", "a.rb:3", ""}, places)
}

func TestACaseThatTheSuiteItselfRanAgainIsFlaky(t *testing.T) {
	c, err := readFile(t, `<testsuite><testcase classname="web" name="get"><flakyFailure message="once"/></testcase><testcase name="put"/></testsuite>`, 0)
	require.NoError(t, err)
	assert.Equal(t, results.Counts{Passed: 2, Flaky: []string{"web get"}}, c)
}

func TestWhatADocumentDeclaresIsNotRead(t *testing.T) {
	declared := `<!DOCTYPE testsuite SYSTEM "http://127.0.0.1:1/evil.dtd" [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>`
	c, err := readFile(t, declared+`<testsuite><testcase name="fine"/></testsuite>`, 0)
	require.NoError(t, err)
	assert.Equal(t, 1, c.Passed)
	for _, entity := range []string{"a", "b", "f"} {
		_, err := readFile(t, declared+`<testsuite><testcase name="x"><failure>&`+entity+`;</failure></testcase></testsuite>`, 0)
		require.ErrorIs(t, err, results.ErrUnreadable)
		assert.ErrorContains(t, err, "&"+entity+";")
	}
}

func TestMillionsOfCasesAreReadInBoundedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	dir := t.TempDir()
	file, err := os.Create(filepath.Join(dir, "report.xml"))
	require.NoError(t, err)
	w := bufio.NewWriter(file)
	_, _ = w.WriteString("<testsuites><testsuite name=\"many\">")
	for i := range manyCases {
		_, _ = fmt.Fprintf(w, "<testcase classname=\"org.example.Many\" name=\"case%d\" time=\"0.001\"/>\n", i)
	}
	_, _ = w.WriteString("<testcase name=\"last\"><failure>no</failure></testcase></testsuite></testsuites>")
	require.NoError(t, w.Flush())
	require.NoError(t, file.Close())

	defer debug.SetGCPercent(debug.SetGCPercent(10))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begun := time.Now()
	c, err := results.Read("junit:report.xml", nil, dir, 1)
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	assert.Equal(t, manyCases, c.Passed)
	assert.Equal(t, []string{"last"}, cases(c))
	assert.Less(t, after.HeapInuse, before.HeapInuse+(20<<20))
	assert.Less(t, time.Since(begun), time.Minute)
	t.Logf("read in %s", time.Since(begun))
}

func TestAReportThatWouldFillTheMemoryIsRefused(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ head, repeated string }{
		"longer than": {"<testsuite><testcase name='x'><system-out>", strings.Repeat("x", 1<<20)},
		"deeper than": {"<testsuite>", strings.Repeat("<a>", 1000)},
	} {
		file, err := os.Create(filepath.Join(dir, "report.xml"))
		require.NoError(t, err)
		_, err = file.WriteString(c.head + strings.Repeat(c.repeated, 20))
		require.NoError(t, err)
		require.NoError(t, file.Close())
		_, err = results.Read("junit:report.xml", nil, dir, 0)
		require.ErrorIs(t, err, results.ErrUnreadable)
		assert.ErrorContains(t, err, name)
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
