package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"slipway/release"
)

// measured tells whether any probe looked at any target of the environment.
func measured(e release.EnvironmentRecord) bool {
	return e.Support != nil && (e.Support.Others != nil || slices.ContainsFunc(e.Support.Availability, func(a release.Availability) bool { return a.Probes > 0 }))
}

// unmeasured names the environments that were changed but not probed: no downtime
// is known of them, which is not the same as none.
func (c composer) unmeasured() (names []string) {
	for _, e := range c.Environments {
		if len(e.Steps) > 0 && !measured(e) {
			names = append(names, e.Name)
		}
	}
	return names
}

// deployed tells whether anything was begun in any environment.
func (c composer) deployed() bool {
	return slices.ContainsFunc(c.Environments, func(e release.EnvironmentRecord) bool { return len(e.Steps) > 0 })
}

func (c composer) availability() []block {
	var blocks []block
	for _, e := range c.Environments {
		switch {
		case e.Support != nil:
			blocks = append(blocks, heading(e.Name), block{Facts: c.supportFacts(*e.Support)})
			blocks = append(blocks, c.measurements(*e.Support)...)
			blocks = append(blocks, c.latencyChart(*e.Support)...)
		case len(e.Steps) > 0:
			blocks = append(blocks, heading(e.Name), paragraph("Not measured: there was no early life support in %s.", e.Name))
		}
	}
	return blocks
}

func (c composer) supportFacts(s release.SupportStatus) []fact {
	ended := c.clock.at(s.Ended)
	if s.Ended.IsZero() {
		ended = toned(pending, "goes on, until %s", c.clock.text(s.Until))
	}
	return known(
		fact{"Early life support since", c.clock.at(s.Started)},
		fact{"Ended", ended},
		fact{"Ended by", endedBy(c, s)},
		fact{"Backed out automatically", text(s.BackOut)},
		fact{"Exit criteria not met", lines(each(s.Unmet, text)...)},
		fact{"Support report", supportReport(s)},
	)
}

func endedBy(c composer, s release.SupportStatus) cell {
	if s.EndedBy == nil {
		return nil
	}
	return textf("%s: %s", c.who(s.EndedBy.By), s.EndedBy.Summary)
}

// supportReport says where the DML has it, or why it has not.
func supportReport(s release.SupportStatus) cell {
	if s.Document == nil {
		return text(s.Undocumented)
	}
	return digest(s.Document.Digest)
}

func (c composer) measurements(s release.SupportStatus) []block {
	if s.Sight().Targets() == 0 {
		return []block{paragraph("No target was probed.")}
	}
	var rows [][]cell
	var said []cell
	shown, calm := remarkable(s.Availability)
	less := len(s.Availability) - len(shown) - calm
	if s.Others != nil {
		calm, less = calm+s.Others.Calm, less+s.Others.Disturbed
	}
	for _, a := range shown {
		rows = append(rows, []cell{
			text(a.Target), share(a), text(human(a.Downtime())), text(human(a.ObservedTime())), unobserved(a.UnobservedTime()),
			textf("%d, %d failed", a.Probes, a.Failed), latency(a),
		})
		said = append(said, c.interruptions(a)...)
	}
	blocks := []block{columns(rows, "Target", "Available", "Downtime", "Observed for", "Not observed", "Probes", "Latency")}
	if len(rows) == 0 {
		blocks = nil
	}
	if calm > 0 {
		blocks = append(blocks, paragraph("%s more, never seen down.", release.ManyOf(calm, "target")))
	}
	if less > 0 {
		blocks = append(blocks, paragraph("%s more, with less downtime than these.", release.ManyOf(less, "target")))
	}
	if len(said) > 0 {
		blocks = append(blocks, block{List: said})
	}
	if s.Sight().Unobserved() > 0 {
		blocks = append(blocks, paragraph("Time that was not observed counts neither as up nor as down."))
	}
	return blocks
}

// remarkable gives the targets whose availability is shown: all of few, of many those
// that were seen down the longest. The calm ones are the others that never were.
func remarkable(all []release.Availability) (shown []release.Availability, calm int) {
	if len(all) <= release.TargetsShown {
		return all, 0
	}
	for _, a := range all {
		if len(a.Down) == 0 {
			calm++
		} else {
			shown = append(shown, a)
		}
	}
	slices.SortStableFunc(shown, func(a, b release.Availability) int { return cmp.Compare(b.Downtime(), a.Downtime()) })
	return shown[:min(len(shown), release.TargetsShown)], calm
}

// share is the part of the observed time in which the target was up. It is cut,
// not rounded: 100 % means that no downtime was seen at all.
func share(a release.Availability) cell {
	observed := a.ObservedTime()
	if a.Probes == 0 || observed <= 0 {
		return toned(muted, "not measured")
	}
	percent := 100 * float64(observed-a.Downtime()) / float64(observed)
	percent = max(0, math.Floor(percent*100)/100)
	return textf("%s %%", strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", percent), "0"), "."))
}

func unobserved(d release.Duration) cell {
	if d == 0 {
		return nil
	}
	return toned(warn, "%s", human(d))
}

func latency(a release.Availability) cell {
	if a.Probes == a.Failed {
		return nil
	}
	return textf("mean %s, worst %s", human(a.MeanLatency), human(a.MaxLatency))
}

// shownIntervals is how many interruptions of a target are listed one by one.
const shownIntervals = 10

func (c composer) interruptions(a release.Availability) []cell {
	var list []cell
	for _, i := range a.Down[:min(len(a.Down), shownIntervals)] {
		said := fmt.Sprintf("%s, %s", c.clock.stretch(i.From, i.To), human(i.Length()))
		if i.Merged > 0 {
			said += fmt.Sprintf(" in %d interruptions", i.Merged+1)
		}
		list = append(list, textf("%s", a.Target).with(toned(bad, "down"), text(because(said, i.Reason))))
	}
	if more := len(a.Down) - shownIntervals; more > 0 {
		list = append(list, textf("%s: %s more", a.Target, release.ManyOf(more, "interruption")))
	}
	for _, i := range a.Unobserved[:min(len(a.Unobserved), shownIntervals)] {
		said := fmt.Sprintf("%s, %s", c.clock.stretch(i.From, i.To), human(i.Length()))
		list = append(list, text(a.Target).with(toned(warn, "not observed"), text(because(said, i.Reason))))
	}
	return list
}

func because(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + why
}

// comment takes off a summary what its table says already.
func comment(summary, said string) string {
	return strings.TrimPrefix(strings.TrimPrefix(summary, said), ": ")
}

func (c composer) handOver() []block {
	var rows [][]cell
	for _, e := range c.Environments {
		if h := e.HandedOver; h != nil {
			rows = append(rows, []cell{text(e.Name), c.clock.at(h.At), text(c.who(h.By)), text(comment(h.Summary, "hand over "+e.Name))})
		}
	}
	var blocks []block
	switch {
	case len(rows) > 0:
		blocks = []block{columns(rows, "Environment", "Taken over", "By", "Remark")}
	case c.deployed():
		blocks = []block{paragraph("Nothing was handed over to service operations.")}
	}
	if len(c.Documents) == 0 {
		return blocks
	}
	var documents [][]cell
	for _, d := range c.Documents {
		documents = append(documents, []cell{text(d.Name), text(d.For), link(d.Location)})
	}
	return append(blocks, heading("Documents"), columns(documents, "Document", "For", "Where"))
}
