package config_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/config"
)

func TestARegistryIsNoPathAndItsCredentialsAreReferences(t *testing.T) {
	const library = "dml: registry.example.com:5000/team/slipway\n"
	c, file, err := load(t, library+"registry: {username: robot, password: 'file:secret', ca: ca.pem}\n")
	require.NoError(t, err)
	require.Equal(t, "registry.example.com:5000/team/slipway", c.DML)
	folder := filepath.Dir(file)
	require.Equal(t, config.Registry{
		Username: "robot", Password: "file:" + filepath.Join(folder, "secret"), CA: filepath.Join(folder, "ca.pem"),
	}, c.Registry)

	t.Setenv("SLIPWAY_DML", "http://registry:5000/slipway")
	t.Setenv("SLIPWAY_REGISTRY_PASSWORD", "env:REGISTRY_PASSWORD")
	c, _, err = load(t, library+"registry: {username: robot, password: 'file:secret'}\n")
	require.NoError(t, err)
	require.Equal(t, "http://registry:5000/slipway", c.DML)
	require.Equal(t, "env:REGISTRY_PASSWORD", c.Registry.Password)
}

func TestAPasswordInTheConfigurationIsRefused(t *testing.T) {
	for registry, says := range map[string]string{
		"{username: robot, password: hunter2}": "slipway.yaml:1: registry.password: write a reference, env:NAME or file:PATH, never the password itself",
		"{username: robot}":                    "registry.password: it is missing beside username",
		"{password: 'env:X'}":                  "registry.username: it is missing beside password",
	} {
		_, _, err := load(t, "registry: "+registry+"\n")
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "hunter2")
	}
	t.Setenv("SLIPWAY_REGISTRY_USERNAME", "robot")
	_, _, err := load(t, sample)
	require.ErrorContains(t, err, "registry.password: it is missing beside username")
}
