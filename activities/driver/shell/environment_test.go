package shell_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/shell"
)

func TestTheEnvironmentIsOnlyWhatIsDeclared(t *testing.T) {
	t.Setenv("LEAK", "must not be seen")
	t.Setenv("GOPROXY", "https://proxy.example")
	t.Setenv("LANG", "C")
	var log bytes.Buffer
	_, err := shell.Run(t.Context(), shell.Command{
		Name: "env", Script: "/usr/bin/env", Env: map[string]string{"OUT": "/out", "LANG": "C.UTF-8"},
	}, &log, nil)
	require.NoError(t, err)
	allowed := "PATH HOME LANG TMPDIR SSL_CERT_FILE SSL_CERT_DIR PWD OLDPWD SHLVL _ OUT "
	for line := range strings.Lines(log.String()) {
		name, _, _ := strings.Cut(line, "=")
		assert.True(t, strings.Contains(allowed, name+" ") || strings.HasPrefix(name, "GO"), line)
	}
	assert.Contains(t, log.String(), "OUT=/out\n")
	assert.Contains(t, log.String(), "GOPROXY=https://proxy.example\n")
	assert.Contains(t, log.String(), "LANG=C.UTF-8\n")
}

func TestSecretsAreMaskedInLogTailAndProgress(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(file, []byte("-----BEGIN\nabcdefghijkl\n-----END\n"), 0o600))
	t.Setenv("WORKER_TOKEN", "hunter2")
	var log bytes.Buffer
	var lines []string
	run, err := shell.Run(t.Context(), shell.Command{
		Name: "secret", Secrets: map[string]string{"TOKEN": "env:WORKER_TOKEN", "KEY": "file:" + file},
		Script: `[ ${#TOKEN} = 7 ]; echo "a $TOKEN b"; printf 'hun'; sleep 0.1; echo 'ter2!'; echo "$KEY"; echo x abcdefghijkl y; printf hunt`,
	}, &log, func(line string) { lines = append(lines, line) })
	require.NoError(t, err)
	assert.True(t, run.OK(), run.Tail)
	assert.Equal(t, "a *** b\n***!\n***\nx *** y\nhunt", log.String())
	assert.Equal(t, log.String(), run.Tail)
	assert.NotContains(t, strings.Join(lines, "\n"), "ter2")
}

func TestASecretThatIsNotThereIsSaidClearlyAndNothingRuns(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "empty"), []byte("\n"), 0o600))
	for _, reference := range []string{"env:SLIPWAY_NOT_SET", "file:/no/such/file", "file:" + dir, "file:" + dir + "/empty", "hunter2", "env:"} {
		_, err := shell.Run(t.Context(), shell.Command{
			Name: "deploy", Dir: dir, Script: "touch ran", Secrets: map[string]string{"TOKEN": reference},
		}, io.Discard, nil)
		require.ErrorIs(t, err, shell.ErrSecret)
		assert.ErrorContains(t, err, `script "deploy"`)
		assert.ErrorContains(t, err, "TOKEN")
		assert.NoFileExists(t, filepath.Join(dir, "ran"))
	}
}

func TestAScriptWithItsOwnHomeSeesNothingOfTheWorkersCaches(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"GOPATH", "GOCACHE", "GOMODCACHE", "GOTMPDIR", "GOFLAGS"} {
		t.Setenv(name, "/worker")
	}
	var log bytes.Buffer
	run, err := shell.Run(t.Context(), shell.Command{Name: "env", Script: `/usr/bin/env; cd; pwd`, Home: home}, &log, nil)
	require.NoError(t, err)
	require.True(t, run.OK(), run.Tail)
	assert.NotContains(t, log.String(), "/worker")
	assert.Contains(t, log.String(), "HOME="+home+"\n")
	assert.True(t, strings.HasSuffix(run.Tail, "\n"+home), run.Tail)
}
