package activities_test

import (
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities"
	"slipway/activities/driver/source/sourcetest"
	"slipway/release"
)

// behindLogin serves a repository as a real git server does, to one user alone.
func behindLogin(t *testing.T, folder, user, password string) string {
	t.Helper()
	served := sourcetest.Served(t, folder)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if u, p, _ := q.BasicAuth(); u != user || p != password {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "unknown: "+q.Header.Get("Authorization"), http.StatusUnauthorized)
			return
		}
		served.ServeHTTP(w, q)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// Who logs in how is the worker's configuration: nothing that is kept tells it.
func TestNothingThatIsKeptTellsHowTheWorkerLogsIn(t *testing.T) {
	const user, password = "sources-robot", "hunter2-hunter2"
	t.Setenv("SOURCES_TOKEN", password)
	y := newYard(t)
	r, s := y.repository()
	server := behindLogin(t, r.Folder, user, password)
	s.Git, s.Branch = server+"/.git", "main"
	place := release.SourcePlace{Git: server, Username: user, Password: "env:SOURCES_TOKEN"}
	y.a.Organization = func() release.Organization {
		return release.Organization{Sources: []release.SourcePlace{place}}
	}
	record, err := y.take(s, "test")
	require.NoError(t, err)
	require.Empty(t, record.Failure)
	kept := []any{record}

	older := s
	older.Commit = strings.Repeat("a", 40)
	follow := activities.FollowInput{Branches: []release.Branch{{Component: "web", Source: older}}, Every: release.Duration(time.Hour)}
	value, err := y.env.ExecuteActivity(y.a.Follow, follow)
	require.NoError(t, err)
	var found activities.FollowResult
	require.NoError(t, value.Get(&found))
	require.Equal(t, s.Commit, found.Newer[0].Source.Commit)
	kept = append(kept, found)

	other := s
	other.Tag = "v1" // so that no master copy is there
	for value, said := range map[string]string{"wrong": "check username and password of the place git " + server, "": "this worker has no password for git " + server} {
		t.Setenv("SOURCES_TOKEN", value)
		failed, err := y.take(other, "test")
		require.NoError(t, err)
		require.Contains(t, failed.Failure, said)
		value, err := y.env.ExecuteActivity(y.a.Follow, follow)
		require.NoError(t, err)
		require.NoError(t, value.Get(&found))
		require.Contains(t, found.Failure, said)
		kept = append(kept, failed, found)
	}

	encoded, err := json.Marshal(kept)
	require.NoError(t, err)
	all := map[string]string{"records": string(encoded)}
	require.NoError(t, filepath.WalkDir(y.path(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		all[path] = string(data)
		return err
	}))
	require.Greater(t, len(all), 10, "the media library is among them")
	header := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	for path, text := range all {
		for _, secret := range []string{password, "SOURCES_TOKEN", user, header} {
			assert.NotContains(t, text, secret, path)
		}
	}
}
