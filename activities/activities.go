// Package activities is where the process touches the world. Each activity calls
// drivers, tells in heartbeats what it is doing, and gives back a value: a build
// that fails, a test that fails or a step that fails are results. Errors are kept
// for what Slipway itself could not do.
package activities

import (
	"context"
	"io"
	"time"

	"slipway/activities/driver/dml"
	"slipway/activities/driver/probe"
	"slipway/activities/driver/source"
	"slipway/activities/driver/target"
	"slipway/release"
	"slipway/release/figures"
	"slipway/release/records"
)

// Activities holds what the activities need. The worker fills it.
type Activities struct {
	// Organization gives the organization's policy of this moment, with the shipped
	// models.
	Organization func() release.Organization
	Library      Library
	Store        Store
	Sources      Sources
	// Targets reaches the targets of deployments.
	Targets target.Driver
	Prober  Prober
	// Leases talks to the environments' workflows.
	Leases Leases
	// Releases asks other releases, and Waiters are the deployments that may wait.
	Releases Releases
	Waiters  Waiters
	// Histories reads the histories of workflows, to keep them.
	Histories Histories
	Notifier  Notifier
	Attester  Attester
	// Workspace is the folder for builds and tests; each gets one of its own below
	// it and removes it afterwards.
	Workspace string
	// Builder names this worker in build records.
	Builder string
	// Tools are the versions of this worker's tools, for build records.
	Tools map[string]string
	// Host is the machine of this worker and its state folder: where the marks of
	// steps without a target are.
	Host string

	// inventories are the descriptions of targets that this worker has read, by name, and
	// plans those that it compiled.
	inventories remembered[release.Digest, map[string]release.Target]
	plans       remembered[string, release.Plan]
}

// Library is the definitive media library.
type Library interface {
	CheckIn(ctx context.Context, in dml.CheckIn) (release.Package, error)
	Pull(ctx context.Context, digest release.Digest, folder string) error
	// PullArtifact is Pull for an artifact of any kind.
	PullArtifact(ctx context.Context, digest release.Digest, folder string) error
	// KeepSource keeps the master copy of a component, and Source finds it again.
	KeepSource(ctx context.Context, c dml.SourceCopy) (release.Digest, error)
	Source(ctx context.Context, source release.Source, folder string) (dml.Kept, error)
	// AttachAll is Attach for several.
	AttachAll(ctx context.Context, subject release.Digest, all []dml.Attachment) ([]release.Blob, error)
	Attach(ctx context.Context, subject release.Digest, artifactType, name string, data []byte, annotations map[string]string) (release.Blob, error)
	// KeepReport keeps what became of a closed release; the blob is its manifest.
	KeepReport(ctx context.Context, r dml.Report) (release.Blob, error)
	StoreLog(ctx context.Context, name, file string) (release.Blob, error)
	// KeepLog and ListLogs are the two halves of StoreLog: each log is kept as it comes,
	// and many are listed at once.
	KeepLog(ctx context.Context, name, file string) (release.Blob, error)
	ListLogs(ctx context.Context, logs []dml.Log) error
	// OpenBlob opens content by its digest; it is checked while it is read.
	OpenBlob(ctx context.Context, digest release.Digest) (io.ReadCloser, error)
	// Document reads a document of a package, such as "plan.json".
	Document(ctx context.Context, pkg release.Digest, name string) ([]byte, error)
}

// Store is the configuration management system.
type Store interface {
	Write(ctx context.Context, entries []release.Entry) error
	// Facts gives of the open releases those that go to one of the environments, or change
	// one of the items; none where no item is named.
	Facts(ctx context.Context, service string, environments, items []string, now time.Time) (release.Facts, error)
	// Calendar gives what people added to the calendar and counts from now on, and how
	// many entries were ever added.
	Calendar(ctx context.Context, now time.Time) ([]release.CalendarEntry, int, error)
	// Baseline gives what runs of a service in an environment; nil when nothing does.
	Baseline(ctx context.Context, environment, service string) (*release.Baseline, error)
	// Catalogue gives the services that run: one with all that is known of it, or all
	// of them when none is named.
	Catalogue(ctx context.Context, service string) (release.Catalogue, error)
	// Service gives what is known of a service in an environment under a release and its
	// package; nil when nothing is.
	Service(ctx context.Context, environment, releaseID string, pkg release.Digest) (*release.ServiceEntry, error)
	// Ask answers a question about what is recorded; the organization's environments are
	// known to it, whether anything was recorded of them or not.
	Ask(ctx context.Context, r records.Request, environments []string) (records.Answer, error)
	// Audited gives what is to be looked at in an audit of an environment.
	Audited(ctx context.Context, environment string) ([]release.Audited, error)
	// ReleaseFacts gives what figures are worked out from, and ReleaseNames what releases
	// can be chosen by.
	ReleaseFacts(ctx context.Context, q figures.Query) ([]figures.Fact, error)
	ReleaseNames(ctx context.Context) (figures.Names, error)
	// Abandon closes a start of a release that cannot say any more how it ended.
	Abandon(ctx context.Context, releaseID string, started, at time.Time, reason string) error
	// Ledger gives every vote that was sent to a start of a release, in its order.
	Ledger(ctx context.Context, releaseID string, started time.Time) ([]release.LedgerEntry, error)
}

// Attester signs attestations with the key of this worker: an in-toto statement in
// a DSSE envelope.
type Attester interface {
	Envelope(ctx context.Context, a release.Attestation) ([]byte, error)
	// Provenance signs how a package came about.
	Provenance(ctx context.Context, p release.Package, how release.Provenance) ([]byte, error)
	// KeyID gives the fingerprint of the key.
	KeyID() (string, error)
}

// Sources gets components from their controlled sources outside into a folder that
// must not exist yet, checked against what pins them and, where their place has
// signers, signed by one of them.
type Sources interface {
	Fetch(ctx context.Context, s release.Source, place release.SourcePlace, folder string) (source.Fetched, error)
	// Newest gives the commit to which a branch of a git repository leads now.
	Newest(ctx context.Context, repository, branch string, place release.SourcePlace) (commit string, err error)
}

// Prober asks targets whether they serve.
type Prober interface {
	Probe(ctx context.Context, about probe.Subject, p release.Probe) probe.Result
	Watch(ctx context.Context, w probe.Watch, resume *release.Sight, beat func(release.Sight)) (release.Sight, error)
}

// Releases asks the workflows of other releases.
type Releases interface {
	// Running tells whether the workflow of a release is still open.
	Running(ctx context.Context, id string) (bool, error)
	// Plan gives the plan of one that is.
	Plan(ctx context.Context, id string) (release.Plan, error)
}

// Leases lends environments to deployments, one at a time.
type Leases interface {
	// Take lends an environment at once when it is free, and tells whether it did.
	Take(ctx context.Context, r LeaseRequest) (bool, error)
	Request(ctx context.Context, r LeaseRequest) error
	Return(ctx context.Context, r LeaseRequest) error
	// Running tells whether a workflow is still open.
	Running(ctx context.Context, workflowID, runID string) (bool, error)
	// Holder gives the workflow that has an environment; empty when it is free.
	Holder(ctx context.Context, environment string) (string, error)
}
