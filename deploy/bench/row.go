package main

import "fmt"

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
	bound, missed := "at most", ""
	if r.least {
		bound = "at least"
	}
	if !r.met() {
		missed = ", MISSED"
	}
	return fmt.Sprintf("%s (%s %g%s)", text, bound, *r.Limit, missed)
}
