package workflows

import (
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// The search attributes by which people find releases.
var (
	attributeService     = temporal.NewSearchAttributeKeyKeyword(release.AttributeService)
	attributeVersion     = temporal.NewSearchAttributeKeyKeyword(release.AttributeVersion)
	attributeType        = temporal.NewSearchAttributeKeyKeyword(release.AttributeType)
	attributePhase       = temporal.NewSearchAttributeKeyKeyword(release.AttributePhase)
	attributeEnvironment = temporal.NewSearchAttributeKeyKeyword(release.AttributeEnvironment)
	attributeAwaiting    = temporal.NewSearchAttributeKeyKeyword(release.AttributeAwaiting)
	attributeOutcome     = temporal.NewSearchAttributeKeyKeyword(release.AttributeOutcome)
	attributeRisk        = temporal.NewSearchAttributeKeyInt64(release.AttributeRisk)
)

// attributes is what the search attributes show.
type attributes struct {
	phase, environment, awaiting, outcome string
	risk                                  int
}

// show brings what people see up to date: what the release waits for, its page in
// the Web UI, and its search attributes. What changes while the release goes on
// without a pause is shown once, when it comes to rest.
func (r *run) show(_ workflow.Context) {
	r.record.Awaiting = append([]release.Awaiting{}, r.waits...)
	for _, e := range r.record.Environments {
		r.record.Awaiting = append(r.record.Awaiting, r.childWait[e.Name]...)
	}
	r.changed = true
}

// quick does short work in the workflow task, for which nothing new is shown.
func (r *run) quick(ctx workflow.Context, summary string, activity, in, out any) error {
	over := r.unshown()
	err := workflow.ExecuteLocalActivity(local(ctx, summary), activity, in).Get(ctx, out)
	over()
	return patiently(ctx, err, summary, activity, in, out)
}

// swift tries something once in the workflow task, for which nothing new is shown; false
// when it has to be done otherwise, as in older histories, or because somebody waits.
func (r *run) swift(ctx workflow.Context, summary string, activity, in, out any) (done bool, err error) {
	if !r.plan.Since(3) || r.desk.answers(ctx) {
		return false, nil
	}
	defer r.unshown()()
	return swift(ctx, summary, activity, in, out)
}

// unshown lets what people see be until something is over that takes no time. Older
// histories showed that, too.
func (r *run) unshown() (over func()) {
	if !r.plan.Since(3) {
		return func() {}
	}
	r.brisk++
	return func() { r.brisk-- }
}

// showing keeps the page and the search attributes up to date.
func (r *run) showing(ctx workflow.Context) {
	detached, _ := workflow.NewDisconnectedContext(ctx)
	workflow.GoNamed(detached, "showing", func(ctx workflow.Context) {
		for workflow.Await(ctx, func() bool { return r.changed && r.brisk == 0 }) == nil {
			r.publish(ctx)
		}
	})
}

// publish shows what changed. Search attributes cost an event, so only those that
// changed are sent.
func (r *run) publish(ctx workflow.Context) {
	r.changed = false
	workflow.SetCurrentDetails(ctx, release.Details(r.record, r.plan))
	now := attributes{
		phase: string(r.record.Phase), environment: r.environment(), outcome: string(r.record.Outcome), risk: r.record.Risk.Score,
	}
	if len(r.record.Awaiting) > 0 {
		now.awaiting = r.record.Awaiting[0].Key()
	}
	if now == r.shown {
		return
	}
	var updates []temporal.SearchAttributeUpdate
	if r.shown == (attributes{}) {
		updates = append(updates, attributeService.ValueSet(r.record.Service),
			attributeVersion.ValueSet(r.record.Version), attributeType.ValueSet(r.record.Model))
	}
	updates = appendKeyword(updates, attributePhase, r.shown.phase, now.phase)
	updates = appendKeyword(updates, attributeEnvironment, r.shown.environment, now.environment)
	updates = appendKeyword(updates, attributeAwaiting, r.shown.awaiting, now.awaiting)
	updates = appendKeyword(updates, attributeOutcome, r.shown.outcome, now.outcome)
	if now.risk != r.shown.risk {
		updates = append(updates, attributeRisk.ValueSet(int64(now.risk)))
	}
	r.shown = now
	if err := workflow.UpsertTypedSearchAttributes(ctx, updates...); err != nil {
		workflow.GetLogger(ctx).Error("search attributes were not updated", "error", err)
	}
}

func appendKeyword(updates []temporal.SearchAttributeUpdate, key temporal.SearchAttributeKeyKeyword, was, is string) []temporal.SearchAttributeUpdate {
	switch is {
	case was:
		return updates
	case "":
		return append(updates, key.ValueUnset())
	}
	return append(updates, key.ValueSet(is))
}

// environment is the one that the release is about just now.
func (r *run) environment() string {
	for _, name := range []string{r.deploying, r.supporting} {
		if name != "" {
			return name
		}
	}
	return ""
}

// state gives the release as the CMS lists it.
func (r *run) state() *release.State {
	s := &release.State{
		Service: r.record.Service, Version: r.record.Version, Title: r.record.Title, Model: r.record.Model,
		Requester: r.record.Requester, Manager: r.record.Manager, Phase: r.record.Phase,
		Outcome: r.record.Outcome, Reason: r.record.Reason, Risk: r.record.Risk.Score, PlanDigest: r.record.PlanDigest,
		ConfigurationItems: r.definition.Items(),
		RFCs:               r.record.RFCs, Emergency: r.definition.Emergency != nil,
		Started: r.record.Started, Closed: r.record.Closed,
	}
	if r.record.Package != nil {
		s.Package = r.record.Package.Digest
	}
	for _, e := range r.definition.Environments {
		s.Environments = append(s.Environments, e.Name)
	}
	return s
}

// note writes the release's state into the CMS.
func (r *run) note(ctx workflow.Context) {
	r.journal.add(ctx, "state", func(e *release.Entry) { e.ReleaseState = r.state() })
}

// summary makes a line for the history.
func summary(format string, args ...any) string { return fmt.Sprintf(format, args...) }
