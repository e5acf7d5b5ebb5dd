package source_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/source"
	"slipway/release"
)

// tarGz packs files, by name.
func tarGz(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var data bytes.Buffer
	packed := gzip.NewWriter(&data)
	w := tar.NewWriter(packed)
	for name, text := range files {
		require.NoError(t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o755, Size: int64(len(text))}))
		_, err := io.WriteString(w, text)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, packed.Close())
	return data.Bytes()
}

func sha(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// offer serves over TLS, and gives a fetcher that trusts the server.
func offer(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *source.Fetcher) {
	t.Helper()
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	f := source.New("")
	f.Roots = x509.NewCertPool()
	f.Roots.AddCert(server.Certificate())
	return server, f
}

func TestAnArchiveIsTakenByTheDigestOfItsFile(t *testing.T) {
	data := tarGz(t, map[string]string{"web-1/a": "1", "web-1/b/run": "2"})
	server, f := offer(t, func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/moved.tgz":
			http.Redirect(w, q, "/web.tgz", http.StatusFound)
		default:
			// As servers do that take a tar.gz for a compressed answer.
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(data)
		}
	})
	for _, path := range []string{"/web.tgz", "/moved.tgz"} {
		folder, sum, err := fetch(t, f, release.Source{Archive: server.URL + path, Sum: sha(data)})
		require.NoError(t, err)
		assert.Equal(t, hash(t, folder), sum)
		assert.FileExists(t, filepath.Join(folder, "web-1/b/run"))
	}
	_, _, err := fetch(t, f, release.Source{Archive: server.URL + "/web.tgz", Sum: sha(nil)})
	var differs *source.SumError
	require.ErrorAs(t, err, &differs)
	assert.Equal(t, sha(data), differs.Got)
}

func TestWhatAServerOfArchivesGivesInsteadIsToldByItsKind(t *testing.T) {
	data := tarGz(t, map[string]string{"a": strings.Repeat("x", 100_000)})
	good := func(w http.ResponseWriter) { _, _ = w.Write(data) }
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { good(w) }))
	defer plain.Close()
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		kind    error
		said    string
	}{
		{"404", status(404), source.ErrMissing, "404 Not Found"},
		{"401", status(401), source.ErrUnfit, "401 Unauthorized; it asks who we are: set username and password of the place archive https://"},
		{"403", status(403), source.ErrUnfit, "403"},
		{"500", status(500), source.ErrUnavailable, "500 Internal Server Error"},
		{"429", status(429), source.ErrUnavailable, "429"},
		{"cut", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(len(data)))
			_, _ = w.Write(data[:100])
		}, source.ErrUnavailable, "broke off after 100 bytes"},
		{"to http", func(w http.ResponseWriter, q *http.Request) { http.Redirect(w, q, plain.URL, http.StatusFound) }, source.ErrUnfit, "not https"},
		{"in a circle", func(w http.ResponseWriter, q *http.Request) { http.Redirect(w, q, q.URL.Path, http.StatusFound) }, source.ErrUnfit, "redirected more than"},
		{"too big", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "5000000000") }, source.ErrUnfit, "at most"},
	} {
		server, f := offer(t, c.handler)
		_, _, err := fetch(t, f, release.Source{Archive: server.URL + "/web.tgz", Sum: sha(data)})
		require.ErrorIs(t, err, c.kind, c.name)
		require.ErrorContains(t, err, c.said, c.name)
		assert.ErrorContains(t, err, "archive "+server.URL+"/web.tgz", c.name)
	}
	server, _ := offer(t, func(w http.ResponseWriter, _ *http.Request) { good(w) })
	_, _, err := fetch(t, source.New(""), release.Source{Archive: server.URL + "/web.tgz", Sum: sha(data)})
	require.ErrorIs(t, err, source.ErrUnfit, "nobody vouches for the server")
	server.Close()
	_, _, err = fetch(t, source.New(""), release.Source{Archive: server.URL + "/web.tgz", Sum: sha(data)})
	require.ErrorIs(t, err, source.ErrUnavailable)
	assert.NotErrorIs(t, err, source.ErrMissing)
}

func TestAnArchiveThatLeadsOutOrIsABombIsRefusedByTheNameOfItsEntry(t *testing.T) {
	for name, data := range map[string][]byte{
		"../evil": tarGz(t, map[string]string{"../evil": "x"}),
		"zeros":   tarGz(t, map[string]string{"zeros": strings.Repeat("\x00", 4<<20)}),
		"not a":   []byte("<html>This is not the archive that you look for.</html>"),
	} {
		server, f := offer(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) })
		f.MaxBytes = 1 << 20
		_, _, err := fetch(t, f, release.Source{Archive: server.URL + "/web.tgz", Sum: sha(data)})
		require.ErrorIs(t, err, source.ErrUnfit)
		assert.ErrorContains(t, err, name)
	}
	server, f := offer(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 1 << 10 {
			if _, err := w.Write(make([]byte, 4<<10)); err != nil {
				return
			}
		}
	})
	f.MaxBytes = 1 << 20
	_, _, err := fetch(t, f, release.Source{Archive: server.URL + "/endless", Sum: sha(nil)})
	require.ErrorIs(t, err, source.ErrUnfit)
	require.ErrorContains(t, err, "more than 1048576 bytes")
}

func TestADownloadEndsWithItsContext(t *testing.T) {
	begun := make(chan struct{})
	server, f := offer(t, func(w http.ResponseWriter, q *http.Request) {
		_, _ = w.Write(make([]byte, 10))
		_ = http.NewResponseController(w).Flush()
		close(begun)
		<-q.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-begun; cancel() }()
	_, err := f.Fetch(ctx, release.Source{Archive: server.URL + "/x", Sum: sha(nil)}, release.SourcePlace{Archive: server.URL}, filepath.Join(t.TempDir(), "content"))
	require.ErrorIs(t, err, context.Canceled)
}

// writeZeros writes a file of so many zero bytes, in a tar.
func writeZeros(t *testing.T, out io.Writer, size int64) {
	t.Helper()
	w := tar.NewWriter(out)
	require.NoError(t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "zeros", Mode: 0o644, Size: size}))
	block := make([]byte, 1<<20)
	for left := size; left > 0; left -= int64(len(block)) {
		_, err := w.Write(block[:min(left, int64(len(block)))])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
}

func TestABigSourceIsNeverHeldInMemory(t *testing.T) {
	const size = 256 << 20
	file := filepath.Join(t.TempDir(), "big.tar")
	out, err := os.Create(file)
	require.NoError(t, err)
	sum := sha256.New()
	writeZeros(t, io.MultiWriter(out, sum), size)
	require.NoError(t, out.Close())
	server, f := offer(t, func(w http.ResponseWriter, q *http.Request) { http.ServeFile(w, q, file) })

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	folder, _, err := fetch(t, f, release.Source{Archive: server.URL + "/big.tar", Sum: "sha256:" + hex.EncodeToString(sum.Sum(nil))})
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	info, err := os.Stat(filepath.Join(folder, "zeros"))
	require.NoError(t, err)
	assert.EqualValues(t, size, info.Size())
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(size/2), "everything that was allocated on the way, of both sides")
}
