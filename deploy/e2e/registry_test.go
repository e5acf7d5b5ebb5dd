package e2e_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"slipway/activities/driver/dml/registrytest"
	"slipway/config"
	"slipway/release"
	"slipway/worker"
)

func TestAReleaseGoesItsWayWithARegistryAsMediaLibrary(t *testing.T) {
	s := plainSite(t)
	server := registrytest.Start(t, registrytest.Options{Username: "slipway", Password: "s3cr3t-of-the-test"})
	password := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(password, []byte("s3cr3t-of-the-test\n"), 0o600))
	s.config.DML = server.Host + "/" + s.name
	s.config.Registry = config.Registry{Username: "slipway", Password: "file:" + password}
	s.work()
	r := s.ended(s.start(s.standard("1.0")))
	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	s.serves("staging", "1.0")
}

func TestAWorkerEndsWhenItsMediaLibraryDoesNotLetItIn(t *testing.T) {
	s := plainSite(t)
	server := registrytest.Start(t, registrytest.Options{Username: "slipway", Password: "s3cr3t-of-the-test"})
	s.config.DML = server.Host + "/" + s.name
	err := worker.Run(s.ctx(), s.config, zap.NewNop())
	require.ErrorContains(t, err, "set registry.username and registry.password")
}
