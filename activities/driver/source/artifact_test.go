package source_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/source"
	"slipway/release"
)

// shelf is what a registry has, by digest, and says about the types of manifests.
type shelf struct {
	content map[string][]byte
	types   map[string]string
}

func newShelf() *shelf { return &shelf{map[string][]byte{}, map[string]string{}} }

func (s *shelf) add(mediaType string, data []byte, title string) ocispec.Descriptor {
	d := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(data), Size: int64(len(data))}
	if title != "" {
		d.Annotations = map[string]string{ocispec.AnnotationTitle: title}
	}
	s.content[d.Digest.String()] = data
	return d
}

// artifact adds a manifest, and gives its digest.
func (s *shelf) artifact(t *testing.T, mediaType string, layers ...ocispec.Descriptor) string {
	t.Helper()
	data, err := json.Marshal(ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: mediaType, Config: ocispec.DescriptorEmptyJSON, Layers: layers,
	})
	require.NoError(t, err)
	found := s.add(mediaType, data, "").Digest.String()
	s.types[found] = mediaType
	return found
}

// ServeHTTP answers as a registry does that is only read.
func (s *shelf) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	name := q.URL.Path[strings.LastIndex(q.URL.Path, "/")+1:]
	data, found := s.content[name]
	if !found {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if kind, manifest := s.types[name]; manifest {
		w.Header().Set("Content-Type", kind)
	}
	w.Header().Set("Docker-Content-Digest", name)
	_, _ = w.Write(data)
}

func serve(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://") + "/acme/web@"
}

func TestAnArtifactIsLaidOutAsFilesAndWhatIsInItsTars(t *testing.T) {
	s := newShelf()
	packed := tarGz(t, map[string]string{"lib/a": "1"})
	folder := s.add("application/octet-stream", tarGz(t, map[string]string{"docs/b": "2"}), "docs")
	folder.Annotations["io.deis.oras.content.unpack"] = "true"
	pinned := s.artifact(t, ocispec.MediaTypeImageManifest,
		s.add(ocispec.MediaTypeImageLayerGzip, packed, ""), s.add("text/plain", []byte("read me"), "README"),
		s.add(ocispec.MediaTypeImageLayerGzip, tarGz(t, map[string]string{"x": "y"}), "bin/kept.tar.gz"), folder)
	at := serve(t, s) + pinned

	content, sum, err := fetch(t, source.New(""), release.Source{OCI: at})
	require.NoError(t, err)
	assert.Equal(t, hash(t, content), sum)
	for path, want := range map[string]string{"lib/a": "1", "README": "read me", "docs/b": "2"} {
		text, err := os.ReadFile(filepath.Join(content, path))
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
	}
	assert.FileExists(t, filepath.Join(content, "bin/kept.tar.gz"))
	_, _, err = fetch(t, source.New(""), release.Source{OCI: at, Sum: otherSum})
	require.ErrorIs(t, err, source.ErrSum)
}

func TestWhatARegistryGivesInsteadIsToldByItsKind(t *testing.T) {
	s := newShelf()
	layer := s.add(ocispec.MediaTypeImageLayerGzip, tarGz(t, map[string]string{"a": strings.Repeat("x", 1000)}), "")
	good := s.artifact(t, ocispec.MediaTypeImageManifest, layer)
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	blob := func(answer http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, q *http.Request) {
			if strings.Contains(q.URL.Path, "/blobs/") {
				answer(w, q)
				return
			}
			s.ServeHTTP(w, q)
		}
	}
	manifest := func(data string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", ocispec.MediaTypeImageManifest)
			w.Header().Set("Docker-Content-Digest", good)
			_, _ = w.Write([]byte(data))
		}
	}
	for _, c := range []struct {
		name    string
		handler http.Handler
		pinned  string
		kind    error
		said    string
	}{
		{"another digest", s, sha([]byte("nothing")), source.ErrMissing, "no such artifact"},
		{"401", status(401), good, source.ErrUnfit, "401"},
		{"403", blob(status(403)), good, source.ErrUnfit, "403"},
		{"500", status(500), good, source.ErrUnavailable, "500"},
		{"500 for a layer", blob(status(500)), good, source.ErrUnavailable, "500"},
		{"no layer", blob(status(404)), good, source.ErrMissing, "not all of it"},
		{"half a layer", blob(func(w http.ResponseWriter, _ *http.Request) {
			data := s.content[layer.Digest.String()]
			w.Header().Set("Content-Length", "1000000000")
			_, _ = w.Write(data[:len(data)/2])
		}), good, source.ErrUnavailable, ""},
		{"half a layer, and quiet about it", blob(func(w http.ResponseWriter, _ *http.Request) {
			data := s.content[layer.Digest.String()]
			_ = http.NewResponseController(w).Flush()
			_, _ = w.Write(data[:len(data)/2])
		}), good, source.ErrSum, "for its layer"},
		{"another layer", blob(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(strings.Repeat("x", int(layer.Size))))
		}), good, source.ErrSum, "for its layer"},
		{"another manifest", manifest("{}"), good, source.ErrSum, ""},
		{"no layers", s, s.artifact(t, ocispec.MediaTypeImageManifest), source.ErrUnfit, "nothing in it"},
		{"an index", s, s.artifact(t, ocispec.MediaTypeImageIndex), source.ErrUnfit, "not one artifact"},
		{"an unknown layer", s, s.artifact(t, ocispec.MediaTypeImageManifest, s.add("application/x-odd", []byte("odd"), "")), source.ErrUnfit, "neither a tar nor a file"},
		{"a title that leads out", s, s.artifact(t, ocispec.MediaTypeImageManifest, s.add("text/plain", []byte("odd"), "../evil")), source.ErrUnfit, `"../evil"`},
		{"the same file twice", s, s.artifact(t, ocispec.MediaTypeImageManifest, layer, s.add("text/plain", []byte("b"), "a")), source.ErrUnfit, `"a"`},
	} {
		name := serve(t, c.handler)
		at := name + c.pinned
		_, _, err := fetch(t, source.New(""), release.Source{OCI: at})
		require.ErrorIs(t, err, c.kind, c.name)
		assert.ErrorContains(t, err, c.said, c.name)
		assert.ErrorContains(t, err, "oci "+name, c.name)
		if c.kind == source.ErrUnavailable { //nolint:errorlint // the kind itself
			assert.NotErrorIs(t, err, source.ErrMissing, c.name)
		}
	}
}

func TestARegistryElsewhereIsSpokenToByTLSOnly(t *testing.T) {
	_, _, err := fetch(t, source.New(""), release.Source{OCI: "registry.invalid:1/x@" + sha(nil)})
	require.ErrorIs(t, err, source.ErrUnavailable)
	require.ErrorContains(t, err, "https://registry.invalid:1")
}
