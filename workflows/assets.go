package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// countPatience is how long a release waits for what it changes to be counted.
const countPatience = 5 * time.Minute

// countAssets counts what the release introduced, changed and retired in an environment
// that is live, and puts its service into the catalogue. What cannot be counted in time
// is not known, and keeps nobody waiting.
func (r *run) countAssets(ctx workflow.Context, name string) error {
	if !r.plan.Since(1) {
		return nil
	}
	in := activities.CountAssetsInput{
		Release: r.record.ID, Environment: name, Package: r.record.Package.Digest, Declared: r.definition.Assets,
	}
	if env, _ := r.plan.Environment(name); env.Previous != nil {
		in.Before, in.Running = env.Previous.Release, env.Previous.Package.Digest
	}
	var a *activities.Activities
	var report release.AssetReport
	what := "Count what " + in.Release + " changes in " + name
	done, err := r.swift(ctx, what, a.CountAssets, in, &report)
	if !done {
		err = r.settle(ctx, func(ctx workflow.Context) workflow.Future {
			return workflow.ExecuteActivity(limited(ctx, countPatience, what), a.CountAssets, in)
		}, &report)
	}
	var failed *temporal.ActivityError
	switch {
	case errors.As(err, &failed) && !isCancelled(err):
		report = release.AssetReport{Against: in.Before, Declared: release.CountDeclared(in.Declared), Notes: []string{"not counted: " + causeOf(err)}}
	case err != nil:
		return err
	}
	r.record.Environment(name).Assets = &report
	r.journal.add(ctx, "assets/"+name, func(e *release.Entry) {
		e.Assets = &release.AssetsEntry{Environment: name, Package: in.Package, Report: report, Declared: in.Declared}
	})
	r.catalogue(ctx, name)
	r.show(ctx)
	return nil
}

// catalogue says in the service catalogue what is known of the release where it is live.
func (r *run) catalogue(ctx workflow.Context, name string) {
	entry := r.record.ServiceEntry(r.definition, name)
	r.journal.add(ctx, "service/"+name, func(e *release.Entry) { e.Service = &entry })
}

// recatalogue adds what was learned since the release went live; what was backed out is
// left as it was.
func (r *run) recatalogue(ctx workflow.Context) {
	for _, e := range r.record.Environments {
		if e.State == release.EnvLive && e.Assets != nil {
			r.catalogue(ctx, e.Name)
		}
	}
}
