package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/release/ballot"
	"slipway/starter"
)

// refuses sends a vote and wants it refused, for a reason.
func (s *site) refuses(id string, vote release.Authorization, reason string) {
	s.t.Helper()
	_, err := s.starter.Authorize(s.ctx(), id, vote)
	require.ErrorContains(s.t, err, reason)
	require.Equal(s.t, starter.Refused, starter.CodeOf(err))
}

// configured writes the site's organization into a file that its worker follows.
func (s *site) configured() {
	s.t.Helper()
	data, err := json.Marshal(map[string]any{"organization": s.config.Organization})
	require.NoError(s.t, err)
	file := s.path("slipway.yaml")
	require.NoError(s.t, os.WriteFile(file+".new", data, 0o600))
	require.NoError(s.t, os.Rename(file+".new", file))
	s.config.File = file
}

func TestASignedVoteCountsForWhatItSaysAndNothingElse(t *testing.T) {
	s := newSite(t)
	id := s.start(s.definition("1.0"))
	s.authorize(id, release.GatePlan, "ana", "ben")
	s.authorize(id, release.DeployGate(s.env("staging")), "ana")
	gate := release.DeployGate(s.env("production"))
	record := s.awaits(id, gate)
	shown := record.Gate(gate).Digest
	now := time.Now().UTC()
	good := ballot.Ballot{
		Release: id, Gate: gate, Digest: shown, Decision: release.Authorize, By: "ana", Issued: now, Expires: now.Add(time.Hour),
	}
	for reason, change := range map[string]func(b *ballot.Ballot){
		"the signature is for release other@1.0": func(b *ballot.Ballot) { b.Release = "other@1.0" },
		"the signature is for gate plan":         func(b *ballot.Ballot) { b.Gate = release.GatePlan },
		"the signature is for digest":            func(b *ballot.Ballot) { b.Digest = record.PlanDigest },
		"the signature says reject":              func(b *ballot.Ballot) { b.Decision = release.Reject },
		"the signature is for a vote of ben":     func(b *ballot.Ballot) { b.By = "ben" },
		"expired":                                func(b *ballot.Ballot) { b.Issued, b.Expires = now.Add(-2*time.Hour), now.Add(-time.Hour) },
		"yet to come":                            func(b *ballot.Ballot) { b.Issued, b.Expires = now.Add(time.Hour), now.Add(2*time.Hour) },
		"before gate " + gate + " was opened":    func(b *ballot.Ballot) { b.Issued = record.Started.Add(-time.Minute) },
	} {
		b := good
		change(&b)
		signature, err := ballot.Sign(b, keyOf("ana"))
		require.NoError(t, err)
		s.refuses(id, release.Authorization{
			Sender: release.Sender{By: "ana"}, Gate: gate, Decision: release.Authorize, Signature: signature,
		}, reason)
	}
	unsigned := release.Authorization{Sender: release.Sender{By: "ana"}, Gate: gate, Decision: release.Authorize}
	s.refuses(id, unsigned, "wants signed votes")
	forged := unsigned
	signature, err := ballot.Sign(good, keyOf("ben"))
	require.NoError(t, err)
	forged.Signature = signature
	s.refuses(id, forged, "key")

	vote := signed(t, record, gate, release.Authorize, "ana")
	_, err = s.starter.Authorize(s.ctx(), id, vote)
	require.NoError(t, err)
	s.refuses(id, vote, "sign again")
	require.Equal(t, "", string(s.awaits(id, gate).Outcome), "it waits still")
	s.authorize(id, gate, "ben")
	s.accept(id)
	s.takeOver(id)
	require.Equal(t, release.Completed, s.ended(id).Outcome)
}

func TestAKeyThatIsRevokedWhileAReleaseWaitsSignsNoMore(t *testing.T) {
	s := plainSite(t)
	s.configured()
	s.work()
	id := s.start(s.definition("1.0"))
	s.authorize(id, release.GatePlan, "ana", "ben")
	s.authorize(id, release.DeployGate(s.env("staging")), "ana")
	gate := release.DeployGate(s.env("production"))
	record := s.awaits(id, gate)
	for i := range s.config.Organization.Roster {
		if p := &s.config.Organization.Roster[i]; p.ID == "ana" {
			p.Keys[0].Revoked, p.Keys[0].Reason = time.Now().UTC(), "the laptop was stolen"
		}
	}
	s.configured()
	s.refuses(id, signed(t, record, gate, release.Authorize, "ana"), "the laptop was stolen")
	s.authorize(id, gate, "ben", "eva")
	s.accept(id)
	s.takeOver(id)
	require.Equal(t, release.Completed, s.ended(id).Outcome)
}

func TestWhatLiesOnATargetIsNotSwitchedOnUnlessItIsWhatWasAuthorized(t *testing.T) {
	s := newSite(t)
	require.Equal(t, release.Completed, s.carry(s.start(s.definition("1.0"))).Outcome)
	d := s.definition("2.0")
	tamper := release.Step{
		Name: "tamper", Kind: release.ServiceTransfer, Per: release.PerTarget, BackOut: ":",
		Run: `case $TARGET in production-2) chmod -R u+w "$RELEASE_FOLDER"; echo more >>"$RELEASE_FOLDER/VERSION";; esac`,
	}
	d.Steps = []release.Step{d.Steps[0], tamper, d.Steps[1]}
	id := s.start(d)
	s.authorize(id, release.GatePlan, "ana", "ben")
	s.authorize(id, release.DeployGate(s.env("staging")), "ana")
	s.authorize(id, release.DeployGate(s.env("production")), "ana", "ben")
	r := s.ended(id)
	require.Equal(t, release.BackedOut, r.Outcome)
	require.Contains(t, r.Reason, "not what was authorized")
	s.serves("production", "1.0")
	s.serves("staging", "1.0")
}

func TestSomethingElseThatWentLiveMeanwhileHasToBeAuthorizedAgain(t *testing.T) {
	s := newSite(t)
	require.Equal(t, release.Completed, s.carry(s.start(s.definition("1.0"))).Outcome)
	late := s.start(s.definition("3.0"))
	s.authorize(late, release.GatePlan, "ana", "ben")
	s.awaits(late, release.DeployGate(s.env("staging")))
	require.Equal(t, release.Completed, s.carry(s.start(s.definition("2.0"))).Outcome)

	vote := release.Authorization{Sender: release.Sender{By: "ana"}, Gate: release.DeployGate(s.env("staging")), Decision: release.Authorize}
	s.refuses(late, vote, "ran 1.0")
	r := s.carry(late)
	require.Equal(t, release.Completed, r.Outcome)
	require.NotEmpty(t, r.Amendments)
	require.Equal(t, "2.0", r.Environment(s.env("staging")).Previous)
	s.serves("production", "3.0")
	s.keep(late, "amended")
}

func TestAnAuthorizationThatTheWindowOutlastsLapsesAndIsAskedForAgain(t *testing.T) {
	s := plainSite(t)
	normal, found := s.config.Organization.Model("normal")
	require.True(t, found)
	policy := normal.Gates["deploy:production"]
	policy.Validity = release.Duration(6 * time.Second)
	normal.Gates["deploy:production"] = policy
	s.work()
	thaw := s.ownFreeze("end of the quarter", "production")
	id := s.start(s.definition("1.0"))
	s.authorize(id, release.GatePlan, "ana", "ben")
	s.authorize(id, release.DeployGate(s.env("staging")), "ana")
	gate := release.DeployGate(s.env("production"))
	s.authorize(id, gate, "ana", "ben")
	r := s.until(id, "a lapse", func(r release.Record) bool { return r.Gates[len(r.Gates)-2].Decision == release.LapsedGate })
	lapsed := r.Gates[len(r.Gates)-2]
	require.Contains(t, lapsed.Reason, "end of the quarter")
	require.Equal(t, gate, lapsed.Name)
	thaw()
	s.authorize(id, gate, "ana", "eva")
	s.accept(id)
	s.takeOver(id)
	r = s.ended(id)
	require.Equal(t, release.Completed, r.Outcome)
	require.Equal(t, release.EnvLive, r.Environment(s.env("production")).State)
	s.keep(id, "lapsed")
}

func TestTwoStandardReleasesThatWaitForTheSameWindowBothGoOn(t *testing.T) {
	s := plainSite(t)
	s.work()
	thaw := s.ownFreeze("lunch", "staging")
	// They conflict with each other, and must be of low risk all the same.
	lowly := func(version string) release.Definition {
		d := s.standard(version)
		d.Environments = d.Environments[:1]
		d.Test.Suites[0].Kind = "acceptance"
		d.Test.Suites = append(d.Test.Suites, release.Suite{Name: "again", Component: "app", Covers: []string{"REQ-1"}, Run: "true"})
		return d
	}
	first, second := lowly("1.0"), lowly("2.0")
	ids := []string{s.start(first), s.start(second)}
	for _, id := range ids {
		s.parked(id, "staging", "lunch")
	}
	thaw(ids...)
	amended := 0
	for _, id := range ids {
		r := s.ended(id)
		require.Equal(t, release.Completed, r.Outcome, r.Reason)
		amended += len(r.Amendments)
	}
	require.Equal(t, 1, amended, "the later one finds the earlier one running")
}

func TestABoardOfManyPeopleIsAskedAndTold(t *testing.T) {
	s := plainSite(t)
	told := make(chan string, 100)
	mailbox := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		told <- string(body)
	}))
	t.Cleanup(mailbox.Close)
	for i := range 80 {
		s.config.Organization.Roster = append(s.config.Organization.Roster, release.Person{
			ID: fmt.Sprintf("member-of-the-board-%d", i), Groups: []string{"cab"},
		})
	}
	last := &s.config.Organization.Roster[len(s.config.Organization.Roster)-1]
	last.Contact = "generic+" + mailbox.URL
	s.work()
	id := s.start(s.definition("1.0"))
	s.awaits(id, release.GatePlan)
	select {
	case text := <-told:
		require.Contains(t, text, id)
		require.Contains(t, text, "waits at gate plan for 2 more of group cab (ana, ben, eva, member-of-the-board-0, ")
	case <-s.ctx().Done():
		t.Fatal("nobody was told")
	}
	r := s.until(id, "the notice", func(r release.Record) bool { return len(r.Notices) > 0 && len(r.Notices[0].Unreached) > 0 })
	require.Len(t, r.Notices[0].To, 83)
	require.NotContains(t, r.Notices[0].Unreached, last.ID)
	s.authorize(id, release.GatePlan, "ana", "ben")
	_, err := s.starter.Withdraw(s.ctx(), id, release.Withdraw{Sender: release.Sender{By: "rita"}, Reason: "enough was seen"})
	require.NoError(t, err)
	require.Equal(t, release.Withdrawn, s.ended(id).Outcome)
	s.keep(id, "told")
}
