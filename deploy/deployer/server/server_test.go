package server_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/target"
	driver "slipway/activities/driver/target/http"
	"slipway/activities/driver/target/local"
	"slipway/deploy/deployer/server"
	"slipway/release"
)

// site is a deployer with one target that can be started anew.
type site struct {
	t       *testing.T
	root    string
	on      release.Target
	acting  *server.Server
	serving *httptest.Server
	driver  *driver.Driver
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, root: t.TempDir()}
	require.NoError(t, os.Mkdir(filepath.Join(s.root, "p1"), 0o755))
	var err error
	s.driver, err = driver.New(nil)
	require.NoError(t, err)
	s.start()
	t.Cleanup(s.stop)
	return s
}

func (s *site) start() {
	var err error
	s.acting, err = server.New(s.root, "", local.New(nil, filepath.Join(s.root, ".state")))
	require.NoError(s.t, err)
	s.serving = httptest.NewServer(s.acting)
	s.on = release.Target{Name: "p1", Address: s.serving.URL}
}

func (s *site) stop() {
	s.acting.Close()
	s.serving.Close()
}

func script(attempt, text string) target.Operation {
	return target.Operation{
		Kind: target.Run, Attempt: attempt, Version: "2.26.0", Step: "migrate", Script: text, Timeout: time.Minute, Log: &bytes.Buffer{},
	}
}

func appears(t *testing.T, path string) {
	t.Helper()
	require.Eventually(t, func() bool { _, err := os.Stat(path); return err == nil }, 20*time.Second, 10*time.Millisecond)
}

func TestWorkersThatAskForTheSameRunShareIt(t *testing.T) {
	s, folder := newSite(t), t.TempDir()
	text := fmt.Sprintf("echo run >> %[1]s/runs; while [ ! -e %[1]s/go ]; do sleep 0.02; done; echo ID=7 >> $OUTPUT", folder)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			out, err := s.driver.Do(t.Context(), s.on, script("a/1", text))
			assert.NoError(t, err)
			assert.Empty(t, out.Problem)
			assert.Equal(t, map[string]string{"ID": "7"}, out.Outputs)
		})
	}
	appears(t, filepath.Join(folder, "runs"))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "go"), nil, 0o644))
	all.Wait()
	runs, err := os.ReadFile(filepath.Join(folder, "runs"))
	require.NoError(t, err)
	require.Equal(t, "run\n", string(runs))
}

func TestADeployerThatDiedInARunDoesNotRunItAgainByTheSameKey(t *testing.T) {
	s, folder := newSite(t), t.TempDir()
	begin := func() string {
		body := fmt.Sprintf(`{"kind":"run","attempt":"a/1","target":"p1","step":"migrate","script":"echo run >> %[1]s/runs; sleep 60"}`, folder)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.serving.URL+"/operations", strings.NewReader(body))
		require.NoError(t, err)
		request.Header.Set("Idempotency-Key", "k1")
		answer, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		defer answer.Body.Close()
		var text bytes.Buffer
		_, err = text.ReadFrom(answer.Body)
		require.NoError(t, err)
		return text.String()
	}
	require.Contains(t, begin(), `"state":"running"`)
	appears(t, filepath.Join(folder, "runs"))
	s.stop()
	s.start()
	require.Contains(t, begin(), `"state":"unknown"`)
	seen, err := s.driver.Observe(t.Context(), s.on, "a/1")
	require.NoError(t, err)
	require.NotNil(t, seen.Mark)
	require.True(t, seen.Mark.Ended.IsZero())
	require.False(t, seen.Mark.Running)
	runs, err := os.ReadFile(filepath.Join(folder, "runs"))
	require.NoError(t, err)
	require.Equal(t, "run\n", string(runs))

	// Whoever knows that it may run again says so by another operation.
	out, err := s.driver.Do(t.Context(), s.on, script("a/1", "echo again"))
	require.NoError(t, err)
	require.Empty(t, out.Problem)
}

func TestADeployerThatIsLostInARunLeavesInDoubt(t *testing.T) {
	s, folder := newSite(t), t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	failed := make(chan error, 1)
	go func() {
		_, err := s.driver.Do(ctx, s.on, script("a/1", "touch "+folder+"/begun; sleep 60"))
		failed <- err
	}()
	appears(t, filepath.Join(folder, "begun"))
	s.acting.Close()
	require.ErrorContains(t, <-failed, "cannot tell what became of it")
}

func TestOnlyTargetsOfTheFolderAndWhoKnowsTheTokenAreServed(t *testing.T) {
	s := newSite(t)
	for _, name := range []string{"p2", "../p1", ".keys", ""} {
		out, err := s.driver.Do(t.Context(), release.Target{Name: name, Address: s.serving.URL}, script("", "true"))
		require.NoError(t, err)
		require.Contains(t, out.Problem, "there is no target", name)
	}
	guarded, err := server.New(s.root, "right", local.New(nil, t.TempDir()))
	require.NoError(t, err)
	serving := httptest.NewServer(guarded)
	defer serving.Close()
	t.Setenv("DEPLOYER_TOKEN", "wrong")
	stranger, err := driver.New([]driver.Deployer{{Address: serving.URL, Token: "env:DEPLOYER_TOKEN"}})
	require.NoError(t, err)
	_, err = stranger.Observe(t.Context(), release.Target{Name: "p1", Address: serving.URL}, "")
	require.ErrorContains(t, err, "status 401: the token is missing, or is not the one")
}
