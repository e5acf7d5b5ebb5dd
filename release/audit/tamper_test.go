package audit_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/attest"
	"slipway/release"
	"slipway/release/audit"
)

// tampering is a lie in what a release left behind, told by whoever had the chance,
// and where an audit finds it out.
type tampering struct {
	lie   func(r *rig)
	check string
	says  string
}

// gate gives the last gate of a name.
func (r *rig) gate(name string) *release.Gate {
	for i := range slices.Backward(r.a.Gates) {
		if r.a.Gates[i].Name == name {
			return &r.a.Gates[i]
		}
	}
	r.t.Fatalf("no gate %s", name)
	return nil
}

// again makes the ledger anew, as one who writes it could.
func (r *rig) again(entries []release.LedgerEntry) {
	r.a.Ledger, r.a.Entries = release.Ledger{Release: id, Started: r.a.Started}, nil
	for _, e := range entries {
		e, err := r.a.Ledger.Append(e, []byte(e.Payload))
		require.NoError(r.t, err)
		r.a.Entries = append(r.a.Entries, e)
	}
}

// content changes what a gate was about, with the digest that it shows.
func (r *rig) content(name string, change func(*release.GateContent)) {
	g := r.gate(name)
	change(&g.Content)
	g.Digest = digest(r.t, g.Content)
}

// afterTheSeal is told by whoever comes to the library, or keeps the roster.
var afterTheSeal = map[string]tampering{
	"the worker is not trusted": {
		lie:   func(r *rig) { r.o.Workers = nil },
		check: "attestation", says: `which is no worker's on the roster: if it is one of yours, add the line of its .pub file to organization.workers, else trust nothing in it`,
	},
	"the key of the worker was revoked before": {
		lie:   func(r *rig) { r.o.Workers[0].Revoked, r.o.Workers[0].Reason = r.a.Closed, "stolen" },
		check: "attestation",
		says:  "which was revoked on 2026-03-04T12:28:00Z (stolen), before the release was closed at 2026-03-04T12:28:00Z",
	},
	"another attestation is stored as one of the release": {
		lie: func(r *rig) {
			other := r.a
			other.Release = "httpbin@2.25.0"
			envelope, err := r.worker.Envelope(context.Background(), other)
			require.NoError(r.t, err)
			_, err = r.dml.Attach(context.Background(), r.pkg.Digest, audit.EnvelopeType, audit.EnvelopeName, envelope, audit.Annotations(r.a))
			require.NoError(r.t, err)
		},
		check: "attestation", says: "it is stored as that of httpbin@2.26.0, but is of httpbin@2.25.0",
	},
	"it is stored as that of another start": {
		lie: func(r *rig) {
			other := r.a
			other.Started = r.a.Started.Add(time.Hour)
			envelope, err := r.worker.Envelope(context.Background(), other)
			require.NoError(r.t, err)
			_, err = r.dml.Attach(context.Background(), r.pkg.Digest, audit.EnvelopeType, audit.EnvelopeName, envelope, audit.Annotations(r.a))
			require.NoError(r.t, err)
		},
		check: "attestation",
		says:  `it is stored with vnd.slipway.started "2026-03-04T12:01:00.12345779Z", but is of "2026-03-04T13:01:00.12345779Z"`,
	},
	"it is attached to nothing": {
		lie: func(r *rig) {
			envelope, err := r.worker.Envelope(context.Background(), r.a)
			require.NoError(r.t, err)
			_, err = r.dml.Attach(context.Background(), "", audit.EnvelopeType, audit.EnvelopeName, envelope, audit.Annotations(r.a))
			require.NoError(r.t, err)
		},
		check: "attestation", says: `it is attached to package "", but about package "{package}"`,
	},
	"somebody else signed a better story": {
		lie: func(r *rig) {
			other, err := attest.LoadOrCreate(r.t.TempDir() + "/other.key")
			require.NoError(r.t, err)
			better := r.a
			better.Reason = "nothing went wrong"
			r.store(better, other)
		},
		check: "attestation", says: "which is no worker's on the roster",
	},
	"a voter left": {
		lie: func(r *rig) {
			r.o.Roster = slices.DeleteFunc(r.o.Roster, func(p release.Person) bool { return p.ID == "eva" })
		},
		check: "votes", says: "the vote of eva at gate plan: eva is not on the roster; if the roster changed since, verify with the one of that time",
	},
	"the key of a voter had been revoked": {
		lie: func(r *rig) {
			for i := range r.o.Roster {
				if r.o.Roster[i].ID == "ben" {
					r.o.Roster[i].Keys[0].Revoked = r.a.Started
				}
			}
		},
		check: "votes", says: "the vote of ben at gate build: the signature was made with key ",
	},
	"a voter has another key": {
		lie: func(r *rig) {
			for i := range r.o.Roster {
				if r.o.Roster[i].ID == "ben" {
					r.o.Roster[i].Keys = r.key("dora")
				}
			}
		},
		check: "votes", says: "which is not one of ben on the roster",
	},
	"a delegation had not been made": {
		lie:   func(r *rig) { r.o.Delegations = nil },
		check: "votes", says: `the vote of ben at gate build: it counted as one of sven in ["security"], which the roster does not give them; `,
	},
}

func TestWhatDoesNotHoldIsNamedWhereItIsFoundFirst(t *testing.T) {
	for seal, table := range map[bool]map[string]tampering{false: beforeTheSeal, true: afterTheSeal} {
		for name, c := range table {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				r.carry()
				if seal {
					r.seal()
					c.lie(r)
				} else {
					c.lie(r)
					r.seal()
				}
				report := r.verify()
				require.False(t, report.Holds)
				problem, found := report.Problem()
				require.True(t, found)
				assert.Equal(t, c.check, problem.Name)
				says := strings.NewReplacer(
					"{package}", string(r.pkg.Digest), "{pkg}", r.pkg.Digest.Short(), "{plan}", r.plan.Digest.Short(),
					"{built}", r.a.Gates[1].Content.Plan.Short(), "{production}", r.gate("deploy:production").Digest.Short(),
					"{entry 11}", r.a.Entries[min(10, len(r.a.Entries)-1)].Hash.Short(), "{entry 12}", r.a.Ledger.Head.Short(),
					"{other}", digest(t, "other").Short(),
				).Replace(c.says)
				assert.Contains(t, problem.Found, says)
				last := report.Attestations[len(report.Attestations)-1].Checks
				assert.False(t, last[len(last)-1].OK && len(report.Attestations) == 1, "what follows is not looked at")
			})
		}
	}
}
