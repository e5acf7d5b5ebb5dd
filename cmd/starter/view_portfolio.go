package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"slipway/release"
	"slipway/release/figures"
)

// pageWidth is how many columns a page for people has at most.
const pageWidth = 100

// notKnown stands for what nothing was recorded of.
const notKnown = "not known"

// writePortfolio shows figures to people: what each is now and was in the period before,
// then the hints.
func (a *app) writePortfolio(w io.Writer, p figures.Portfolio) {
	fmt.Fprintf(w, "%s from %s to %s%s\n", release.ManyOf(p.Releases, "release"),
		p.Since.In(a.zone).Format(time.DateOnly), p.Until.In(a.zone).Format(time.DateOnly), filterText(p.Filter))
	fmt.Fprintf(w, "Before: the %s before. -o markdown tells the definitions and the releases.\n\n", lengthText(p))
	rows := [][]string{{"FIGURE", "NOW", "BEFORE", "WHAT IT IS"}}
	for _, f := range p.Figures {
		rows = append(rows, []string{f.Title, valueText(f), beforeText(f), f.Meaning})
	}
	columns(w, rows...)
	if len(p.Hints) == 0 {
		fmt.Fprint(w, "\nNo hints for improvement: nothing stands out, or there is not enough data.\n")
		return
	}
	fmt.Fprint(w, "\nHints for improvement\n")
	for _, h := range p.Hints {
		lines := wrapped(h.Text+" "+behindText(h.Links), pageWidth-2)
		fmt.Fprintln(w, "- "+strings.Join(lines, "\n  "))
	}
}

func filterText(f figures.Filter) string {
	var parts []string
	for _, c := range [][2]string{{"service", f.Service}, {"type", f.Type}, {"environment", f.Environment}} {
		if c[1] != "" {
			parts = append(parts, c[0]+" "+c[1])
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ", only " + strings.Join(parts, ", ")
}

func lengthText(p figures.Portfolio) string {
	long := p.Until.Sub(p.Since)
	if days := int(math.Round(long.Hours() / 24)); days > 0 {
		return release.ManyOf(days, "day")
	}
	return release.Duration(long.Round(time.Second)).String()
}

func valueText(f figures.Figure) string {
	if f.Value == nil {
		return notKnown
	}
	factor, unit := figures.Readable(*f.Value, f.Unit)
	return shortNumber(*f.Value*factor) + " " + unit
}

// beforeText says what a figure was, and whether it is better now.
func beforeText(f figures.Figure) string {
	if f.Before == nil {
		return "-"
	}
	if f.Value == nil {
		return shortNumber(*f.Before)
	}
	factor, _ := figures.Readable(*f.Value, f.Unit) // to compare in the same unit
	was := shortNumber(*f.Before * factor)
	switch {
	case f.Better == "":
		return was
	case shortNumber(*f.Value*factor) == was:
		return was + ", same"
	case (*f.Value < *f.Before) == (f.Better == figures.Lower):
		return was + ", better"
	}
	return was + ", worse"
}

// shortNumber writes a number as people read it: with one decimal when it is small.
func shortNumber(v float64) string {
	if math.Abs(v) < 1000 {
		return cmp.Or(strings.TrimSuffix(strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0"), "-0"), "0")
	}
	sign := ""
	if v < 0 {
		sign = "-"
	}
	return sign + release.Grouped(int(math.Round(math.Abs(v))))
}

// behindText names the first releases behind a hint.
func behindText(l figures.Links) string {
	const named = 3
	shown := l.Releases[:min(named, len(l.Releases))]
	if len(shown) == 0 {
		return ""
	}
	return "(" + strings.Join(shown, ", ") + moreText(l.Count-len(shown)) + ")"
}

// writeRows shows releases to people, with the numbers that say most.
func (a *app) writeRows(w io.Writer, list []figures.Row) {
	if len(list) == 0 {
		fmt.Fprintln(w, "No release was under way in this period.")
		return
	}
	rows := [][]string{{"RELEASE", "TYPE", "STARTED", "OUTCOME", "LEAD TIME", "WAITED", "BUILDS", "INCIDENTS", "COST"}}
	for _, r := range list {
		rows = append(rows, []string{
			r.Release, r.Type, r.Started.In(a.zone).Format(time.DateOnly), cmp.Or(string(r.Outcome), "open"), hoursText(r.LeadTime),
			hoursText(&r.Waiting), strconv.Itoa(r.Builds), incidentsText(r.Incidents), moneyText(r.Cost),
		})
	}
	columns(w, rows...)
}

func hoursText(v *float64) string {
	if v == nil {
		return "-"
	}
	return shortNumber(*v) + "h"
}

func incidentsText(n *int) string {
	if n == nil {
		return "-"
	}
	return strconv.Itoa(*n)
}

func moneyText(v *float64) string {
	if v == nil {
		return "-"
	}
	return shortNumber(*v)
}
