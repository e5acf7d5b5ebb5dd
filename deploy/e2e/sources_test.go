package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/source/sourcetest"
	"slipway/release"
)

// repository makes one on a site, with a commit and a tag that a key signed, and gives
// it as a source, with the public half of the key.
func (s *site) repository() (release.Source, string) {
	s.t.Helper()
	key := s.path("tagger")
	out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "eva", "-f", key).CombinedOutput()
	require.NoError(s.t, err, string(out))
	r := sourcetest.NewRepository(s.t, s.path("repository"))
	commit := r.Commit(map[string]string{"README": "a component\n"})
	r.Git("-c", "gpg.format=ssh", "-c", "user.signingkey="+key, "tag", "--sign", "--message=v1", "v1")
	public, err := os.ReadFile(key + ".pub")
	require.NoError(s.t, err)
	return release.Source{Git: r.Folder, Commit: commit, Tag: "v1"}, strings.TrimSpace(string(public))
}

func TestAReleaseFromASignedTagIsBuiltAgainWithoutItsRepository(t *testing.T) {
	s := plainSite(t)
	tagged, signer := s.repository()
	s.config.Organization.Sources = []release.SourcePlace{{Git: s.folder, Signers: []string{signer}}}
	s.work()
	released := func(version string) release.Acquired {
		d := s.standard(version)
		d.Components[0].Source = tagged
		record := s.ended(s.start(d))
		require.Equal(t, release.Completed, record.Outcome, record.Reason)
		return record.Builds[0].Sources[0]
	}
	first := released("1.0.0")
	require.NotEmpty(t, first.Master)
	require.NotEmpty(t, first.SignedBy)
	require.NoError(t, os.RemoveAll(tagged.Git))
	again := first
	again.Kept = true
	require.Equal(t, again, released("1.1.0"))
}

func TestAComponentFromElsewhereIsRefusedBeforeAnythingBegins(t *testing.T) {
	s := plainSite(t)
	s.work()
	d := s.standard("1.0.0")
	d.Components[0].Source, _ = s.repository()
	_, err := s.starter.Plan(s.ctx(), d)
	require.ErrorContains(t, err, "components[0].source: git "+d.Components[0].Source.Git)
	require.ErrorContains(t, err, "it takes none of the kind git, but from dir "+s.folder)
}

func TestARebuildFromElsewhereThanTheOrganizationAllowsFailsAndSaysFromWhere(t *testing.T) {
	s := plainSite(t)
	source, _ := s.repository()
	s.config.Organization.Sources = []release.SourcePlace{{Git: s.folder}}
	s.work()
	d := s.standard("1.0")
	d.Components[0].Source = source
	d.Test.Suites[0].Run = "exit 1"
	id := s.start(d)
	s.awaits(id, release.WaitRebuild)
	source.Git = filepath.Join(t.TempDir(), "app.git")
	require.NoError(t, os.Rename(d.Components[0].Source.Git, source.Git))
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
