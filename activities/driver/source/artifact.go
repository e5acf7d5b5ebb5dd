package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/errcode"

	"slipway/activities/driver/archive"
	"slipway/release"
)

const (
	// mostManifest bounds the manifest of an artifact, in bytes.
	mostManifest = 4 << 20
	// dockerManifest is what an OCI image manifest was before it was called so.
	dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	// unpackAnnotation is how oras marks a folder that it packed.
	unpackAnnotation = "io.deis.oras.content.unpack"
)

// takeArtifact lays out an artifact of a registry: a layer with a title as a file of
// that name, and one that is a tar as what is in it.
func (v visit) takeArtifact(ctx context.Context, s release.Source, folder string) error {
	repository, err := v.repository(s.OCI)
	if err != nil {
		return err
	}
	manifest, err := v.readManifest(ctx, repository, s)
	if err != nil {
		return err
	}
	if len(manifest.Layers) == 0 {
		return fmt.Errorf("%w: there is nothing in it", ErrUnfit)
	}
	temporary, remove, err := beside(folder)
	if err != nil {
		return err
	}
	defer remove()
	return v.unpack(ctx, folder, func(u *archive.Unpacker) error {
		for i, layer := range manifest.Layers {
			file := filepath.Join(temporary, fmt.Sprint("layer-", i))
			if err := v.takeLayer(ctx, repository, s, layer, file); err != nil {
				return err
			}
			if err := lay(u, layer, file); err != nil {
				return err
			}
			if err := os.Remove(file); err != nil {
				return err
			}
		}
		return nil
	})
}

// repository opens the repository of an artifact. A registry on this machine is
// spoken to without TLS.
func (v visit) repository(name string) (*remote.Repository, error) {
	name, _, _ = strings.Cut(name, "@")
	repository, err := remote.NewRepository(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnfit, err)
	}
	host := repository.Reference.Registry
	if only, _, err := net.SplitHostPort(host); err == nil {
		host = only
	}
	repository.PlainHTTP = thisMachine(host)
	client := &auth.Client{Client: v.client(), Cache: auth.NewCache()}
	if v.password != "" {
		client.Credential = auth.StaticCredential(repository.Reference.Host(), auth.Credential{Username: v.user(), Password: v.password})
	}
	repository.Client = client
	return repository, nil
}

func (v visit) readManifest(ctx context.Context, repository *remote.Repository, s release.Source) (ocispec.Manifest, error) {
	var manifest ocispec.Manifest
	_, digest := s.Pin()
	at, err := repository.Resolve(ctx, digest)
	if err != nil {
		return manifest, v.refused(ctx, s, err)
	}
	switch {
	case at.MediaType != ocispec.MediaTypeImageManifest && at.MediaType != dockerManifest:
		return manifest, fmt.Errorf("%w: it is a %s, not one artifact; use the digest of one that it lists", ErrUnfit, at.MediaType)
	case at.Size > mostManifest:
		return manifest, fmt.Errorf("%w: its manifest has %d bytes; at most %d are taken", ErrUnfit, at.Size, mostManifest)
	}
	data, err := content.FetchAll(ctx, repository, at)
	if err != nil {
		return manifest, v.refused(ctx, s, err)
	}
	if err := json.Unmarshal(data, &manifest); err != nil {
		return manifest, fmt.Errorf("%w: its manifest: %w", ErrUnfit, err)
	}
	return manifest, nil
}

// takeLayer downloads a layer to a file and checks its digest.
func (v visit) takeLayer(ctx context.Context, repository *remote.Repository, s release.Source, layer ocispec.Descriptor, file string) error {
	ctx, listener := listen(ctx)
	defer listener.stop()
	body, err := repository.Blobs().Fetch(ctx, layer)
	if err != nil {
		return v.refused(ctx, s, err)
	}
	defer func() { _ = body.Close() }()
	digest, err := v.keep(ctx, listener.to(body), layer.Size, file)
	switch {
	case err != nil:
		return fmt.Errorf("layer %s: %w", release.Digest(layer.Digest).Short(), err)
	case digest != string(layer.Digest):
		return fmt.Errorf("%s: %w: the registry gives %s for its layer %s", s, ErrSum, digest, layer.Digest)
	}
	return nil
}

// lay lays a layer out.
func lay(u *archive.Unpacker, layer ocispec.Descriptor, file string) error {
	title := layer.Annotations[ocispec.AnnotationTitle]
	switch {
	case layer.Annotations[unpackAnnotation] == "true", title == "" && isTar(layer.MediaType):
		return u.Archive(file)
	case title == "":
		return fmt.Errorf("%w: its layer %s (%s) is neither a tar nor a file with a title", ErrUnfit, layer.Digest, layer.MediaType)
	}
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	return u.File(title, 0o644, in)
}

// isTar tells whether a media type is that of a tar, gzipped or not.
func isTar(mediaType string) bool {
	for _, end := range []string{".tar", "+tar", ".tar+gzip", ".tar.gzip"} {
		if strings.HasSuffix(mediaType, end) {
			return true
		}
	}
	return false
}

// refused gives the error of a registry.
func (v visit) refused(ctx context.Context, s release.Source, err error) error {
	var answer *errcode.ErrorResponse
	switch {
	case ctx.Err() == nil && errors.As(err, &answer):
		return v.answered(answer.StatusCode)
	case errors.Is(err, auth.ErrBasicCredentialNotFound):
		return v.answered(http.StatusUnauthorized)
	case errors.Is(err, errdef.ErrNotFound):
		return fmt.Errorf("%w: the registry has no such artifact, or not all of it: %w", ErrMissing, err)
	case errors.Is(err, content.ErrMismatchedDigest), errors.Is(err, content.ErrTrailingData):
		return fmt.Errorf("%s: %w: %w", s, ErrSum, err)
	}
	return unreachable(ctx, err)
}
