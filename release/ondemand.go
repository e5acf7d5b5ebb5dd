package release

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// AuditOnDemand is the occasion of an audit that somebody asked for.
const AuditOnDemand = "on demand"

// AuditID is the workflow id of a configuration audit on demand: "audit:production".
func AuditID(environment string) string { return "audit:" + environment }

// AuditRequest asks for a configuration audit of an environment.
type AuditRequest struct {
	Environment string `json:"environment"`
	// Service, when given, is the only one to be looked at.
	Service string `json:"service,omitempty"`
}

// Covers tells whether one audit finds all that another one is asked for.
func (r AuditRequest) Covers(other AuditRequest) bool {
	return r.Environment == other.Environment && (r.Service == "" || r.Service == other.Service)
}

// Audited is what should run in an environment, with the names of the targets that its
// release was last deployed to; none when that is not known.
type Audited struct {
	Baseline Baseline `json:"baseline"`
	Targets  []string `json:"targets,omitempty"`
}

// AuditReport is what a configuration audit on demand found.
type AuditReport struct {
	AuditRequest
	Started  time.Time      `json:"started"`
	Ended    time.Time      `json:"ended,omitzero"`
	Services []ServiceAudit `json:"services,omitempty"`
	// Holders had the environment meanwhile: what was found may have been in flux.
	Holders []string `json:"holders,omitempty"`
}

// ServiceAudit is what the targets of a service hold.
type ServiceAudit struct {
	Service string `json:"service"`
	Release string `json:"release"`
	Version string `json:"version"`
	Audit   Audit  `json:"audit"`
	// Unread are targets that could not be looked at; they are none of the audit.
	Unread []Unread `json:"unread,omitempty"`
	// MoreUnread is how many more of them there are than are listed.
	MoreUnread int `json:"moreUnread,omitempty"`
	// Note says why nothing was looked at.
	Note string `json:"note,omitempty"`
}

// Unread is a target that could not be looked at.
type Unread struct {
	Target string `json:"target"`
	Why    string `json:"why"`
}

// mostUnread is how many targets that could not be looked at a report lists.
const mostUnread = 100

// Add takes what was found on some of the targets.
func (s *ServiceAudit) Add(found Audit, unread []Unread, more int) {
	s.Audit.At, s.Audit.When = found.At, found.When
	s.Audit.Targets += found.Targets
	room := max(0, mostUnread-len(s.Audit.Discrepancies))
	listed := found.Discrepancies[:min(room, len(found.Discrepancies))]
	s.Audit.Discrepancies = append(s.Audit.Discrepancies, listed...)
	s.Audit.Unlisted += found.Found() - len(listed)
	listing := unread[:min(max(0, mostUnread-len(s.Unread)), len(unread))]
	s.Unread = append(s.Unread, listing...)
	s.MoreUnread += more + len(unread) - len(listing)
}

// Unreached is how many targets could not be looked at.
func (s ServiceAudit) Unreached() int { return len(s.Unread) + s.MoreUnread }

// Of gives the part of a report that a request asks for.
func (r AuditReport) Of(request AuditRequest) AuditReport {
	r.Service = request.Service
	r.Services = slices.DeleteFunc(slices.Clone(r.Services), func(s ServiceAudit) bool {
		return request.Service != "" && s.Service != request.Service
	})
	return r
}

// Found is how many discrepancies there are, and Unreached how many targets could not
// be looked at.
func (r AuditReport) Found() (discrepancies, unreached int) {
	for _, s := range r.Services {
		discrepancies += s.Audit.Found()
		unreached += s.Unreached()
	}
	return discrepancies, unreached
}

// AuditDetails shows an audit on demand in the Temporal Web UI, as Markdown.
func AuditDetails(r AuditReport) string {
	var page strings.Builder
	fmt.Fprintf(&page, "# Configuration audit of %s\n\n", cell(r.Environment))
	for _, holder := range r.Holders {
		fmt.Fprintf(&page, "%s has the environment: what is found may be in flux.\n\n", cell(holder))
	}
	page.WriteString("| service | version | targets | discrepancies | not reached |\n|---|---|---|---|---|\n")
	for _, s := range r.Services {
		fmt.Fprintf(&page, "| %s | %s | %s | %s | %s |\n", cell(s.Service), cell(s.Version),
			Grouped(s.Audit.Targets), Grouped(s.Audit.Found()), Grouped(s.Unreached()))
	}
	return page.String()
}
