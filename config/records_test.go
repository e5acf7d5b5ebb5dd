package config_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestADatabaseServerIsNoPathAndItsPasswordIsAReference(t *testing.T) {
	const server = "cms: postgres://slipway@db.example.com/slipway?sslmode=verify-full\n"
	c, file, err := load(t, server+"cmsPassword: file:secret\n")
	require.NoError(t, err)
	require.Equal(t, "postgres://slipway@db.example.com/slipway?sslmode=verify-full", c.CMS)
	require.Equal(t, "file:"+filepath.Join(filepath.Dir(file), "secret"), c.CMSPassword)

	t.Setenv("SLIPWAY_CMS", "postgresql:///slipway")
	t.Setenv("SLIPWAY_CMS_PASSWORD", "env:PGSECRET")
	c, _, err = load(t, server)
	require.NoError(t, err)
	require.Equal(t, "postgresql:///slipway", c.CMS)
	require.Equal(t, "env:PGSECRET", c.CMSPassword)
}

func TestThePasswordOfTheDatabaseIsRefusedInTheConfiguration(t *testing.T) {
	_, _, err := load(t, sample+"cmsPassword: hunter2\n")
	require.ErrorContains(t, err, "cmsPassword: write a reference, env:NAME or file:PATH, never the password itself")
	require.ErrorContains(t, err, "slipway.yaml:")
	require.NotContains(t, err.Error(), "hunter2")
	t.Setenv("SLIPWAY_CMS_PASSWORD", "hunter2")
	_, _, err = load(t, sample)
	require.ErrorContains(t, err, "cmsPassword: write a reference")
	require.NotContains(t, err.Error(), "hunter2")
}
