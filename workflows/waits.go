package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// What was waited for, once it is over: of the release itself, of its deployments,
// which say so at their end, and of early life supports, which say what they wait for.

// waited takes waits that are over into the record, and into the CMS as soon as there
// is a plan whose histories know of that.
func (r *run) waited(ctx workflow.Context, over ...release.Waited) {
	r.record.Waits = release.KeepWaits(r.record.Waits, over...)
	r.unwritten = append(r.unwritten, over...)
	if r.plan.Digest == "" {
		return
	}
	if r.plan.Since(2) {
		r.writeWaits(ctx)
	}
	r.unwritten = nil
}

func (r *run) writeWaits(ctx workflow.Context) {
	for _, w := range r.unwritten {
		r.waitCount++
		r.journal.add(ctx, summary("wait/%d", r.waitCount), func(e *release.Entry) {
			e.Waited = &release.WaitedEntry{Started: r.record.Started, Waited: w}
		})
	}
	r.unwritten = nil
}

// childWaits takes what an early life support waits for by now: what it does not wait
// for any more is over.
func (r *run) childWaits(ctx workflow.Context, name string, now []release.Awaiting, acts []release.Act) {
	before := r.childWait[name]
	for i, was := range before {
		same := func(a release.Awaiting) bool { return a.Key() == was.Key() && a.Since.Equal(was.Since) }
		if slices.ContainsFunc(now, same) || slices.ContainsFunc(before[:i], same) {
			continue // it goes on, or was told already: one wait may offer more than one answer
		}
		if over, told := was.Over(workflow.Now(ctx).UTC(), acts); told {
			r.waited(ctx, over)
		}
	}
	r.childWait[name] = now
}

// over notes a wait of the deployment that is over, by these people, or else by those
// whose acts it waited for.
func (d *deployment) over(ctx workflow.Context, wait release.Awaiting, people []string) {
	if over, told := wait.Over(workflow.Now(ctx).UTC(), d.status.Acts, people...); told {
		d.status.Waits = release.KeepWaits(d.status.Waits, over)
	}
}
