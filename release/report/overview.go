package report

import (
	"fmt"
	"slices"
	"strings"

	"slipway/release"
)

// outcomeTones says how good each outcome is.
var outcomeTones = map[release.Outcome]tone{
	"":                          pending,
	release.Completed:           good,
	release.CompletedWithIssues: warn,
	release.Withdrawn:           warn,
	release.Superseded:          warn,
	release.Rejected:            bad,
	release.Expired:             bad,
	release.BackedOut:           bad,
	release.Cancelled:           bad,
	release.Failed:              bad,
}

func (c composer) headline() document {
	d := document{
		Kind: "Release report", Title: c.Service + " " + c.Version, Subtitle: c.Title, Lead: c.Reason,
		State: span{Text: words(c.Outcome), Tone: outcomeTones[c.Outcome]},
		Zone:  c.clock.zone,
	}
	if c.Outcome == "" {
		d.State.Text = "open"
		d.Lead = fmt.Sprintf("In stage %s, as of %s.", fullTitle(c.Phase), c.clock.text(c.now))
		if c.Reason != "" {
			d.Lead += " " + c.Reason
		}
	}
	return d
}

func (c composer) overview() []block {
	var blocks []block
	if c.plan.Definition.Description != "" {
		blocks = append(blocks, paragraph("%s", c.plan.Definition.Description))
	}
	blocks = append(blocks, block{Figures: c.figures()}, block{Facts: c.facts()})
	blocks = append(blocks, c.awaiting()...)
	if len(c.Problems) > 0 {
		blocks = append(blocks, heading("Problems"), block{List: each(c.Problems, func(p release.Problem) cell { return text(p.String()) })})
	}
	if len(c.Conflicts) > 0 {
		blocks = append(blocks, heading("Conflicts with other releases"), block{List: each(c.Conflicts, func(other release.Conflict) cell {
			if other.Release == "" {
				return text(other.Text())
			}
			return append(code(other.Release), text(": "+other.Text())...)
		})})
	}
	return blocks
}

// figures are what one looks for first.
func (c composer) figures() []fact {
	took := fact{"Took", text(human(release.Duration(c.now.Sub(c.Started))))}
	if c.Outcome == "" {
		took.Name = "So far"
	}
	return known(took,
		fact{"Builds", c.buildFigure()},
		fact{"Tests", c.testFigure()},
		fact{"Targets on " + c.Version, c.targetFigure()},
		fact{"Longest downtime", c.downtimeFigure()},
		fact{"Incidents", c.incidentFigure()},
		fact{"Discrepancies", c.discrepancyFigure()},
	)
}

func (c composer) buildFigure() cell {
	failed := 0
	for _, b := range c.Builds {
		if b.Failure != "" {
			failed++
		}
	}
	switch {
	case len(c.Builds) == 0:
		return nil
	case failed > 0:
		return textf("%d, %d failed", len(c.Builds), failed)
	}
	return textf("%d", len(c.Builds))
}

func (c composer) testFigure() cell {
	passed, failed, flaky := 0, 0, 0
	evidence := c.latestEvidence()
	for _, e := range evidence {
		passed, failed, flaky = passed+e.Passed, failed+e.Failed, flaky+len(e.Flaky)
	}
	switch {
	case len(evidence) == 0:
		return nil
	case failed > 0:
		return toned(bad, "%d passed, %d failed", passed, failed)
	case flaky > 0:
		return toned(warn, "%d passed, %d of them flaky", passed, flaky)
	}
	return textf("%d passed", passed)
}

func (c composer) targetFigure() cell {
	updated, all := 0, 0
	for _, e := range c.Environments {
		for _, t := range e.Targets {
			all++
			if t.State == release.TargetNew {
				updated++
			}
		}
	}
	if all == 0 {
		return nil
	}
	return textf("%s of %s", release.Grouped(updated), release.Grouped(all))
}

func (c composer) downtimeFigure() cell {
	if !slices.ContainsFunc(c.Environments, measured) {
		return toned(muted, "not measured")
	}
	figure := text(human(c.Downtime()))
	if unmeasured := c.unmeasured(); len(unmeasured) > 0 {
		figure = lines(figure, toned(muted, "not measured in %s", strings.Join(unmeasured, ", ")))
	}
	return figure
}

func (c composer) incidentFigure() cell {
	all, unresolved := 0, 0
	for _, e := range c.Environments {
		if e.Support == nil {
			continue
		}
		for _, i := range e.Support.Incidents {
			all++
			if i.Open() {
				unresolved++
			}
		}
	}
	if unresolved > 0 {
		return toned(warn, "%d, %d open", all, unresolved)
	}
	return textf("%d", all)
}

func (c composer) facts() []fact {
	plan := digest(c.PlanDigest)
	if c.Revision > 1 {
		plan = plan.with(textf("revision %d", c.Revision))
	}
	facts := known(
		fact{"Release", code(c.ID)},
		fact{"Model", text(c.Model)},
		fact{"Requested by", text(c.who(c.Requester))},
		fact{"Release manager", text(c.who(c.Manager))},
		fact{"Started", c.clock.at(c.Started)},
		fact{"Closed", c.clock.at(c.Closed)},
		fact{"Plan", plan},
		fact{"Requests for change", text(strings.Join(c.RFCs, ", "))},
		fact{"Configuration items", text(strings.Join(c.plan.Definition.ConfigurationItems, ", "))},
	)
	if c.Package != nil {
		facts = append(facts, fact{"Package", digest(c.Package.Digest)})
	}
	if c.Ledger.Count > 0 {
		facts = append(facts, fact{"Ledger of votes", textf("%d entries up to", c.Ledger.Count).with(digest(c.Ledger.Head))})
	}
	if c.Attestation != nil {
		facts = append(facts, fact{"Attestation", digest(c.Attestation.Digest)})
	}
	if e := c.plan.Definition.Emergency; e != nil {
		facts = append(facts, known(
			fact{"Emergency", text(e.Reason)},
			fact{"Freeze overridden", text(e.OverrideFreeze)},
		)...)
	}
	return facts
}

// awaiting says what an open release waits for, with what to send.
func (c composer) awaiting() []block {
	if len(c.Awaiting) == 0 {
		return nil
	}
	var rows [][]cell
	var payloads []block
	for _, a := range c.Awaiting {
		needs := text(a.Needs)
		if who, instructions, byHand := a.ByHand(); byHand {
			needs = lines(append([]cell{text(who)}, each(instructions, text)...)...)
		}
		rows = append(rows, []cell{
			toned(pending, "%s", waitTitle(a)), needs, digest(a.Digest),
			c.clock.at(a.Since), c.clock.at(a.Deadline),
		})
		if a.Command != "" {
			caption := fmt.Sprintf("To answer %s, send the signal %s with what this prints", waitTitle(a), a.Action)
			payloads = append(payloads, block{Verbatim: &verbatim{caption, a.Command}})
		}
		if a.Payload != "" {
			caption := fmt.Sprintf("To answer %s, send the signal %s with", waitTitle(a), a.Action)
			payloads = append(payloads, block{Verbatim: &verbatim{caption, a.Payload}})
		}
	}
	blocks := []block{heading("Waiting"), columns(rows, "For", "Needs", "Shows", "Since", "Until")}
	return append(blocks, payloads...)
}

func waitTitle(a release.Awaiting) string {
	switch {
	case a.Gate != "":
		return "gate " + a.Gate
	case a.Environment != "":
		return words(a.Kind) + ", " + a.Environment
	}
	return words(a.Kind)
}

func (c composer) risk() []block {
	if c.PlanDigest == "" {
		return nil // it was never assessed
	}
	level := text(c.Risk.Level())
	if c.Risk.Level() != "low" {
		level[0].Tone = warn
	}
	blocks := []block{{Text: append(level, textf(", %d of 100", c.Risk.Score)...)}}
	if len(c.Risk.Reasons) > 0 {
		blocks = append(blocks, block{List: each(c.Risk.Reasons, text)})
	}
	return blocks
}

// each turns every item into what is shown of it.
func each[T, R any](items []T, show func(T) R) []R {
	shown := make([]R, len(items))
	for i, item := range items {
		shown[i] = show(item)
	}
	return shown
}
