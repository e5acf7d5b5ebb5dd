package cms

import (
	"strings"

	"slipway/release"
)

// sourceRow is a component that a build took from its controlled source.
func sourceRow(a release.Acquired) []column {
	kind, _, _ := strings.Cut(a.Source, " ")
	return []column{
		{"component", a.Component},
		{"kind", kind},
		{"source", a.Source},
		{"sum", a.Sum},
		{"master", optional(a.Master)},
		{"kept", a.Kept},
		{"signed_by", optional(a.SignedBy)},
	}
}

func assetRows(e *release.Entry, entry *release.AssetsEntry) []row {
	r := entry.Report
	counts := [][]column{countRow("components", r.Components), countRow("files", r.Files)}
	for _, k := range r.Declared {
		counts = append(counts, countRow(k.Kind, &k.AssetCount))
	}
	return []row{event("asset_reports", e, []column{
		{"environment", entry.Environment},
		{"package", optional(entry.Package)},
		{"against", optional(r.Against)},
		{"notes", optional(strings.Join(r.Notes, "; "))},
	},
		part{table: "asset_counts", rows: counts},
		parts("asset_changes", entry.Declared, func(a release.Asset) []column {
			return []column{{"asset", a.Name}, {"kind", optional(a.Kind)}, {"change", string(a.Change)}}
		}),
	)}
}

// countRow is a count of assets, NULL where it is not known.
func countRow(kind string, c *release.AssetCount) []column {
	if c == nil {
		return []column{{"kind", kind}, {"introduced", nil}, {"changed", nil}, {"retired", nil}, {"unchanged", nil}}
	}
	return []column{
		{"kind", kind}, {"introduced", c.Introduced}, {"changed", c.Changed}, {"retired", c.Retired}, {"unchanged", c.Unchanged},
	}
}

func serviceRows(e *release.Entry, s *release.ServiceEntry) []row {
	about := []column{{"environment", s.Environment}, {"package", string(s.Package)}}
	return []row{state("services", e, about, []column{
		{"service", s.Service},
		{"title", optional(s.Title)},
		{"description", optional(s.Description)},
		{"requester", s.Requester},
		{"manager", s.Manager},
		{"targets", s.Targets},
	},
		parts("service_known_errors", s.KnownErrors, func(k release.KnownError) []column {
			return []column{{"known_error", k.ID}, {"summary", k.Summary}, {"workaround", optional(k.Workaround)}}
		}),
		parts("service_documents", s.Documents, func(d release.Document) []column {
			return []column{{"name", d.Name}, {"readers", optional(d.For)}, {"location", optional(d.Location)}}
		}),
		parts("service_assets", s.Assets, func(a release.AssetInService) []column {
			return []column{{"asset", a.Name}, {"kind", optional(a.Kind)}, {"set_by", a.Release}}
		}),
	)}
}
