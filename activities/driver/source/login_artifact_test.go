package source_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
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
	assert.Equal(t, []string{""}, elsewhere.told())
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
