package dml_test

import (
	"bytes"
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"oras.land/oras-go/v2/registry"

	"slipway/activities/driver/dml"
	"slipway/activities/driver/dml/registrytest"
	"slipway/release"
)

// front stands before a real registry and lets a test answer some requests itself.
type front struct {
	spec string
	// answer tells whether it has dealt with a request; nil lets all through.
	answer atomic.Pointer[func(http.ResponseWriter, *http.Request) bool]
	// uploads counts the blobs that were sent.
	uploads atomic.Int32
}

func newFront(t *testing.T, s *registrytest.Server) *front {
	t.Helper()
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: s.Host})
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	f := &front{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer := f.answer.Load(); answer != nil && (*answer)(w, r) {
			return
		}
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/blobs/uploads/") {
			f.uploads.Add(1)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	f.spec = strings.TrimPrefix(server.URL, "http://") + "/slipway"
	return f
}

func (f *front) answers(answer func(http.ResponseWriter, *http.Request) bool) {
	f.answer.Store(&answer)
}

// status answers everything with a status.
func status(code int) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(code)
		return true
	}
}

// ofBlob lets another answer the requests for one blob.
func ofBlob(d release.Digest, answer http.HandlerFunc) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, string(d)) {
			return false
		}
		answer(w, r)
		return true
	}
}

// text answers with a text of a length that need not be its own.
func text(text string, length int64) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
		w.Header().Set("Content-Length", strconv.FormatInt(length, 10))
		_, _ = w.Write([]byte(text))
	}
}

func TestARegistryThatAnswersBadlyIsNamedWithWhatToDo(t *testing.T) {
	f := newFront(t, registrytest.Start(t, registrytest.Options{}))
	l := open(t, f.spec)
	p := checkIn(t, l, build(t))
	size := layers(t, l, p)[0].Size
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request) bool
		kind   error
		says   string
	}{
		"500": {status(500), dml.ErrUnavailable, "500"},
		"401": {status(401), dml.ErrDenied, "check registry.username and registry.password"},
		"403": {status(403), dml.ErrDenied, "give the user of registry.username the right"},
		"asks who we are": {func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			return status(401)(w, nil)
		}, dml.ErrDenied, "set registry.username and registry.password"},
		"half a blob":      {ofBlob(p.Content, text("half", size)), dml.ErrUnavailable, "broke off"},
		"a shorter blob":   {ofBlob(p.Content, text("short", 5)), dml.ErrCorrupt, "gives 5 bytes as " + string(p.Content)},
		"another blob":     {ofBlob(p.Content, text(strings.Repeat("x", int(size)), size)), dml.ErrCorrupt, string(p.Content)},
		"no blob":          {ofBlob(p.Content, http.NotFound), dml.ErrCorrupt, string(p.Content)},
		"another manifest": {ofBlob(p.Digest, text("{}", 2)), dml.ErrCorrupt, string(p.Digest)},
	} {
		t.Run(name, func(t *testing.T) {
			f.answers(c.answer)
			defer f.answer.Store(nil)
			folder := filepath.Join(t.TempDir(), "x")
			err := l.Pull(context.Background(), p.Digest, folder)
			require.ErrorIs(t, err, c.kind)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, f.spec+"/packages", "names the repository")
			assert.Empty(t, names(t, filepath.Dir(folder)))
		})
	}
}

func TestARegistryThatIsGoneMayComeBack(t *testing.T) {
	server := registrytest.Start(t, registrytest.Options{})
	l := open(t, server.Host+"/slipway")
	require.NoError(t, l.Reach(context.Background()))
	server.Stop()
	require.ErrorIs(t, l.Reach(context.Background()), dml.ErrUnavailable)
	_, err := l.CheckIn(context.Background(), build(t))
	require.ErrorIs(t, err, dml.ErrUnavailable)
	require.ErrorContains(t, err, server.Host+"/slipway/packages")
}

func TestARegistryLetsInWhoHasThePassword(t *testing.T) {
	server := registrytest.Start(t, registrytest.Options{Username: "robot", Password: "s3cr3t-of-the-test", TLS: true})
	spec := server.Host + "/slipway"
	t.Setenv("DML_TEST_PASSWORD", "s3cr3t-of-the-test")
	t.Setenv("DML_TEST_WRONG", "another")
	good := dml.Access{Username: "robot", Password: "env:DML_TEST_PASSWORD", CA: server.CA}
	l := open(t, "https://"+spec, good)
	p := checkIn(t, l, build(t))
	require.NoError(t, l.Pull(context.Background(), p.Digest, filepath.Join(t.TempDir(), "x")))

	for name, c := range map[string]struct {
		change func(*dml.Access)
		kind   error
		says   string
	}{
		"nobody":         {func(a *dml.Access) { *a = dml.Access{CA: a.CA} }, dml.ErrDenied, "set registry.username"},
		"wrong password": {func(a *dml.Access) { a.Password = "env:DML_TEST_WRONG" }, dml.ErrDenied, "check registry.username and registry.password"},
		"no password":    {func(a *dml.Access) { a.Password = "env:DML_TEST_NONE" }, dml.ErrDenied, "env:DML_TEST_NONE"},
		"nobody vouches": {func(a *dml.Access) { a.CA = "" }, dml.ErrUnavailable, "certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			access := good
			c.change(&access)
			_, err := open(t, "https://"+spec, access).Document(context.Background(), p.Digest, "sbom.cdx.json")
			require.ErrorIs(t, err, c.kind)
			require.ErrorContains(t, err, c.says)
			require.NotContains(t, err.Error(), "s3cr3t")
		})
	}
}

func TestAPasswordIsNotSentInTheClear(t *testing.T) {
	_, err := dml.Open("http://registry.example.com/slipway", dml.Access{Username: "robot", Password: "env:X"})
	require.ErrorIs(t, err, dml.ErrSpec)
	require.ErrorContains(t, err, "use https://registry.example.com/slipway")
	_, err = dml.Open("registry.example.com/slipway", dml.Access{CA: filepath.Join(t.TempDir(), "none.pem")})
	require.ErrorContains(t, err, "registry.ca")
}

// bigger gives a check-in with a file that does not fit into memory, as it were.
func bigger(t *testing.T) (dml.CheckIn, string) {
	t.Helper()
	in := build(t)
	file := filepath.Join(in.Outputs[0].Folder, "big")
	require.NoError(t, os.WriteFile(file, bytes.Repeat([]byte("big "), 4<<20), 0o644))
	return in, file
}

func TestAPushThatIsCutLeavesNothingVisibleAndTheNextSucceeds(t *testing.T) {
	f := newFront(t, registrytest.Start(t, registrytest.Options{}))
	l := open(t, f.spec)
	in, _ := bigger(t)
	ctx := context.Background()
	for _, part := range []string{"/blobs/uploads/", "/manifests/"} {
		f.answers(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPut || !strings.Contains(r.URL.Path, part) || r.ContentLength < 1000 {
				return false
			}
			_, _ = r.Body.Read(make([]byte, 64<<10))
			connection, _, err := w.(http.Hijacker).Hijack()
			return assert.NoError(t, err) && assert.NoError(t, connection.Close())
		})
		_, err := l.CheckIn(ctx, in)
		require.ErrorIs(t, err, dml.ErrUnavailable, part)
		f.answer.Store(nil)
		all, err := l.Artifacts(ctx)
		require.NoError(t, err)
		require.Empty(t, all)
	}
	p := checkIn(t, l, in)
	require.NoError(t, l.Pull(ctx, p.Digest, filepath.Join(t.TempDir(), "x")))
}

func TestWhatARegistryHasIsNotSentAgain(t *testing.T) {
	f := newFront(t, registrytest.Start(t, registrytest.Options{}))
	l := open(t, f.spec)
	in, _ := bigger(t)
	checkIn(t, l, in)
	before := f.uploads.Load()
	require.Positive(t, before)
	in.Build = 2
	checkIn(t, l, in)
	assert.Equal(t, before, f.uploads.Load())
}

func TestFilesThatChangeWhileTheyAreCheckedInAreNoticed(t *testing.T) {
	for name, change := range map[string]func(file string) error{
		"other": func(file string) error { return os.WriteFile(file, bytes.Repeat([]byte("bad "), 4<<20), 0o644) },
		"more":  func(file string) error { return os.WriteFile(file, bytes.Repeat([]byte("big "), 5<<20), 0o644) },
		"less":  func(file string) error { return os.WriteFile(file, []byte("big"), 0o644) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFront(t, registrytest.Start(t, registrytest.Options{}))
			l := open(t, f.spec)
			in, file := bigger(t)
			f.answers(func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodPost { // the upload begins: everything was read once
					assert.NoError(t, change(file))
				}
				return false
			})
			_, err := l.CheckIn(context.Background(), in)
			require.ErrorContains(t, err, "changed while it was read")
			all, err := l.Artifacts(context.Background())
			require.NoError(t, err)
			require.Empty(t, all)
		})
	}
}

func TestWhereTheRegistryListsReferrersItselfNoListIsWritten(t *testing.T) {
	f := newFront(t, registrytest.Start(t, registrytest.Options{}))
	f.answers(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/") {
			w.Header().Set("OCI-Subject", "sha256:of-the-package") // as a registry does that looks at it
		}
		return false
	})
	l := open(t, f.spec)
	p := released(t, l)
	assert.Len(t, attached(t, l, p.Digest), 2)
	tags, err := registry.Tags(context.Background(), others(t, f.spec, "packages").(registry.TagLister))
	require.NoError(t, err)
	assert.Len(t, tags, 3)
	for _, tag := range tags {
		assert.NotRegexp(t, "^sha256-", tag)
	}
}
