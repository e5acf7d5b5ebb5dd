package e2e_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
)

// workApart runs the site's worker as a process of its own, which can be killed.
func (s *site) workApart() *exec.Cmd {
	s.t.Helper()
	file := s.path("slipway.yaml")
	organization := s.config.Organization
	organization.Models = nil                 // the shipped ones
	data, err := json.Marshal(map[string]any{ // JSON is YAML
		"taskQueue": s.config.TaskQueue, "dml": s.config.DML, "cms": s.config.CMS, "workspace": s.config.Workspace, "signingKey": s.config.SigningKey,
		"organization": organization,
	})
	require.NoError(s.t, err)
	require.NoError(s.t, os.WriteFile(file, data, 0o600))
	return s.launch(s.program(), "--config", file)
}

// program builds the worker.
func (s *site) program() string {
	s.t.Helper()
	program := s.path("worker")
	out, err := exec.Command("go", "build", "-o", program, "../../cmd/worker").CombinedOutput()
	require.NoError(s.t, err, string(out))
	return program
}

// launch starts a worker as a process of its own, until the test ends.
func (s *site) launch(program string, args ...string) *exec.Cmd {
	s.t.Helper()
	worker := exec.Command(program, append(args, "--log-level", "error")...)
	worker.Stderr = os.Stderr
	require.NoError(s.t, worker.Start())
	s.t.Cleanup(func() {
		_ = worker.Process.Kill()
		_ = worker.Wait()
	})
	return worker
}

func TestAStepWhoseWorkerIsLostDoesNotRunAgainUntilAPersonSaysSo(t *testing.T) {
	for name, lose := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "stopped": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			s := plainSite(t)
			first := s.workApart()
			d := s.standard("1.0")
			d.Environments = d.Environments[:1]
			d.Steps = append(d.Steps, release.Step{
				Name: "migrate", Kind: release.ServiceDeployment, Per: release.PerTarget,
				// Hangs on its first run only.
				Run: `echo ran >>` + s.path("marks") + `; [ "$(wc -l <` + s.path("marks") + `)" -gt 1 ] || sleep 600`,
			})
			id := s.start(d)
			require.Eventually(t, func() bool {
				marks, err := os.ReadFile(s.path("marks"))
				return err == nil && string(marks) == "ran\n"
			}, patience, 10*time.Millisecond)
			require.NoError(t, first.Process.Signal(lose))
			s.workApart()
			r := s.awaits(id, release.WaitStep+":"+s.env("staging"))
			require.Contains(t, r.Awaiting[0].Needs, "step migrate on staging-1")
			require.Equal(t, []string{"ran"}, s.lines("marks"))
			_, err := s.starter.ResolveStep(s.ctx(), id, s.env("staging"), release.ResolveStep{
				Sender: release.Sender{By: "tess"}, Step: "migrate", Target: "staging-1", Action: release.ResolveRetry, Reason: "the database shows nothing of it",
			})
			require.NoError(t, err)
			require.Equal(t, release.Completed, s.ended(id).Outcome)
			require.Equal(t, []string{"ran", "ran"}, s.lines("marks"))
			s.keep(id, "worker-"+name)
		})
	}
}
