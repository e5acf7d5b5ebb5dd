package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"slipway/activities/driver/shell"
	"slipway/activities/driver/source"
	"slipway/release"
)

// workspace makes a fresh folder for one attempt, and gives what removes it again.
func (a *Activities) workspace(purpose string) (folder string, remove func(), err error) {
	if err := os.MkdirAll(a.Workspace, 0o755); err != nil {
		return "", nil, fmt.Errorf("workspace: %w", err)
	}
	folder, err = os.MkdirTemp(a.Workspace, purpose+"-")
	if err != nil {
		return "", nil, fmt.Errorf("workspace: %w", err)
	}
	return folder, func() { removeAll(folder) }, nil
}

// removeAll removes also what a script made read-only, as the Go module cache is.
func removeAll(folder string) {
	if os.RemoveAll(folder) == nil {
		return
	}
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			_ = os.Chmod(path, 0o755)
		}
		return nil
	})
	_ = os.RemoveAll(folder)
}

// fetch lays a component out below a folder. When the fault is not one that goes
// away by waiting, it is given as a failure rather than an error.
func (a *Activities) fetch(ctx context.Context, c release.Component, folder string) (got release.Acquired, failure string, err error) {
	sum, err := a.Sources.Fetch(ctx, c.Source, filepath.Join(folder, c.Name))
	switch {
	case err == nil:
		return release.Acquired{Component: c.Name, Source: c.Source.String(), Sum: sum}, "", nil
	case errors.Is(err, source.ErrSum), errors.Is(err, source.ErrMissing), errors.Is(err, source.ErrUnfit):
		return got, "component " + c.Name + ": " + err.Error(), nil
	}
	return got, "", fmt.Errorf("component %s: %w", c.Name, err)
}

// run runs a script, keeps its whole output in a file of the workspace, and stores
// that in the DML, if there is any. It gives also the file, for who wants to read results from it.
func (a *Activities) run(ctx context.Context, c shell.Command, folder, logName string, progress func(line string)) (release.Execution, string, error) {
	path := filepath.Join(folder, strings.ReplaceAll(c.Name, "/", "_")+".log")
	log, err := os.Create(path)
	if err != nil {
		return release.Execution{}, "", fmt.Errorf("log of %s: %w", c.Name, err)
	}
	done, err := shell.Run(ctx, c, log, progress)
	if closed := log.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return done, path, err
	}
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return done, path, err
	}
	done.Log, err = a.Library.StoreLog(ctx, logName, path)
	return done, path, err
}

// variables gives the environment of a script, from several: later ones win.
func variables(sources ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, source := range sources {
		maps.Copy(all, source)
	}
	return all
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
