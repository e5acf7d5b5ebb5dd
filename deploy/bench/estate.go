package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// Deployments to many targets over three waves: what each target costs in time,
// events and bytes, beside an activity of its own for each.

// estate is an environment of many targets.
type estate struct {
	environment string
	targets     int
	// does tells how the targets are reached.
	does string
}

var (
	shelled = estate{"folders", 1_000, "shell"}
	crowd   = estate{"crowd", 10_000, "no-op"}
)

// in gives the environment; its folders are made where it has any.
func (e estate) in(folder, queue string) (release.Environment, error) {
	env := release.Environment{Name: e.environment, Purpose: "bench", TaskQueue: queue}
	for i := range e.targets {
		name := fmt.Sprintf("t%05d", i+1)
		t := release.Target{Name: name, Folder: filepath.Join(folder, e.environment, name)}
		if queue == "" {
			if err := os.MkdirAll(t.Folder, 0o755); err != nil {
				return env, err
			}
		}
		env.Targets = append(env.Targets, t)
	}
	return env, nil
}

// Singles runs so many activities that do nothing, one for each target.
func Singles(ctx workflow.Context, targets int) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	all := make([]workflow.Future, targets)
	for i := range all {
		all[i] = workflow.ExecuteActivity(ctx, Nothing)
	}
	var err error
	for _, one := range all {
		err = errors.Join(err, one.Get(ctx, nil))
	}
	return err
}

// Nothing does nothing.
func Nothing(context.Context) error { return nil }

// singles measures an activity of its own for each target.
func (s *site) singles(ctx context.Context, targets int) (measured, error) {
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "singles", TaskQueue: minimalQueue}, Singles, targets)
	if err != nil {
		return measured{}, err
	}
	if err := run.Get(ctx, nil); err != nil {
		return measured{}, err
	}
	return s.measure(ctx, run.GetID(), run.GetID(), targets)
}

// unasked is the model of a release that nobody is asked about, whatever its risk.
var unasked = release.Model{Name: "unasked", MergeBuildGate: true, BuildLimit: 1}

// roll deploys a release to an estate in three waves, each target in three steps.
func (s *site) roll(ctx context.Context, e estate, version string) (measured, error) {
	const patience = 3 * time.Minute
	d := s.definition(unasked.Name, version, 1, 0, 0)
	d.Service = e.environment
	d.Environments = []release.EnvironmentDefinition{{
		Name: e.environment, Parallel: 40, Waves: []release.Share{{Count: 10}, {Count: 20, Percent: true}, {Count: 100, Percent: true}},
	}}
	d.Steps = []release.Step{
		{Name: "transfer", Kind: release.ServiceTransfer, Action: release.Transfer, Per: release.PerTarget},
		{Name: "activate", Kind: release.ServiceDeployment, Action: release.Activate, Per: release.PerTarget},
		{Name: "reload", Kind: release.ServiceDeployment, Per: release.PerTarget, Run: `echo "$TARGET runs $VERSION"`, BackOut: ":"},
	}
	id := release.ID(d.Service, d.Version)
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: release.DefaultTaskQueue},
		release.WorkflowRelease, release.Request{Definition: d})
	if err != nil {
		return measured{}, err
	}
	if err := s.completed(ctx, run, patience); err != nil {
		return measured{}, fmt.Errorf("%s: %w", id, err)
	}
	return s.measure(ctx, id, release.DeploymentID(id, e.environment), e.targets)
}

// measured is what a deployment to so many targets took, and the histories of its
// family cost.
type measured struct {
	took    time.Duration
	targets int
	cost
}

// measure takes the time of one workflow, and the cost of a family.
func (s *site) measure(ctx context.Context, family, timed string, targets int) (measured, error) {
	d, err := s.temporal.DescribeWorkflowExecution(ctx, timed, "")
	if err != nil {
		return measured{}, err
	}
	info := d.GetWorkflowExecutionInfo()
	c, err := s.cost(ctx, family, "")
	return measured{took: info.GetCloseTime().AsTime().Sub(info.GetStartTime().AsTime()), targets: targets, cost: c}, err
}

func (m measured) perTarget(n int) float64 { return float64(n) / float64(m.targets) }

// rows gives the figures; no history may pass the limit.
func (m measured) rows(name string) []row {
	const longest = 5_000
	return []row{
		{Name: name + ", deployment", Value: m.took.Seconds(), Unit: "s"},
		{Name: name + ", deployment", Value: milliseconds(m.took) / float64(m.targets), Unit: "ms per target"},
		{Name: name + ", all histories", Value: m.perTarget(m.events), Unit: "events per target"},
		{Name: name + ", all histories", Value: m.perTarget(m.bytes), Unit: "bytes per target"},
		row{Name: name + ", longest history", Value: float64(m.longest), Unit: "events"}.atMost(longest),
	}
}

// estates measures all of it. The second release into an estate replaces the first,
// so that there is something to compare with, to check and to go back to.
func (s *site) estates(ctx context.Context) ([]row, error) {
	single, err := s.singles(ctx, shelled.targets)
	if err != nil {
		return nil, err
	}
	rows := single.rows(fmt.Sprintf("%d single activities", single.targets))
	for _, e := range []estate{shelled, crowd} {
		for _, version := range []string{"1.0.0", "2.0.0"} {
			m, err := s.roll(ctx, e, version)
			if err != nil {
				return nil, err
			}
			if version == "1.0.0" {
				continue
			}
			name := fmt.Sprintf("%d %s targets", e.targets, e.does)
			rows = append(append(rows, m.rows(name)...),
				row{Name: name + ", time over single activities", Value: m.perTarget(int(m.took)) / single.perTarget(int(single.took)), Unit: "times per target"},
				row{Name: name + ", events over single activities", Value: m.perTarget(m.events) / single.perTarget(single.events), Unit: "times per target"},
				row{Name: name + ", bytes over single activities", Value: m.perTarget(m.bytes) / single.perTarget(single.bytes), Unit: "times per target"})
		}
	}
	return rows, nil
}
