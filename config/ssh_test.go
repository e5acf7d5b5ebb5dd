package config_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/config"
)

func TestTheIdentityForSSHIsTheAgentUnlessAFileIsNamed(t *testing.T) {
	c, _, err := load(t, sample)
	require.NoError(t, err)
	require.Equal(t, config.SSH{Identity: "agent"}, c.SSH)

	c, file, err := load(t, sample+"ssh: {identity: 'file:keys/id', passphrase: 'env:PASSPHRASE', knownHosts: hosts}\n")
	require.NoError(t, err)
	folder := filepath.Dir(file)
	require.Equal(t, config.SSH{
		Identity: "file:" + filepath.Join(folder, "keys/id"), Passphrase: "env:PASSPHRASE", KnownHosts: filepath.Join(folder, "hosts"),
	}, c.SSH)

	t.Setenv("SLIPWAY_SSH_KNOWN_HOSTS", "/etc/hosts-of-ours")
	c, _, err = load(t, sample)
	require.NoError(t, err)
	require.Equal(t, "/etc/hosts-of-ours", c.SSH.KnownHosts)

	_, _, err = load(t, sample+"ssh: {identity: hunter2}\n")
	require.ErrorContains(t, err, "use file:PATH of a private key, or agent")
}
