package dml_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/registry"

	"slipway/activities/driver/archive"
	"slipway/activities/driver/dml"
	"slipway/activities/driver/dml/registrytest"
	"slipway/release"
	"slipway/release/audit"
)

// pairs runs a rule for each pair of backends, from one to the other.
func pairs(t *testing.T, rule func(t *testing.T, from, to string)) {
	t.Helper()
	server := registrytest.Start(t, registrytest.Options{})
	for name, specs := range map[string][2]string{
		"layout to registry":   {"oci-layout:" + t.TempDir(), server.Host + "/one"},
		"registry to layout":   {server.Host + "/two", "oci-layout:" + t.TempDir()},
		"registry to registry": {server.Host + "/three", server.Host + "/four"},
		"layout to layout":     {"oci-layout:" + t.TempDir(), "oci-layout:" + t.TempDir()},
	} {
		t.Run(name, func(t *testing.T) { rule(t, specs[0], specs[1]) })
	}
}

// released checks a package in, with evidence.
func released(t *testing.T, l *dml.Library) release.Package {
	t.Helper()
	p := checkIn(t, l, parts(t))
	for _, name := range []string{"a.json", "b.json"} {
		_, err := l.Attach(context.Background(), p.Digest, "application/vnd.test", name, []byte(name), map[string]string{"name": name})
		require.NoError(t, err)
	}
	return p
}

func TestOtherToolsListPullAndCopyThePackageAsItIs(t *testing.T) {
	pairs(t, func(t *testing.T, from, to string) {
		ctx := context.Background()
		p := released(t, open(t, from))
		source, target := others(t, from, "packages"), others(t, to, "packages")
		tags, err := registry.Tags(ctx, source.(registry.TagLister))
		require.NoError(t, err)
		assert.Contains(t, tags, p.Tag)
		assert.Len(t, referrers(t, from, p), 2)

		copied, err := oras.ExtendedCopy(ctx, source, p.Tag, target, p.Tag, oras.DefaultExtendedCopyOptions)
		require.NoError(t, err)
		assert.Equal(t, string(p.Digest), copied.Digest.String())
		digests := func(spec string) (all []string) {
			for _, d := range referrers(t, spec, p) {
				all = append(all, d.Digest.String())
			}
			slices.Sort(all)
			return all
		}
		assert.Equal(t, digests(from), digests(to))

		folder := filepath.Join(t.TempDir(), "x")
		require.NoError(t, open(t, to).Pull(ctx, p.Digest, folder))
		content, err := archive.Digest(ctx, folder)
		require.NoError(t, err)
		assert.Equal(t, p.Content, content)
	})
}

func TestACopyIsTheSameAndSendsWhatIsMissing(t *testing.T) {
	pairs(t, func(t *testing.T, from, to string) {
		ctx := context.Background()
		source, target := open(t, from), open(t, to)
		p := released(t, source)
		artifacts, err := source.Artifacts(ctx)
		require.NoError(t, err)
		slices.SortStableFunc(artifacts, func(a, b audit.Artifact) int { return len(a.Subject) - len(b.Subject) }) // the package first
		copyAll := func() (sent int64) {
			for _, a := range artifacts {
				n, err := dml.Copy(ctx, &source.Reader, target, "packages", a.Digest, a.Tag)
				require.NoError(t, err)
				sent += n
			}
			return sent
		}
		assert.Greater(t, copyAll(), p.Size)
		assert.Zero(t, copyAll(), "it is all there")

		copied, err := target.Artifacts(ctx)
		require.NoError(t, err)
		assert.ElementsMatch(t, artifacts, copied)
		assert.Len(t, referrers(t, to, p), 2)
		require.NoError(t, target.Pull(ctx, p.Digest, filepath.Join(t.TempDir(), "x")))
	})
}

func TestACopyOfWhatIsDamagedIsNotMade(t *testing.T) {
	folder := t.TempDir()
	source := open(t, "oci-layout:"+folder)
	p := checkIn(t, source, build(t))
	damage(t, blobPath(folder, "packages", p.Content))
	onEach(t, func(t *testing.T, target *dml.Library) {
		_, err := dml.Copy(context.Background(), &source.Reader, target, "packages", p.Digest, p.Tag)
		require.ErrorIs(t, err, dml.ErrCorrupt)
		all, err := target.Artifacts(context.Background())
		require.NoError(t, err)
		assert.Empty(t, all)
	})
}

func TestACopyMovesNoTag(t *testing.T) {
	source, _ := library(t)
	p := checkIn(t, source, build(t))
	onEach(t, func(t *testing.T, target *dml.Library) {
		other := build(t)
		other.Files["release-notes.md"] = []byte("# Other")
		there := checkIn(t, target, other)
		_, err := dml.Copy(context.Background(), &source.Reader, target, "packages", p.Digest, p.Tag)
		require.ErrorIs(t, err, dml.ErrTagTaken)
		require.NoError(t, target.Pull(context.Background(), there.Digest, filepath.Join(t.TempDir(), "x")))
	})
}

func TestWhatOtherToolsPutThereIsPulledByItsDigest(t *testing.T) {
	at(t, func(t *testing.T, spec string) {
		ctx, l := context.Background(), open(t, spec)
		target := others(t, spec, "sources")
		named, err := oras.PushBytes(ctx, target, "text/plain", []byte("named"))
		require.NoError(t, err)
		named.Annotations = map[string]string{"org.opencontainers.image.title": "docs/name.txt"}
		unnamed, err := oras.PushBytes(ctx, target, "text/plain", []byte("unnamed"))
		require.NoError(t, err)
		manifest, err := oras.PackManifest(ctx, target, oras.PackManifestVersion1_1, "application/vnd.test", oras.PackManifestOptions{
			Layers: []ocispec.Descriptor{named, unnamed},
		})
		require.NoError(t, err)
		require.NoError(t, target.Tag(ctx, manifest, "v1"))

		folder := filepath.Join(t.TempDir(), "x")
		require.NoError(t, l.PullArtifact(ctx, release.Digest(manifest.Digest), folder))
		assert.FileExists(t, filepath.Join(folder, "docs", "name.txt"))
		assert.FileExists(t, filepath.Join(folder, unnamed.Digest.Encoded()))

		named.Annotations = map[string]string{"org.opencontainers.image.title": "../name.txt"}
		manifest, err = oras.PackManifest(ctx, target, oras.PackManifestVersion1_1, "application/vnd.test", oras.PackManifestOptions{
			Layers: []ocispec.Descriptor{named},
		})
		require.NoError(t, err)
		require.NoError(t, target.Tag(ctx, manifest, "v2"))
		folder = filepath.Join(t.TempDir(), "x")
		require.ErrorIs(t, l.PullArtifact(ctx, release.Digest(manifest.Digest), folder), archive.ErrUnsafe)
		assert.Empty(t, names(t, filepath.Dir(folder)))
	})
}
