package workflows

import (
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// followFor is how long branches are looked at in one go; then it begins anew.
const followFor = 30 * 24 * time.Hour

// follow waits, after a build that failed, until a branch that a component comes from
// has another commit, and takes that. Who rather builds the same again says rebuild.
func (r *run) follow(ctx workflow.Context, failure string) error {
	every, branches := r.definition.Test.Follow, release.Branches(r.components)
	if !r.plan.Since(1) || every == 0 || len(branches) == 0 {
		return nil
	}
	wait := r.rebuildWait(failure)
	wait.Needs = "a new commit on " + names(branches) + ", looked for every " + every.String() + ", or " + wait.Needs
	over := r.announce(ctx, wait)
	var a *activities.Activities
	var found activities.FollowResult
	err := r.settle(ctx, func(ctx workflow.Context) workflow.Future {
		ctx = repeatable(ctx, followFor, summary("Wait for a new commit on %s", names(branches)))
		return workflow.ExecuteActivity(r.atBuilders(ctx), a.Follow, activities.FollowInput{Branches: branches, Every: every})
	}, &found)
	over()
	switch {
	case err != nil:
		return err
	case found.Failure != "":
		return r.awaitRebuild(ctx, failure+"; and "+names(branches)+" cannot be followed: "+found.Failure)
	}
	components, said := release.Follow(r.components, found.Newer)
	r.components, r.record.Components = components, components
	r.desk.note(ctx, release.Act{At: workflow.Now(ctx).UTC(), Action: release.ActRebuild, By: followedBy, Summary: said, Counted: true})
	return nil
}

// followedBy is who took a new commit of a branch: nobody.
const followedBy = "Slipway"

func names(branches []release.Branch) string {
	all := make([]string, len(branches))
	for i, b := range branches {
		all[i] = b.String()
	}
	return strings.Join(all, ", ")
}
