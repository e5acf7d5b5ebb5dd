package main

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"

	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/file"
	"oras.land/oras-go/v2/content/oci"
	"oras.land/oras-go/v2/registry/remote"

	"slipway/activities/driver/dml"
)

// layoutPrefix begins the names of media libraries in folders; others are repositories.
const layoutPrefix = "oci-layout:"

// checkIn packages a folder and checks it in to a media library.
func checkIn(ctx context.Context, from, to string) error {
	library, err := dml.Open(to)
	if err != nil {
		return err
	}
	_, err = library.CheckIn(ctx, packageOf(from, "1.0.0"))
	return err
}

func packageOf(folder, version string) dml.CheckIn {
	return dml.CheckIn{
		Release: "bench@" + version, Service: "bench", Version: version, Build: 1,
		Outputs: []dml.Output{{Component: "app", Folder: folder}},
		Files:   map[string][]byte{"release-notes.md": []byte("# bench\n")},
	}
}

// orasCopy copies each file of a folder as a layer of one artifact into an OCI image
// layout or a registry, with what the oras library brings.
func orasCopy(ctx context.Context, from, to string) error {
	store, err := file.New(from)
	if err != nil {
		return err
	}
	defer store.Close()
	var options oras.PackManifestOptions
	err = filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		layer, err := store.Add(ctx, name, "application/octet-stream", path)
		options.Layers = append(options.Layers, layer)
		return err
	})
	if err != nil {
		return err
	}
	manifest, err := oras.PackManifest(ctx, store, oras.PackManifestVersion1_1, "application/vnd.bench", options)
	if err != nil {
		return err
	}
	const tag = "bench"
	if err := store.Tag(ctx, manifest, tag); err != nil {
		return err
	}
	library, err := orasTarget(to)
	if err != nil {
		return err
	}
	_, err = oras.Copy(ctx, store, tag, library, tag, oras.DefaultCopyOptions)
	return err
}

func orasTarget(to string) (oras.Target, error) {
	if folder, found := strings.CutPrefix(to, layoutPrefix); found {
		return oci.New(folder)
	}
	repository, err := remote.NewRepository(to)
	if err == nil {
		repository.PlainHTTP = true
	}
	return repository, err
}
