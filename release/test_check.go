package release

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// maxReruns is how often a suite may run again, maxSuites how many may run at the
	// same time, and minFollow how often branches may be looked at.
	maxReruns = 5
	maxSuites = 100
	minFollow = 10 * time.Second
)

func (d Definition) checkTest(problems *Problems) {
	unique(problems, "test.suites", d.Test.Suites, func(s Suite) string { return s.Name })
	for i, s := range d.Test.Suites {
		d.checkSuite(fmt.Sprintf("test.suites[%d]", i), s, problems)
	}
	if n := d.Test.Parallel; n < 0 || n > maxSuites {
		problems.add("test.parallel", "%d: use 1 to %d, or leave it out to limit nothing", n, maxSuites)
	}
	switch follow := d.Test.Follow; {
	case follow == 0:
	case follow.Std() < minFollow:
		problems.add("test.follow", "%s: look at most every %s, as in 1m", follow, Duration(minFollow))
	case len(Branches(d.Components)) == 0:
		problems.add("test.follow", "there is nothing to follow: give a component a source with git and branch")
	}
	d.checkRequirements(problems)
}

func (d Definition) checkSuite(at string, s Suite, problems *Problems) {
	d.checkScript(problems, at, s.Run, s.Component, s.Secrets)
	if s.Kind != "" && !slices.Contains(SuiteKinds, s.Kind) {
		instead := "use "
		if meant := nearest(s.Kind, SuiteKinds); meant != "" {
			instead = fmt.Sprintf("did you mean %q? Use ", meant)
		}
		problems.add(at+".kind", "%q is not a kind of test suite: %s", s.Kind, instead+strings.Join(SuiteKinds, ", "))
	}
	format, path, _ := strings.Cut(s.Results, ":")
	if !slices.Contains([]string{"", "exit", "go-test-json", "tap"}, s.Results) && (format != "junit" || path == "") {
		problems.add(at+".results", "%q: use exit, go-test-json, tap or junit:PATH", s.Results)
	}
	if s.Reruns < 0 || s.Reruns > maxReruns {
		problems.add(at+".reruns", "%d: use 0 to %d", s.Reruns, maxReruns)
	}
	for _, id := range s.Covers {
		if !slices.ContainsFunc(d.Requirements, func(r Requirement) bool { return r.ID == id }) {
			problems.add(at+".covers", "there is no requirement %q", id)
		}
	}
}

func (d Definition) checkRequirements(problems *Problems) {
	seen := map[string]bool{}
	for i, r := range d.Requirements {
		at := fmt.Sprintf("requirements[%d]", i)
		switch {
		case r.ID == "" || r.Text == "":
			problems.add(at, "a requirement needs an id and a text")
		case seen[r.ID]:
			problems.add(at+".id", "%q stands twice", r.ID)
		}
		seen[r.ID] = true
	}
}

// checkRequirementsUnder notes requirements that no suite covers, unless the model
// lets them wait until the first deployment gate.
func (d Definition) checkRequirementsUnder(m Model, problems *Problems) {
	if m.Requirements == RequirementsAtGate {
		return
	}
	for i, r := range d.Requirements {
		if len(d.covering(r.ID)) == 0 {
			problems.add(fmt.Sprintf("requirements[%d]", i), "no test suite covers %s: name it in the covers of a suite", r.ID)
		}
	}
}

// checkTestAgainst notes a test environment that the organization does not have, or
// not for tests.
func (d Definition) checkTestAgainst(o Organization, problems *Problems) {
	if d.Test.Environment == "" {
		return
	}
	env, known := o.Environment(d.Test.Environment)
	switch {
	case !known:
		problems.add("test.environment", "there is no environment %q: use %s", d.Test.Environment,
			names(o.Environments, func(e Environment) string { return e.Name }))
	case env.Purpose == purposeProduction:
		problems.add("test.environment", "%s is for production: suites run before anybody has authorized anything there, so use another one", env.Name)
	}
}

// checkRequirements notes a word that the model does not have for when requirements
// have to be proved.
func (m Model) checkRequirements(at string, problems *Problems) {
	if r := m.Requirements; !slices.Contains([]string{"", RequirementsAtPrepare, RequirementsAtGate}, r) {
		problems.add(at+".requirements", "%q: use %s or %s", r, RequirementsAtPrepare, RequirementsAtGate)
	}
}
