package main

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"slipway/release/figures"
)

// writePortfolioCSV writes a row for the value of each figure and for each point of its
// series. Numbers are as programs read them; what is not known is empty.
func writePortfolioCSV(w io.Writer, p figures.Portfolio) error {
	rows := [][]string{{"figure", "by", "name", "at", "value", "unit", "count", "releases"}}
	add := func(f figures.Figure, by, name, at, value string, l figures.Links) {
		rows = append(rows, []string{
			inert(f.ID), inert(by), inert(name), inert(at), value, inert(f.Unit), strconv.Itoa(l.Count), inert(strings.Join(l.Releases, " ")),
		})
	}
	for _, f := range p.Figures {
		add(f, "", "", "", decimal(f.Value), f.Links)
		for _, s := range f.Series {
			for _, point := range s.Points {
				add(f, s.By, s.Name, point.At, decimal(&point.Value), point.Links)
			}
		}
	}
	return csv.NewWriter(w).WriteAll(rows)
}

// writeReleasesCSV writes a row for each start of a release.
func writeReleasesCSV(w io.Writer, list []figures.Row) error {
	rows := [][]string{{
		"release", "service", "type", "outcome", "emergency", "started", "closed", "duration hours", "lead time hours", "waiting hours",
		"builds", "test runs", "failed test runs", "back-outs", "incidents", "calls", "downtime minutes", "discrepancies",
		"machine hours", "people hours", "cost", "satisfaction",
	}}
	for _, r := range list {
		rows = append(rows, []string{
			inert(r.Release), inert(r.Service), inert(r.Type), inert(string(r.Outcome)), strconv.FormatBool(r.Emergency), stampText(r.Started),
			stampText(r.Closed), decimal(r.Duration), decimal(r.LeadTime), decimal(&r.Waiting), strconv.Itoa(r.Builds), strconv.Itoa(r.TestRuns),
			strconv.Itoa(r.FailedTests), strconv.Itoa(r.BackOuts), countText(r.Incidents), countText(r.Calls), decimal(r.Downtime),
			countText(r.Discrepancies), decimal(&r.MachineHours), decimal(&r.PeopleHours), decimal(r.Cost), decimal(r.Satisfaction),
		})
	}
	return csv.NewWriter(w).WriteAll(rows)
}

// inert writes a text on one line that no spreadsheet takes for a formula.
func inert(text string) string {
	text = plain(text)
	if text != "" && strings.ContainsRune("=+-@", rune(text[0])) {
		return "'" + text
	}
	return text
}

func decimal(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

func countText(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

func stampText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
