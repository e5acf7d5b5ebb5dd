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
	"golang.org/x/mod/sumdb/dirhash"

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
	shelled  = estate{"folders", 1_000, "shell"}
	thousand = estate{"thousand", 1_000, "no-op"}
	crowd    = estate{"crowd", 10_000, "no-op"}
)

// targetsTogether are worked on at the same time in an estate, by xargs too.
const targetsTogether = 40

func (e estate) String() string { return fmt.Sprintf("%d %s targets", e.targets, e.does) }

// estates gives the environments; folders are made where the targets are some.
func (s *site) estateEnvironments() ([]release.Environment, error) {
	var all []release.Environment
	for _, e := range []estate{shelled, thousand, crowd} {
		env := release.Environment{Name: e.environment, Purpose: "bench"}
		if e != shelled {
			env.TaskQueue = noopQueue
		}
		for i := range e.targets {
			name := fmt.Sprintf("t%05d", i+1)
			t := release.Target{Name: name, Folder: filepath.Join(s.folder, e.environment, name)}
			if e == shelled {
				if err := os.MkdirAll(t.Folder, 0o755); err != nil {
					return nil, err
				}
			}
			env.Targets = append(env.Targets, t)
		}
		all = append(all, env)
	}
	return all, nil
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

// rollout deploys a release to an estate in three waves, each target in three steps:
// copy, switch, check.
func (s *site) rollout(e estate, version string) (release.Definition, error) {
	d := s.definition(unasked.Name, version, 0, 0, 0)
	d.Service = e.environment
	d.Environments = []release.EnvironmentDefinition{{
		Name: e.environment, Parallel: targetsTogether, Waves: []release.Share{{Count: 10}, {Count: 20, Percent: true}, {Count: 100, Percent: true}},
	}}
	sum, err := dirhash.HashDir(s.content(), "", dirhash.Hash1)
	d.Components = []release.Component{{Name: "app", Source: release.Source{Dir: s.content(), Sum: sum}}}
	d.Build.Steps = []release.BuildStep{{Name: "copy", Component: "app", Run: `cp -R . "$OUT/"`}}
	d.Steps = []release.Step{
		{Name: "transfer", Kind: release.ServiceTransfer, Action: release.Transfer, Per: release.PerTarget},
		{Name: "activate", Kind: release.ServiceDeployment, Action: release.Activate, Per: release.PerTarget},
		{Name: "check", Kind: release.ServiceDeployment, Per: release.PerTarget, Run: check, BackOut: ":"},
	}
	return d, err
}

// check is what is looked at on each target, by xargs too.
const check = `[ -s "$TARGET_FOLDER/current/part-000/file-00000" ]; echo "$TARGET runs $VERSION"`

// roll measures a release to an estate, from the beginning of its deployment to the end.
func (s *site) roll(e estate, last *measured) func(ctx context.Context, version string) (time.Duration, error) {
	const patience = 3 * time.Minute
	return func(ctx context.Context, version string) (time.Duration, error) {
		d, err := s.rollout(e, version)
		if err != nil {
			return 0, err
		}
		id := release.ID(d.Service, d.Version)
		run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: release.DefaultTaskQueue},
			release.WorkflowRelease, release.Request{Definition: d})
		if err != nil {
			return 0, err
		}
		if err := s.completed(ctx, run, patience); err != nil {
			return 0, fmt.Errorf("%s: %w", id, err)
		}
		*last, err = s.measure(ctx, id, release.DeploymentID(id, e.environment), e.targets)
		return last.took, err
	}
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

// rows gives what the histories cost; none may pass the limit.
func (m measured) rows(name string) []row {
	const longest = 5_000
	return []row{
		{Name: name + ", all histories", Value: m.perTarget(m.bytes), Unit: "bytes per target"},
		row{Name: name + ", longest history", Value: float64(m.longest), Unit: "events"}.atMost(longest),
		{Name: name + ", all histories", Value: m.perTarget(m.events), Unit: "events per target"},
	}
}

// estates measures all of it. From the second round on a release replaces that of the
// round before, so that there is something to compare with, to check and to go back to.
func (s *site) estates(ctx context.Context) ([]row, error) {
	const rounds = 5
	single, err := s.singles(ctx, thousand.targets)
	if err != nil {
		return nil, err
	}
	if err := makeTree(s.content(), estateFiles, estateBytes); err != nil {
		return nil, err
	}
	var small, large, real measured
	few := &contestant{name: thousand.String(), run: s.roll(thousand, &small)}
	many := &contestant{name: crowd.String(), run: s.roll(crowd, &large)}
	byHand := &contestant{name: "xargs -P to 1000 folders", run: timed(s.xargs)}
	mine := &contestant{name: shelled.String(), run: s.roll(shelled, &real), against: []*contestant{byHand}}
	if err := race(ctx, []*contestant{few, many, byHand, mine}, 1, rounds); err != nil {
		return nil, err
	}
	rows := append(single.rows("1000 single activities"),
		row{Name: "1000 single activities", Value: milliseconds(single.took) / float64(single.targets), Unit: "ms per target"})
	for c, m := range map[*contestant]measured{few: small, many: large, mine: real} {
		rows = append(rows, m.rows(c.name)...)
		rows = append(rows,
			row{Name: c.name + ", deployment, median", Value: milliseconds(quantile(c.took, 0.5)) / float64(m.targets), Unit: "ms per target"},
			row{Name: c.name + ", deployment, least", Value: milliseconds(quantile(c.took, 0)) / float64(m.targets), Unit: "ms per target"})
	}
	rows = append(rows, row{Name: byHand.name + ", median", Value: quantile(byHand.took, 0.5).Seconds(), Unit: "s"})
	return append(append(rows, mine.over()...), mine.ratios(", least", 0)...), nil
}
