package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// auditBatch is how many targets one activity looks at, so that what it gives back is
// small and how far the audit is can be seen.
const auditBatch = 500

// ConfigurationAudit compares what the targets of an environment really hold with what
// should run there, whatever goes on in it, and changes nothing.
func ConfigurationAudit(ctx workflow.Context, request release.AuditRequest) (release.AuditReport, error) {
	o := &onDemand{AuditReport: release.AuditReport{AuditRequest: request, Started: workflow.Now(ctx).UTC()}}
	err := workflow.SetQueryHandlerWithOptions(ctx, release.QueryStatus,
		func() (release.AuditReport, error) { return o.AuditReport, nil },
		workflow.QueryHandlerOptions{Description: "What the configuration audit found by now"})
	if err != nil {
		return o.AuditReport, err
	}
	var a *activities.Activities
	var plan activities.AuditPlan
	if err := quick(ctx, "What should run in "+request.Environment+"?", a.PlanAudit, request, &plan); err != nil {
		return o.AuditReport, err
	}
	o.queue = plan.TaskQueue
	if err := o.awaitWorkers(ctx); err != nil {
		return o.AuditReport, err
	}
	for _, order := range plan.Services {
		if err := o.look(ctx, order); err != nil {
			return o.AuditReport, err
		}
	}
	o.noteHolder(ctx)
	o.Ended = workflow.Now(ctx).UTC()
	o.show(ctx)
	return o.AuditReport, nil
}

// onDemand is a configuration audit that goes on.
type onDemand struct {
	release.AuditReport
	queue string
}

// awaitWorkers refuses an environment that no worker reaches: nobody asks for an audit
// to get it at some time.
func (o *onDemand) awaitWorkers(ctx workflow.Context) error {
	if o.queue == "" {
		return nil
	}
	return awaitServed(ctx, o.queue, o.Environment, func(func() bool) error {
		return refused(release.Refusef("no worker serves task queue %s, which alone reaches the targets of %s: start one there with: worker --zone %s",
			o.queue, o.Environment, o.queue))
	})
}

// look audits a service, and writes what it finds into the CMS.
func (o *onDemand) look(ctx workflow.Context, order activities.AuditOrder) error {
	b := order.Baseline
	found := release.ServiceAudit{
		Service: b.Service, Release: b.Release, Version: b.Version, Note: order.Note,
		Audit: release.Audit{When: release.AuditOnDemand, At: workflow.Now(ctx).UTC()},
	}
	var gone []release.Unread
	for _, name := range order.Gone {
		gone = append(gone, release.Unread{Target: name, Why: "it was deployed to, and is in the configuration no more"})
	}
	found.Add(found.Audit, gone, 0)
	o.Services = append(o.Services, found)
	this := &o.Services[len(o.Services)-1]
	o.noteHolder(ctx)
	o.show(ctx)
	var a *activities.Activities
	for begin := 0; begin < len(order.Targets); begin += auditBatch {
		batch := order.Targets[begin:min(begin+auditBatch, len(order.Targets))]
		about := summary("audit of %s in %s, targets %d to %d of %d", b.Service, o.Environment, begin+1, begin+len(batch), len(order.Targets))
		in := activities.AuditInput{
			When: release.AuditOnDemand, Estate: activities.Estate{Targets: batch, Inventory: order.Inventory},
			Version: b.Version, Content: b.Package.Content, Others: holdings(b.Others, batch), Apart: true, About: about,
		}
		var result activities.AuditResult
		if err := workflow.ExecuteActivity(there(repeatable(ctx, auditTimeout, about), o.queue), a.Audit, in).Get(ctx, &result); err != nil {
			return err
		}
		this.Add(result.Audit, result.Unread, result.MoreUnread)
		o.show(ctx)
	}
	if this.Audit.Targets == 0 {
		return nil // nothing was looked at
	}
	entry := release.Entry{
		Key: release.AuditID(o.Environment) + "/" + workflow.GetInfo(ctx).WorkflowExecution.RunID + "/" + b.Service,
		At:  this.Audit.At, Release: b.Release, Audit: &release.AuditEntry{Environment: o.Environment, Audit: this.Audit},
	}
	return quick(ctx, "Write what was found of "+b.Service+" into the CMS", a.Record, activities.RecordInput{Entries: []release.Entry{entry}}, nil)
}

// holdings are those of some targets.
func holdings(all []release.Holding, of []release.Target) []release.Holding {
	asked := map[string]bool{}
	for _, t := range of {
		asked[t.Name] = true
	}
	var some []release.Holding
	for _, h := range all {
		h.Targets = slices.DeleteFunc(slices.Clone(h.Targets), func(name string) bool { return !asked[name] })
		if len(h.Targets) > 0 {
			some = append(some, h)
		}
	}
	return some
}

// noteHolder notes who has the environment, if anybody.
func (o *onDemand) noteHolder(ctx workflow.Context) {
	if name := holder(ctx, o.Environment); name != "" && !slices.Contains(o.Holders, name) {
		o.Holders = append(o.Holders, name)
	}
}

func (o *onDemand) show(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, release.AuditDetails(o.AuditReport))
}
