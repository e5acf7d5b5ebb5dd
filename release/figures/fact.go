package figures

import (
	"slices"
	"strings"
	"time"

	"slipway/release"
)

// Fact is a start of a release with what was recorded of it that figures are worked out
// from.
type Fact struct {
	Release string
	Service string
	// Type is the name of its release model.
	Type      string
	Started   time.Time
	Closed    time.Time // zero while it is open
	Outcome   release.Outcome
	Emergency bool
	// Environments are those that it goes to, in its order.
	Environments []string

	Builds []Build
	Tests  []Test
	// Steps is how long the steps of its deployments worked in each environment.
	Steps     []StepTime
	Runs      []Run
	Waits     []release.Waited
	Incidents []Incident
	Calls     []Call
	Supports  []Support
	Ratings   []release.Rating
	Efforts   []release.Effort
	Targets   []release.Performance
	Stages    []release.Stage
	Live      []release.LiveSince
	Audits    []Audit
	Assets    []AssetCount
}

// Build is an attempt to build.
type Build struct {
	At     time.Time
	Took   time.Duration
	Failed bool
}

// Test is a run of a suite.
type Test struct {
	At     time.Time
	Suite  string
	Took   time.Duration
	Failed bool
}

// StepTime is machine time in an environment.
type StepTime struct {
	Environment string
	Took        time.Duration
}

// Run is a deployment to an environment, or the undoing of one: from its first step,
// when that is known, to its end. One that goes on has no To and no State.
type Run struct {
	Environment string
	From        time.Time
	To          time.Time
	State       release.EnvironmentState
}

// Incident is one of early life support.
type Incident struct {
	Environment string
	Severity    int
	Defect      release.Defect
	Opened      time.Time
	Resolved    time.Time
	Unrelated   bool
}

// Call is a service desk call of early life support.
type Call struct {
	Environment string
	At          time.Time
}

// Support is an early life support. Down is the downtime of the target that had most,
// when it was Observed at all.
type Support struct {
	Environment string
	Began       time.Time
	Ended       time.Time // zero while it goes on
	Observed    bool
	Down        time.Duration
}

// Audit is a configuration audit: the targets that did not hold what they should, and
// how many more there were than are listed.
type Audit struct {
	Environment string
	At          time.Time
	Occasion    string
	Targets     []string
	Unlisted    int
}

// AssetCount is what was counted of a kind of assets when the release went live.
type AssetCount struct {
	Environment string
	At          time.Time
	Kind        string
	release.AssetCount
}

// in gives what the fact says about one environment, beside what belongs to none.
func (f Fact) in(environment string) *Fact {
	f.Environments = keep(f.Environments, func(name string) bool { return name == environment })
	f.Steps = keep(f.Steps, func(t StepTime) bool { return t.Environment == environment })
	f.Runs = keep(f.Runs, func(r Run) bool { return r.Environment == environment })
	f.Incidents = keep(f.Incidents, func(i Incident) bool { return i.Environment == environment })
	f.Calls = keep(f.Calls, func(c Call) bool { return c.Environment == environment })
	f.Supports = keep(f.Supports, func(s Support) bool { return s.Environment == environment })
	f.Live = keep(f.Live, func(l release.LiveSince) bool { return l.Environment == environment })
	f.Audits = keep(f.Audits, func(a Audit) bool { return a.Environment == environment })
	f.Assets = keep(f.Assets, func(a AssetCount) bool { return a.Environment == environment })
	f.Waits = keep(f.Waits, func(w release.Waited) bool { where := placeOf(w); return where == "" || where == environment })
	f.Stages = keep(f.Stages, func(s release.Stage) bool {
		_, where := s.Name.Split()
		return where == "" || where == environment
	})
	return &f
}

// placeOf gives the environment that a wait was in or about, if any.
func placeOf(w release.Waited) string {
	if environment, found := strings.CutPrefix(w.Gate, release.DeployGate("")); found && w.Environment == "" {
		return environment
	}
	return w.Environment
}

func keep[T any](list []T, wanted func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), func(item T) bool { return !wanted(item) })
}
