package cms

import (
	"cmp"
	"time"

	"slipway/release"
)

func incidentRows(e *release.Entry, entry *release.IncidentEntry) []row {
	i := entry.Incident
	about := []column{{"environment", entry.Environment}, {"incident", i.ID}, {"opened", stamp(i.Opened)}}
	return []row{state("incidents", e, about, append([]column{
		{"severity", i.Severity},
		{"item", optional(i.CI)},
		{"summary", i.Summary},
		{"defect", optional(i.Defect)},
		{"person", i.By},
		{"unrelated", i.Unrelated},
		{"workaround", optional(i.Workaround)},
		{"known_error", optional(i.KnownError)},
		{"rfc", optional(i.RFC)},
	}, course(i.Assignment, i.Resolved, i.ResolvedBy, i.Resolution)...))}
}

func callRows(e *release.Entry, entry *release.CallEntry) []row {
	c := entry.Call
	// Calls of older histories have no id: their key tells them apart.
	about := []column{{"environment", entry.Environment}, {"call", cmp.Or(c.ID, e.Key)}, {"called", stamp(c.At)}}
	return []row{state("calls", e, about, append([]column{
		{"item", optional(c.CI)},
		{"person", c.By},
		{"summary", c.Summary},
	}, course(c.Assignment, c.Resolved, c.ResolvedBy, c.Resolution)...))}
}

func knownErrorRows(e *release.Entry, entry *release.KnownErrorEntry) []row {
	k := entry.Error
	about := []column{{"environment", entry.Environment}, {"known_error", k.ID}, {"found", stamp(k.At)}}
	return []row{state("found_errors", e, about, append([]column{
		{"service", entry.Service},
		{"summary", k.Summary},
		{"workaround", optional(k.Workaround)},
		{"incident", optional(k.Incident)},
		{"person", k.By},
	}, course(k.Assignment, k.Resolved, k.ResolvedBy, k.Resolution)...))}
}

func rfcRows(e *release.Entry, entry *release.RFCEntry) []row {
	r := entry.RFC
	about := []column{{"environment", entry.Environment}, {"rfc", r.ID}, {"raised", stamp(r.At)}}
	return []row{state("raised_rfcs", e, about, []column{
		{"title", r.Title},
		{"reason", optional(r.Reason)},
		{"incident", optional(r.Incident)},
		{"item", optional(r.CI)},
		{"person", r.By},
	})}
}

func supportRows(e *release.Entry, entry *release.SupportEntry) []row {
	s := entry.Status
	var endedBy string
	if s.EndedBy != nil {
		endedBy = s.EndedBy.By
	}
	var report release.Blob
	if s.Document != nil {
		report = *s.Document
	}
	about := []column{{"environment", entry.Environment}, {"began", stamp(s.Started)}}
	return []row{state("supports", e, about, append([]column{
		{"until", stamp(s.Until)},
		{"ended", stamp(s.Ended)},
		{"ended_by", optional(endedBy)},
		{"back_out", optional(s.BackOut)},
		{"extensions", len(s.Extensions)},
		{"targets", s.Sight().Targets()},
		{"calm", s.Sight().Calm()},
	}, blob("report", report)...),
		parts("support_targets", s.Availability, func(a release.Availability) []column {
			return []column{
				{"target", a.Target},
				{"probes", a.Probes},
				{"failed", a.Failed},
				{"observed_ms", milliseconds(a.ObservedTime())},
				{"unobserved_ms", milliseconds(a.UnobservedTime())},
				{"down_ms", milliseconds(a.Downtime())},
				{"mean_ms", milliseconds(a.MeanLatency)},
				{"max_ms", milliseconds(a.MaxLatency)},
			}
		}),
		part{table: "downtimes", rows: downtimes(s.Availability)},
		parts("latencies", s.Latency, func(l release.LatencyWindow) []column {
			return []column{
				{"window_from", stamp(l.From)},
				{"window_to", stamp(l.To)},
				{"probes", l.Probes},
				{"failed", l.Failed},
				{"mean_ms", milliseconds(l.Mean)},
				{"max_ms", milliseconds(l.Max)},
			}
		}),
		parts("exit_criteria", s.Criteria, func(c release.Criterion) []column {
			return []column{{"criterion", c.Name}, {"wanted", c.Wanted}, {"actual", c.Actual}, {"met", c.Met}}
		}),
		parts("extensions", s.Extensions, func(x release.Extension) []column {
			return []column{
				{"extended", stamp(x.At)}, {"until", stamp(x.Until)}, {"person", optional(x.By)}, {"reason", x.Reason},
			}
		}),
	)}
}

// downtimes lists those of all targets.
func downtimes(all []release.Availability) (rows [][]column) {
	for _, a := range all {
		for _, i := range a.Down {
			rows = append(rows, []column{
				{"target", a.Target},
				{"down_from", stamp(i.From)},
				{"down_until", stamp(i.To)},
				{"down_ms", milliseconds(i.Length())},
				{"reason", optional(i.Reason)},
			})
		}
	}
	return rows
}

// course is who looks after something, and how it was resolved.
func course(a release.Assignment, resolved time.Time, by, resolution string) []column {
	return []column{
		{"assignee", optional(a.Assignee)},
		{"assigned", stamp(a.Assigned)},
		{"resolved", stamp(resolved)},
		{"resolved_by", optional(by)},
		{"resolution", optional(resolution)},
	}
}
