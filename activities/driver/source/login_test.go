package source_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/source"
	"slipway/activities/driver/source/sourcetest"
	"slipway/release"
)

const (
	user   = "robot"
	secret = "hunter2 is-not=enough"
)

// provide gives a reference to a secret.
func provide(t *testing.T, value string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(name, []byte(value+"\n"), 0o600))
	return "file:" + name
}

// hidden checks that an error tells neither a password nor where it is.
func hidden(t *testing.T, err error, place release.SourcePlace) {
	t.Helper()
	require.Error(t, err)
	for _, text := range []string{secret, base64.StdEncoding.EncodeToString([]byte(user + ":" + secret)), strings.TrimPrefix(place.Password, "file:")} {
		assert.NotContains(t, err.Error(), text)
	}
}

// door lets in whoever says so in this way, and remembers what was said.
type door struct {
	http.Handler
	sync.Mutex
	wanted string
	heard  []string
}

func (d *door) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	said := q.Header.Get("Authorization")
	d.Lock()
	d.heard = append(d.heard, said)
	known := said == d.wanted
	d.Unlock()
	if !known {
		w.Header().Set("WWW-Authenticate", `Basic realm="door"`)
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(w, "I do not know %s\n", said)
		return
	}
	d.Handler.ServeHTTP(w, q)
}

// want has it let others in from now on, and forget who came.
func (d *door) want(said string) {
	d.Lock()
	defer d.Unlock()
	d.wanted, d.heard = said, nil
}

// told gives what it heard.
func (d *door) told() []string {
	d.Lock()
	defer d.Unlock()
	return d.heard
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func TestARepositoryBehindALoginIsFetchedAndFollowed(t *testing.T) {
	r := sourcetest.NewRepository(t, t.TempDir())
	commit := r.Commit(map[string]string{"a": "1"})
	d := &door{Handler: sourcetest.Served(t, r.Folder), wanted: basic(user, secret)}
	server := httptest.NewServer(d)
	defer server.Close()
	at := server.URL + "/.git"
	in := release.SourcePlace{Git: server.URL, Username: user, Password: provide(t, secret)}

	// What is on a command line, everybody on the machine can read.
	spy, said := filepath.Join(t.TempDir(), "git"), filepath.Join(t.TempDir(), "said")
	require.NoError(t, os.WriteFile(spy, []byte("#!/bin/sh\necho \"$@\" >>"+said+"\nexec git \"$@\"\n"), 0o755))
	f := source.New("")
	f.Git = spy
	folder, _, err := fetchFrom(t, f, release.Source{Git: at, Commit: commit}, in)
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(folder, "a"))
	newest, err := f.Newest(t.Context(), at, "main", in)
	require.NoError(t, err)
	assert.Equal(t, commit, newest)
	arguments, err := os.ReadFile(said)
	require.NoError(t, err)
	assert.Contains(t, string(arguments), "ls-remote")
	assert.NotContains(t, string(arguments), strings.TrimPrefix(basic(user, secret), "Basic "))
	assert.NotContains(t, string(arguments), secret)

	d.want(basic("oauth2", secret))
	byToken := in
	byToken.Username = ""
	_, err = f.Newest(t.Context(), at, "main", byToken)
	require.NoError(t, err)

	_, err = f.Newest(t.Context(), at, "main", in)
	require.ErrorIs(t, err, source.ErrUnfit)
	require.ErrorContains(t, err, "check username and password of the place git "+server.URL+" in organization.sources")
	hidden(t, err, in)
	_, _, err = fetchFrom(t, f, release.Source{Git: at, Commit: commit}, release.SourcePlace{Git: server.URL})
	require.ErrorIs(t, err, source.ErrUnfit)
	require.ErrorContains(t, err, "set username and password of the place git "+server.URL)
}

func TestAGitServerThatSendsOnOrQuotesThePasswordDoesNotSpreadIt(t *testing.T) {
	r := sourcetest.NewRepository(t, t.TempDir())
	commit := r.Commit(map[string]string{"a": "1"})
	elsewhere := &door{Handler: sourcetest.Served(t, r.Folder)}
	other := httptest.NewServer(elsewhere)
	defer other.Close()
	for _, c := range []struct {
		handler http.HandlerFunc
		said    string
	}{
		{func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, other.URL+q.URL.RequestURI(), http.StatusFound)
		}, "name the repository where it is"},
		{func(w http.ResponseWriter, q *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprintf(w, "%s\nis not %s\n", q.Header.Get("Authorization"), secret)
		}, "is not ***"},
	} {
		server := httptest.NewServer(&door{Handler: c.handler, wanted: basic(user, secret)})
		in := release.SourcePlace{Git: server.URL, Username: user, Password: provide(t, secret)}
		_, _, err := fetchFrom(t, source.New(""), release.Source{Git: server.URL + "/.git", Commit: commit}, in)
		server.Close()
		require.ErrorIs(t, err, source.ErrUnfit)
		require.ErrorContains(t, err, c.said)
		hidden(t, err, in)
	}
	assert.Empty(t, elsewhere.told())
}

// A plain web server may name others that have the rest of a repository.
func TestNoOtherServerThatHasPartsOfARepositoryHearsThePassword(t *testing.T) {
	r := sourcetest.NewRepository(t, t.TempDir())
	commit := r.Commit(map[string]string{"a": "1"})
	elsewhere := &door{Handler: http.FileServer(http.Dir(r.Folder))}
	other := httptest.NewServer(elsewhere)
	defer other.Close()
	r.Git("update-server-info")
	files := http.FileServer(http.Dir(r.Folder))
	server := httptest.NewServer(&door{wanted: basic(user, secret), Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch {
		case strings.HasSuffix(q.URL.Path, "http-alternates"):
			_, _ = fmt.Fprintf(w, "%s/.git/objects\n", other.URL)
		case strings.Contains(q.URL.Path, commit[2:]):
			w.WriteHeader(http.StatusNotFound)
		default:
			files.ServeHTTP(w, q)
		}
	})})
	defer server.Close()
	in := release.SourcePlace{Git: server.URL, Username: user, Password: provide(t, secret)}
	_, _, err := fetchFrom(t, source.New(""), release.Source{Git: server.URL + "/.git", Commit: commit}, in)
	hidden(t, err, in)
	assert.Empty(t, elsewhere.told())
}

func TestAnArchiveBehindALoginComesAndNobodyElseHearsThePassword(t *testing.T) {
	data := tarGz(t, map[string]string{"a": "1"})
	elsewhere := &door{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) })}
	other := httptest.NewTLSServer(elsewhere)
	defer other.Close()
	d := &door{Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/moved.tgz":
			http.Redirect(w, q, "/web.tgz", http.StatusFound)
		case "/stored.tgz": // another server, though its name differs by the port only
			http.Redirect(w, q, other.URL+"/web.tgz?signature=s3cret", http.StatusTemporaryRedirect)
		case "/told.tgz":
			http.Redirect(w, q, other.URL+"/"+url.PathEscape(secret)+"/"+q.Header.Get("Authorization"), http.StatusFound)
		default:
			_, _ = w.Write(data)
		}
	})}
	server, f := offer(t, d.ServeHTTP)
	password := provide(t, secret)
	for header, in := range map[string]release.SourcePlace{
		basic(user, secret): {Archive: server.URL, Username: user, Password: password},
		"Bearer " + secret:  {Archive: server.URL, Password: password},
	} {
		d.want(header)
		elsewhere.want("")
		for _, path := range []string{"/web.tgz", "/moved.tgz", "/stored.tgz"} {
			_, _, err := fetchFrom(t, f, release.Source{Archive: server.URL + path, Sum: sha(data)}, in)
			require.NoError(t, err, path)
		}
		assert.Equal(t, []string{""}, elsewhere.told())

		d.want("another")
		_, _, err := fetchFrom(t, f, release.Source{Archive: server.URL + "/web.tgz", Sum: sha(data)}, in)
		require.ErrorIs(t, err, source.ErrUnfit)
		require.ErrorContains(t, err, "401 Unauthorized; check username and password of the place archive "+server.URL)
		hidden(t, err, in)
	}
	d.want("Bearer " + secret)
	other.Close()
	in := release.SourcePlace{Archive: server.URL, Password: password}
	for _, path := range []string{"/stored.tgz", "/told.tgz"} {
		_, _, err := fetchFrom(t, f, release.Source{Archive: server.URL + path, Sum: sha(data)}, in)
		require.ErrorIs(t, err, source.ErrUnavailable)
		hidden(t, err, in)
		for ; err != nil; err = errors.Unwrap(err) { // a history has each of them
			assert.NotContains(t, err.Error(), "s3cret")
			assert.NotContains(t, err.Error(), "hunter2")
		}
	}
}

func TestAPasswordIsLookedUpEachTimeAndToldByItsPlaceWhenItIsNotThere(t *testing.T) {
	data := tarGz(t, map[string]string{"a": "1"})
	d := &door{wanted: "Bearer " + secret, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) })}
	server, f := offer(t, d.ServeHTTP)
	in := release.SourcePlace{Archive: server.URL, Password: "env:SLIPWAY_TEST_LOGIN"}
	s := release.Source{Archive: server.URL + "/web.tgz", Sum: sha(data)}
	for value, said := range map[string]string{"": "this worker has no password for archive " + server.URL, secret + "\r\nX-Evil: 1": "a line break"} {
		t.Setenv("SLIPWAY_TEST_LOGIN", value)
		_, _, err := fetchFrom(t, f, s, in)
		require.ErrorIs(t, err, source.ErrUnfit)
		require.ErrorContains(t, err, said)
		assert.NotContains(t, err.Error(), "SLIPWAY_TEST_LOGIN", "it may get into a record")
		hidden(t, err, in)
	}
	t.Setenv("SLIPWAY_TEST_LOGIN", secret)
	_, _, err := fetchFrom(t, f, s, in)
	require.NoError(t, err)
}
