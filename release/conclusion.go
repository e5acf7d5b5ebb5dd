package release

import "time"

// Conclusion is what a release leaves in its history when it ends, under the names that a
// Record has for it. The whole record is in the DML, in the report, and the workflow
// tells it as long as its history is kept.
type Conclusion struct {
	ID           string                 `json:"id"`
	Service      string                 `json:"service"`
	Version      string                 `json:"version"`
	Title        string                 `json:"title,omitempty"`
	Model        string                 `json:"model,omitempty"`
	Phase        StageName              `json:"phase"`
	Outcome      Outcome                `json:"outcome"`
	Reason       string                 `json:"reason,omitempty"`
	Started      time.Time              `json:"started"`
	Closed       time.Time              `json:"closed"`
	PlanDigest   Digest                 `json:"planDigest,omitempty"`
	Package      *Package               `json:"package,omitempty"`
	Environments []ConcludedEnvironment `json:"environments,omitempty"`
	Report       *Blob                  `json:"report,omitempty"`
	Attestation  *Blob                  `json:"attestation,omitempty"`
	// Brief tells it from the whole records that older histories end with.
	Brief bool `json:"brief"`
}

// ConcludedEnvironment is how an environment was left.
type ConcludedEnvironment struct {
	Name  string           `json:"name"`
	State EnvironmentState `json:"state"`
}

// Conclude gives the conclusion of a record.
func (r *Record) Conclude() Conclusion {
	c := Conclusion{
		ID: r.ID, Service: r.Service, Version: r.Version, Title: r.Title, Model: r.Model, Phase: r.Phase,
		Outcome: r.Outcome, Reason: r.Reason, Started: r.Started, Closed: r.Closed, PlanDigest: r.PlanDigest,
		Package: r.Package, Report: r.Report, Attestation: r.Attestation, Brief: true,
	}
	for _, e := range r.Environments {
		c.Environments = append(c.Environments, ConcludedEnvironment{Name: e.Name, State: e.State})
	}
	return c
}
