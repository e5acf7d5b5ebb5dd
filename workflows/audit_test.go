package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"

	"slipway/activities"
	"slipway/release"
)

// outside is what an audit asks of the world outside.
type outside struct {
	plan    activities.AuditPlan
	holder  []string
	audits  []activities.AuditInput
	written []release.Entry
}

func (e *outside) PlanAudit(context.Context, release.AuditRequest) (activities.AuditPlan, error) {
	return e.plan, nil
}

func (e *outside) Lent(context.Context, activities.LentInput) (activities.LentResult, error) {
	if len(e.holder) == 0 {
		return activities.LentResult{}, errors.New("it was never lent")
	}
	holder := e.holder[0]
	e.holder = e.holder[1:]
	return activities.LentResult{Holder: holder}, nil
}

// Here is never answered: no worker comes.
func (e *outside) Here(context.Context) error { return activity.ErrResultPending }

// Audit finds one discrepancy and one target that cannot be looked at in each batch.
func (e *outside) Audit(_ context.Context, in activities.AuditInput) (activities.AuditResult, error) {
	e.audits = append(e.audits, in)
	return activities.AuditResult{
		Audit: release.Audit{
			At: monday, When: in.When, Targets: len(in.Targets) - 1,
			Discrepancies: []release.Discrepancy{{Target: in.Targets[0].Name, Expected: "1.0", Found: "nothing"}},
		},
		Unread: []release.Unread{{Target: in.Targets[1].Name, Why: "it does not answer"}},
	}, nil
}

func (e *outside) Record(_ context.Context, in activities.RecordInput) error {
	e.written = append(e.written, in.Entries...)
	return nil
}

func (e *outside) audit(t *testing.T) (release.AuditReport, *testsuite.TestWorkflowEnvironment) {
	t.Helper()
	env := newEnv()
	env.RegisterActivity(e)
	env.ExecuteWorkflow(release.WorkflowAudit, release.AuditRequest{Environment: "production"})
	var report release.AuditReport
	if env.GetWorkflowError() == nil {
		require.NoError(t, env.GetWorkflowResult(&report))
	}
	return report, env
}

func orderOf(service string, targets int) activities.AuditOrder {
	order := activities.AuditOrder{Baseline: release.Baseline{
		Environment: "production", Service: service, Release: service + "@1.0", Version: "1.0", Package: release.Package{Content: "sha256:aa"},
		Others: []release.Holding{{Version: "0.9", Targets: []string{"t1", "t600"}}},
	}}
	for i := range targets {
		order.Targets = append(order.Targets, release.Target{Name: fmt.Sprintf("t%d", i)})
	}
	return order
}

func TestAnAuditOnDemandLooksAtManyTargetsInBatchesAndRecordsWhatItFinds(t *testing.T) {
	shop, batch := orderOf("shop", 1200), orderOf("batch", 0)
	shop.Gone, batch.Note = []string{"t9999"}, "only its scripts know"
	e := &outside{plan: activities.AuditPlan{Services: []activities.AuditOrder{batch, shop}}, holder: []string{"", "mail@2:production", "mail@2:production"}}
	report, env := e.audit(t)
	require.NoError(t, env.GetWorkflowError())
	require.Len(t, e.audits, 3)
	assert.Equal(t, []int{500, 500, 200}, []int{len(e.audits[0].Targets), len(e.audits[1].Targets), len(e.audits[2].Targets)})
	assert.Equal(t, []release.Holding{{Version: "0.9", Targets: []string{"t1"}}}, e.audits[0].Others, "of a batch its own")
	assert.Empty(t, e.audits[2].Others)
	assert.True(t, e.audits[0].Apart)
	assert.Equal(t, "audit of shop in production, targets 501 to 1000 of 1200", e.audits[1].About)

	assert.Equal(t, "only its scripts know", report.Services[0].Note)
	found := report.Services[1]
	assert.Equal(t, 1197, found.Audit.Targets)
	assert.Equal(t, 3, found.Audit.Found())
	assert.Equal(t, 4, found.Unreached(), "one in each batch, and the one that is gone")
	assert.Equal(t, []string{"mail@2:production"}, report.Holders)
	assert.False(t, report.Ended.IsZero())

	require.Len(t, e.written, 1, "of what was not looked at nothing is recorded")
	entry := e.written[0]
	assert.Equal(t, "shop@1.0", entry.Release)
	assert.Equal(t, release.AuditEntry{Environment: "production", Audit: found.Audit}, *entry.Audit)
	assert.Equal(t, release.AuditOnDemand, entry.Audit.Audit.When)
}

func TestAnAuditOfAZoneWithoutAWorkerIsRefusedWithinSeconds(t *testing.T) {
	e := &outside{plan: activities.AuditPlan{TaskQueue: "zone-b", Services: []activities.AuditOrder{orderOf("shop", 2)}}}
	_, env := e.audit(t)
	require.ErrorContains(t, env.GetWorkflowError(), "no worker serves task queue zone-b, which alone reaches the targets of production: start one there with: worker --zone zone-b")
	assert.Empty(t, e.audits)
	assert.Less(t, env.Now().Sub(monday).Seconds(), 10.0)
}
