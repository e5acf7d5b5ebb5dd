package starter

import (
	"context"
	"errors"
	"slices"

	"slipway/release"
)

// A release is told what the many targets of a large environment hold only when its
// deployment is over. Until then the deployment is asked.

// Status gives the whole state of a release. Of a closed one it is its result,
// which needs no worker.
func (c *Client) Status(ctx context.Context, id string) (release.Record, error) {
	record, _, err := c.whole(ctx, id)
	return record, err
}

// whole gives the status of a release with all of its targets, and whether it is still
// open.
func (c *Client) whole(ctx context.Context, id string) (release.Record, bool, error) {
	record, open, err := c.state(ctx, id)
	if err == nil && open {
		err = errors.Join(c.askDeployments(ctx, &record), c.askSupports(ctx, &record))
	}
	return record, open, err
}

// underWay are the states in which a deployment may change targets.
var underWay = []release.EnvironmentState{
	release.EnvWaiting, release.EnvDeploying, release.EnvVerifying, release.EnvBackingOut,
}

// askDeployments puts into a record what the targets of large environments hold that
// are being deployed, and what became of the steps so far. A deployment that ended just
// now is asked too: the release is about to hear of it.
func (c *Client) askDeployments(ctx context.Context, record *release.Record) error {
	for i := range record.Environments {
		e := &record.Environments[i]
		if len(e.Targets) <= release.ManyTargets || !slices.Contains(underWay, e.State) {
			continue
		}
		var status release.DeploymentStatus
		id := release.DeploymentID(record.ID, e.Name)
		open, err := c.statusOf(ctx, id, &status)
		switch {
		case err != nil && CodeOf(err) != NotFound:
			return err
		case !open && c.temporal.GetWorkflow(ctx, id, "").Get(ctx, &status) != nil:
			continue // it was not begun, or has no result: the release knows as much
		}
		e.Targets = status.Targets
		e.Aside = append(slices.Clone(e.Aside), status.Aside...)
		e.Steps = append(slices.Clone(e.Steps), status.Steps...)
	}
	return nil
}
