package activities

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"go.temporal.io/sdk/activity"
	"golang.org/x/crypto/ssh"

	"slipway/activities/driver/archive"
	"slipway/activities/driver/dml"
	"slipway/activities/driver/source"
	"slipway/release"
)

// sourceAttempts is how often a source, or the DML, that cannot be reached is tried,
// which takes some minutes, before a person is asked.
const sourceAttempts = 10

// fetch lays a component of a release to environments of these purposes out below a
// folder. When the fault is not one that goes away by waiting, or waiting was enough,
// it is given as a failure rather than an error.
func (a *Activities) fetch(ctx context.Context, c release.Component, purposes []string, folder string) (got release.Acquired, failure string, err error) {
	got, err = a.acquire(ctx, c, purposes, filepath.Join(folder, c.Name))
	switch {
	case err == nil:
		return got, "", nil
	case forGood(err, activity.GetInfo(ctx).Attempt):
		return release.Acquired{}, "component " + c.Name + ": " + err.Error(), nil
	}
	return release.Acquired{}, "", fmt.Errorf("component %s: %w", c.Name, err)
}

// forGood tells whether what a source or the DML said does not change by waiting: it
// may not be used, it is not there, it is not what it should be, or it could not be
// reached for so long.
func forGood(err error, attempt int32) bool {
	among := func(kinds ...error) bool {
		return slices.ContainsFunc(kinds, func(kind error) bool { return errors.Is(err, kind) })
	}
	var refusal release.Refusal
	return errors.As(err, &refusal) ||
		attempt >= sourceAttempts && among(source.ErrUnavailable, dml.ErrUnavailable) ||
		among(source.ErrSum, source.ErrMissing, source.ErrUnfit, archive.ErrUnsafe) ||
		among(dml.ErrNotFound, dml.ErrCorrupt, dml.ErrTagTaken, dml.ErrDenied, dml.ErrRefused)
}

// acquire lays a component out in a folder: from the DML when its master copy is
// there, and else from outside, of which a master copy is kept.
func (a *Activities) acquire(ctx context.Context, c release.Component, purposes []string, folder string) (release.Acquired, error) {
	got := release.Acquired{Component: c.Name, Source: c.Source.String()}
	place, err := a.Organization().Allows(c.Source, purposes)
	if err != nil {
		return got, err
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return got, fmt.Errorf("workspace: %w", err)
	}
	if digest, kept := c.Source.InLibrary(); kept {
		got.Master, got.Kept = digest, true
		if err := a.Library.PullArtifact(ctx, digest, folder); err != nil {
			return got, err
		}
		got.Sum, err = source.Verify(c.Source, folder)
		return got, err
	}
	if found, err := a.fromMaster(ctx, &got, c.Source, place, folder); found || err != nil {
		return got, err
	}
	fetched, err := a.Sources.Fetch(ctx, c.Source, place, folder)
	if err != nil {
		return got, err
	}
	got.Sum, got.SignedBy = fetched.Sum, fetched.SignedBy
	got.Master, err = a.Library.KeepSource(ctx, dml.SourceCopy{
		Component: c.Name, Source: c.Source, Sum: got.Sum, SignedBy: got.SignedBy, Folder: folder,
	})
	return got, err
}

// fromMaster lays a component out from its master copy, when there is one that
// somebody signed whom the place asks for.
func (a *Activities) fromMaster(ctx context.Context, got *release.Acquired, s release.Source, place release.SourcePlace, folder string) (found bool, err error) {
	kept, err := a.Library.Source(ctx, s, folder)
	switch {
	case errors.Is(err, dml.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	case !signedFor(kept.SignedBy, place):
		return false, os.RemoveAll(folder)
	}
	sum, err := source.Verify(s, folder)
	if err == nil && sum != kept.Sum {
		err = fmt.Errorf("%s: its master copy %s has %s, but was kept as %s: %w", s, kept.Digest.Short(), sum, kept.Sum, source.ErrSum)
	}
	got.Sum, got.SignedBy, got.Master, got.Kept = sum, kept.SignedBy, kept.Digest, true
	return true, err
}

// signedFor tells whether a key, by its fingerprint, is one that may sign for a place;
// where none is asked for, none is needed.
func signedFor(fingerprint string, place release.SourcePlace) bool {
	return len(place.Signers) == 0 || slices.ContainsFunc(place.Signers, func(line string) bool {
		public, err := release.Key{Line: line}.Public()
		return err == nil && ssh.FingerprintSHA256(public) == fingerprint
	})
}
