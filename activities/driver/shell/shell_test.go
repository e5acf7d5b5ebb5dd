package shell_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/shell"
)

// workerScript makes the test binary a worker that runs scripts, one after the other,
// to be killed. A line of dashes ends each.
const workerScript = "SHELL_TEST_WORKER"

func TestMain(m *testing.M) {
	if scripts := os.Getenv(workerScript); scripts != "" {
		for script := range strings.SplitSeq(scripts, "\n---\n") {
			_, _ = shell.Run(context.Background(), shell.Command{Script: script}, os.Stdout, nil)
		}
		return
	}
	os.Exit(m.Run())
}

// alive tells whether the process runs; a zombie does not.
func alive(pid string) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}

func requireGone(t *testing.T, pid string) {
	t.Helper()
	require.NotEmpty(t, pid)
	require.Eventually(t, func() bool { return !alive(pid) }, 5*time.Second, 5*time.Millisecond)
}

// fileWith waits for a file that a script writes and gives its text.
func fileWith(t *testing.T, path string) (text string) {
	t.Helper()
	require.Eventually(t, func() bool {
		data, _ := os.ReadFile(path)
		text = strings.TrimSpace(string(data))
		return strings.HasSuffix(string(data), "\n")
	}, 10*time.Second, 5*time.Millisecond)
	return text
}

func TestAScriptEndsWithItsOwnStatusAndItsLastLines(t *testing.T) {
	var log bytes.Buffer
	var lines []string
	run, err := shell.Run(t.Context(), shell.Command{
		Name: "build", Dir: t.TempDir(),
		Script: `i=1; while [ $i -le 50 ]; do echo line $i; i=$((i+1)); done; echo oops >&2; exit 7`,
	}, &log, func(line string) { lines = append(lines, line) })
	require.NoError(t, err)
	assert.Equal(t, 7, run.Exit)
	assert.False(t, run.TimedOut)
	assert.False(t, run.OK())
	assert.Equal(t, "build", run.Name)
	assert.Len(t, strings.Split(run.Tail, "\n"), 20)
	assert.True(t, strings.HasSuffix(run.Tail, "line 50\noops"), run.Tail)
	assert.True(t, strings.HasPrefix(log.String(), "line 1\nline 2\n"))
	assert.Equal(t, "oops", lines[len(lines)-1])
}

func TestAScriptStopsAtItsFirstFailureAndAtAnUnsetVariable(t *testing.T) {
	for script, exit := range map[string]int{"false; echo on": 1, `echo "$NOT_SET"; echo on`: 2, "kill -9 $$": 137} {
		run, err := shell.Run(t.Context(), shell.Command{Name: "step", Script: script}, io.Discard, nil)
		require.NoError(t, err)
		assert.Equal(t, exit, run.Exit, script)
		assert.NotContains(t, run.Tail, "on\n")
	}
}

func TestATimeoutEndsAScriptAndItsChildrenThatIgnoreTerm(t *testing.T) {
	dir := t.TempDir()
	begun := time.Now()
	run, err := shell.Run(t.Context(), shell.Command{
		Name: "hang", Dir: dir, Timeout: time.Second,
		Script: `trap '' TERM; sleep 300 & echo $! >child; echo $$ >self; while :; do sleep 300; done`,
	}, io.Discard, nil)
	require.NoError(t, err)
	assert.True(t, run.TimedOut)
	assert.Equal(t, 137, run.Exit)
	assert.Less(t, time.Since(begun), 20*time.Second)
	requireGone(t, fileWith(t, filepath.Join(dir, "child")))
	requireGone(t, fileWith(t, filepath.Join(dir, "self")))
}

func TestATimeoutLetsChildrenCleanUpThoughTheShellIsGone(t *testing.T) {
	dir := t.TempDir()
	run, err := shell.Run(t.Context(), shell.Command{
		Name: "clean", Dir: dir, Timeout: time.Second,
		Script: `sh -c 'trap "sleep 0.2; echo done >cleaned; exit" TERM; while :; do sleep 0.05; done'`,
	}, io.Discard, nil)
	require.NoError(t, err)
	assert.True(t, run.TimedOut)
	assert.FileExists(t, filepath.Join(dir, "cleaned"))
}

func TestChildrenDoNotOutliveTheScript(t *testing.T) {
	dir := t.TempDir()
	begun := time.Now()
	run, err := shell.Run(t.Context(), shell.Command{
		Name: "fork", Dir: dir,
		Script: `(trap '' TERM HUP; sleep 300) & echo $! >child; nohup sleep 300 >/dev/null 2>&1 & echo $! >quiet`,
	}, io.Discard, nil)
	require.NoError(t, err)
	assert.True(t, run.OK())
	requireGone(t, fileWith(t, filepath.Join(dir, "child")))
	requireGone(t, fileWith(t, filepath.Join(dir, "quiet")))
	assert.Less(t, time.Since(begun), 10*time.Second)
}

func TestAServiceThatLeftTheGroupStaysAndDoesNotHoldUpTheRun(t *testing.T) {
	dir := t.TempDir()
	begun := time.Now()
	run, err := shell.Run(t.Context(), shell.Command{
		Name: "start", Dir: dir, Script: `setsid sh -c 'echo $$ >pid; exec sleep 300' & until [ -s pid ]; do :; done; echo started`,
	}, io.Discard, nil)
	require.NoError(t, err)
	assert.True(t, run.OK())
	assert.Equal(t, "started", run.Tail)
	assert.Less(t, time.Since(begun), 10*time.Second)
	pid := fileWith(t, filepath.Join(dir, "pid"))
	assert.True(t, alive(pid))
	require.NoError(t, exec.Command("kill", "-9", pid).Run())
}

func TestCancellingKillsTheGroupAndTellsWhatIsKnown(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	run, err := shell.Run(ctx, shell.Command{
		Name: "wait", Dir: dir, Script: `sleep 300 & echo $! >child; echo waiting; wait`,
	}, io.Discard, func(string) { cancel() })
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, "waiting", run.Tail)
	assert.Equal(t, 143, run.Exit)
	requireGone(t, fileWith(t, filepath.Join(dir, "child")))

	_, err = shell.Run(ctx, shell.Command{Name: "late", Dir: dir, Script: "touch ran"}, io.Discard, nil)
	require.ErrorIs(t, err, context.Canceled)
	assert.NoFileExists(t, filepath.Join(dir, "ran"))
}

func TestNothingOutlivesAWorkerThatIsKilled(t *testing.T) {
	requireNoneLeft(t, "echo $$ >shell; sleep 300 & echo $! >child; sleep 300")
}

func TestAGuardThatWasKilledGivesWayToAnotherOne(t *testing.T) {
	requireNoneLeft(t, `for p in $(cat /proc/$PPID/task/*/children); do [ $p = $$ ] || kill -9 $p; done
---
echo $$ >shell; sleep 300 & echo $! >child; sleep 300`)
}

// requireNoneLeft kills a worker when the last of its scripts has said who it is, and
// who its child.
func requireNoneLeft(t *testing.T, scripts string) {
	t.Helper()
	dir := t.TempDir()
	worker := exec.Command(os.Args[0])
	worker.Dir = dir
	worker.Env = append(os.Environ(), workerScript+"="+scripts)
	require.NoError(t, worker.Start())
	child, parent := fileWith(t, filepath.Join(dir, "child")), fileWith(t, filepath.Join(dir, "shell"))
	require.True(t, alive(child))
	require.NoError(t, worker.Process.Kill())
	require.Error(t, worker.Wait())
	requireGone(t, child)
	requireGone(t, parent)
}

func TestAHugeOutputIsStreamedInBoundedMemory(t *testing.T) {
	const size = 200 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	log := &counter{}
	t.Setenv("TOKEN", "hunter2-and-more")
	run, err := shell.Run(t.Context(), shell.Command{
		Name: "loud", Script: fmt.Sprintf("yes 'all work and no play' | head -c %d; echo; echo end", size),
		Secrets: map[string]string{"TOKEN": "env:TOKEN"},
	}, log, func(string) {})
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	assert.True(t, run.OK(), run.Tail)
	assert.Equal(t, size+len("\nend\n"), log.bytes)
	assert.True(t, strings.HasSuffix(run.Tail, "\nend"))
	assert.Less(t, run.Elapsed.Std(), time.Minute)
	assert.Less(t, after.Sys-before.Sys, uint64(64<<20))
}

func TestOneEndlessLineAndBinaryOutputLeaveAShortValidTail(t *testing.T) {
	for _, script := range []string{
		"head -c 3000000 /dev/zero | tr '\\0' x", "head -c 300000 /dev/urandom", `printf '\377\376 \000 caf\303'`,
		"i=0; while [ $i -lt 30 ]; do head -c 1000 /dev/zero | tr '\\0' '\\303'; echo; i=$((i+1)); done",
	} {
		run, err := shell.Run(t.Context(), shell.Command{Name: "noise", Script: script}, io.Discard, nil)
		require.NoError(t, err)
		assert.LessOrEqual(t, len(run.Tail), 4<<10)
		assert.True(t, utf8.ValidString(run.Tail))
		assert.NotContains(t, run.Tail, "\x00")
	}
}

func TestWhatCannotBeDoneIsAnError(t *testing.T) {
	_, err := shell.Run(t.Context(), shell.Command{Name: "nowhere", Dir: "/no/such/folder", Script: "true"}, io.Discard, nil)
	require.ErrorIs(t, err, os.ErrNotExist)

	full := errors.New("disk is full")
	begun := time.Now()
	_, err = shell.Run(t.Context(), shell.Command{Name: "log", Script: "yes"}, broken{full}, nil)
	require.ErrorIs(t, err, full)
	assert.Less(t, time.Since(begun), 10*time.Second)
}

func TestAScriptIsToldByItsNameAndTheNumbersOfItsLines(t *testing.T) {
	run, err := shell.Run(t.Context(), shell.Command{Name: "migrate", Script: "true\nno-such-command"}, io.Discard, nil)
	require.NoError(t, err)
	assert.Equal(t, 127, run.Exit)
	assert.Contains(t, run.Tail, "migrate: 2: no-such-command")
}

func TestConcurrentRunsDoNotDisturbEachOther(t *testing.T) {
	results := make(chan error)
	for i := range 20 {
		go func() {
			run, err := shell.Run(t.Context(), shell.Command{Name: "n", Script: "exit " + strconv.Itoa(i)}, io.Discard, nil)
			if err == nil && run.Exit != i {
				err = fmt.Errorf("exit %d, wanted %d", run.Exit, i)
			}
			results <- err
		}()
	}
	for range 20 {
		assert.NoError(t, <-results)
	}
}

// counter is a log of which only the size matters.
type counter struct{ bytes int }

func (c *counter) Write(p []byte) (int, error) { c.bytes += len(p); return len(p), nil }

// broken is a log that cannot be written.
type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }

func BenchmarkRunOfNothing(b *testing.B) {
	for b.Loop() {
		if _, err := shell.Run(b.Context(), shell.Command{Script: ":"}, io.Discard, nil); err != nil {
			b.Fatal(err)
		}
	}
}
