// Package durable holds the few moves that make a change on disk survive the
// death of a process or a machine: files that appear whole or not at all,
// folders flushed to the disk, and a lock that dies with its holder. It is shared
// by the drivers that keep state in folders.
package durable

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// TempPrefix begins the names of files that WriteFile has not finished. Where
// writers hold a lock, one that is found under the lock was left by a dead one.
const TempPrefix = ".write-"

// WriteFile puts data under path with mode 0644, in one move: after a crash at
// any moment the file is wholly the old one or wholly the new one.
func WriteFile(path string, data []byte) (err error) {
	folder := filepath.Dir(path)
	temp, err := os.CreateTemp(folder, TempPrefix+"*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = temp.Close()
			_ = os.Remove(temp.Name())
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	if _, err := temp.Write(data); err != nil {
		return err
	}
	if err := temp.Chmod(0o644); err != nil {
		return err
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return err
	}
	return Sync(folder)
}

// Sync flushes one file, or the names in one folder, to the disk.
func Sync(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	return errors.Join(file.Sync(), file.Close())
}

// SyncTree flushes a folder and everything below it to the disk. Links are part
// of the folder that they are in.
func SyncTree(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("sync: %w", err)
		}
		if !entry.IsDir() && !entry.Type().IsRegular() {
			return nil
		}
		return Sync(path)
	})
}

// Lock waits until this caller alone, among all goroutines and processes of the
// machine, holds the lock file at path, which it creates when it is missing. The
// lock ends with unlock or with the process. When ctx ends first, its error is
// returned and nothing is held.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	release := func() { _ = file.Close() }
	if unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
		return release, nil
	}
	locked := make(chan error)
	go func() {
		err := flock(file)
		select {
		case locked <- err:
		case <-ctx.Done():
			release() // Nobody waits any more; the call itself cannot be called off.
		}
	}()
	select {
	case err := <-locked:
		if err != nil {
			release()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		return release, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("lock %s: %w", path, ctx.Err())
	}
}

// TryLock takes the lock file at path, which it creates when it is missing, unless
// somebody holds it: then free is false.
func TryLock(path string) (unlock func(), free bool, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, false, fmt.Errorf("lock: %w", err)
	}
	switch err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
	case err == nil:
		return func() { _ = file.Close() }, true, nil
	case errors.Is(err, unix.EWOULDBLOCK):
		return nil, false, file.Close()
	default:
		_ = file.Close()
		return nil, false, fmt.Errorf("lock %s: %w", path, err)
	}
}

func flock(file *os.File) error {
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
