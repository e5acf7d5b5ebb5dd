// Package source brings the content of components from their controlled sources:
// modules of the Go module proxy, git repositories, archives, artifacts of OCI
// registries, and folders. What comes is checked against what pins it in the
// definition. Whether a source may be used is decided before, by the organization's
// list of places.
package source

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/module"

	"slipway/activities/driver/archive"
	"slipway/release"
)

// The kinds of error, for errors.Is. Trying again may help only with
// ErrUnavailable that is not ErrMissing.
var (
	// ErrUnavailable: the source could not be read (proxy or network down, an answer
	// that broke off, a server in trouble).
	ErrUnavailable = errors.New("source is not available")
	// ErrMissing: there is no such module, version, repository, commit, tag, file,
	// artifact or folder.
	ErrMissing = fmt.Errorf("%w: it does not exist", ErrUnavailable)
	// ErrSum: the content is not what the definition says; a *SumError.
	ErrSum = errors.New("content is not what the definition says")
	// ErrUnfit: the definition or the content is of a kind that is never taken, or the
	// server wants to know who asks.
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
	return fmt.Sprintf("%s: the definition says %s, but the content has %s", e.Source, e.Want, e.Got)
}

// Is makes the error an ErrSum.
func (e *SumError) Is(target error) bool { return target == ErrSum }

// Fetcher takes components from their sources.
type Fetcher struct {
	// Go and Git are the commands of these names.
	Go, Git string
	// MaxFiles and MaxBytes bound the content of one source, and MaxBytes what is
	// downloaded of it as well.
	MaxFiles int
	MaxBytes int64
	// Roots are whom servers are trusted by; nil stands for those of the machine.
	Roots *x509.CertPool
}

// New gives a Fetcher that uses the go command ("go" when empty) and accepts
// sources of at most 200,000 files and 4 GiB.
func New(goBinary string) *Fetcher {
	if goBinary == "" {
		goBinary = "go"
	}
	return &Fetcher{Go: goBinary, Git: "git", MaxFiles: 200_000, MaxBytes: 4 << 30}
}

// Fetched is what is known of content that was fetched.
type Fetched struct {
	// Sum is the "h1:" sum of what now lies there, as Verify gives it.
	Sum string
	// SignedBy is the fingerprint of the key that signed the tag, where a signature was
	// asked for.
	SignedBy string
}

// visit is a Fetcher at a place that lets it in.
type visit struct {
	*Fetcher
	login
}

// Fetch lays the source's content out in folder, writable, and says what it is. The
// place is that in which Organization.Allows finds the source: where it has signers, the
// source has to be a repository with a tag that one of them signed. The place's password
// is looked up each time, goes to the server of the source alone, and is in no error.
//
// The folder must not exist, or be empty; it is removed when Fetch fails. Artifacts
// of the DML itself are not fetched here. Errors are ErrSum, ErrUnavailable,
// ErrMissing, ErrUnfit, ctx.Err(), or trouble with the worker's own disk.
func (f *Fetcher) Fetch(ctx context.Context, s release.Source, place release.SourcePlace, folder string) (found Fetched, err error) {
	if err := check(s, folder); err != nil {
		return found, err
	}
	if err := claim(folder); err != nil {
		return found, err
	}
	defer func() {
		if err != nil {
			found, err = Fetched{}, errors.Join(err, os.RemoveAll(folder))
		}
	}()
	as, err := newLogin(place)
	if err != nil {
		return found, fmt.Errorf("%s: %w", s, err)
	}
	if err := (visit{f, as}).take(ctx, s, &found, folder); err != nil {
		return found, as.hide(err)
	}
	found.Sum, err = Verify(s, folder)
	return found, err
}

// take brings the content from where it is, and checks what can be checked only there.
func (v visit) take(ctx context.Context, s release.Source, found *Fetched, folder string) (err error) {
	switch s.Kind() {
	case release.SourceModule:
		err = v.takeModule(ctx, s, folder)
	case release.SourceGit:
		found.SignedBy, err = v.takeCommit(ctx, s, folder)
	case release.SourceArchive:
		err = v.takeArchive(ctx, s, folder)
	case release.SourceOCI:
		err = v.takeArtifact(ctx, s, folder)
	default:
		err = v.copyTree(ctx, s.Dir, folder)
	}
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case errors.Is(err, archive.ErrUnsafe), errors.Is(err, archive.ErrFormat):
		return fmt.Errorf("%s: %w: %w", s, ErrUnfit, err)
	case errors.Is(err, ErrSum):
		return err // it names the source
	}
	return fmt.Errorf("%s: %w", s, err)
}

// check says what is wrong with the source before anything is touched.
func check(s release.Source, folder string) error {
	if problems := s.Check(); len(problems) > 0 {
		return fmt.Errorf("%w: %w", ErrUnfit, problems)
	}
	switch s.Kind() {
	case release.SourceModule:
		if err := module.Check(s.Module, s.Version); err != nil {
			return fmt.Errorf("%w: %w", ErrUnfit, err)
		}
	case release.SourceDir:
		if !filepath.IsAbs(s.Dir) {
			return fmt.Errorf("%w: dir %q is not an absolute path", ErrUnfit, s.Dir)
		}
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

// beside makes a folder for what is only needed until the content is laid out, on the
// same disk, and gives what removes it.
func beside(folder string) (string, func(), error) {
	temporary, err := os.MkdirTemp(filepath.Dir(folder), ".source-")
	if err != nil {
		return "", nil, fmt.Errorf("folder for a source: %w", err)
	}
	return temporary, func() { _ = os.RemoveAll(temporary) }, nil
}

// unpack has content laid out in the folder, within the limits.
func (f *Fetcher) unpack(ctx context.Context, folder string, lay func(*archive.Unpacker) error) error {
	unpacker, err := archive.NewUnpacker(ctx, folder, archive.Limits{Files: f.MaxFiles, Bytes: f.MaxBytes})
	if err != nil {
		return err
	}
	return errors.Join(lay(unpacker), unpacker.Close())
}
