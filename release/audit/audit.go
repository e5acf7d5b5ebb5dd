// Package audit checks that what a release deployed is what was authorized, by whom
// and on what evidence. It believes the bytes in the definitive media library, the
// organization's roster and what people and workers signed: neither a server nor a
// database.
package audit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"slipway/release"
)

// Report is what an audit of a release found.
type Report struct {
	Release string `json:"release"`
	// Holds tells whether everything was found to be as it should.
	Holds bool `json:"holds"`
	// Library is what was found before any attestation was looked at.
	Library Check `json:"library"`
	// Attestations has one for each start of the release, the newest last.
	Attestations []Attested `json:"attestations,omitempty"`
}

// Attested is what an audit found about one start of a release. Checks end with the
// first that does not hold.
type Attested struct {
	// Envelope is where the signed attestation is in the library.
	Envelope release.Digest  `json:"envelope"`
	Started  time.Time       `json:"started,omitzero"`
	Closed   time.Time       `json:"closed,omitzero"`
	Outcome  release.Outcome `json:"outcome,omitempty"`
	Holds    bool            `json:"holds"`
	Checks   []Check         `json:"checks"`
}

// Check is one thing that an audit looks at.
type Check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	// Found says what was found: what holds, or else what does not.
	Found string `json:"found"`
}

// Problem gives the first check that does not hold; false when all hold.
func (r Report) Problem() (Check, bool) {
	if !r.Library.OK {
		return r.Library, true
	}
	for _, a := range r.Attestations {
		if i := slices.IndexFunc(a.Checks, func(c Check) bool { return !c.OK }); i >= 0 {
			return a.Checks[i], true
		}
	}
	return Check{}, false
}

// Verify checks all that the library holds about a release, against the
// organization's roster and workers.
func Verify(ctx context.Context, lib Library, o release.Organization, releaseID string) Report {
	report := Report{Release: releaseID, Library: Check{Name: "library"}}
	all, err := lib.Artifacts(ctx)
	if err != nil {
		report.Library.Found = fmt.Sprintf("%v; nobody can tell what of %s is missing: restore the library from a copy", err, releaseID)
		return report
	}
	found := attestations(all, releaseID)
	if len(found) == 0 {
		report.Library.Found = "it has no attestation of " + releaseID +
			": the release is not closed yet, was closed before attestations were made, or its attestation was taken out"
		return report
	}
	report.Library.OK = true
	report.Library.Found = fmt.Sprintf("%s, each listed as what it is; of this release %s", release.ManyOf(len(all), "artifact"), release.ManyOf(len(found), "attestation"))
	report.Holds = true
	for _, artifact := range found {
		v := verification{ctx: ctx, lib: lib, o: o, release: releaseID, all: all, stored: artifact}
		attested := v.run()
		report.Attestations = append(report.Attestations, attested)
		report.Holds = report.Holds && attested.Holds
	}
	return report
}

// attestations finds those of a release, in the order of its starts.
func attestations(all []Artifact, releaseID string) []Artifact {
	found := slices.DeleteFunc(slices.Clone(all), func(a Artifact) bool {
		return a.Type != EnvelopeType || a.isProvenance() || a.Annotations[AnnotationRelease] != releaseID
	})
	started := func(a Artifact) time.Time {
		t, _ := time.Parse(time.RFC3339Nano, a.Annotations[annotationStarted]) // what cannot be read is told later
		return t
	}
	slices.SortStableFunc(found, func(a, b Artifact) int { return started(a).Compare(started(b)) })
	return found
}

// verification is the checking of one attestation.
type verification struct {
	ctx     context.Context
	lib     Library
	o       release.Organization
	release string
	all     []Artifact
	stored  Artifact

	// What the checks find, for those that come after them.
	a *release.Attestation
	// built is the plan in the package.
	built *release.Plan
	// states are the plan as it was in the end, then as it was before each amendment,
	// the latest first.
	states []release.Plan
}

// checks are in the order in which each relies on the ones before.
var checks = []struct {
	name  string
	check func(*verification) (found string, err error)
}{
	{"attestation", (*verification).attestation},
	{"ledger", (*verification).ledger},
	{"package", (*verification).packaged},
	{"plan", (*verification).plan},
	{"gates", (*verification).gates},
	{"votes", (*verification).votes},
	{"decisions", (*verification).decisions},
	{"deployments", (*verification).deployments},
	{"report", (*verification).report},
	{"histories", (*verification).histories},
}

func (v *verification) run() Attested {
	result := Attested{Envelope: v.stored.Digest, Holds: true}
	for _, c := range checks {
		found, err := c.check(v)
		if err != nil {
			found, result.Holds = err.Error(), false
		}
		result.Checks = append(result.Checks, Check{Name: c.name, OK: err == nil, Found: found})
		if err != nil {
			break
		}
	}
	if v.a != nil {
		result.Started, result.Closed, result.Outcome = v.a.Started, v.a.Closed, v.a.Outcome
	}
	return result
}
