package e2e_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/deploy/demo/repository"
	"slipway/release"
)

// fromGit has a definition take its component from a repository that is made for it.
func (s *site) fromGit(d release.Definition) (_ release.Definition, folder string) {
	s.t.Helper()
	folder = s.path("app.git")
	commit, err := repository.Make(s.ctx(), folder, s.path("source"))
	require.NoError(s.t, err)
	d.Components = []release.Component{{Name: "app", Source: release.Source{Git: folder, Commit: commit}}}
	return d, folder
}

func TestAReleaseALongTimeLaterNeedsNothingFromOutside(t *testing.T) {
	s := plainSite(t)
	s.config.Organization.Sources = []release.SourcePlace{{Git: s.folder}}
	s.work()
	d, folder := s.fromGit(s.standard("1.0"))
	first := s.ended(s.start(d))
	require.Equal(t, release.Completed, first.Outcome, first.Reason)
	fetched := first.Builds[0].Sources[0]
	require.False(t, fetched.Kept)
	require.NotEmpty(t, fetched.Master)

	require.NoError(t, os.RemoveAll(folder))
	d.Version = "1.1"
	later := s.ended(s.start(d))
	require.Equal(t, release.Completed, later.Outcome, later.Reason)
	kept := later.Builds[0].Sources[0]
	require.True(t, kept.Kept)
	require.Equal(t, fetched.Master, kept.Master)
	require.Equal(t, fetched.Sum, kept.Sum)
	s.serves("production", "1.1")
}

func TestARebuildFromElsewhereThanTheOrganizationAllowsFailsAndSaysFromWhere(t *testing.T) {
	s := plainSite(t)
	s.config.Organization.Sources = []release.SourcePlace{{Git: s.folder}}
	s.work()
	d, folder := s.fromGit(s.standard("1.0"))
	d.Test.Suites[0].Run = "exit 1"
	id := s.start(d)
	s.awaits(id, release.WaitRebuild)
	elsewhere := filepath.Join(t.TempDir(), "app.git")
	require.NoError(t, os.Rename(folder, elsewhere))
	source := d.Components[0].Source
	source.Git = elsewhere
	_, err := s.starter.Rebuild(s.ctx(), id, release.Rebuild{
		Sender: release.Sender{By: "marc"}, Reason: "moved", Components: map[string]release.Source{"app": source},
	})
	require.NoError(t, err)
	r := s.until(id, "the failure of the rebuild", func(r release.Record) bool {
		n := len(r.Builds)
		return n > 1 && len(r.Awaiting) > 0 && r.Builds[n-1].Failure != "" && len(r.Builds[n-1].Sources) == 0
	})
	require.Contains(t, r.Awaiting[0].Needs, "component app")
	require.Contains(t, r.Awaiting[0].Needs, s.folder, "the places that would work are named")
	_, err = s.starter.Withdraw(s.ctx(), id, release.Withdraw{Sender: release.Sender{By: "rita"}, Reason: "not needed any more"})
	require.NoError(t, err)
	require.Equal(t, release.Withdrawn, s.ended(id).Outcome)
}
