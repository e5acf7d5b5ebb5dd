package activities

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"slipway/activities/driver/shell"
	"slipway/release"
)

// workspace makes a fresh folder for one attempt, and gives what removes it again.
// The folder is locked until then, or until the worker dies.
func (a *Activities) workspace(purpose string) (folder string, remove func(), err error) {
	if err := os.MkdirAll(a.Workspace, 0o755); err != nil {
		return "", nil, fmt.Errorf("workspace: %w", err)
	}
	folder, err = os.MkdirTemp(a.Workspace, purpose+"-")
	if err != nil {
		return "", nil, fmt.Errorf("workspace: %w", err)
	}
	held, err := lockFolder(folder)
	if err != nil {
		removeAll(folder)
		return "", nil, fmt.Errorf("workspace: %w", err)
	}
	return folder, func() { removeAll(folder); _ = held.Close() }, nil
}

// mayWrite tells why no workspace can be made, without making one.
func (a *Activities) mayWrite() error {
	err := os.MkdirAll(a.Workspace, 0o755)
	if err == nil {
		if err = unix.Access(a.Workspace, unix.W_OK|unix.X_OK); err != nil {
			err = fmt.Errorf("%s: %w", a.Workspace, err)
		}
	}
	if err != nil {
		return fmt.Errorf("workspace: %w", err)
	}
	return nil
}

// lockFolder locks a folder until the file that it gives is closed; it does not wait.
func lockFolder(folder string) (*os.File, error) {
	held, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(held.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = held.Close()
		return nil, fmt.Errorf("%s is locked: %w", folder, err)
	}
	return held, nil
}

// unsettled is how old a folder of the workspace is that must have been locked.
const unsettled = time.Minute

// SweepWorkspace removes the folders that workers left which were killed. Those that
// a worker holds, in whatever process, stay, and so do those that are still new.
func SweepWorkspace(workspace string) {
	folders, _ := filepath.Glob(filepath.Join(workspace, "*-[0-9]*"))
	for _, folder := range folders {
		info, err := os.Stat(folder)
		if err != nil || !info.IsDir() || time.Since(info.ModTime()) < unsettled {
			continue
		}
		if held, err := lockFolder(folder); err == nil {
			removeAll(folder)
			_ = held.Close()
		}
	}
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

// run runs a script, keeps its whole output in a file of the workspace, and stores
// that in the DML, if there is any. It gives also the file, for who wants to read results
// from it; there is none when nothing was printed.
func (a *Activities) run(ctx context.Context, c shell.Command, folder, logName string, progress func(line string)) (release.Execution, string, error) {
	done, path, err := a.execute(ctx, c, folder, progress)
	if err != nil {
		return done, path, err
	}
	err = a.storeLog(ctx, &done, logName, path)
	return done, path, err
}

// execute runs a script, and keeps its whole output in a file of the workspace, if there
// is any.
func (a *Activities) execute(ctx context.Context, c shell.Command, folder string, progress func(line string)) (release.Execution, string, error) {
	log := &printed{folder: folder}
	done, err := shell.Run(ctx, c, log, progress)
	if closed := log.close(); err == nil {
		err = closed
	}
	return done, log.path(), err
}

// storeLog stores the output of a script in the DML, if there is any.
func (a *Activities) storeLog(ctx context.Context, done *release.Execution, name, path string) error {
	if path == "" {
		return nil
	}
	log, err := a.Library.StoreLog(ctx, name, path)
	done.Log = log
	return err
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
