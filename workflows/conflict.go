package workflows

import (
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// What releases tell each other about their conflicts. The one that is planned later
// finds them and tells the other; from then on each tells the other when it is live
// somewhere and when it is closed, so that nobody has to keep looking.

// signalConflict carries news to another release.
const signalConflict = "conflict"

// news is what a release tells those that it conflicts with.
type news struct {
	From string `json:"from"`
	// Conflicts are those that it found at its planning, as the other sees them.
	Conflicts []release.Conflict `json:"conflicts,omitempty"`
	// Live names the environment in which it is live now.
	Live string `json:"live,omitempty"`
	// Closed is how it ended.
	Closed release.Outcome `json:"closed,omitempty"`
	// Kept says why it was not superseded.
	Kept string `json:"kept,omitempty"`
}

// tellConflicts tells the releases that the plan conflicts with.
func (r *run) tellConflicts(ctx workflow.Context) {
	for _, id := range release.Rivals(r.plan.Conflicts) {
		if mirrored := r.plan.Mirror(id); len(mirrored) > 0 {
			r.send(ctx, id, signalConflict, news{Conflicts: mirrored})
		}
	}
}

// tellNews tells everybody with whom there is still a conflict, from either side.
func (r *run) tellNews(ctx workflow.Context, n news) {
	known := slices.DeleteFunc(slices.Clone(r.record.Conflicts), func(c release.Conflict) bool {
		return c.Kind == "" || !c.Over.IsZero() // plans of older histories tell nobody
	})
	for _, id := range release.Rivals(known) {
		r.send(ctx, id, signalConflict, n)
	}
}

// send sends a signal of Slipway's own to another release, beside the process. One
// that is closed by now need not be told.
func (r *run) send(ctx workflow.Context, id, signal string, n news) {
	n.From = r.record.ID
	r.telling++
	detached, _ := workflow.NewDisconnectedContext(ctx)
	workflow.GoNamed(detached, signal, func(ctx workflow.Context) {
		defer func() { r.telling-- }()
		if err := workflow.SignalExternalWorkflow(ctx, id, "", signal, n).Get(ctx, nil); err != nil {
			workflow.GetLogger(ctx).Info("another release was not told", "release", id, "signal", signal, "error", err)
		}
	})
}

// hearNews takes what other releases tell.
func (r *run) hearNews(ctx workflow.Context) {
	listen(ctx, r.ears, signalConflict, "Slipway's own: another release tells of its conflict with this one", func(ctx workflow.Context, n news) {
		if n.From != "" && !r.closing {
			r.heard(ctx, n)
		}
	})
}

func (r *run) heard(ctx workflow.Context, n news) {
	from := func(c release.Conflict) bool { return c.Release == n.From }
	switch {
	case len(n.Conflicts) > 0:
		r.told = append(slices.DeleteFunc(r.told, from), n.Conflicts...)
		r.record.Conflicts = slices.Concat(r.plan.Conflicts, r.told)
		r.tellManager(ctx, n.From+" is planned and gets into the way of this release: "+reasons(n.Conflicts)+".")
	case n.Kept != "":
		r.settleSuperseding(n.From, false, "not superseded: "+n.Kept+"; it stays as a conflict")
		r.tellManager(ctx, n.From+" was not superseded: "+n.Kept+". This release goes on beside it.")
	case n.Closed != "":
		now := workflow.Now(ctx).UTC()
		for i := range r.record.Conflicts {
			if c := &r.record.Conflicts[i]; from(*c) && c.Over.IsZero() {
				c.Over = now
			}
		}
		r.settleSuperseding(n.From, n.Closed == release.Superseded, "closed, "+string(n.Closed))
	}
	r.show(ctx)
	r.lookAgain(ctx)
}

func reasons(conflicts []release.Conflict) string {
	var all []string
	for _, c := range conflicts {
		all = append(all, c.Reason)
	}
	return strings.Join(all, "; ")
}

// lookAgain lets the deployment that waits see for itself whether another release is
// still in its way.
func (r *run) lookAgain(ctx workflow.Context) {
	if r.deploying == "" || r.plan.Blockers(r.deploying) == nil || !r.parked() {
		return
	}
	id := release.DeploymentID(r.record.ID, r.deploying)
	if err := workflow.SignalExternalWorkflow(ctx, id, "", SignalLookAgain, nil).Get(ctx, nil); err != nil {
		workflow.GetLogger(ctx).Info("the deployment was not told to look again", "deployment", id, "error", err)
	}
}

// tellManager tells the release manager something that happened outside the release.
func (r *run) tellManager(ctx workflow.Context, text string) {
	r.tell(ctx, release.NoticeConflict, "", []string{r.definition.Manager}, text)
}
