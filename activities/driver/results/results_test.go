package results_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/results"
	"slipway/release"
)

// read reads a string, which has to go well.
func read(t *testing.T, format, output string, exit int) results.Counts {
	t.Helper()
	c, err := results.Read(format, strings.NewReader(output), t.TempDir(), exit)
	require.NoError(t, err)
	return c
}

// cases gives the names of the cases that failed.
func cases(c results.Counts) (names []string) {
	for _, f := range c.Failures {
		names = append(names, f.Case)
	}
	return names
}

func messageOf(c results.Counts, name string) string {
	for _, f := range c.Failures {
		if f.Case == name {
			return f.Message
		}
	}
	return "no such failure: " + name
}

func TestTheExitStatusIsAResult(t *testing.T) {
	assert.Equal(t, results.Counts{Passed: 1}, read(t, "", "anything", 0))
	assert.Equal(t, results.Counts{Passed: 1}, read(t, "exit", "", 0))
	failed := results.Counts{Failed: 1, Failures: []release.CaseFailure{{Case: "exit status 3"}}}
	assert.Equal(t, failed, read(t, "", "anything", 3))
}

func TestAnUnknownFormatIsRefused(t *testing.T) {
	for _, format := range []string{"TAP", "junit", "junit:", "EXIT"} {
		_, err := results.Read(format, strings.NewReader(""), t.TempDir(), 0)
		require.ErrorIs(t, err, results.ErrFormat)
		assert.ErrorContains(t, err, format)
	}
}

// suites is a module whose packages fail in every way that a Go package can.
var suites = map[string]string{
	"go.mod": "module example.test/m\ngo 1.26\n",
	"ok/ok_test.go": `package ok
		import "testing"
		func TestLeaf(t *testing.T) {}
		func TestSkipped(t *testing.T) { t.Skip("not today") }
		func TestCases(t *testing.T) { for _, n := range []string{"a", "b/c", "d"} { t.Run(n, func(t *testing.T) { t.Parallel(); if n == "d" { t.Skip() } }) } }`,
	"bad/bad_test.go": `package bad
		import ("fmt"; "testing")
		func TestCase(t *testing.T) { t.Run("x/y", func(t *testing.T) { fmt.Println("printed"); t.Error("wanted 1") }); t.Run("ok", func(t *testing.T) {}) }
		func TestParent(t *testing.T) { t.Run("fine", func(t *testing.T) {}); t.Error("itself") }
		func TestPanics(t *testing.T) { t.Run("inside", func(t *testing.T) { panic("boom") }) }`,
	"broken/broken_test.go": "package broken\nvar _ = undefined",
	"exits/exits_test.go": `package exits
		import ("os"; "testing")
		func TestGood(t *testing.T) {}
		func TestExits(t *testing.T) { t.Run("within", func(t *testing.T) { os.Exit(3) }) }`,
	"slow/slow_test.go": `package slow
		import "testing"
		func TestSlow(t *testing.T) { select {} }`,
	"setup/setup_test.go": `package setup
		import ("os"; "testing")
		func TestMain(m *testing.M) { println("cannot set up"); os.Exit(1) }`,
	"none/none.go": "package none",
}

func TestARunOfGoTestIsReadAsItWas(t *testing.T) {
	dir := t.TempDir()
	for name, text := range suites {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	cmd := exec.Command("go", "test", "-json", "-timeout", "1s", "./...")
	cmd.Dir = dir
	output, err := cmd.CombinedOutput()
	require.Error(t, err)
	c := read(t, "go-test-json", "go: downloading something\n"+string(output), cmd.ProcessState.ExitCode())

	assert.Equal(t, 6, c.Passed, "ok: TestLeaf, a, b/c; bad: TestCase/ok, TestParent/fine; exits: TestGood")
	assert.Equal(t, 2, c.Skipped)
	assert.ElementsMatch(t, []string{
		"example.test/m/bad TestCase/x/y", "example.test/m/bad TestParent",
		"example.test/m/bad TestPanics", "example.test/m/bad TestPanics/inside",
		"package example.test/m/broken: build failed",
		"example.test/m/exits TestExits/within: did not end",
		"example.test/m/slow TestSlow: did not end",
		"package example.test/m/setup",
	}, cases(c))
	assert.Equal(t, len(c.Failures), c.Failed)
	assert.Equal(t, "printed\n    bad_test.go:3: wanted 1", messageOf(c, "example.test/m/bad TestCase/x/y"))
	assert.Contains(t, messageOf(c, "example.test/m/bad TestPanics"), "panic: boom")
	assert.Contains(t, messageOf(c, "package example.test/m/broken: build failed"), "undefined: undefined")
	assert.Contains(t, messageOf(c, "example.test/m/slow TestSlow: did not end"), "panic: test timed out after 1s")
	assert.Contains(t, messageOf(c, "package example.test/m/setup"), "cannot set up")
	places := map[string]string{}
	for _, f := range c.Failures {
		places[f.Case] = f.File
	}
	assert.Equal(t, "bad_test.go:3", places["example.test/m/bad TestCase/x/y"])
	assert.Equal(t, "bad_test.go:4", places["example.test/m/bad TestParent"])
	assert.Equal(t, "bad_test.go:5", places["example.test/m/bad TestPanics"])
	assert.Equal(t, "broken/broken_test.go:2", places["package example.test/m/broken: build failed"])
	assert.Empty(t, places["package example.test/m/setup"])
}

func TestAPackageThatDoesNotBuildIsAFailureWithOlderGoToo(t *testing.T) {
	c := read(t, "go-test-json", "# p\np_test.go:3: undefined\n"+
		`{"Action":"output","Package":"p","Output":"FAIL\tp [build failed]\n"}`+"\n"+`{"Action":"fail","Package":"p"}`, 1)
	assert.Equal(t, []string{"package p: build failed"}, cases(c))
}

func TestARunThatWasCutOffFailsWithTheTestsThatDidNotEnd(t *testing.T) {
	c := read(t, "go-test-json", `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestB","Outp`, 143)
	assert.Equal(t, 1, c.Passed)
	assert.Equal(t, []string{"p TestB: did not end"}, cases(c))
}

func TestABadExitStatusIsAFailureWhateverTheResultsSay(t *testing.T) {
	c := read(t, "go-test-json", `{"Action":"pass","Package":"p","Test":"TestA"}`, 1)
	assert.Equal(t, []string{"exit status 1"}, cases(c))
	assert.Equal(t, 1, c.Passed)
	c = read(t, "go-test-json", "sh: go: not found", 127)
	assert.Equal(t, []string{"exit status 127"}, cases(c))
	assert.Contains(t, c.Failures[0].Message, "no events")
	c = read(t, "junit:report.xml", "", 1)
	assert.Contains(t, messageOf(c, "exit status 1"), "report.xml")
}

func TestOutputWithoutEventsIsUnreadable(t *testing.T) {
	for _, output := range []string{"", "PASS\nok  p 0.1s\n", `{"level":"info"}` + "\n" + `{"Action":"pass"}`, "{}", "null\n[]"} {
		_, err := results.Read("go-test-json", strings.NewReader(output), "", 0)
		require.ErrorIs(t, err, results.ErrUnreadable, output)
	}
	_, err := results.Read("go-test-json", iotest.ErrReader(os.ErrClosed), "", 1)
	assert.ErrorIs(t, err, os.ErrClosed)
}

func TestAHugeRunIsReadInBoundedMemory(t *testing.T) {
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	go func() {
		defer func() { _ = writer.Close() }()
		long := strings.Repeat("x", 10<<20) + "\n" // longer than any line that is looked at
		said := strings.Repeat("said ", 400)
		for i := range 2000 {
			_, _ = fmt.Fprintf(writer, `{"Action":"run","Package":"p","Test":"Test%d"}`+"\n", i)
			for range 10 {
				_, _ = fmt.Fprintf(writer, `{"Action":"output","Package":"p","Test":"Test%d","Output":"%s\n"}`+"\n", i, said)
			}
			_, _ = fmt.Fprintf(writer, `{"Action":"fail","Package":"p","Test":"Test%d"}`+"\n", i)
		}
		_, _ = fmt.Fprint(writer, long, `{"Action":"pass","Package":"p","Test":"TestLast"}`)
	}()
	// What is garbage says nothing about what is kept.
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c, err := results.Read("go-test-json", reader, "", 1)
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	assert.Equal(t, 2000, c.Failed)
	assert.Equal(t, 1, c.Passed)
	assert.Len(t, c.Failures, 50)
	assert.LessOrEqual(t, len(c.Failures[0].Message), 2<<10)
	assert.Less(t, after.HeapInuse, before.HeapInuse+(30<<20), "of more than 50 MB")
}

// checkBounds says what holds for whatever was read.
func checkBounds(t *testing.T, c results.Counts) {
	t.Helper()
	if c.Passed < 0 || c.Skipped < 0 || c.Failed < len(c.Failures) || len(c.Failures) > 50 {
		t.Fatalf("%d passed, %d skipped, %d failed, %d kept", c.Passed, c.Skipped, c.Failed, len(c.Failures))
	}
	for _, f := range c.Failures {
		valid := utf8.ValidString(f.Case+f.File+f.Message) && !strings.Contains(f.Case+f.File+f.Message, "\x00")
		if !valid || len(f.Case) > 300 || len(f.File) > 300 || len(f.Message) > 2<<10 {
			t.Fatalf("failure %q: %q", f.Case, f.Message)
		}
	}
}

func FuzzGoTest(f *testing.F) {
	f.Add([]byte(`{"Action":"run","Package":"p","Test":"TestA"}`+"\n"+`{"Action":"run","Package":"p","Test":"TestA/b"}`+"\n"+
		`{"Action":"output","Package":"p","Test":"TestA/b","Output":"panic: \u0000\n"}`+"\n"+`{"Action":"fail","Package":"p","Test":"TestA/b"}`+"\n"+
		`{"Action":"fail","Package":"p","FailedBuild":"p"}`), 1)
	f.Add([]byte("{\"Action\":\"fail\",\"Package\":\"p\",\"Test\":\"\xff/\"}\n{"), 0)
	f.Fuzz(func(t *testing.T, output []byte, exit int) {
		c, err := results.Read("go-test-json", strings.NewReader(string(output)), "", exit)
		checkBounds(t, c)
		if err == nil && exit != 0 && c.Failed == 0 {
			t.Fatal("passed with a bad exit status")
		}
	})
}
