package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"slipway/release"
	"slipway/starter"
)

// openingsShown is how many openings of an environment a table has.
const openingsShown = 8

// writeCalendar shows the calendar to people, environment by environment.
func (a *app) writeCalendar(w io.Writer, c starter.Calendar) {
	zone := c.From.In(a.zone).Format("MST")
	fmt.Fprintf(w, "Calendar from %s until %s, %s\n", a.day(c.From), a.day(c.To), zone)
	for _, e := range c.Environments {
		fmt.Fprintf(w, "\n%s\n", e.Name)
		writeFact(w, "now", a.nowText(e.Opening))
		a.writeEntries(w, e.Entries)
		a.writeOpenings(w, e)
	}
	if len(c.Releases) == 0 {
		fmt.Fprintln(w, "\nNo release is on its way there.")
		return
	}
	rows := [][]string{{"RELEASE", "GOES TO", "STATE", "WAITS FOR", "OPENS"}}
	for _, p := range c.Releases {
		rows = append(rows, []string{p.Release, p.Environment, string(p.State), awaitsText(p), a.opensText(p, c.From)})
	}
	fmt.Fprintln(w)
	columns(w, rows...)
}

// day writes a time with its day of the week.
func (a *app) day(t time.Time) string { return t.In(a.zone).Format("Mon 2006-01-02 15:04") }

// span writes a stretch of time; the day of its end only where that is another one.
func (a *app) span(s release.Span) string {
	to := s.To.In(a.zone)
	if to.Format(time.DateOnly) == s.From.In(a.zone).Format(time.DateOnly) {
		return a.day(s.From) + " to " + to.Format("15:04")
	}
	return a.day(s.From) + " to " + a.day(s.To)
}

// nowText says whether an environment may be changed now.
func (a *app) nowText(o release.Opening) string {
	switch {
	case o.Open && o.Until.IsZero():
		return "open: " + o.Why
	case o.Open:
		return "open until " + a.day(o.Until) + ": " + o.Why
	case o.At.IsZero():
		return "closed: " + o.Why
	}
	return "closed until " + a.day(o.At) + ": " + o.Why
}

func (a *app) writeEntries(w io.Writer, entries []release.CalendarItem) {
	if len(entries) == 0 {
		return
	}
	rows := [][]string{{"   ENTRY", "WHAT", "WHEN", "BY", "WHY"}}
	for _, e := range entries {
		rows = append(rows, []string{"   " + e.ID, string(e.Kind()), a.when(e), who(e.CalendarEntry), why(e.CalendarEntry)})
	}
	columns(w, rows...)
}

func (a *app) when(e release.CalendarItem) string {
	if e.Freeze != nil {
		return a.span(release.Span{From: e.Freeze.From, To: e.Freeze.To})
	}
	zone := e.Window.Zone
	if zone == "" {
		zone = "UTC"
	}
	_, clock, _ := strings.Cut(e.Window.Start, "T")
	return fmt.Sprintf("%s at %s %s for %s", e.Window.Rule, clock, zone, e.Window.Length)
}

func why(e release.CalendarEntry) string {
	if e.Freeze != nil {
		return oneLine(e.Freeze.Reason)
	}
	text := e.Window.Name
	if e.Added != nil {
		text = with(text, oneLine(e.Added.Reason))
	}
	return strings.TrimPrefix(text, ": ")
}

func who(e release.CalendarEntry) string {
	if e.Added == nil {
		return e.Source
	}
	return e.Added.By
}

// writeOpenings says when an environment may be changed.
func (a *app) writeOpenings(w io.Writer, e release.CalendarEnvironment) {
	if len(e.Open) == 0 {
		fmt.Fprintln(w, "   It may not be changed in these days.")
		return
	}
	name := "open"
	for _, s := range e.Open[:min(len(e.Open), openingsShown)] {
		writeFact(w, name, a.span(s))
		name = ""
	}
	if more := len(e.Open) - openingsShown; more > 0 {
		writeFact(w, "", fmt.Sprintf("and %d times more", more))
	}
}

func awaitsText(p starter.PlannedRelease) string {
	if p.Unknown != "" {
		return oneLine(p.Unknown)
	}
	if len(p.Awaits) == 0 {
		return "-"
	}
	return strings.Join(p.Awaits, ", ")
}

// opensText says when the environment of a planned release opens.
func (a *app) opensText(p starter.PlannedRelease, now time.Time) string {
	switch {
	case p.Unknown != "":
		return "unknown"
	case p.Opens.IsZero():
		return "not in sight"
	case !p.Opens.After(now):
		return "now"
	}
	return a.day(p.Opens)
}
