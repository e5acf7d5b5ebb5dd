package targettest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/target"
	"slipway/release"
)

func scriptKnowsAndTells(t *testing.T, s *site) {
	s.do(t, s.new, target.Transfer)
	o := s.script("a/1", `
		echo "it says $(cat "$PACKAGE/VERSION")"
		test "$PACKAGE" = "$RELEASE_FOLDER"
		echo "$GREETING" >&2
		test -d "$TARGET_FOLDER"
		echo "ID=$TARGET" >> "$OUTPUT"
		echo 'URL_2=http://x/?a=b c' >> "$OUTPUT"`)
	o.Env = map[string]string{"GREETING": `it's "two"`, "TARGET": s.on.Name}
	var lines []string
	o.Progress = func(line string) { lines = append(lines, line) }
	out, log := s.run(t, o)
	require.Empty(t, out.Problem, log)
	assert.Equal(t, "it says two\nit's \"two\"\n", log)
	assert.Equal(t, map[string]string{"ID": s.on.Name, "URL_2": "http://x/?a=b c"}, out.Outputs)
	assert.NotEmpty(t, lines)
	require.NotNil(t, out.Execution)
	assert.Equal(t, "migrate", out.Execution.Name)
	assert.True(t, out.Execution.OK())
	assert.WithinDuration(t, time.Now(), out.Execution.Started, time.Minute)
	assert.Contains(t, out.Execution.Tail, "it says two")
	s.holds(t, nil)
}

func scriptFails(t *testing.T, s *site) {
	out, log := s.run(t, s.script("a/1", "echo ID=3 >> \"$OUTPUT\"; echo the disk is on fire; exit 7"))
	assert.Equal(t, "exit status 7: the disk is on fire", out.Problem)
	assert.Equal(t, "the disk is on fire\n", log)
	assert.Equal(t, 7, out.Execution.Exit)
	mark := s.observe(t, "a/1").Mark
	require.NotNil(t, mark)
	assert.Equal(t, 7, mark.Exit)
	assert.False(t, mark.Ended.IsZero())
	assert.False(t, mark.Done())
	assert.Equal(t, out.Problem, mark.Problem)

	out, _ = s.run(t, s.script("a/1", "true"))
	require.Empty(t, out.Problem, "what failed may run again")
	assert.True(t, s.observe(t, "a/1").Mark.Done())
}

func scriptTimesOut(t *testing.T, s *site) {
	o := s.script("a/1", "echo begun; sleep 60")
	o.Timeout = 300 * time.Millisecond
	began := time.Now()
	out, _ := s.run(t, o)
	assert.Less(t, time.Since(began), 20*time.Second)
	assert.True(t, out.Execution.TimedOut)
	assert.Contains(t, out.Problem, "timed out")
	mark := s.observe(t, "a/1").Mark
	require.NotNil(t, mark)
	assert.False(t, mark.Ended.IsZero())
	assert.False(t, mark.Done())
}

func secretsAreMasked(t *testing.T, s *site) {
	token := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(token, []byte("s3cr3t-of-the-test\n"), 0o600))
	o := s.script("a/1", `test "$TOKEN" = s3cr3t"-of-the-test"; echo "token $TOKEN"; echo "GOT=<$TOKEN>" >> "$OUTPUT"`)
	o.Secrets = map[string]string{"TOKEN": "file:" + token}
	var lines []string
	o.Progress = func(line string) { lines = append(lines, line) }
	out, log := s.run(t, o)
	require.Empty(t, out.Problem, log)
	assert.Equal(t, "token ***\n", log)
	assert.NotContains(t, strings.Join(lines, "\n")+out.Execution.Tail, "s3cr3t")
	assert.Equal(t, map[string]string{"GOT": "<***>"}, out.Outputs)
	assert.Equal(t, out.Outputs, s.observe(t, "a/1").Mark.Outputs)
}

func secretMissing(t *testing.T, s *site) {
	began := filepath.Join(t.TempDir(), "began")
	o := s.script("a/1", "touch "+began)
	o.Secrets = map[string]string{"TOKEN": "env:TARGETTEST_NOT_SET"}
	out, _ := s.run(t, o)
	assert.Contains(t, out.Problem, "TARGETTEST_NOT_SET")
	assert.NoFileExists(t, began)
	assert.Nil(t, s.observe(t, "a/1").Mark, "it never began")
}

func outputsHaveAForm(t *testing.T, s *site) {
	for i, write := range []string{"echo lower=1", "echo 2=1", "echo NOTHING", "head -c 5000 /dev/zero | tr '\\0' 'A'", "echo ' A=1'"} {
		attempt := fmt.Sprintf("a/%d", i)
		out, _ := s.run(t, s.script(attempt, write+` >> "$OUTPUT"`))
		assert.Contains(t, out.Problem, "its outputs", write)
		assert.Empty(t, out.Outputs)
		mark := s.observe(t, attempt).Mark
		require.NotNil(t, mark)
		assert.False(t, mark.Done(), write)
	}
}

// waiting is a script that says that it began, and ends when it may.
func waiting(folder string) string {
	return fmt.Sprintf("touch '%[1]s/begun'; while [ ! -e '%[1]s/go' ]; do sleep 0.02; done; echo ID=7 >> \"$OUTPUT\"", folder)
}

func appears(t *testing.T, path string) {
	t.Helper()
	require.Eventually(t, func() bool { _, err := os.Stat(path); return err == nil }, 20*time.Second, 10*time.Millisecond)
}

func markBeforeAndAfter(t *testing.T, s *site) {
	folder := t.TempDir()
	done := make(chan target.Outcome, 1)
	go func() {
		out, err := s.driver.Do(s.ctx, s.on, s.script("a/1", waiting(folder)))
		assert.NoError(t, err)
		done <- out
	}()
	appears(t, filepath.Join(folder, "begun"))
	other := s.Driver(t, s.packages)
	seen, err := other.Observe(s.ctx, s.on, "a/1")
	require.NoError(t, err)
	require.NotNil(t, seen.Mark, "before it ended")
	assert.Equal(t, "a/1", seen.Mark.Attempt)
	assert.True(t, seen.Mark.Running)
	assert.True(t, seen.Mark.Ended.IsZero())
	assert.WithinDuration(t, time.Now(), seen.Mark.Begun, time.Minute)
	assert.Nil(t, s.observe(t, "a/2").Mark, "of another attempt")

	require.NoError(t, os.WriteFile(filepath.Join(folder, "go"), nil, 0o644))
	out := <-done
	require.Empty(t, out.Problem)
	mark := s.observe(t, "a/1").Mark
	require.NotNil(t, mark)
	assert.True(t, mark.Done())
	assert.False(t, mark.Running)
	assert.Equal(t, 0, mark.Exit)
	assert.False(t, mark.Ended.Before(mark.Begun))
	assert.Equal(t, map[string]string{"ID": "7"}, mark.Outputs)
	assert.Nil(t, s.observe(t, "a/2").Mark, "of another attempt")
}

func doneDoesNotRunAgain(t *testing.T, s *site) {
	count := filepath.Join(t.TempDir(), "count")
	text := "echo run >> '" + count + "'; echo ID=7 >> \"$OUTPUT\""
	for _, attempt := range []string{"a/1", "a/1", "a/2"} {
		out, _ := s.run(t, s.script(attempt, text))
		require.Empty(t, out.Problem)
		assert.Equal(t, map[string]string{"ID": "7"}, out.Outputs)
	}
	runs, err := os.ReadFile(count)
	require.NoError(t, err)
	assert.Equal(t, "run\nrun\n", string(runs), "once for each attempt")
}

func brokenOff(t *testing.T, s *site) {
	folder := t.TempDir()
	ctx, cancel := context.WithCancel(s.ctx)
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(filepath.Join(folder, "begun")); err == nil {
				cancel()
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	_, err := s.driver.Do(ctx, s.on, s.script("a/1", waiting(folder)))
	require.ErrorIs(t, err, context.Canceled)
	require.Eventually(t, func() bool {
		seen, err := s.driver.Observe(s.ctx, s.on, "a/1")
		return err == nil && seen.Mark != nil && !seen.Mark.Running && seen.Mark.Ended.IsZero()
	}, 20*time.Second, 50*time.Millisecond, "nobody can tell how it ended")
}

func oneAtATime(t *testing.T, s *site) {
	alone := filepath.Join(t.TempDir(), "alone")
	second := s.Driver(t, s.packages)
	var group sync.WaitGroup
	for i := range 6 {
		driver := s.driver
		if i%2 == 1 {
			driver = second
		}
		o := s.script(fmt.Sprintf("a/%d", i), fmt.Sprintf("mkdir '%[1]s'; sleep 0.05; rmdir '%[1]s'", alone))
		group.Go(func() {
			out, err := driver.Do(s.ctx, s.on, o)
			assert.NoError(t, err)
			assert.Empty(t, out.Problem)
		})
		group.Go(func() {
			for _, kind := range []target.Kind{target.Transfer, target.Activate} {
				out, err := driver.Do(s.ctx, s.on, s.new.operation(kind))
				assert.NoError(t, err)
				assert.Empty(t, out.Problem)
			}
		})
	}
	group.Wait()
	s.holds(t, &s.new)
	s.do(t, s.new, target.Deactivate)
	s.holds(t, nil)
}

func onceRuns(t *testing.T, s *site) {
	o := s.script("a/1", `echo "DB=${TARGET-none}${PACKAGE-none}" >> "$OUTPUT"`)
	out, err := s.driver.Do(s.ctx, release.Target{}, o)
	require.NoError(t, err)
	require.Empty(t, out.Problem, o.Log.(*bytes.Buffer).String())
	assert.Equal(t, map[string]string{"DB": "nonenone"}, out.Outputs)
	seen, err := s.driver.Observe(s.ctx, release.Target{}, "a/1")
	require.NoError(t, err)
	require.NotNil(t, seen.Mark)
	assert.True(t, seen.Mark.Done())
	assert.Equal(t, release.Held{}, seen.Held)
}
