package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
)

const (
	// supportPatience is how long early life support that has ended waits for its report
	// to be in the DML, and backOutPatience how long when something else is urgent.
	supportPatience = 10 * time.Minute
	backOutPatience = 15 * time.Second
)

// document puts the report beside the package. That it cannot be had is an issue, and
// keeps nothing from going on.
func (s *support) document(ctx workflow.Context, urgent bool) {
	if s.order.Package == nil {
		return
	}
	patience := supportPatience
	if urgent {
		patience = backOutPatience
	}
	var a *activities.Activities
	var done activities.Kept
	in := activities.SupportReportInput{
		Release: s.order.Release, Package: s.order.Package.Digest, Roster: s.order.Authority.Roster, Status: s.status,
	}
	err := workflow.ExecuteActivity(limited(ctx, patience, "Keep the support report of "+s.order.Environment), a.SupportReport, in).Get(ctx, &done)
	if err != nil {
		done.Problem = causeOf(err)
	}
	if s.status.Document = done.Blob; done.Problem != "" {
		s.status.Undocumented = "the support report is not in the DML: " + done.Problem
	}
}
