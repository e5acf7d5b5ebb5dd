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
		value := ""
		if f.Value != nil {
			value = decimal(*f.Value)
		}
		add(f, "", "", "", value, f.Links)
		for _, s := range f.Series {
			for _, point := range s.Points {
				add(f, s.By, s.Name, point.At, decimal(point.Value), point.Links)
			}
		}
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

// decimal writes a number as programs read it.
func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func stampText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
