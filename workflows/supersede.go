package workflows

import (
	"errors"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// signalSupersede asks an older release to end for a newer one, and its deployment
// that has not begun to give up.
const signalSupersede = "supersede"

// aboutSupersede describes that signal in the Web UI.
const aboutSupersede = "Slipway's own: a newer release of the service takes the place of this one"

// supersede asks the older releases that this one makes pointless to end. It does
// so once the plan is authorized: until then, nothing is certain to take their place.
// It does not wait for them.
func (r *run) supersede(ctx workflow.Context) {
	for _, id := range r.definition.Supersedes {
		if slices.ContainsFunc(r.record.Supersedes, func(s release.Superseding) bool { return s.Release == id }) {
			continue // it was asked already
		}
		r.record.Supersedes = append(r.record.Supersedes, release.Superseding{Release: id, Note: "asked to end"})
		r.telling++
		detached, _ := workflow.NewDisconnectedContext(ctx)
		workflow.GoNamed(detached, signalSupersede, func(ctx workflow.Context) {
			defer func() { r.telling-- }()
			err := workflow.SignalExternalWorkflow(ctx, id, "", signalSupersede, news{From: r.record.ID}).Get(ctx, nil)
			if err != nil {
				r.settleSuperseding(id, false, "it is not open")
				r.show(ctx)
			}
		})
	}
}

// settleSuperseding notes what became of a release that this one supersedes.
func (r *run) settleSuperseding(id string, done bool, note string) {
	for i := range r.record.Supersedes {
		if s := &r.record.Supersedes[i]; s.Release == id && !s.Done {
			s.Done, s.Note = done, note
		}
	}
}

// hearSupersede lets newer releases end this one.
func (r *run) hearSupersede(ctx workflow.Context) {
	listen(ctx, r.ears, signalSupersede, aboutSupersede, func(ctx workflow.Context, asked news) {
		if asked.From == "" || r.closing {
			return
		}
		if kept := r.endFor(ctx, asked.From); kept != "" {
			r.send(ctx, asked.From, signalConflict, news{Kept: kept})
			r.tellManager(ctx, asked.From+" asked to supersede this release, which goes on: "+kept+".")
		}
	})
}

// endFor ends the release for a newer one, unless it has begun to deploy; then it
// says why it does not.
func (r *run) endFor(ctx workflow.Context, newer string) (kept string) {
	superseded := end(release.Superseded, newer+" supersedes it")
	for !r.closing {
		if kept := r.keeps(); kept != "" {
			r.superseding = nil
			return kept
		}
		if r.deploying == "" {
			r.interrupt = superseded
			return ""
		}
		// The deployment gives up, unless it begins just now.
		r.superseding = superseded
		name, state := r.deploying, r.record.Environment(r.deploying).State
		err := workflow.SignalExternalWorkflow(ctx, release.DeploymentID(r.record.ID, name), "", signalSupersede, news{From: newer}).Get(ctx, nil)
		heard := err == nil
		// One that did not hear it has not started yet, or is over.
		err = workflow.Await(ctx, func() bool {
			return r.closing || r.deploying == "" || !r.parked() || (!heard && r.record.Environment(name).State != state)
		})
		if err != nil {
			return reasonOf(err)
		}
	}
	return ""
}

// keeps says why the release cannot be superseded; nothing when it can.
func (r *run) keeps() string {
	var ended *ending
	switch {
	case errors.As(r.interrupt, &ended):
		return "it ends already, " + string(ended.outcome)
	case len(r.undo) > 0:
		return "it is live" + strings.TrimPrefix(r.stays(), "; "+r.record.Version+" stays live")
	case r.deploying != "" && !r.parked():
		return "its deployment to " + r.deploying + " has begun"
	}
	return ""
}

// parked tells whether the deployment that runs has not begun, or never will.
func (r *run) parked() bool {
	state := r.record.Environment(r.deploying).State
	return state == release.EnvPlanned || state == release.EnvWaiting || state == release.EnvNotDeployed
}

// hearSupersede lets a newer release end the deployment as long as it has not begun.
func (d *deployment) hearSupersede(ctx workflow.Context) {
	listen(ctx, d.ears, signalSupersede, aboutSupersede, func(_ workflow.Context, asked news) {
		if !d.begun && !d.decided && d.order.Undo == nil {
			d.superseded, d.backOutReason = true, asked.From+" supersedes the release"
		}
	})
}
