package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/mod/sumdb/dirhash"

	"slipway/release"
)

// Deployments to many targets over three waves: what each target costs in time,
// events and bytes, beside an activity of its own for each; and the same to folders
// beside a shell script.

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

// estateEnvironments gives the environments; folders are made where the targets are some.
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

// inThreeWaves deploys to ten targets, to a fifth of them, and to all.
func inThreeWaves(environment string) release.EnvironmentDefinition {
	return release.EnvironmentDefinition{
		Name: environment, Parallel: targetsTogether, Waves: []release.Share{{Count: 10}, {Count: 20, Percent: true}, {Count: 100, Percent: true}},
	}
}

// rollout deploys a release to an estate in three waves, each target in three steps:
// copy, switch, check.
func (s *site) rollout(e estate, version string) (release.Definition, error) {
	d := s.definition(unasked.Name, version, 0, 0, 0)
	d.Service = e.environment
	d.Environments = []release.EnvironmentDefinition{inThreeWaves(e.environment)}
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

// roll measures the deployment of a release to an estate.
func (s *site) roll(ctx context.Context, e estate, version string) (measured, error) {
	const patience = 3 * time.Minute
	d, err := s.rollout(e, version)
	if err != nil {
		return measured{}, err
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

// rows gives what the histories cost; none may pass the limit.
func (m measured) rows(name string) []row {
	const longest = 5_000
	return []row{
		{Name: name + ", all histories", Value: m.perTarget(m.events), Unit: "events per target"},
		{Name: name + ", all histories", Value: m.perTarget(m.bytes), Unit: "bytes per target"},
		row{Name: name + ", longest history", Value: float64(m.longest), Unit: "events"}.atMost(longest),
	}
}

// rolled are the deployments to an estate in all rounds, and the cost of the last.
type rolled struct {
	*contestant
	last measured
}

func (s *site) rolled(e estate, against ...*contestant) *rolled {
	r := &rolled{contestant: &contestant{name: e.String(), against: against}}
	r.run = func(ctx context.Context, version string) (_ time.Duration, err error) {
		r.last, err = s.roll(ctx, e, version)
		return r.last.took, err
	}
	return r
}

// perTarget is what a target took, in milliseconds.
func (r *rolled) perTarget(q float64) float64 {
	return milliseconds(quantile(r.took, q)) / float64(r.last.targets)
}

// rows gives what a target costs. The limit is for the driver that does nothing.
func (r *rolled) rows() []row {
	const slowest, chattiest = 1, 0.5
	rows := r.last.rows(r.name)
	rows[0] = rows[0].atMost(chattiest)
	median := row{Name: r.name + ", deployment, median", Value: r.perTarget(0.5), Unit: "ms per target"}
	if len(r.against) == 0 {
		median = median.atMost(slowest)
	}
	return append(rows, median, row{Name: r.name + ", deployment, least", Value: r.perTarget(0), Unit: "ms per target"})
}

// estates measures all of it. From the second round on a release replaces that of the
// round before, so that there is something to compare with, to check and to go back to.
func (s *site) estates(ctx context.Context) ([]row, error) {
	const rounds, dearer, slower = 3, 1.1, 1.5
	single, err := s.singles(ctx, thousand.targets)
	if err != nil {
		return nil, err
	}
	if err := makeTree(s.content(), estateFiles, estateBytes); err != nil {
		return nil, err
	}
	plain := &contestant{name: fmt.Sprintf("xargs -P to %d folders", shelled.targets), run: timed(s.xargs)}
	few, many, folders := s.rolled(thousand), s.rolled(crowd), s.rolled(shelled, plain)
	if err := race(ctx, []*contestant{few.contestant, many.contestant, plain, folders.contestant}, 1, rounds); err != nil {
		return nil, err
	}
	rows := single.rows(fmt.Sprintf("%d single activities", single.targets))
	rows = append(rows, row{Name: "single activity", Value: milliseconds(single.took) / float64(single.targets), Unit: "ms"})
	rows = slices.Concat(rows, few.rows(), many.rows(), folders.rows())
	return append(rows,
		row{Name: "cost of a target of 10000 over one of 1000", Value: many.perTarget(0.5) / few.perTarget(0.5), Unit: "times"}.atMost(dearer),
		row{Name: plain.name + ", median", Value: milliseconds(quantile(plain.took, 0.5)) / float64(shelled.targets), Unit: "ms per target"},
		folders.over()[0].atMost(slower), folders.ratios(", least", 0)[0],
	), nil
}
