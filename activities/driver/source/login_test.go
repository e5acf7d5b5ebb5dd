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

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"

	"slipway/activities/driver/dml/registrytest"
	"slipway/activities/driver/source"
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
	d.Unlock()
	if said != d.wanted {
		w.Header().Set("WWW-Authenticate", `Basic realm="door"`)
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(w, "I do not know %s\n", said)
		return
	}
	d.Handler.ServeHTTP(w, q)
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func TestARepositoryBehindALoginIsFetchedAndFollowed(t *testing.T) {
	r := newRepository(t)
	commit := r.commit(map[string]string{"a": "1"})
	d := &door{Handler: backend(t, r.folder), wanted: basic(user, secret)}
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
	assert.NotContains(t, string(arguments), strings.TrimPrefix(d.wanted, "Basic "))
	assert.NotContains(t, string(arguments), secret)

	d.wanted = basic("oauth2", secret)
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
	r := newRepository(t)
	commit := r.commit(map[string]string{"a": "1"})
	elsewhere := &door{Handler: backend(t, r.folder)}
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
	assert.Empty(t, elsewhere.heard)
}

// A plain web server may name others that have the rest of a repository.
func TestNoOtherServerThatHasPartsOfARepositoryHearsThePassword(t *testing.T) {
	r := newRepository(t)
	commit := r.commit(map[string]string{"a": "1"})
	elsewhere := &door{Handler: http.FileServer(http.Dir(r.folder))}
	other := httptest.NewServer(elsewhere)
	defer other.Close()
	r.git("update-server-info")
	files := http.FileServer(http.Dir(r.folder))
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
	assert.Empty(t, elsewhere.heard)
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
		d.wanted, elsewhere.heard = header, nil
		for _, path := range []string{"/web.tgz", "/moved.tgz", "/stored.tgz"} {
			_, _, err := fetchFrom(t, f, release.Source{Archive: server.URL + path, Sum: sha(data)}, in)
			require.NoError(t, err, path)
		}
		assert.Equal(t, []string{""}, elsewhere.heard)

		d.wanted = "another"
		_, _, err := fetchFrom(t, f, release.Source{Archive: server.URL + "/web.tgz", Sum: sha(data)}, in)
		require.ErrorIs(t, err, source.ErrUnfit)
		require.ErrorContains(t, err, "401 Unauthorized; check username and password of the place archive "+server.URL)
		hidden(t, err, in)
	}
	d.wanted = "Bearer " + secret
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

// pushed has an artifact with the file "a" in a real registry, and gives where.
func pushed(t *testing.T, server *registrytest.Server) string {
	t.Helper()
	repository, err := remote.NewRepository(server.Host + "/acme/web")
	require.NoError(t, err)
	repository.PlainHTTP = true
	repository.Client = &auth.Client{Credential: auth.StaticCredential(server.Host, auth.Credential{Username: server.Username, Password: server.Password})}
	layer, err := oras.PushBytes(t.Context(), repository, "text/plain", []byte("1"))
	require.NoError(t, err)
	layer.Annotations = map[string]string{ocispec.AnnotationTitle: "a"}
	manifest, err := oras.PackManifest(t.Context(), repository, oras.PackManifestVersion1_1, "application/vnd.test", oras.PackManifestOptions{Layers: []ocispec.Descriptor{layer}})
	require.NoError(t, err)
	return server.Host + "/acme/web@" + manifest.Digest.String()
}

func TestAnArtifactComesFromARealRegistryWithAndWithoutALogin(t *testing.T) {
	open := registrytest.Start(t, registrytest.Options{})
	folder, _, err := fetch(t, source.New(""), release.Source{OCI: pushed(t, open)})
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(folder, "a"))

	closed := registrytest.Start(t, registrytest.Options{Username: user, Password: secret})
	s := release.Source{OCI: pushed(t, closed)}
	in := release.SourcePlace{OCI: closed.Host + "/acme", Username: user, Password: provide(t, secret)}
	_, _, err = fetchFrom(t, source.New(""), s, in)
	require.NoError(t, err)

	in.Password = provide(t, "another")
	_, _, err = fetchFrom(t, source.New(""), s, in)
	require.ErrorIs(t, err, source.ErrUnfit)
	require.ErrorContains(t, err, "401 Unauthorized; check username and password of the place oci "+closed.Host+"/acme in organization.sources")
	assert.NotContains(t, err.Error(), "another")
	_, _, err = fetch(t, source.New(""), s)
	require.ErrorIs(t, err, source.ErrUnfit)
	require.ErrorContains(t, err, "401 Unauthorized; it asks who we are: set username and password of the place oci "+closed.Host)
}

func TestARegistryThatSendsOnDoesNotSpreadThePassword(t *testing.T) {
	shelf := newShelf()
	layer := shelf.add("text/plain", []byte("1"), "a")
	pinned := shelf.artifact(t, ocispec.MediaTypeImageManifest, layer)
	elsewhere := &door{Handler: shelf}
	other := httptest.NewServer(elsewhere)
	defer other.Close()
	at := serve(t, &door{wanted: basic(user, secret), Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if strings.Contains(q.URL.Path, "/blobs/") {
			http.Redirect(w, q, other.URL+q.URL.Path, http.StatusTemporaryRedirect)
			return
		}
		shelf.ServeHTTP(w, q)
	})})
	in := release.SourcePlace{OCI: strings.TrimSuffix(at, "/web@"), Username: user, Password: provide(t, secret)}
	_, _, err := fetchFrom(t, source.New(""), release.Source{OCI: at + pinned}, in)
	require.NoError(t, err)
	assert.Equal(t, []string{""}, elsewhere.heard)
}

func TestAPasswordIsNotSentInTheClear(t *testing.T) {
	at := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="http://tokens.invalid/token",service="acme"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	in := release.SourcePlace{OCI: strings.TrimSuffix(at, "/web@"), Username: user, Password: provide(t, secret)}
	_, _, err := fetchFrom(t, source.New(""), release.Source{OCI: at + digest.FromString("x").String()}, in)
	require.ErrorIs(t, err, source.ErrUnfit)
	require.ErrorContains(t, err, "a password is not sent in the clear, as tokens.invalid asks for")
	hidden(t, err, in)
	in = release.SourcePlace{Git: "http://git.invalid", Username: user, Password: in.Password}
	_, err = source.New("").Newest(t.Context(), "http://git.invalid/web", "main", in)
	require.ErrorIs(t, err, source.ErrUnfit)
	require.ErrorContains(t, err, "use https")
}
