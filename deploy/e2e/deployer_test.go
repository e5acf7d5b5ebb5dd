package e2e_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/dml"
	"slipway/activities/driver/target"
	"slipway/activities/driver/target/local"
	"slipway/config"
	"slipway/deploy/deployer/server"
	"slipway/release"
)

// behindADeployer gives all targets of the site to an outside deployer.
func behindADeployer(t *testing.T) *site {
	t.Helper()
	s := plainSite(t)
	s.config.Deployers = []config.Deployer{s.deployer()}
	s.work()
	return s
}

// deployer starts an outside deployer for all targets of the site, and gives what a
// worker has to know to talk to it.
func (s *site) deployer() config.Deployer {
	t := s.t
	t.Helper()
	library, err := dml.Open(s.config.DML)
	require.NoError(t, err)
	packages, err := target.NewCache(t.Context(), s.path("deployer"), library.Pull)
	require.NoError(t, err)
	acting, err := server.New(s.path("targets"), "t0ken", local.New(packages, s.path("deployer-state")))
	require.NoError(t, err)
	serving := httptest.NewServer(acting)
	t.Cleanup(func() {
		serving.Close()
		acting.Close()
		require.NoError(t, packages.Close())
	})
	for _, e := range s.config.Organization.Environments {
		for i := range e.Targets {
			e.Targets[i].Folder, e.Targets[i].Address = "", serving.URL
		}
	}
	return config.Deployer{Address: serving.URL, Token: "file:" + secret(t, "t0ken")}
}

func TestAnOutsideDeployerCarriesAReleaseOutAndTakesItBack(t *testing.T) {
	s := behindADeployer(t)
	first := s.standard("1.0")
	first.Verification.Hold = release.Duration(time.Second)
	r := s.ended(s.start(first))
	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	s.serves("production", "1.0")

	second := s.standard("2.0")
	second.Verification.Within = release.Duration(time.Second)
	second.Verification.Probes = append(second.Verification.Probes, release.Probe{
		Name: "never in production", Kind: release.ProbeExec, Run: `case "$ENVIRONMENT/$VERSION" in *production/2.0) echo "not today"; exit 1;; esac`,
	})
	r = s.ended(s.start(second))
	require.Equal(t, release.BackedOut, r.Outcome, r.Reason)
	require.Contains(t, r.Reason, "probe never in production (exec): exit status 1: not today")
	s.serves("production", "1.0")
}

// secret gives a file with a secret.
func secret(t *testing.T, value string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(file, []byte(value), 0o600))
	return file
}
