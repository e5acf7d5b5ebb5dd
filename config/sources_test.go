package config_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheLoginOfAPlaceOfSourcesIsAReferenceBesideTheFile(t *testing.T) {
	const place = "  sources:\n    - {git: 'https://git.acme', username: robot, password: "
	c, file, err := load(t, sample+place+"'file:token'}\n")
	require.NoError(t, err)
	require.Equal(t, "robot", c.Organization.Sources[0].Username)
	require.Equal(t, "file:"+filepath.Join(filepath.Dir(file), "token"), c.Organization.Sources[0].Password)
	c, _, err = load(t, sample+place+"'env:GIT_TOKEN'}\n")
	require.NoError(t, err)
	require.Equal(t, "env:GIT_TOKEN", c.Organization.Sources[0].Password)
}
