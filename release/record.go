package release

import (
	"fmt"
	"slices"
	"time"
)

// Record is the whole state of a release as one document: what the query
// "status" gives while it runs, and what its workflow returns when it is closed.
type Record struct {
	ID        string    `json:"id"`
	Service   string    `json:"service"`
	Version   string    `json:"version"`
	Title     string    `json:"title,omitempty"`
	Model     string    `json:"model"`
	Requester string    `json:"requester"`
	Manager   string    `json:"manager"`
	Phase     StageName `json:"phase"`
	Outcome   Outcome   `json:"outcome"`
	// Reason says why it ended as it did.
	Reason   string     `json:"reason,omitempty"`
	Started  time.Time  `json:"started"`
	Closed   time.Time  `json:"closed,omitzero"`
	Awaiting []Awaiting `json:"awaiting"`
	// Revision and PlanDigest name the plan; the query "plan" gives all of it.
	Revision   int        `json:"revision"`
	PlanDigest Digest     `json:"planDigest,omitempty"`
	Risk       Risk       `json:"risk"`
	Conflicts  []Conflict `json:"conflicts,omitempty"`
	// Supersedes is what became of the releases that this one supersedes.
	Supersedes []Superseding `json:"supersedes,omitempty"`
	Problems   Problems      `json:"problems,omitempty"`
	// Prepared lists what was checked before the build.
	Prepared []string      `json:"prepared,omitempty"`
	Gates    []Gate        `json:"gates,omitempty"`
	Builds   []BuildRecord `json:"builds,omitempty"`
	Evidence []Evidence    `json:"evidence,omitempty"`
	// Requirements is what the tests proved of each requirement so far.
	Requirements []Proof `json:"requirements,omitempty"`
	// Components are what is built from by now, when that is not what was planned.
	Components   []Component         `json:"components,omitempty"`
	Package      *Package            `json:"package"`
	Environments []EnvironmentRecord `json:"environments"`
	Stages       []Stage             `json:"stages"`
	KnownErrors  []KnownError        `json:"knownErrors,omitempty"`
	Documents    []Document          `json:"documents,omitempty"`
	RFCs         []string            `json:"rfcs,omitempty"`
	// Acts is what people did, whether it counted or not.
	Acts []Act `json:"acts,omitempty"`
	// Ledger is how far the audit trail of the votes has come.
	Ledger Ledger `json:"ledger,omitzero"`
	// Amendments are the changes of the plan that nobody asked for.
	Amendments []Amendment `json:"amendments,omitempty"`
	// Notices is who was told what.
	Notices []Notice `json:"notices,omitempty"`
	// Attestation is where the signed authorizations are in the DML.
	Attestation *Blob `json:"attestation,omitempty"`
	// Histories are the exported histories of its workflows in the DML, its own first.
	Histories []ExportedHistory `json:"histories,omitempty"`
	// Notes, Ratings and Efforts are what people said about the release and spent on it.
	Notes   []Note   `json:"notes,omitempty"`
	Ratings []Rating `json:"ratings,omitempty"`
	Efforts []Effort `json:"efforts,omitempty"`
	// Waits are those that are over, as far as they lasted a second or longer.
	Waits []Waited `json:"waits,omitempty"`
	// Review is what looking back found; nil before.
	Review *Review `json:"review,omitempty"`
	// Report is where the DML has the report of the release: the manifest of an artifact
	// with the report and the record as it was before it had this.
	Report *Blob `json:"report,omitempty"`
}

// EnvironmentRecord is what a release did in one environment.
type EnvironmentRecord struct {
	Name     string           `json:"name"`
	Purpose  string           `json:"purpose,omitempty"`
	State    EnvironmentState `json:"state"`
	Reason   string           `json:"reason,omitempty"`
	Previous string           `json:"previous,omitempty"`
	Targets  []TargetStatus   `json:"targets"`
	// Aside says of each target that the deployment went on without, why.
	Aside  []string     `json:"aside,omitempty"`
	Steps  []StepResult `json:"steps,omitempty"`
	Audits []Audit      `json:"audits,omitempty"`
	// Readiness is what people and scripts confirmed before the deployment.
	Readiness []Confirmation `json:"readiness,omitempty"`
	Support   *SupportStatus `json:"support,omitempty"`
	// HandedOver is who of service operations took over, and when.
	HandedOver *Act `json:"handedOver,omitempty"`
	// Override is who overrode freezes while the latest deployment waited, and why.
	Override *Act `json:"override,omitempty"`
	// Modules are what the package changes in the modules built in, against what
	// ran there; ModulesNote says why that is not known.
	Modules     []Change `json:"modules,omitempty"`
	ModulesNote string   `json:"modulesNote,omitempty"`
	// Assets counts what the release introduced, changed and retired when it went live.
	Assets *AssetReport `json:"assets,omitempty"`
	// Live is when the release was verified there, the first time; zero when it never was.
	Live time.Time `json:"live,omitzero"`
}

// Awaiting is a wait: for whom or what, since when and until when, and what to
// send to end it.
type Awaiting struct {
	// Kind is "gate", or what is waited for: window, lease, acceptance, hand-over,
	// rebuild, revision, readiness, step, incidents, conflict, worker, pause,
	// authorization.
	Kind string `json:"kind"`
	// Gate is the gate's name when a gate waits.
	Gate        string `json:"gate,omitempty"`
	Environment string `json:"environment,omitempty"`
	Digest      Digest `json:"digest,omitempty"`
	// Item is the item of readiness that has to be confirmed.
	Item string `json:"item,omitempty"`
	// About says in one line what would change.
	About string `json:"about,omitempty"`
	// Needs says in words who or what is needed.
	Needs string    `json:"needs"`
	Since time.Time `json:"since"`
	// Deadline is when the wait ends by itself; zero when it does not.
	Deadline time.Time `json:"deadline,omitzero"`
	// Action and Payload are the signal that ends the wait, ready to paste.
	Action  Action `json:"action,omitempty"`
	Payload string `json:"payload,omitempty"`
	// Command makes the payload where it has to be signed.
	Command string `json:"command,omitempty"`
}

// The kinds of wait.
const (
	WaitGate       = "gate"
	WaitRevision   = "revision"
	WaitRebuild    = "rebuild"
	WaitWindow     = "window"
	WaitLease      = "lease"
	WaitAcceptance = "acceptance"
	WaitHandOver   = "hand-over"
	WaitReadiness  = "readiness"
	WaitStep       = "step"
	WaitIncidents  = "incidents"
	WaitConflict   = "conflict"
	WaitWorker     = "worker"
	WaitPause      = "pause"
	// WaitSupport: the exit criteria of early life support do not hold, so that a
	// person decides; WaitRating and WaitReview belong to the review, whose gate has a
	// name of its own.
	WaitSupport = "support-decision"
	WaitRating  = "rating"
	WaitReview  = "close-review"
	// WaitAuthorization: what was authorized lapsed between two waves.
	WaitAuthorization = "authorization"
)

// Key names the wait in the search attribute ReleaseAwaiting: the gate's name, or
// its kind with the environment.
func (a Awaiting) Key() string {
	switch {
	case a.Gate != "":
		return a.Gate
	case a.Environment != "":
		return a.Kind + ":" + a.Environment
	}
	return a.Kind
}

// Stage is a stage that the release entered, planned against actual.
type Stage struct {
	Name     StageName `json:"name"`
	Expected Duration  `json:"expected,omitempty"`
	Started  time.Time `json:"started"`
	Ended    time.Time `json:"ended,omitzero"`
	// Note says how it ended, when there is something to say.
	Note string `json:"note,omitempty"`
}

// Environment finds an environment of the record, to change it; nil when there is
// none.
func (r *Record) Environment(name string) *EnvironmentRecord {
	i := slices.IndexFunc(r.Environments, func(e EnvironmentRecord) bool { return e.Name == name })
	if i < 0 {
		return nil
	}
	return &r.Environments[i]
}

// Gate finds the latest gate of a name; nil when it was never opened.
func (r *Record) Gate(name string) *Gate {
	for i := len(r.Gates) - 1; i >= 0; i-- {
		if r.Gates[i].Name == name {
			return &r.Gates[i]
		}
	}
	return nil
}

// Downtime is the longest downtime that any target had in any environment.
func (r *Record) Downtime() Duration {
	var longest Duration
	for _, e := range r.Environments {
		if e.Support != nil {
			longest = max(longest, e.Support.Downtime())
		}
	}
	return longest
}

// Discrepancies counts what the configuration audits of a release found, a target
// once on each occasion, however often it was looked at.
type Discrepancies struct {
	Before       int `json:"before"`
	After        int `json:"after"`
	AfterBackOut int `json:"afterBackOut"`
	// Accepted are those of all of them that somebody accepted.
	Accepted int `json:"accepted"`
}

// Discrepancies counts them over all environments.
func (r *Record) Discrepancies() Discrepancies {
	var count Discrepancies
	for _, e := range r.Environments {
		found := map[[2]string]bool{} // whether it was accepted, by occasion and target
		for _, a := range e.Audits {
			for _, d := range a.Discrepancies {
				found[[2]string{a.When, d.Target}] = a.Accepted != nil
			}
			for i := range a.Unlisted { // they have no names: those of a later look are taken for the same
				found[[2]string{a.When, fmt.Sprint("unlisted ", i)}] = a.Accepted != nil
			}
		}
		for at, accepted := range found {
			switch at[0] {
			case AuditBefore:
				count.Before++
			case AuditAfter:
				count.After++
			default:
				count.AfterBackOut++
			}
			if accepted {
				count.Accepted++
			}
		}
	}
	return count
}
