// Package records is what the configuration management system is asked, and what it
// answers (ITIL: CMS, and the service knowledge management system on top of it).
package records

import (
	"time"

	"slipway/release"
)

// Request asks for one kind of records: exactly one of its parts is set.
type Request struct {
	Page
	Releases    *Releases    `json:"releases,omitempty"`
	Items       *Items       `json:"items,omitempty"`
	Item        *Item        `json:"item,omitempty"`
	Baselines   *Baselines   `json:"baselines,omitempty"`
	Incidents   *Incidents   `json:"incidents,omitempty"`
	KnownErrors *KnownErrors `json:"knownErrors,omitempty"`
	Relations   *Relations   `json:"relations,omitempty"`
}

// Page says how much of an answer is wanted.
type Page struct {
	// Limit is how many rows there may be, 1 to MostRows; zero stands for DefaultRows.
	Limit int `json:"limit,omitempty"`
	// After is what an earlier answer gave as Next: it goes on there.
	After string `json:"after,omitempty"`
}

// How many rows an answer has.
const (
	DefaultRows = 50
	MostRows    = 500
)

// Releases asks for starts of releases, the latest first. What is empty filters nothing.
type Releases struct {
	Service     string          `json:"service,omitempty"`
	Model       string          `json:"model,omitempty"`
	Environment string          `json:"environment,omitempty"`
	Outcome     release.Outcome `json:"outcome,omitempty"`
	// RFC is one that they carry out, or that was raised because of them.
	RFC string `json:"rfc,omitempty"`
	// Person requested or manages them, or did something in them.
	Person string `json:"person,omitempty"`
	// Since is when they were started at the earliest.
	Since time.Time `json:"since,omitzero"`
	Open  bool      `json:"open,omitempty"`
}

// Items asks for configuration items, by kind and name.
type Items struct {
	Kind ItemKind `json:"kind,omitempty"`
	// Containing is a part of their names.
	Containing string `json:"containing,omitempty"`
}

// ItemKind is what a configuration item is.
type ItemKind string

// The kinds of configuration items: services, what releases declare that they change,
// what builds took from controlled sources, and release packages.
const (
	ItemService   ItemKind = "service"
	ItemDeclared  ItemKind = "ci"
	ItemComponent ItemKind = "component"
	ItemPackage   ItemKind = "package"
)

// ItemKinds lists them.
var ItemKinds = []ItemKind{ItemService, ItemDeclared, ItemComponent, ItemPackage}

// Item asks for the history of one configuration item. One name may be that of items
// of several kinds: without a kind it is about all of them.
type Item struct {
	Kind ItemKind `json:"kind,omitempty"`
	// Name of a package is its digest, of which 12 hexadecimal digits are enough.
	Name string `json:"name"`
}

// Baselines asks what runs where, by environment and service.
type Baselines struct {
	Environment string `json:"environment,omitempty"`
	Service     string `json:"service,omitempty"`
	// At is when it ran; zero is now.
	At time.Time `json:"at,omitzero"`
	// History asks for everything that ever ran, the latest first.
	History bool `json:"history,omitempty"`
}

// Incidents asks for incidents, the latest first.
type Incidents struct {
	Release     string           `json:"release,omitempty"`
	Service     string           `json:"service,omitempty"`
	Environment string           `json:"environment,omitempty"`
	Severities  []int            `json:"severities,omitempty"`
	Defects     []release.Defect `json:"defects,omitempty"`
	Assignee    string           `json:"assignee,omitempty"`
	// Since is when they were opened at the earliest.
	Since time.Time `json:"since,omitzero"`
	Open  bool      `json:"open,omitempty"`
	// Unrelated, when given, says whether those are wanted that the release did not
	// cause, or those that it did.
	Unrelated *bool `json:"unrelated,omitempty"`
}

// KnownErrors searches the known errors: those that match best come first, or the
// latest when nothing is searched for.
type KnownErrors struct {
	Words   []string `json:"words,omitempty"`
	Service string   `json:"service,omitempty"`
	Open    bool     `json:"open,omitempty"`
}

// Relations asks what hangs together with something, over so many edges.
type Relations struct {
	Node
	// Depth is 1 to MostDepth; zero stands for 1.
	Depth int `json:"depth,omitempty"`
}

// MostDepth is how far relations are followed at most.
const MostDepth = 6

// Node is something in the relationships: its kind and its name.
type Node struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// NodeKinds lists the kinds of nodes.
var NodeKinds = []string{
	"release", "package", "component", "ci", "service", "environment", "rfc", "incident", "known-error",
}
