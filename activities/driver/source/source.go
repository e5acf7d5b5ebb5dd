// Package source brings the content of components from their controlled sources:
// modules of the Go module proxy, and folders. What comes is checked against the
// sum that the definition gives.
package source

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"

	"slipway/release"
)

// The kinds of error, for errors.Is. Trying again may help only with
// ErrUnavailable that is not ErrMissing.
var (
	// ErrUnavailable: the source could not be read (proxy or network down, no
	// permission).
	ErrUnavailable = errors.New("source is not available")
	// ErrMissing: there is no such module, version or folder.
	ErrMissing = fmt.Errorf("%w: it does not exist", ErrUnavailable)
	// ErrSum: the content is not what the definition says; a *SumError.
	ErrSum = errors.New("content is not what the definition says")
	// ErrUnfit: the definition or the content is of a kind that is never taken.
	ErrUnfit = errors.New("source cannot be taken")
)

// SumError is content with another sum than the definition's.
type SumError struct {
	Source release.Source
	// Want is the definition's sum, Got that of the content.
	Want, Got string
}

// Error names the source and both sums.
func (e *SumError) Error() string {
	want := e.Want
	if want == "" {
		want = "no sum"
	}
	return fmt.Sprintf("%s: the definition says %s, but the content has %s", e.Source, want, e.Got)
}

// Is makes the error an ErrSum.
func (e *SumError) Is(target error) bool { return target == ErrSum }

// Fetcher takes components from their sources.
type Fetcher struct {
	// Go is the go command.
	Go string
	// Git is the git command.
	Git string
	// MaxFiles and MaxBytes bound the content of one source.
	MaxFiles int
	MaxBytes int64
}

// New gives a Fetcher that uses the go command ("go" when empty) and accepts
// sources of at most 100,000 files and 2 GB.
func New(goBinary string) *Fetcher {
	if goBinary == "" {
		goBinary = "go"
	}
	return &Fetcher{Go: goBinary, Git: "git", MaxFiles: 100_000, MaxBytes: 2 << 30}
}

// Fetch lays the source's content out in folder, writable, and gives its "h1:"
// sum, computed from what now lies there: that of go.sum for a module, that of
// dirhash.HashDir with an empty prefix for a folder (".git" left out).
//
// The folder must not exist, or be empty; it is removed when Fetch fails. The
// sum covers the names and bytes of files, not their permissions nor empty
// folders. Errors are ErrSum, ErrUnavailable, ErrMissing, ErrUnfit, ctx.Err(),
// or trouble with the worker's own disk.
func (f *Fetcher) Fetch(ctx context.Context, s release.Source, folder string) (sum string, err error) {
	if err := check(s, folder); err != nil {
		return "", err
	}
	if err := claim(folder); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(folder))
		}
	}()
	if s.Module != "" {
		return f.fetchModule(ctx, s, folder)
	}
	return f.take(ctx, s, s.Dir, folder, "")
}

// check says what is wrong with the source before anything is touched.
func check(s release.Source, folder string) error {
	switch {
	case s.Module != "" && s.Dir != "":
		return fmt.Errorf("%w: it names both a module and a folder", ErrUnfit)
	case s.Module != "":
		if err := module.Check(s.Module, s.Version); err != nil {
			return fmt.Errorf("%w: %w", ErrUnfit, err)
		}
	case !filepath.IsAbs(s.Dir):
		return fmt.Errorf("%w: dir %q is not an absolute path", ErrUnfit, s.Dir)
	default:
		if inside, err := filepath.Rel(s.Dir, folder); err == nil && filepath.IsLocal(inside) {
			return fmt.Errorf("%w: %s would be copied into itself (%s)", ErrUnfit, s, folder)
		}
	}
	return nil
}

// claim makes the folder, which has to be new or empty.
func claim(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("folder for a source: %w", err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("folder for a source: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("folder for a source: %s is not empty", folder)
	}
	return nil
}

func (f *Fetcher) fetchModule(ctx context.Context, s release.Source, folder string) (string, error) {
	found, err := f.download(ctx, s)
	if err != nil {
		return "", err
	}
	if found.Sum != s.Sum {
		return "", &SumError{Source: s, Want: s.Sum, Got: found.Sum}
	}
	// The module cache may have been changed since the go command filled it.
	return f.take(ctx, s, found.Dir, folder, s.Module+"@"+s.Version)
}

// take copies dir to folder and checks the copy, since dir may change meanwhile.
func (f *Fetcher) take(ctx context.Context, s release.Source, dir, folder, prefix string) (string, error) {
	if err := f.copyTree(ctx, dir, folder); err != nil {
		return "", fmt.Errorf("%s: %w", s, err)
	}
	sum, err := dirhash.HashDir(folder, prefix, dirhash.Hash1)
	if err != nil {
		return "", fmt.Errorf("%s: sum: %w", s, err)
	}
	if sum != s.Sum {
		return "", &SumError{Source: s, Want: s.Sum, Got: sum}
	}
	return sum, nil
}
