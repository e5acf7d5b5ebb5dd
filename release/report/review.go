package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"slipway/release"
)

// review tells what looking back found: what was reached, what did not go as planned,
// what people noted and how satisfied they are, what it cost, and who closed it.
func (c composer) review() []block {
	blocks := c.reviewed()
	for _, part := range []struct {
		title string
		rows  [][]cell
		names []string
	}{
		{"Performance", c.performanceRows(), []string{"Measure", "Promised", "Reached", "Met"}},
		{"Deviations", c.deviationRows(), []string{"Kind", "What"}},
		{"Lessons, risks, issues and improvements", c.noteRows(), []string{"Kind", "What", "Owner", "Noted by", "At"}},
		{"Satisfaction", c.ratingRows(), []string{"By", "Score", "Comment", "At"}},
		{"Cost", c.costRows(), []string{"What", "Hours", "Cost"}},
		{"Efforts", c.effortRows(), []string{"By", "As", "Hours", "Expense", "On", "At"}},
		{"Time spent waiting", c.waitedRows(), []string{"For", "Times", "Altogether", "Of people"}},
	} {
		if len(part.rows) > 0 {
			blocks = append(blocks, heading(part.title), columns(part.rows, part.names...))
		}
	}
	return blocks
}

// reviewed says how the review itself went.
func (c composer) reviewed() []block {
	r := c.Review
	if r == nil {
		return nil
	}
	facts := known(
		fact{"Begun", c.clock.at(r.Opened)},
		fact{"Asked for a rating", text(c.whose(r.Asked))},
		fact{"Ratings until", c.clock.at(c.ratingsUntil())},
		fact{"Known errors handed over", text(strings.Join(each(r.KnownErrors, func(k release.KnownError) string { return k.ID }), ", "))},
	)
	if r.Closed != nil {
		facts = append(facts, known(
			fact{"Closed by", textf("%s, %s", c.who(r.Closed.By), c.clock.text(r.Closed.At))},
			fact{"Verdict", text(r.Closed.Summary)},
		)...)
	}
	if len(r.Missing) > 0 {
		facts = append(facts, fact{"Missing", toned(warn, "%s", strings.Join(r.Missing, "; "))})
	}
	return []block{{Facts: facts}}
}

// ratingsUntil is the deadline, as far as it matters: nobody waited for it when all
// answered before.
func (c composer) ratingsUntil() (until time.Time) {
	if len(c.Unrated()) > 0 {
		until = c.Review.AskedUntil
	}
	return until
}

func (c composer) performanceRows() (rows [][]cell) {
	if c.Review == nil {
		return nil
	}
	for _, p := range c.Review.Performance {
		reached, met := toned(muted, "not measured"), toned(bad, "no")
		if p.Actual != nil {
			reached = textf("%s %s", decimal(*p.Actual), p.Unit)
		}
		if p.Met {
			met = toned(good, "yes")
		}
		rows = append(rows, []cell{text(words(p.Measure)), textf("%s %s", p.PerformanceTarget, p.Unit), reached, met})
	}
	return rows
}

func (c composer) deviationRows() (rows [][]cell) {
	if c.Review == nil {
		return nil
	}
	for _, d := range c.Review.Deviations {
		rows = append(rows, []cell{text(string(d.Kind)), text(d.Text)})
	}
	return rows
}

func (c composer) noteRows() (rows [][]cell) {
	for _, n := range c.Notes {
		rows = append(rows, []cell{text(string(n.Kind)), text(n.Text), text(c.who(n.Owner)), text(c.who(n.By)), c.clock.at(n.At)})
	}
	return rows
}

func (c composer) ratingRows() (rows [][]cell) {
	for _, r := range c.Ratings {
		score := textf("%d of %d", r.Score, release.MaxScore)
		rows = append(rows, []cell{text(c.who(r.By)), score, text(r.Comment), c.clock.at(r.At)})
	}
	return rows // whoever was asked and did not answer is among what is missing
}

func (c composer) costRows() [][]cell {
	if c.Review == nil || c.Review.Cost == nil {
		return nil
	}
	cost := c.Review.Cost
	amount := func(n float64) cell { return textf("%s", strings.TrimSpace(fmt.Sprintf("%.2f %s", n, cost.Currency))) }
	return [][]cell{
		{text("Machines"), textf("%.2f", cost.MachineHours), amount(cost.Machines)},
		{text("People"), textf("%.2f", cost.PeopleHours), amount(cost.People)},
		{text("Expenses"), nil, amount(cost.Expenses)},
		{text("Total"), nil, amount(cost.Total)},
	}
}

func (c composer) effortRows() (rows [][]cell) {
	for _, e := range c.Efforts {
		rows = append(rows, []cell{
			text(c.who(e.By)), text(e.Role), text(decimal(e.Hours)), text(decimal(e.Expense)), text(e.Text), c.clock.at(e.At),
		})
	}
	return rows
}

// waitedRows adds up how long each gate, window and whatever else was waited for, and
// for whom.
func (c composer) waitedRows() (rows [][]cell) {
	for _, w := range release.WaitsByWhat(c.Waits) {
		var people []string
		for _, wait := range c.Waits {
			if (release.Awaiting{Kind: wait.Kind, Gate: wait.Gate, Environment: wait.Environment}).Key() == w.What {
				people = append(people, wait.People...)
			}
		}
		rows = append(rows, []cell{text(w.What), textf("%d", w.Waits), took(w.Time), text(c.whose(unique(people)))})
	}
	return rows
}

// decimal writes a number without digits that say nothing.
func decimal(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// unique leaves out what is there already.
func unique(all []string) (once []string) {
	seen := map[string]bool{}
	for _, s := range all {
		if !seen[s] {
			seen[s] = true
			once = append(once, s)
		}
	}
	return once
}
