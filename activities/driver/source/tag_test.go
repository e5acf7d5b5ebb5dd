package source_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"slipway/activities/driver/source"
	"slipway/activities/driver/source/sourcetest"
	"slipway/release"
)

func TestATagHasToLeadToTheCommit(t *testing.T) {
	r := sourcetest.NewRepository(t, t.TempDir())
	first := r.Commit(map[string]string{"a": "1"})
	r.Git("tag", "light")
	r.Git("tag", "--annotate", "--message=v1", "v1")
	second := r.Commit(map[string]string{"a": "2"})
	s := r.At(first)
	for _, tag := range []string{"light", "v1"} {
		s.Tag = tag
		_, _, err := fetch(t, source.New(""), s)
		require.NoError(t, err)
	}
	s.Commit = second
	_, _, err := fetch(t, source.New(""), s)
	require.ErrorIs(t, err, source.ErrSum)
	require.ErrorContains(t, err, "tag v1 leads to commit "+first+", not to "+second)
	s.Tag = "v9"
	_, _, err = fetch(t, source.New(""), s)
	require.ErrorIs(t, err, source.ErrMissing)
	require.ErrorContains(t, err, "no tag v9")
}

// signer makes a key, has the repository sign with it, and gives its public line.
func signer(t *testing.T, r sourcetest.Repository) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key")
	out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "eva", "-f", file).CombinedOutput()
	require.NoError(t, err, string(out))
	r.Git("config", "gpg.format", "ssh")
	r.Git("config", "user.signingkey", file)
	line, err := os.ReadFile(file + ".pub")
	require.NoError(t, err)
	return strings.TrimSpace(string(line))
}

func fingerprint(t *testing.T, line string) string {
	t.Helper()
	public, err := release.Key{Line: line}.Public()
	require.NoError(t, err)
	return ssh.FingerprintSHA256(public)
}

func TestASignedTagTellsWhoSignedIt(t *testing.T) {
	r := sourcetest.NewRepository(t, t.TempDir())
	commit := r.Commit(map[string]string{"a": "1"})
	stranger := signer(t, r)
	r.Git("tag", "--sign", "--message=by a stranger", "v0")
	eva := signer(t, r)
	r.Git("tag", "--sign", "--message=-----BEGIN nothing\n\nmore", "v1")
	r.Git("tag", "light")
	r.Git("tag", "--annotate", "--message=unsigned", "v2")
	// What eva signed, under another name, and for another commit.
	r.Git("update-ref", "refs/tags/v3", r.Git("rev-parse", "refs/tags/v1"))
	altered := strings.Replace(r.Git("cat-file", "tag", "v1"), "more", "less", 1) + "\n"
	file := filepath.Join(r.Folder, "altered")
	require.NoError(t, os.WriteFile(file, []byte(altered), 0o600))
	r.Git("update-ref", "refs/tags/v4", r.Git("hash-object", "-t", "tag", "-w", file))

	of := func(tag string, signers ...string) (source.Fetched, error) {
		s := r.At(commit)
		s.Tag = tag
		return source.New("").Fetch(t.Context(), s, release.SourcePlace{Git: s.Git, Signers: signers}, filepath.Join(t.TempDir(), "content"))
	}
	found, err := of("v1", stranger, eva)
	require.NoError(t, err)
	assert.Equal(t, fingerprint(t, eva), found.SignedBy)
	found, err = of("v2")
	require.NoError(t, err)
	assert.Empty(t, found.SignedBy)
	for tag, said := range map[string]string{
		"":      "has no tag",
		"light": "tag light is not signed",
		"v0":    "signed with key " + fingerprint(t, stranger) + ", which is none of the signers",
		"v2":    "tag v2 is not signed",
		"v3":    "not for tag v3",
		"v4":    "not for tag v4",
	} {
		_, err := of(tag, eva)
		require.ErrorIs(t, err, source.ErrUnfit, tag)
		assert.ErrorContains(t, err, said, tag)
	}
	// The content of the tag itself was changed, and its name was not.
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(altered, "tag v1", "tag v4", 1)), 0o600))
	r.Git("update-ref", "refs/tags/v4", r.Git("hash-object", "-t", "tag", "-w", file))
	_, err = of("v4", eva)
	require.ErrorContains(t, err, "that is not for this content")
}

func TestATagThatPGPSignedIsToldSo(t *testing.T) {
	r := sourcetest.NewRepository(t, t.TempDir())
	commit := r.Commit(map[string]string{"a": "1"})
	eva := signer(t, r)
	file := filepath.Join(r.Folder, "tag")
	text := "object " + commit + "\ntype commit\ntag v1\ntagger eva <eva@acme> 1700000000 +0000\n\nx\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n"
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	r.Git("update-ref", "refs/tags/v1", r.Git("hash-object", "-t", "tag", "-w", file))
	s := r.At(commit)
	s.Tag = "v1"
	_, err := source.New("").Fetch(t.Context(), s, release.SourcePlace{Git: s.Git, Signers: []string{eva}}, filepath.Join(t.TempDir(), "content"))
	require.ErrorIs(t, err, source.ErrUnfit)
	require.ErrorContains(t, err, "in another way than by an SSH key")
}
