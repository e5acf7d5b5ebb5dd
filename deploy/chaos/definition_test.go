package chaos_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"slipway/release"
)

// The models of the site: one that asks nobody but about a step whose fate is
// unknown, one that backs out then, and one that asks everybody.
const (
	modelOpen     = "open"
	modelCautious = "cautious"
	modelVoted    = "voted"
)

func models() []release.Model {
	may := map[release.Action][]string{
		release.ActBackOut: {"deployment"}, release.ActResolveStep: {"deployment"},
		release.ActAccept: {"users"}, release.ActHandOver: {"service-operations"},
	}
	vote := release.GatePolicy{Votes: map[string]int{"cab": 1}}
	return []release.Model{
		{Name: modelOpen, May: may, BackOut: release.BackOutPolicy{Scope: release.ScopeEnvironment, Unknown: release.UnknownAsk}},
		{Name: modelCautious, May: may, BackOut: release.BackOutPolicy{Scope: release.ScopeRelease, Unknown: release.UnknownBackOut}},
		{
			Name: modelVoted, May: may, Gates: map[string]release.GatePolicy{release.GatePlan: vote, "deploy": vote}, MergeBuildGate: true,
			AcceptIn: []string{"production"}, HandOverIn: []string{"production"},
			BackOut: release.BackOutPolicy{Scope: release.ScopeRelease, Unknown: release.UnknownAsk},
		},
	}
}

// The steps by name.
const (
	stepAnnounce  = "announce"  // once, may run again
	stepMigrate   = "migrate"   // once, may not
	stepTransfer  = "transfer"  // Slipway's own
	stepConfigure = "configure" // per target, may not run again
	stepRefresh   = "refresh"   // per target, may run again
	stepSwitch    = "switch"    // Slipway's own, with or without a script that may not run again
	stepTidy      = "tidy"      // once, may not run again
)

// trouble is what goes wrong with a release, or what a person does to it.
type trouble string

const (
	troubleNone    trouble = "none"
	troubleStep    trouble = "a step fails"
	troubleBackOut trouble = "a step fails, and a back-out the first time"
	troubleProbe   trouble = "the probes fail"
	troubleDeploy  trouble = "a person backs out while it is deployed"
	troubleSupport trouble = "a person backs out in early life support"
)

// request is a release that is asked for, and what is going to happen to it.
type request struct {
	definition release.Definition
	trouble    trouble
	// environment is where the trouble is.
	environment string
}

func (s *site) request(r *rand.Rand, service, version, staging, production string) request {
	q := request{trouble: troubleNone, environment: staging}
	if r.IntN(2) == 0 {
		q.trouble = []trouble{troubleStep, troubleBackOut, troubleProbe, troubleDeploy, troubleSupport}[r.IntN(5)]
	}
	if r.IntN(3) > 0 {
		q.environment = production
	}
	q.definition = release.Definition{
		Service: service, Version: version, Model: []string{modelOpen, modelCautious, modelVoted}[r.IntN(3)], Requester: "rita", Manager: "marc",
		Requirements: []release.Requirement{{ID: "REQ-1", Text: "The package holds its version"}},
		Components:   []release.Component{{Name: "app", Source: release.Source{Dir: s.path("source"), Sum: s.sum}}},
		Build:        release.Build{Steps: []release.BuildStep{{Name: "make", Component: "app", Run: s.script(r, "build", "make", buildScript)}}},
		Test: release.Test{Suites: []release.Suite{{
			Name: "content", Component: "app", Covers: []string{"REQ-1"},
			Run: s.script(r, "test", "content", `[ "$(cat "$PACKAGE/VERSION")" = "$VERSION" ]`),
		}}},
		Environments: []release.EnvironmentDefinition{{Name: staging}, {Name: production, Waves: release.Sizes(1, 2)}},
		Verification: release.Verification{Within: release.Duration(10 * time.Second), Probes: []release.Probe{{Path: "/verify", Contains: "${VERSION}"}}},
		EarlyLifeSupport: release.Support{
			Period: release.Duration(1500 * time.Millisecond), Interval: release.Duration(100 * time.Millisecond), Probe: &release.Probe{Path: "/watch"},
		},
	}
	q.definition.Steps = s.steps(r, &q)
	return q
}

func (s *site) steps(r *rand.Rand, q *request) []release.Step {
	all := []release.Step{
		{Name: stepAnnounce, Kind: release.BusinessAndOrganization, Per: release.Once, Retries: 2},
		{Name: stepMigrate, Kind: release.ServiceTransfer, Per: release.Once},
		{Name: stepTransfer, Kind: release.ServiceTransfer, Per: release.PerTarget, Action: release.Transfer},
		{Name: stepConfigure, Kind: release.ServiceDeployment, Per: release.PerTarget},
		{Name: stepRefresh, Kind: release.ServiceDeployment, Per: release.PerTarget, Retries: 2},
		{Name: stepSwitch, Kind: release.ServiceDeployment, Per: release.PerTarget, Action: release.Activate},
		{Name: stepTidy, Kind: release.RemovalOfRedundantAssets, Per: release.Once},
	}
	var steps []release.Step
	for _, step := range all {
		own := step.Action != ""
		// The first one is always there: its marks tell where the release is.
		if step.Name != stepAnnounce && !own && r.IntN(4) == 0 {
			continue
		}
		if !own || (step.Action == release.Activate && r.IntN(2) == 0) {
			step.Run = s.script(r, "run", step.Name, "")
			step.BackOut = s.script(r, "back-out", step.Name, "")
		}
		steps = append(steps, step)
	}
	s.spoil(r, steps, q)
	return steps
}

// spoil makes steps fail where the trouble is.
func (s *site) spoil(r *rand.Rand, steps []release.Step, q *request) {
	switch q.trouble {
	case troubleStep, troubleBackOut:
		i := r.IntN(len(steps))
		for steps[i].Run == "" {
			i = r.IntN(len(steps))
		}
		name := steps[i].Name
		steps[i].Run = s.script(r, "run", name, fmt.Sprintf(`[ "$ENVIRONMENT" != %s ] || fail`, q.environment))
		if q.trouble == troubleBackOut {
			flag := filepath.Join(s.folder, "failed-once-")
			steps[i].BackOut = s.script(r, "back-out", name, fmt.Sprintf(`f="%s$RELEASE"; [ -e "$f" ] || { : >"$f"; fail; }`, flag))
		}
	case troubleProbe:
		q.definition.Version += sick
		q.definition.Verification.Within = release.Duration(time.Second)
	}
}

// script takes a moment, leaves marks and does something.
func (s *site) script(r *rand.Rand, what, step, body string) string {
	moment := fmt.Sprintf("sleep 0.%02d\n", 5+r.IntN(40))
	return script(s.marks.file, what, step, moment+body)
}
