package figures

import (
	"cmp"
	"slices"
	"sync"
)

// Definition says what a figure is. The same is said in docs/figures.md.
type Definition struct {
	ID    string
	Title string
	// Meaning says in a few words what it is, and Definition how it is worked out, so that
	// a stranger can do it again from the tables of the Source.
	Meaning    string
	Definition string
	Source     string
	Unit       string
	Better     Better
	// Improve says how to make it better.
	Improve string
}

// currency is the unit of what is in the organization's currency.
const currency = "currency"

// measure is a figure and how it is worked out.
type measure struct {
	Definition
	work func(s *survey) result
}

// measures are all figures, in the order of portfolios.
var measures = slices.Concat(throughput, dora, planned, support, quality, waiting, worth, procedures)

// Definitions lists all figures, in the order of portfolios.
func Definitions() []Definition {
	var all []Definition
	for _, m := range measures {
		all = append(all, m.Definition)
	}
	return all
}

// Compute works the figures out, whatever the order of the facts. Facts of releases that
// are not asked for, or were neither under way nor audited in the period, count for
// nothing. It fails when the input does not make sense.
func Compute(facts []Fact, in Input) (Portfolio, error) {
	if err := in.Check(); err != nil {
		return Portfolio{}, err
	}
	s := newSurvey(facts, in)
	p := Portfolio{
		Since: in.Since, Until: in.Until, Filter: in.Filter, Currency: in.Rates.Currency, Releases: len(s.facts), Figures: s.figures(),
	}
	p.Hints = s.hints(p)
	p.forget()
	p.Calendar, p.CalendarLeft = s.calendar()
	return p, nil
}

// figures works out all of them.
func (s *survey) figures() []Figure {
	var all []Figure
	for _, m := range measures {
		r := m.work(s)
		f := Figure{
			ID: m.ID, Title: m.Title, Meaning: m.Meaning, Definition: m.Definition.Definition, Source: m.Source, Unit: m.Unit,
			Better: m.Better, Value: r.value, Series: r.series, Links: r.links,
		}
		if f.Unit == currency {
			f.Unit = cmp.Or(s.Rates.Currency, f.Unit)
		}
		all = append(all, f)
	}
	return all
}

// forget lets go of what the points were made of.
func (p *Portfolio) forget() {
	for _, f := range p.Figures {
		for _, series := range f.Series {
			for i := range series.Points {
				series.Points[i].samples = nil
			}
		}
	}
}

// Figure finds a figure by its id.
func (p Portfolio) Figure(id string) (Figure, bool) {
	i := slices.IndexFunc(p.Figures, func(f Figure) bool { return f.ID == id })
	if i < 0 {
		return Figure{}, false
	}
	return p.Figures[i], true
}

// Compared is Compute with what each figure was in the period of the same length before:
// the facts are those of both. The two are worked out side by side.
func Compared(facts []Fact, in Input) (Portfolio, error) {
	var (
		before Portfolio // its hints and its calendar are not wanted
		beside sync.WaitGroup
	)
	beside.Go(func() { before.Figures = newSurvey(facts, in.Before()).figures() })
	p, err := Compute(facts, in)
	beside.Wait()
	if err != nil {
		return Portfolio{}, err
	}
	p.Compare(before)
	return p, nil
}

// Compare notes in each figure what it was in the period before.
func (p *Portfolio) Compare(before Portfolio) {
	for i := range p.Figures {
		if was, found := before.Figure(p.Figures[i].ID); found {
			p.Figures[i].Before = was.Value
		}
	}
}
