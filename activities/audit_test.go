package activities_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"slipway/activities"
	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/records"
)

// runs records that a release runs in production, and on which targets it was deployed.
func (g *ground) runs(service string, p release.Package, targets ...string) {
	g.t.Helper()
	id, now := service+"@1.0", time.Now()
	state := release.DeployState{Environment: "production", State: release.EnvLive}
	for _, name := range targets {
		state.Targets = append(state.Targets, release.TargetStatus{Name: name, State: release.TargetNew, Version: "1.0"})
	}
	require.NoError(g.t, g.a.Store.Write(g.t.Context(), []release.Entry{
		{Key: id + "/deployment", At: now, Release: id, Deployment: &state},
		{Key: id + "/baseline", At: now, Release: id, Baseline: &release.BaselineEntry{Environment: "production", Service: service, Baseline: &release.Baseline{
			Environment: "production", Service: service, Release: id, Version: "1.0", Package: p, Since: now,
		}}},
	}))
}

// environments makes production the environment of all targets.
func (g *ground) environments() {
	production := release.Environment{Name: "production", TaskQueue: "zone", Targets: g.targets}
	g.a.Organization = func() release.Organization {
		return release.Organization{Environments: []release.Environment{{Name: "staging"}, production}}
	}
}

func (g *ground) planAudit(r release.AuditRequest) (activities.AuditPlan, error) {
	value, err := g.env.ExecuteActivity(g.a.PlanAudit, r)
	if err != nil {
		return activities.AuditPlan{}, err
	}
	var plan activities.AuditPlan
	return plan, value.Get(&plan)
}

func TestAnAuditLooksAtTheTargetsThatAServiceWasLastDeployedTo(t *testing.T) {
	g := newGround(t, 4)
	g.environments()
	g.runs("shop", g.p, "p1", "p3", "p9")
	g.runs("mail", g.p)
	plan, err := g.planAudit(release.AuditRequest{Environment: "production"})
	require.NoError(t, err)
	require.Equal(t, "zone", plan.TaskQueue)
	require.Len(t, plan.Services, 2)
	mail, shop := plan.Services[0], plan.Services[1]
	assert.Equal(t, []release.Target{g.targets[0], g.targets[2]}, shop.Targets)
	assert.Equal(t, []string{"p9"}, shop.Gone, "it was taken out of the configuration")
	assert.Equal(t, "shop@1.0", shop.Baseline.Release)
	assert.Equal(t, g.targets, mail.Targets, "nobody knows where it was deployed to")
	only, err := g.planAudit(release.AuditRequest{Environment: "production", Service: "shop"})
	require.NoError(t, err)
	require.Equal(t, []activities.AuditOrder{shop}, only.Services)
}

func TestWhatCannotBeAuditedIsRefusedWithWhatCan(t *testing.T) {
	g := newGround(t, 1)
	g.environments()
	g.runs("shop", g.p, "p1")
	for want, r := range map[string]release.AuditRequest{
		"there is no environment moon: there are staging, production": {Environment: "moon"},
		"nothing runs in staging, as far as the CMS knows":            {Environment: "staging"},
		"nothing of service mail runs in production: there are shop":  {Environment: "production", Service: "mail"},
	} {
		_, err := g.planAudit(r)
		var refused *temporal.ApplicationError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, release.ErrorRefused, refused.Type())
		require.ErrorContains(t, err, want)
	}
}

func TestTargetsThatOnlyScriptsSwitchAreNotLookedAt(t *testing.T) {
	g := newGround(t, 1)
	g.environments()
	data, err := json.Marshal(release.Plan{Definition: release.Definition{Steps: []release.Step{{Name: "call", Action: release.RunScript}}}})
	require.NoError(t, err)
	p, err := g.a.Library.CheckIn(t.Context(), dml.CheckIn{
		Release: "shop@1.0", Service: "shop", Version: "1.0", Build: 1, Outputs: []dml.Output{{Component: "app", Folder: g.path("content")}},
		Files: map[string][]byte{release.PlanDocument: data},
	})
	require.NoError(t, err)
	g.runs("shop", p, "p1")
	found, err := g.planAudit(release.AuditRequest{Environment: "production"})
	require.NoError(t, err)
	assert.Empty(t, found.Services[0].Targets)
	assert.Contains(t, found.Services[0].Note, "only its scripts know what the targets hold")
}

func TestAnAuditOfManyTargetsTakesThemFromTheInventoryAndKeepsUnreachableOnesApart(t *testing.T) {
	g := newGround(t, 130)
	g.environments()
	g.runs("shop", g.p)
	plan, err := g.planAudit(release.AuditRequest{Environment: "production"})
	require.NoError(t, err)
	order := plan.Services[0]
	require.Len(t, order.Targets, 130)
	require.Equal(t, release.Target{Name: "p1"}, order.Targets[0])
	require.NoError(t, os.Remove(g.path("p7")))
	in := activities.AuditInput{When: release.AuditOnDemand, Estate: order.Estate, Version: "1.0", Content: g.p.Content, Apart: true}
	value, err := g.env.ExecuteActivity(g.a.Audit, in)
	require.NoError(t, err)
	var found activities.AuditResult
	require.NoError(t, value.Get(&found))
	assert.Equal(t, 129, found.Audit.Targets, "those that were looked at")
	assert.Equal(t, 129, found.Audit.Found())
	require.Len(t, found.Unread, 1)
	assert.Equal(t, "p7", found.Unread[0].Target)
	assert.Contains(t, found.Unread[0].Why, "folder")
}

func TestAnAnswerThatWouldBeTooLargeHasFewerRowsAndSaysWhereTheNextBegins(t *testing.T) {
	g := newGround(t, 0)
	g.environments()
	var entries []release.Entry
	for i := range 300 {
		id := fmt.Sprintf("shop@%d", i)
		entries = append(entries, release.Entry{Key: id, At: time.Now(), Release: id, ReleaseState: &release.State{
			Service: "shop", Version: fmt.Sprint(i), Title: strings.Repeat("x", 10_000), Model: "normal", Requester: "rita", Manager: "max",
			Phase: "plan", Started: time.Now().Add(time.Duration(i) * time.Minute),
		}})
	}
	require.NoError(t, g.a.Store.Write(t.Context(), entries))
	seen, after, pages := map[string]bool{}, "", 0
	for pages == 0 || after != "" {
		value, err := g.env.ExecuteActivity(g.a.AskRecords, records.Request{Releases: &records.Releases{}, Page: records.Page{Limit: 500, After: after}})
		require.NoError(t, err)
		var answer records.Answer
		require.NoError(t, value.Get(&answer))
		for _, r := range answer.Releases {
			seen[r.ID] = true
		}
		after, pages = answer.Next, pages+1
	}
	assert.Len(t, seen, 300)
	assert.Greater(t, pages, 2)

	_, err := g.env.ExecuteActivity(g.a.AskRecords, records.Request{Baselines: &records.Baselines{Environment: "moon"}})
	var refused *temporal.ApplicationError
	require.True(t, errors.As(err, &refused))
	require.Equal(t, release.ErrorRefused, refused.Type())
	require.ErrorContains(t, err, "there is no environment moon: there are production, staging")
}
