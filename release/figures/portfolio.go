// Package figures answers what a release manager is asked for: figures over the
// releases of a period, each with its definition, its source, and the releases behind
// it. It reads no clock and no database: it is given the facts.
package figures

import "time"

// Portfolio is the figures of the releases of a period.
type Portfolio struct {
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
	Filter
	Currency string `json:"currency,omitempty"`
	// Releases is how many starts of releases the figures are about: those that were under
	// way in the period, or audited in it.
	Releases int      `json:"releases"`
	Figures  []Figure `json:"figures"`
	// Hints are improvements that the figures suggest, the most worthwhile first (ITIL:
	// continual improvement).
	Hints []Hint `json:"hints,omitempty"`
	// Calendar is what was deployed when, and what is planned, oldest first.
	Calendar []Deployment `json:"calendar,omitempty"`
	// CalendarLeft is how many older deployments are left out of it.
	CalendarLeft int `json:"calendarLeft,omitempty"`
}

// Filter says which releases are wanted; what is empty does not matter.
type Filter struct {
	Service     string `json:"service,omitempty"`
	Type        string `json:"type,omitempty"`
	Environment string `json:"environment,omitempty"`
}

// Figure is one number with what it is made of.
type Figure struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// Meaning says in a few words what it is.
	Meaning string `json:"meaning,omitempty"`
	// Definition says how it is worked out, and Source from which tables of the CMS.
	Definition string `json:"definition"`
	Source     string `json:"source"`
	// Unit is a word such as hours, minutes, percent, per week, releases, or the
	// currency.
	Unit string `json:"unit"`
	// Value is nil when nothing was recorded that it could be worked out from.
	Value *float64 `json:"value"`
	// Before is the value in the period of the same length before; nil when that was
	// not worked out, or nothing was recorded then.
	Before *float64 `json:"before,omitempty"`
	// Better says whether people want it lower or higher; empty when neither.
	Better Better `json:"better,omitempty"`
	// Series breaks it down, by month or by what the Series say.
	Series []Series `json:"series,omitempty"`
	Links
}

// Better says in which direction a figure is better.
type Better string

// The directions.
const (
	Lower  Better = "lower"
	Higher Better = "higher"
)

// Series is a figure broken down by one thing.
type Series struct {
	// By says by what: month, stage, gate, environment, service, defect, person…
	By string `json:"by"`
	// Name tells several series of the same kind apart: "planned" and "actual", or the
	// defect type of a series by month.
	Name   string  `json:"name,omitempty"`
	Points []Point `json:"points"`
	// Left is how many points are left out: the oldest months, or what has the smallest
	// values.
	Left int `json:"left,omitempty"`
}

// Point is one value of a series. Months are written as in 2026-05.
type Point struct {
	At    string  `json:"at"`
	Value float64 `json:"value"`
	Links
	// samples are what it was made of, until the hints are there.
	samples []*sample
}

// Links are the releases behind a number: the first of them, and how many there are.
type Links struct {
	Releases []string `json:"releases,omitempty"`
	Count    int      `json:"count"`
}

// LinksKept is how many releases a number names.
const LinksKept = 20

// Hint is an improvement that the figures suggest.
type Hint struct {
	// Figure is the id of the figure that it comes from.
	Figure string `json:"figure"`
	Text   string `json:"text"`
	Links
}

// Deployment is a release in an environment, on the calendar.
type Deployment struct {
	Release     string    `json:"release"`
	Environment string    `json:"environment"`
	Type        string    `json:"type"`
	From        time.Time `json:"from"`
	To          time.Time `json:"to,omitzero"`
	// State is how it ended: live, backed out, …; empty while it goes on.
	State string `json:"state,omitempty"`
}
