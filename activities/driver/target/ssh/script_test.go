package ssh_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/target"
	"slipway/activities/driver/target/ssh/sshtest"
	"slipway/release"
)

func appears(t *testing.T, path string) {
	t.Helper()
	require.Eventually(t, func() bool { _, err := os.Stat(path); return err == nil }, 20*time.Second, 10*time.Millisecond)
}

// secret refers to one that the test made.
func secret(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(file, []byte("s3cr3t-of-the-test\n"), 0o600))
	return "file:" + file
}

func TestAScriptGoesOnWhenTheConnectionIsCut(t *testing.T) {
	t.Parallel()
	server, p := sshtest.Start(t), newPack(t, "1.0.0", 1000)
	proxy := server.Proxy(t)
	driver, folder, traces := newDriver(t, server, p), t.TempDir(), t.TempDir()
	at := release.Target{Name: "p1", Address: server.AddressAt(proxy.Port, folder)}
	o := p.script("a/1", `touch begun "$TRACES/begun"; while [ ! -e "$TRACES/go" ]; do sleep 0.02; done; echo "ID=7-$TOKEN" >>"$OUTPUT"; echo more`)
	o.Env, o.Secrets = map[string]string{"TRACES": traces}, map[string]string{"TOKEN": secret(t)}
	failed := make(chan error, 1)
	go func() {
		_, err := driver.Do(t.Context(), at, o)
		failed <- err
	}()
	appears(t, filepath.Join(traces, "begun"))
	proxy.Cut()
	require.ErrorIs(t, <-failed, target.ErrUnreachable)

	seen, err := driver.Observe(t.Context(), at, "a/1")
	require.NoError(t, err)
	require.NotNil(t, seen.Mark)
	assert.True(t, seen.Mark.Running)
	assert.True(t, seen.Mark.Ended.IsZero())

	require.NoError(t, os.WriteFile(filepath.Join(traces, "go"), nil, 0o644))
	require.Eventually(t, func() bool {
		seen, err = driver.Observe(t.Context(), at, "a/1")
		return err == nil && seen.Mark != nil && seen.Mark.Done()
	}, 20*time.Second, 50*time.Millisecond)
	assert.False(t, seen.Mark.Running)
	assert.Equal(t, map[string]string{"ID": "7-***"}, seen.Mark.Outputs, "masked there")
	out, err := driver.Do(t.Context(), at, o)
	require.NoError(t, err)
	assert.Empty(t, out.Problem)
	assert.Equal(t, seen.Mark.Outputs, out.Outputs, "without running again")
}

func TestASecretIsInNoListOfProcesses(t *testing.T) {
	t.Parallel()
	server, p := sshtest.Start(t), newPack(t, "1.0.0", 1000)
	folder := t.TempDir()
	o := p.script("a/1", `echo waits; while [ ! -e "$GO" ]; do sleep 0.02; done; echo "it is $TOKEN"`)
	o.Env = map[string]string{"GO": filepath.Join(folder, "go")}
	o.Secrets = map[string]string{"TOKEN": secret(t)}
	var listed string
	o.Progress = func(line string) {
		if line == "waits" {
			list, err := exec.Command("ps", "-eo", "args").Output()
			assert.NoError(t, err)
			listed = string(list)
			assert.NoError(t, os.WriteFile(filepath.Join(folder, "go"), nil, 0o644))
		}
	}
	out, err := newDriver(t, server, p).Do(t.Context(), on(server, folder), o)
	require.NoError(t, err)
	require.Empty(t, out.Problem)
	assert.Contains(t, listed, "echo waits")
	assert.NotContains(t, listed, "s3cr3t")
	assert.Equal(t, "waits\nit is ***\n", o.Log.(*bytes.Buffer).String())
	left, err := exec.Command("grep", "-rl", "s3cr3t", folder).Output()
	assert.Error(t, err, "nothing is left on the target: %s", left)
}

func TestATimeoutHoldsThoughTheConnectionIsCut(t *testing.T) {
	t.Parallel()
	server, p := sshtest.Start(t), newPack(t, "1.0.0", 1000)
	proxy := server.Proxy(t)
	driver := newDriver(t, server, p)
	at := release.Target{Name: "p1", Address: server.AddressAt(proxy.Port, t.TempDir())}
	o := p.script("a/1", "echo begun; sleep 300")
	o.Timeout = 2 * time.Second
	o.Progress = func(string) { proxy.Cut() }
	_, err := driver.Do(t.Context(), at, o)
	require.ErrorIs(t, err, target.ErrUnreachable)
	require.Eventually(t, func() bool {
		seen, err := driver.Observe(t.Context(), at, "a/1")
		return err == nil && seen.Mark != nil && !seen.Mark.Ended.IsZero() && strings.Contains(seen.Mark.Problem, "timed out")
	}, 30*time.Second, 100*time.Millisecond)
}

func TestChildrenDoNotOutliveTheScriptAndServicesDo(t *testing.T) {
	t.Parallel()
	server, p := sshtest.Start(t), newPack(t, "1.0.0", 1000)
	driver, folder, traces := newDriver(t, server, p), t.TempDir(), t.TempDir()
	o := p.script("a/1", `sleep 300 & echo $! >"$TRACES/child"
		setsid sh -c 'echo $$ >"$TRACES/.service"; mv "$TRACES/.service" "$TRACES/service"; exec sleep 300' >/dev/null 2>&1 &
		while [ ! -e "$TRACES/service" ]; do sleep 0.02; done`)
	o.Env = map[string]string{"TRACES": traces}
	out, err := driver.Do(t.Context(), on(server, folder), o)
	require.NoError(t, err)
	require.Empty(t, out.Problem)
	pid := func(name string) string {
		data, err := os.ReadFile(filepath.Join(traces, name))
		require.NoError(t, err)
		return strings.TrimSpace(string(data))
	}
	assert.NoError(t, exec.Command("kill", "-0", pid("service")).Run())
	require.Eventually(t, func() bool {
		return exec.Command("grep", "-q", "State:.[ZX]", "/proc/"+pid("child")+"/status").Run() == nil || exec.Command("kill", "-0", pid("child")).Run() != nil
	}, 10*time.Second, 50*time.Millisecond)
	require.Empty(t, do(t, driver, on(server, folder), p, target.Transfer), "the service has not kept the lock")
	require.NoError(t, exec.Command("kill", "-9", pid("service")).Run())
}

func TestALongOutputArrivesWhole(t *testing.T) {
	t.Parallel()
	server, p := sshtest.Start(t), newPack(t, "1.0.0", 1000)
	o := p.script("a/1", `i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done; printf 'no end'`)
	out, err := newDriver(t, server, p).Do(t.Context(), on(server, t.TempDir()), o)
	require.NoError(t, err)
	require.Empty(t, out.Problem)
	log := o.Log.(*bytes.Buffer).String()
	assert.True(t, strings.HasPrefix(log, "line 0\nline 1\n"))
	assert.True(t, strings.HasSuffix(log, "line 19999\nno end"))
	assert.Equal(t, 20000, strings.Count(log, "\n"))
}
