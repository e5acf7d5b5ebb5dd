package main

import (
	"fmt"
	"strings"
)

// row is one figure of the result, as bench.json holds it.
type row struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	// Limit is what the value must not pass, or stay below; nil when there is none.
	Limit *float64 `json:"limit,omitempty"`
	// least tells that the limit is the least that has to be reached.
	least bool
}

// atMost says what the value must not pass.
func (r row) atMost(limit float64) row {
	r.Limit, r.least = &limit, false
	return r
}

// atLeast says what the value must not stay below.
func (r row) atLeast(limit float64) row {
	r.Limit, r.least = &limit, true
	return r
}

// met tells whether the value keeps to its limit.
func (r row) met() bool {
	switch {
	case r.Limit == nil:
		return true
	case r.least:
		return r.Value >= *r.Limit
	}
	return r.Value <= *r.Limit
}

// String is the row for people.
func (r row) String() string {
	text := fmt.Sprintf("%-75s %10.2f %s", r.Name, r.Value, r.Unit)
	if r.Limit == nil {
		return text
	}
	missed := ""
	if !r.met() {
		missed = ", MISSED"
	}
	return fmt.Sprintf("%s (%s %g%s)", text, r.bound(), *r.Limit, missed)
}

// bound says of which side the limit is.
func (r row) bound() string {
	if r.least {
		return "at least"
	}
	return "at most"
}

// used is how much of its limit a value takes up: all of it at 1, and more when it
// misses the limit.
func (r row) used() float64 {
	over, under := r.Value, *r.Limit
	if r.least {
		over, under = under, over
	}
	if over == 0 {
		return 0
	}
	return over / under
}

// verdict says how many of the figures keep to their limits, and names those that
// do not.
func verdict(rows []row) string {
	limited := 0
	var missed []string
	for _, r := range rows {
		if r.Limit != nil {
			limited++
		}
		if !r.met() {
			missed = append(missed, r.Name)
		}
	}
	said := fmt.Sprintf("%d figures have limits; %d keep to them", limited, limited-len(missed))
	if len(missed) > 0 {
		said += "; missed: " + strings.Join(missed, "; ")
	}
	return said
}
