package source_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/source"
	"slipway/activities/driver/source/sourcetest"
	"slipway/release"
)

func TestACommitComesOverHTTPFromARealServer(t *testing.T) {
	r := sourcetest.NewRepository(t, t.TempDir())
	commit := r.Commit(map[string]string{"a": "1"})
	r.Commit(map[string]string{"a": "2"})
	r.Git("tag", "v2")
	server := httptest.NewServer(sourcetest.Served(t, r.Folder))
	defer server.Close()
	url := server.URL + "/.git"
	folder, _, err := fetch(t, source.New(""), release.Source{Git: url, Commit: commit})
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(folder, "a"))
	require.NoError(t, err)
	assert.Equal(t, "1", string(text))
	newest, err := source.New("").Newest(t.Context(), url, "main", release.SourcePlace{})
	require.NoError(t, err)
	assert.Equal(t, r.Git("rev-parse", "main"), newest)
}

// A plain web server has no protocol by which it could give one commit.
func TestACommitComesFromAServerThatGivesOnlyEverything(t *testing.T) {
	r := sourcetest.NewRepository(t, t.TempDir())
	commit := r.Commit(map[string]string{"a": "1"})
	r.Commit(map[string]string{"a": "2"})
	r.Git("update-server-info")
	server := httptest.NewServer(http.FileServer(http.Dir(r.Folder)))
	defer server.Close()
	_, _, err := fetch(t, source.New(""), release.Source{Git: server.URL + "/.git", Commit: commit})
	require.NoError(t, err)
}

func TestWhatAGitServerRefusesIsToldByItsKind(t *testing.T) {
	r := sourcetest.NewRepository(t, t.TempDir())
	commit := r.Commit(map[string]string{"a": strings.Repeat("x", 1000)})
	served := sourcetest.Served(t, r.Folder)
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		kind    error
		said    string
	}{
		{"401", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			w.WriteHeader(http.StatusUnauthorized)
		}, source.ErrUnfit, "does not let this worker in"},
		{"403", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, source.ErrUnfit, "does not let this worker in"},
		{"404", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, source.ErrMissing, "not found"},
		{"500", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, source.ErrUnavailable, "500"},
		{"cut", func(w http.ResponseWriter, q *http.Request) {
			if strings.HasSuffix(q.URL.Path, "git-upload-pack") && q.Method == http.MethodPost {
				recorded := httptest.NewRecorder()
				served.ServeHTTP(recorded, q)
				_, _ = w.Write(recorded.Body.Bytes()[:recorded.Body.Len()/2])
				return
			}
			served.ServeHTTP(w, q)
		}, source.ErrUnavailable, "git http://"},
		{"sent elsewhere", func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, "file://"+r.Folder, http.StatusFound)
		}, source.ErrUnavailable, "git http://"},
	} {
		server := httptest.NewServer(c.handler)
		_, _, err := fetch(t, source.New(""), release.Source{Git: server.URL + "/.git", Commit: commit})
		server.Close()
		require.ErrorIs(t, err, c.kind, c.name)
		assert.ErrorContains(t, err, c.said, c.name)
		assert.Equal(t, c.kind == source.ErrMissing, errors.Is(err, source.ErrMissing), "%s: %v", c.name, err) //nolint:errorlint // the kind itself
	}
}
