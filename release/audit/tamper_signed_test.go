package audit_test

import (
	"slices"
	"time"

	"slipway/release"
)

// beforeTheSeal is told by a server or a worker: the attestation is signed all the
// same.
var beforeTheSeal = map[string]tampering{
	"an entry of the ledger is gone": {
		lie:   func(r *rig) { r.a.Entries = slices.Delete(r.a.Entries, 2, 3) },
		check: "ledger", says: "entry 3 of the ledger has number 4: one is missing, or too many",
	},
	"the last entry is gone": {
		lie:   func(r *rig) { r.a.Entries = r.a.Entries[:len(r.a.Entries)-1] },
		check: "ledger", says: "the ledger has 11 entries up to {entry 11}, expected 12 up to {entry 12}",
	},
	"an entry is changed": {
		lie:   func(r *rig) { r.a.Entries[1].Counted = true },
		check: "ledger", says: "entry 2 of the ledger was changed: it has hash ",
	},
	"the ledger is of another start": {
		lie:   func(r *rig) { r.a.Ledger.Started = r.a.Started.Add(time.Hour) },
		check: "ledger", says: "it is that of httpbin@2.26.0, started 2026-03-04T13:01:00Z",
	},
	"the package is another": {
		lie:   func(r *rig) { r.a.Package.Content = digest(r.t, "other") },
		check: "package", says: "package {package} has content ",
	},
	"the package is not there": {
		lie:   func(r *rig) { r.a.Package.Tag = "httpbin-2.26.0-b2" },
		check: "package", says: "package httpbin-2.26.0-b2 ({package}) is not in the library under that tag: it was taken out, or renamed",
	},
	"the histories are kept quiet": {
		lie:   func(r *rig) { r.a.Histories = []release.ExportedHistory{} },
		check: "histories", says: "neither histories are attested nor why there are none",
	},
	"a history is not in the library": {
		lie:   func(r *rig) { r.a.Histories[1].Digest = digest(r.t, "other") },
		check: "histories", says: "history of httpbin@2.26.0:production, run run-2: it is not in the library as it was attested: it was taken out, or replaced",
	},
	"a history is of another run": {
		lie:   func(r *rig) { r.a.Histories[0].Run = "run-7" },
		check: "histories", says: "history of httpbin@2.26.0, run run-7: it is not in the library as it was attested",
	},
	"a history is of another workflow": {
		lie:   func(r *rig) { r.a.Histories[1].Type = release.WorkflowRelease },
		check: "histories", says: "its first event does not start a Release",
	},
	"a history has fewer events than were attested": {
		lie:   func(r *rig) { r.a.Histories[1].Events++ },
		check: "histories", says: "it has 2 events, 3 were attested",
	},
	"a history without its first event": {
		lie: func(r *rig) {
			h := release.ExportedHistory{Workflow: id + ":staging", Run: "run-3", Type: release.WorkflowDeployment, Events: 1}
			r.export(h, `{"events":[{"eventId":"2"}]}`)
		},
		check: "histories", says: "event 2 stands where event 1 is expected",
	},
	"a history that is none": {
		lie: func(r *rig) {
			r.export(release.ExportedHistory{Workflow: id + ":staging", Run: "run-3", Type: release.WorkflowDeployment, Events: 1}, `[]`)
		},
		check: "histories", says: "it is no history: there is [, expected {",
	},
	"the evidence is better than it was": {
		lie:   func(r *rig) { r.a.Evidence[0].Passed++ },
		check: "package", says: "the evidence of suite unit is not attached to the package as it was authorized",
	},
	"the plan is another than it says": {
		lie:   func(r *rig) { r.plan.Definition.Title = "harmless" },
		check: "plan", says: " but calls itself {plan}",
	},
	"the plan is of another release": {
		lie:   func(r *rig) { r.plan.Release = "httpbin@2.27.0" },
		check: "plan", says: "it is the plan of httpbin@2.27.0, defined for httpbin@2.26.0",
	},
	"the plan before the amendment is another": {
		lie:   func(r *rig) { r.a.Amendments[0].Was.Waves = nil },
		check: "plan", says: "the plan before the amendment of production has digest ",
	},
	"the amendment is kept quiet": {
		lie:   func(r *rig) { r.a.Amendments = nil },
		check: "plan", says: "the package was built by plan {built}, but plan {plan} was authorized",
	},
	"a gate was about something else": {
		lie:   func(r *rig) { r.gate("deploy:production").Content.Targets = []string{"p1"} },
		check: "gates", says: "gate deploy:production: it showed {production}, but its content is ",
	},
	"a gate was that of an earlier start": {
		lie: func(r *rig) {
			r.content("deploy:production", func(c *release.GateContent) { c.Started = c.Started.Add(-time.Hour) })
		},
		check: "gates", says: "gate deploy:production: it is about gate deploy:production of httpbin@2.26.0, started 2026-03-04T11:01:00Z",
	},
	"a gate was about other targets": {
		lie: func(r *rig) {
			r.content("deploy:production", func(c *release.GateContent) { c.Targets = []string{"p1"} })
		},
		check: "gates", says: `gate deploy:production: its targets: it is about "p1", the plan about "p1, p2"`,
	},
	"a gate was about another window": {
		lie: func(r *rig) {
			r.content("deploy:production", func(c *release.GateContent) { c.Window = "at any time" })
		},
		check: "gates", says: `gate deploy:production: its window: it is about "at any time", the plan about "FREQ=DAILY from 2026-01-02T00:00 UTC for 1d"`,
	},
	"a gate was about another back-out": {
		lie:   func(r *rig) { r.content("deploy:production", func(c *release.GateContent) { c.BackOut = "" }) },
		check: "gates", says: `gate deploy:production: its back-out: it is about "", the plan about `,
	},
	"a gate asked fewer than the plan says": {
		lie:   func(r *rig) { r.gate("deploy:production").Policy.Mandatory = nil },
		check: "gates", says: "gate deploy:production: it asked for 2 of group cab, signed (",
	},
	"a gate asked nobody": {
		lie:   func(r *rig) { r.gate("deploy:production").Decision = release.PreAuthorized },
		check: "gates",
		says:  "gate deploy:production: it is said to be authorized beforehand, but the plan asks for 2 of group cab, among them security, signed",
	},
	"a gate asked nobody where somebody had to be asked": {
		lie:   func(r *rig) { r.gate("deploy:staging").Decision = release.Authorize },
		check: "gates", says: "gate deploy:staging: it asked for nobody ({}), and not as the plan says for 2 of group cab (",
	},
	"somebody was asked at a gate that the plan does not have": {
		lie: func(r *rig) {
			r.gate("review").Name = "moon"
			r.content("moon", func(c *release.GateContent) { c.Gate = "moon" })
		},
		check: "gates", says: "gate moon: the plan asks nobody, but it is said that somebody was asked",
	},
	"the requester was not excluded": {
		lie:   func(r *rig) { r.gate("plan").Excluded = nil },
		check: "gates", says: "gate plan: rita was not excluded, who requested the release and cannot authorize it (separation of duties)",
	},
	"a vote was put in": {
		lie: func(r *rig) {
			g := r.gate("plan")
			vote := g.Votes[0]
			vote.By = "ben"
			g.Votes = append(g.Votes, vote)
		},
		check: "votes", says: "the vote of ben at gate plan: no entry of the ledger says that it came in and counted: it was put in, or changed",
	},
	"a vote was turned round": {
		lie:   func(r *rig) { r.gate("plan").Votes[1].Decision = release.Reject },
		check: "votes", says: "the vote of eva at gate plan: no entry of the ledger says that it came in and counted: it was put in, or changed",
	},
	"a vote is counted twice": {
		lie:   func(r *rig) { g := r.gate("plan"); g.Votes = append(g.Votes, g.Votes[0]) },
		check: "votes", says: "the vote of ana at gate plan: it is counted twice",
	},
	"a vote that counted was left out": {
		lie:   func(r *rig) { g := r.gate("deploy:production"); g.Votes = g.Votes[1:] },
		check: "votes", says: "entry 10 of the ledger, authorize by ana at gate deploy:production, counted, but is not among the votes of the gate",
	},
	"a vote came when the gate was not open": {
		lie:   func(r *rig) { r.gate("plan").Opened = r.gate("plan").Votes[1].At.Add(time.Second) },
		check: "votes", says: "the vote of ana at gate plan: no entry of the ledger says that it came in and counted: it was put in, or changed",
	},
	"a voter has a seat that they do not have": {
		lie:   func(r *rig) { r.gate("deploy:production").Votes[0].Seats[0].Groups = []string{"cab", "security"} },
		check: "votes",
		says: `the vote of ana at gate deploy:production: it counted as one of ana in ["cab" "security"], which the roster does not give them; ` +
			"if the roster changed since, verify with the one of that time",
	},
	"a voter has no seat": {
		lie:   func(r *rig) { r.gate("deploy:production").Votes[0].Seats = nil },
		check: "votes", says: "the vote of ana at gate deploy:production: it counted, but for nobody",
	},
	"somebody who was excluded voted": {
		lie: func(r *rig) {
			g := r.gate("deploy:production")
			g.Excluded = append(g.Excluded, release.Exclusion{Person: "ben", Why: "changed the components and cannot authorize it"})
		},
		check: "votes", says: "the vote of ben at gate deploy:production: it counted, but ben changed the components and cannot authorize it (separation of duties)",
	},
	"a voter votes for somebody who did not delegate": {
		lie: func(r *rig) {
			g := r.gate("deploy:production")
			g.Votes[0].Seats = append(g.Votes[0].Seats, g.Votes[1].Seats[1])
		},
		check: "votes", says: `the vote of ana at gate deploy:production: it counted as one of sven in ["security"], which the roster does not give them; `,
	},
	"a vote is not signed that had to be": {
		lie: func(r *rig) {
			v := &r.gate("deploy:production").Votes[0]
			i := slices.IndexFunc(r.a.Entries, func(e release.LedgerEntry) bool { return e.Signature == v.Signature })
			v.Signature, v.Key = "", ""
			r.a.Entries[i].Signature, r.a.Entries[i].Key = "", ""
			r.again(r.a.Entries)
		},
		check: "votes", says: "the vote of ana at gate deploy:production: it is not signed, which the gate asked for",
	},
	"a signature is of another vote": {
		lie: func(r *rig) {
			from, to := r.gate("plan").Votes[0], &r.gate("deploy:production").Votes[0]
			i := slices.IndexFunc(r.a.Entries, func(e release.LedgerEntry) bool { return e.Signature == to.Signature })
			to.Signature, to.Issued = from.Signature, from.Issued
			r.a.Entries[i].Signature = from.Signature
			r.gate("deploy:production").Opened = from.Issued
			r.again(r.a.Entries)
		},
		check: "votes", says: "the vote of ana at gate deploy:production: the signature is for gate plan, not for deploy:production",
	},
	"a signature is older than the gate": {
		lie: func(r *rig) {
			g := r.gate("plan")
			g.Opened = g.Votes[0].Issued.Add(time.Second)
			g.Votes[0].At = g.Opened.Add(time.Second)
			for i := range r.a.Entries {
				if r.a.Entries[i].Signature == g.Votes[0].Signature {
					r.a.Entries[i].At = g.Votes[0].At
				}
			}
			r.again(r.a.Entries)
		},
		check: "votes", says: "the vote of ana at gate plan: it was signed at 2026-03-04T12:13:00Z, before the gate was opened at 2026-03-04T12:13:01Z",
	},
	"a gate opened with too few votes": {
		lie: func(r *rig) {
			g := r.gate("plan")
			left := g.Votes[1]
			g.Votes = g.Votes[:1]
			r.again(slices.DeleteFunc(r.a.Entries, func(e release.LedgerEntry) bool {
				return e.By == left.By && e.At.Equal(left.At.Truncate(time.Microsecond))
			}))
		},
		check: "decisions", says: "gate plan: it is said to be authorized, but its votes come to undecided (1 of 2 authorized)",
	},
	"a gate was escalated without a right to it": {
		lie:   func(r *rig) { r.gate("plan").Escalated = r.gate("plan").Opened },
		check: "decisions", says: "gate plan: it was escalated at 2026-03-04T12:11:00Z, which its policy does not provide for",
	},
	"another package was deployed": {
		lie:   func(r *rig) { r.a.Environments[1].Deployed = digest(r.t, "other") },
		check: "deployments", says: ` was deployed, but the package of the release is "{package}"`,
	},
	"it was deployed where nobody authorized it": {
		lie: func(r *rig) {
			r.a.Environments = append(r.a.Environments, release.AttestedEnvironment{Name: "moon", Deployed: r.pkg.Digest})
		},
		check: "deployments", says: "moon: {pkg} was deployed, but gate deploy:moon was never opened",
	},
	"it was deployed though the gate was voided": {
		lie:   func(r *rig) { r.gate("deploy:production").Decision = release.VoidedGate },
		check: "deployments", says: "production: {pkg} was deployed, but gate deploy:production was voided",
	},
	"the plan was not authorized": {
		lie:   func(r *rig) { r.gate("plan").Decision = release.ExpiredGate },
		check: "deployments", says: "staging: {pkg} was deployed, but gate plan did not authorize the plan",
	},
	"the build was not authorized": {
		lie:   func(r *rig) { r.gate("build").Decision = release.ExpiredGate },
		check: "deployments", says: "staging: {pkg} was deployed, but gate build did not authorize the plan",
	},
	"the last gate was about other evidence": {
		lie: func(r *rig) {
			g := *r.gate("deploy:staging")
			g.Content.Evidence = digest(r.t, "other")
			g.Digest = digest(r.t, g.Content)
			r.a.Gates = append(r.a.Gates, g)
		},
		check: "deployments", says: "staging: gate deploy:staging was last about evidence {other}, not about what was deployed",
	},
	"the environment was amended after its gate": {
		lie:   func(r *rig) { r.amend("production", "FREQ=WEEKLY") },
		check: "deployments", says: "production: gate deploy:production authorized the plan before production was amended, and was not asked again",
	},
	"nobody was asked about an amendment": {
		lie: func(r *rig) {
			r.amend("staging", "FREQ=WEEKLY")
			r.amended = false
			r.open("deploy:staging")
		},
		check: "deployments", says: "staging: gate deploy:staging asked nobody, though the plan was amended since gate plan authorized it",
	},
	"a vote at an earlier opening is left out": {
		lie: func(r *rig) {
			g := r.gate("review")
			again, _ := release.OpenGate(g.Name, g.Policy, g.Content, g.Excluded, r.tick())
			g.Votes = nil
			g.Close(release.VoidedGate, r.now)
			r.a.Gates = append(r.a.Gates, again)
			r.vote(r.gate("review"), "eva", release.Authorize, false)
		},
		check: "votes", says: "entry 12 of the ledger, authorize by eva at gate review, counted, but is not among the votes of the gate",
	},
	"an amendment is told of another environment": {
		lie:   func(r *rig) { r.a.Amendments[0].Environment = "staging" },
		check: "plan", says: "the amendment of staging tells what production was",
	},
}
