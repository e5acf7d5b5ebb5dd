package e2e_test

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	sdkworker "go.temporal.io/sdk/worker"

	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
	"slipway/worker/library"
	"slipway/workflows"
)

// exported puts an exported history of a closed release into a file.
func (s *site) exported(h release.ExportedHistory) string {
	s.t.Helper()
	lib, err := dml.OpenReadOnly(s.config.DML)
	require.NoError(s.t, err)
	from, err := lib.OpenBlob(s.ctx(), h.Digest)
	require.NoError(s.t, err)
	defer from.Close()
	text, err := io.ReadAll(from)
	require.NoError(s.t, err)
	require.Len(s.t, text, int(h.Size))
	file := filepath.Join(s.t.TempDir(), "history.json")
	require.NoError(s.t, os.WriteFile(file, text, 0o644))
	return file
}

func TestTheHistoriesOfAClosedReleaseReplayAndAreAttested(t *testing.T) {
	s := newSite(t)
	s.carry(s.start(s.definition("1.0")))
	d := s.definition("2.0")
	d.Steps = append(d.Steps, release.Step{Name: "licence", Kind: release.ServiceDeployment, Per: release.PerTarget, Run: `[ "$TARGET" != production-2 ]`})
	id := s.start(d)
	s.authorize(id, release.GatePlan, "ana", "ben")
	s.authorize(id, release.DeployGate(s.env("staging")), "ana")
	s.authorize(id, release.DeployGate(s.env("production")), "ana", "ben")
	r := s.ended(id)
	require.Equal(t, release.BackedOut, r.Outcome, r.Reason)

	require.NotEmpty(t, r.Histories, r.Reason)
	var exported []string
	for _, h := range r.Histories {
		exported = append(exported, h.Type+" "+h.Workflow)
		replayer := sdkworker.NewWorkflowReplayer()
		workflows.Register(replayer)
		file := s.exported(h)
		require.NoError(t, replayer.ReplayWorkflowHistoryFromJSONFile(nil, file), h.Workflow)
		var whole struct{ Events []json.RawMessage }
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &whole))
		require.Len(t, whole.Events, h.Events, h.Workflow)
	}
	require.Equal(t, "Release "+id, exported[0])
	for _, workflow := range []string{
		"Deployment " + id + ":" + s.env("staging"), "EarlyLifeSupport " + id + ":" + s.env("staging") + ":els", "Deployment " + id + ":" + s.env("production"),
	} {
		require.Contains(t, exported, workflow)
	}
	backOuts := slices.DeleteFunc(exported, func(w string) bool { return w != "Deployment "+id+":"+s.env("staging") })
	require.Len(t, backOuts, 2, "the deployment, and its back-out")

	lib, err := library.Open(s.config.DML)
	require.NoError(t, err)
	report := audit.Verify(s.ctx(), lib, s.config.Organization, id)
	problem, _ := report.Problem()
	require.True(t, report.Holds, "%s: %s", problem.Name, problem.Found)
	checks := report.Attestations[0].Checks
	require.Contains(t, checks[len(checks)-1].Found, "histories of workflows up to the close of the release")
}

func TestTheCatalogueSaysWhatRunsAndGoesBackWithABackOut(t *testing.T) {
	s := newSite(t)
	d := s.definition("1.0")
	d.Description = "Tells its version."
	d.Assets = []release.Asset{{Name: "balancer", Kind: "device", Change: release.AssetIntroduced}}
	d.KnownErrors = []release.KnownError{{ID: "KE-1", Summary: "It says no more", Workaround: "ask marc"}}
	first := s.carry(s.start(d))
	require.Equal(t, release.Completed, first.Outcome, first.Reason)
	production := func() release.CatalogueEnvironment {
		found, err := s.starter.Catalogue(s.ctx(), release.CatalogueRequest{Service: s.name})
		require.NoError(t, err)
		require.Equal(t, "Tells its version.", found.Services[0].Description)
		return found.Services[0].Environments[1]
	}
	one := production()
	require.Equal(t, []string{s.env("production"), "1.0", first.ID}, []string{one.Name, one.Version, one.Release})
	require.Equal(t, 3, one.Targets)
	require.Equal(t, d.KnownErrors, one.KnownErrors)
	require.Equal(t, []release.AssetInService{{Name: "balancer", Kind: "device", Release: first.ID}}, one.Assets)
	require.Equal(t, "app", one.Components[0].Component)
	require.Equal(t, "components: 1 introduced; files: 1 introduced; device: 1 introduced", first.Environments[1].Assets.String())

	next := s.definition("2.0")
	next.Description, next.Assets = d.Description, []release.Asset{{Name: "balancer", Kind: "device", Change: release.AssetRetired}}
	second := s.carry(s.start(next))
	require.Equal(t, release.Completed, second.Outcome, second.Reason)
	require.Equal(t, "components: unchanged; files: 1 changed; device: 1 retired", second.Environments[1].Assets.String())
	require.Empty(t, production().Assets)

	last := s.definition("3.0")
	last.Description = d.Description
	last.Steps = append(last.Steps, release.Step{Name: "licence", Kind: release.ServiceDeployment, Per: release.PerTarget, Run: `[ "$TARGET" != production-2 ]`})
	id := s.start(last)
	s.authorize(id, release.GatePlan, "ana", "ben")
	s.authorize(id, release.DeployGate(s.env("staging")), "ana")
	s.authorize(id, release.DeployGate(s.env("production")), "ana", "ben")
	require.Equal(t, release.BackedOut, s.ended(id).Outcome)
	require.Equal(t, "2.0", production().Version)

	_, err := s.starter.Catalogue(s.ctx(), release.CatalogueRequest{Service: "nosuch"})
	require.ErrorContains(t, err, "nothing of service nosuch runs anywhere")
	all, err := s.starter.Catalogue(s.ctx(), release.CatalogueRequest{})
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(all.Services, func(c release.CatalogueService) bool { return strings.EqualFold(c.Service, s.name) }))
}
