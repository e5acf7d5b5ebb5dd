package workflows

import (
	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// attest puts the authorizations, signed, beside the package in the DML, so that an
// auditor can check them without a server. A trail that does not hold in the CMS
// is an issue of the release.
func (r *run) attest(ctx workflow.Context) error {
	if !r.bound() || r.record.Attestation != nil {
		return nil
	}
	if err := r.journal.drain(ctx); err != nil { // what is attested is what the CMS holds
		return err
	}
	var a *activities.Activities
	var done activities.Kept
	err := quick(ctx, "Attest who authorized what", a.Attest, activities.AttestInput{Attestation: r.attestation()}, &done)
	if err != nil {
		return err
	}
	r.record.Attestation = done.Blob
	if done.Problem == "" {
		return nil
	}
	r.amiss("the authorizations could not be attested: " + done.Problem)
	return nil
}

// attestation is what the release says of who authorized what.
func (r *run) attestation() release.Attestation {
	a := release.Attestation{
		Release: r.record.ID, Started: r.record.Ledger.Started, Closed: r.record.Closed, Outcome: r.record.Outcome, Reason: r.record.Reason,
		Plan: r.plan, Amendments: r.record.Amendments, Package: r.record.Package, Evidence: r.currentEvidence(),
		Gates: r.record.Gates, Ledger: r.record.Ledger, Histories: r.record.Histories, NoHistories: r.noHistories, Report: r.record.Report,
	}
	for _, e := range r.record.Environments {
		attested := release.AttestedEnvironment{Name: e.Name, State: e.State}
		if len(e.Steps) > 0 {
			attested.Deployed = r.record.Package.Digest
		}
		a.Environments = append(a.Environments, attested)
	}
	return a
}
