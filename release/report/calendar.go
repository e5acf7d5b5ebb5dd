package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"slipway/release"
	"slipway/release/figures"
)

// calendar shows on which days what was deployed, and what is planned: a month is a
// grid of days.
type calendar struct {
	Months []calendarMonth
	Legend []sign
	// Left says what is in the table alone, because the picture has no room for it.
	Left  string
	Table table
}

type calendarMonth struct {
	Title string
	Short string
	// Note says in words what the month holds.
	Note string
	// Weeks are rows of seven days, from Monday on; days of other months are zero.
	Weeks [][7]calendarDay
}

// calendarDay is a day with what became of its deployments.
type calendarDay struct {
	Number int
	Sign   sign
	// Count is how many deployments there were, when it is more than one.
	Count  string
	Title  string
	Anchor string
}

// sign tells how deployments ended; the mark tells it without the colour.
type sign struct {
	Mark string
	Tone tone
	Name string
}

// signs are from the most to the least remarkable: of a day's deployments the first
// of these is shown.
var signs = []sign{
	{"?", bad, "undecided"},
	{"✕", bad, "backed out"},
	{"!", warn, "partly live"},
	{"…", pending, "goes on"},
	{"–", muted, "not deployed"},
	{"✓", good, "live"},
	{"○", neutral, "planned"},
}

// signOf is how remarkable a deployment is, as a place in signs.
func signOf(d figures.Deployment, until time.Time) int {
	name := "goes on"
	switch state := words(release.EnvironmentState(d.State)); release.EnvironmentState(state) {
	case release.EnvUndecided, release.EnvBackedOut, release.EnvPartly, release.EnvNotDeployed:
		name = state
	case release.EnvLive, release.EnvSupported, release.EnvReplaced:
		name = "live"
	}
	if planned(d, until) {
		name = "planned"
	}
	return slices.IndexFunc(signs, func(s sign) bool { return s.Name == name })
}

// mostCalendarMonths is how many months are drawn; the table has the earlier ones too.
const mostCalendarMonths = 24

// dayAnchor is the place of a day's first deployment in the table.
func dayAnchor(t time.Time) string { return "day-" + t.UTC().Format(time.DateOnly) }

// calendar lays the deployments on their days.
func (s surveyor) calendar() []block {
	if len(s.Calendar) == 0 {
		return []block{paragraph("Nothing was deployed in this time, and nothing is planned.")}
	}
	c := &calendar{Table: s.deploymentTable()}
	days := map[string][]figures.Deployment{}
	seen := map[int]bool{}
	first, last := s.Calendar[0].From, s.Calendar[0].From
	for _, d := range s.Calendar {
		key := dayAnchor(d.From)
		days[key] = append(days[key], d)
		seen[signOf(d, s.Until)] = true
		if d.From.Before(first) {
			first = d.From
		}
		if d.From.After(last) {
			last = d.From
		}
	}
	for i := range signs {
		if seen[i] {
			c.Legend = append(c.Legend, signs[i])
		}
	}
	c.Months, c.Left = s.monthsBetween(days, first.UTC(), last.UTC())
	if s.CalendarLeft > 0 {
		c.Left = strings.TrimSpace(c.Left + " " + release.ManyOf(s.CalendarLeft, "older deployment") + " were left out.")
	}
	return []block{{Calendar: c}}
}

// monthsBetween lays out the latest of the months from the first to the last
// deployment.
func (s surveyor) monthsBetween(days map[string][]figures.Deployment, first, last time.Time) (months []calendarMonth, left string) {
	month := time.Date(last.Year(), last.Month(), 1, 0, 0, 0, 0, time.UTC)
	for month.AddDate(0, 1, 0).After(first) {
		if len(months) == mostCalendarMonths {
			left = "Earlier months are in the table."
			break
		}
		months = append(months, s.month(days, month))
		month = month.AddDate(0, -1, 0)
	}
	slices.Reverse(months)
	return months, left
}

func (s surveyor) month(days map[string][]figures.Deployment, first time.Time) calendarMonth {
	m := calendarMonth{Title: first.Format("January 2006"), Short: first.Format("Jan 2006")}
	deployed := 0
	for t := first; t.Month() == first.Month(); t = t.AddDate(0, 0, 1) {
		weekday := (int(t.Weekday()) + 6) % 7
		if weekday == 0 || len(m.Weeks) == 0 {
			m.Weeks = append(m.Weeks, [7]calendarDay{})
		}
		all := days[dayAnchor(t)]
		deployed += len(all)
		m.Weeks[len(m.Weeks)-1][weekday] = s.day(t, all)
	}
	m.Note = release.ManyOf(deployed, "deployment")
	return m
}

func (s surveyor) day(t time.Time, all []figures.Deployment) calendarDay {
	day := calendarDay{Number: t.Day()}
	if len(all) == 0 {
		return day
	}
	worst := len(signs) - 1
	said := make([]string, 0, len(all))
	for _, d := range all {
		at := signOf(d, s.Until)
		worst = min(worst, at)
		said = append(said, fmt.Sprintf("%s to %s, %s", d.Release, d.Environment, signs[at].Name))
	}
	day.Sign, day.Anchor = signs[worst], dayAnchor(t)
	if len(all) > 1 {
		day.Count = fmt.Sprint(len(all))
	}
	day.Title = t.Format("2 January 2006") + ": " + strings.Join(said, "; ")
	return day
}

// deploymentTable lists the deployments; the first of each day can be led to.
func (s surveyor) deploymentTable() table {
	named := map[string]bool{}
	return *columns(each(s.Calendar, func(d figures.Deployment) []cell {
		from := s.clock.at(d.From)
		if anchor := dayAnchor(d.From); !named[anchor] && len(from) > 0 {
			named[anchor] = true
			from[0].ID = anchor
		}
		return []cell{from, s.release(d.Release), text(d.Environment), text(d.Type), deploymentState(d, s.Until), lasted(d)}
	}), "From", "Release", "Environment", "Type", "State", "Took").Table
}

// lasted is how long a deployment took; nothing before its end.
func lasted(d figures.Deployment) cell {
	if d.To.IsZero() {
		return nil
	}
	return text(human(release.Duration(d.To.Sub(d.From))))
}

// drawnCalendar writes a line of days for each month.
func drawnCalendar(c calendar) string {
	var w strings.Builder
	w.WriteString("          1   5    10   15   20   25   30\n")
	for _, m := range c.Months {
		line := ""
		for _, week := range m.Weeks {
			for _, day := range week {
				switch {
				case day.Anchor != "":
					line += day.Sign.Mark
				case day.Number > 0:
					line += "·"
				}
			}
		}
		fmt.Fprintf(&w, "%s  %-31s  %s\n", m.Short, line, m.Note)
	}
	legend := each(c.Legend, func(s sign) string { return s.Mark + " " + s.Name })
	w.WriteString("\n" + strings.Join(legend, ", "))
	if c.Left != "" {
		w.WriteString(". " + c.Left)
	}
	return w.String()
}
