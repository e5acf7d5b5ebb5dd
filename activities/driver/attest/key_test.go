package attest_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"slipway/activities/driver/attest"
)

// write puts a private key into a file, locked when there is a passphrase.
func write(t *testing.T, private any, passphrase string) string {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(private, "")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte(passphrase))
	}
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(block), 0o600))
	return path
}

func TestAKeyIsMadeOnceForItsOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slipway.key")
	made, err := attest.LoadOrCreate(path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	public, err := os.ReadFile(path + ".pub")
	require.NoError(t, err)
	assert.Equal(t, made.PublicKey()+"\n", string(public))
	_, _, _, _, err = ssh.ParseAuthorizedKey(public)
	require.NoError(t, err)

	require.NoError(t, os.Remove(path+".pub"))
	again, err := attest.LoadOrCreate(path)
	require.NoError(t, err)
	assert.Equal(t, made.PublicKey(), again.PublicKey())
	require.FileExists(t, path+".pub", "it is made good")
	loaded, err := attest.Load(path)
	require.NoError(t, err)
	assert.Equal(t, made.PublicKey(), loaded.PublicKey())
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, entries, 2, "and nothing beside them")
}

func TestWorkersThatStartAtOnceHaveOneKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slipway.key")
	keys := make([]string, 8)
	var group sync.WaitGroup
	for i := range keys {
		group.Go(func() {
			s, err := attest.LoadOrCreate(path)
			if assert.NoError(t, err) {
				keys[i] = s.PublicKey()
			}
		})
	}
	group.Wait()
	for _, key := range keys {
		assert.Equal(t, keys[0], key)
	}
}

func TestAKeyThatCannotSignIsRefusedWithWhatWould(t *testing.T) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	notes := filepath.Join(t.TempDir(), "notes.txt")
	require.NoError(t, os.WriteFile(notes, []byte("buy milk"), 0o600))
	locked := write(t, private, "secret")
	for says, path := range map[string]string{
		"has a passphrase, which nobody is there to give: take it off with ssh-keygen -p -f " + locked: locked,
		"is not an ed25519 key: make one with ssh-keygen -t ed25519":                                   write(t, long, ""),
		"cannot be read": notes,
	} {
		_, err := attest.LoadOrCreate(path)
		require.ErrorContains(t, err, says)
	}
	_, err = attest.Load(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = attest.LoadOrCreate(filepath.Join(t.TempDir(), "no", "folder", "slipway.key"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = attest.Load(write(t, private, ""))
	require.NoError(t, err, "a key that ssh-keygen made will do")
}
