package records

import (
	"time"

	"slipway/release"
)

// Answer has what was asked for.
type Answer struct {
	Releases    []Release    `json:"releases,omitzero"`
	Items       []ItemRow    `json:"items,omitzero"`
	Item        *History     `json:"item,omitempty"`
	Baselines   []Placement  `json:"baselines,omitzero"`
	Incidents   []Incident   `json:"incidents,omitzero"`
	KnownErrors []KnownError `json:"knownErrors,omitzero"`
	Relations   *Tree        `json:"relations,omitempty"`
	// Next is what After has to be to get what comes next; empty when that was all.
	Next string `json:"next,omitempty"`
}

// Release is one start of a release.
type Release struct {
	ID string `json:"id"`
	release.State
}

// ItemRow is a configuration item in the list of them.
type ItemRow struct {
	Kind ItemKind `json:"kind"`
	Name string   `json:"name"`
	// About is the title of a service, the source of a component, the tag of a package.
	About string `json:"about,omitempty"`
	// Releases is how many releases had to do with it, the last one at Latest.
	Releases int       `json:"releases"`
	Latest   time.Time `json:"latest"`
}

// History is what is recorded about a configuration item.
type History struct {
	Name  string     `json:"name"`
	Kinds []ItemKind `json:"kinds"`
	// About has what the item is, by kind.
	About []string `json:"about,omitempty"`
	// Runs is what of it runs now, and Placed all that ever did, the latest first, of
	// which an answer has a page.
	Runs   []Placement `json:"runs,omitempty"`
	Placed []Placement `json:"placed,omitempty"`
	// Releases are those that had to do with it, whatever came of them, the latest first;
	// More is how many are not listed.
	Releases     []Started `json:"releases,omitempty"`
	MoreReleases int       `json:"moreReleases,omitempty"`
	// RFCs are those that these releases carry out, and those that were raised about it.
	RFCs          []string   `json:"rfcs,omitempty"`
	MoreRFCs      int        `json:"moreRFCs,omitempty"`
	Incidents     []Incident `json:"incidents,omitempty"`
	MoreIncidents int        `json:"moreIncidents,omitempty"`
}

// Started is a start of a release, in short.
type Started struct {
	ID      string            `json:"id"`
	Started time.Time         `json:"started"`
	Phase   release.StageName `json:"phase"`
	Outcome release.Outcome   `json:"outcome,omitempty"`
}

// Placement is what ran in an environment, from Since to Until.
type Placement struct {
	Environment string         `json:"environment"`
	Service     string         `json:"service"`
	Release     string         `json:"release"`
	Version     string         `json:"version"`
	Package     release.Digest `json:"package,omitempty"`
	Since       time.Time      `json:"since"`
	// Until is zero while it runs.
	Until time.Time `json:"until,omitzero"`
	// SetBy is the release that put it there: another one when that was backed out.
	SetBy string `json:"setBy"`
	// Source is where a component came from, when one was asked about.
	Source     string     `json:"source,omitempty"`
	Authorized Authorized `json:"authorized,omitzero"`
	RFCs       []string   `json:"rfcs,omitempty"`
	// Others are targets that hold something else.
	Others []Exception `json:"others,omitempty"`
}

// BackedOutOf tells whether it ran again because another release was backed out.
func (p Placement) BackedOutOf() bool { return p.SetBy != p.Release }

// Authorized is who authorized a deployment at its gate, by the ledger's counted votes.
type Authorized struct {
	Gate     string           `json:"gate"`
	Decision release.Decision `json:"decision"`
	At       time.Time        `json:"at"`
	// Policy is whom the gate asked, in words.
	Policy string   `json:"policy"`
	By     []string `json:"by,omitempty"`
}

// Exception is targets that hold another version than their environment runs; an empty
// one is nothing at all.
type Exception struct {
	Version string `json:"version,omitempty"`
	Count   int    `json:"count"`
	// Targets are the first of them.
	Targets []string `json:"targets"`
}

// String says what is on how many targets: "1.4 on 2 targets".
func (x Exception) String() string {
	return release.OrNothing(x.Version) + " on " + release.ManyOf(x.Count, "target")
}

// Incident is an incident, with where it was.
type Incident struct {
	Release     string `json:"release"`
	Environment string `json:"environment"`
	release.Incident
}

// KnownError is a known error of a service, with where it is known.
type KnownError struct {
	Service    string `json:"service"`
	ID         string `json:"id"`
	Summary    string `json:"summary"`
	Workaround string `json:"workaround,omitempty"`
	// Since is when it was first recorded.
	Since time.Time `json:"since"`
	// Releases are those that it is known of, the latest first.
	Releases []string `json:"releases"`
	// Runs is where one of them runs now.
	Runs     []Running `json:"runs,omitempty"`
	Incident string    `json:"incident,omitempty"`
	// Resolved is zero while it is open.
	Resolved   time.Time `json:"resolved,omitzero"`
	Resolution string    `json:"resolution,omitempty"`
}

// Running is a release where it runs.
type Running struct {
	Environment string `json:"environment"`
	Release     string `json:"release"`
}

// String names both: "production (httpbin@2.26.0)".
func (r Running) String() string { return r.Environment + " (" + r.Release + ")" }

// Tree is what hangs together with a node: the edges between all nodes that were
// reached, each once.
type Tree struct {
	Root  Node   `json:"root"`
	Edges []Edge `json:"edges"`
	// More are the nodes of which not all edges are there.
	More []More `json:"more,omitempty"`
	// Full tells that there would be more edges than an answer has.
	Full bool `json:"full,omitempty"`
}

// Edge says how one node relates to another: "release x made package y".
type Edge struct {
	From     Node   `json:"from"`
	Relation string `json:"relation"`
	To       Node   `json:"to"`
}

// More is how many edges of a node were left out.
type More struct {
	Node
	Count int `json:"count"`
}

// Other gives the node at the other end of the edge.
func (e Edge) Other(than Node) Node {
	if e.From == than {
		return e.To
	}
	return e.From
}
