package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/release"
)

// repository makes one on a site, with a commit and a tag that a key signed, and gives
// it as a source, with the public half of the key.
func (s *site) repository() (release.Source, string) {
	s.t.Helper()
	folder, key := s.path("repository"), s.path("tagger")
	run := func(name string, args ...string) string {
		cmd := exec.Command(name, args...)
		cmd.Dir = s.folder
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null")
		out, err := cmd.CombinedOutput()
		require.NoError(s.t, err, string(out))
		return strings.TrimSpace(string(out))
	}
	git := func(args ...string) string {
		return run("git", append([]string{
			"-C", folder, "-c", "user.name=eva", "-c", "user.email=eva@acme",
			"-c", "gpg.format=ssh", "-c", "user.signingkey=" + key,
		}, args...)...)
	}
	run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "eva", "-f", key)
	run("git", "init", "--quiet", folder)
	require.NoError(s.t, os.WriteFile(filepath.Join(folder, "README"), []byte("a component\n"), 0o644))
	git("add", ".")
	git("commit", "--quiet", "--message=one")
	git("tag", "--sign", "--message=v1", "v1")
	public, err := os.ReadFile(key + ".pub")
	require.NoError(s.t, err)
	return release.Source{Git: folder, Commit: git("rev-parse", "HEAD"), Tag: "v1"}, strings.TrimSpace(string(public))
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
