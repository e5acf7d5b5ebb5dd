package e2e_test

import (
	"database/sql"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/starter"
)

// count asks the site's CMS for a number, as who makes the metrics does.
func (s *site) count(query string, args ...any) (n int) {
	s.t.Helper()
	db, err := sql.Open("sqlite", strings.TrimPrefix(s.config.CMS, "sqlite:"))
	require.NoError(s.t, err)
	defer func() { require.NoError(s.t, db.Close()) }()
	require.NoError(s.t, db.QueryRowContext(s.ctx(), query, args...).Scan(&n))
	return n
}

// confirm says that an item of readiness is there.
func (s *site) confirm(id, item, by string) error {
	m := release.Confirm{Item: item, Comment: "seen"}
	m.By = by
	_, err := s.starter.Confirm(s.ctx(), id, m)
	return err
}

// resolve decides about a check once it has something to say, after a time; it gives
// the time of that wait.
func (s *site) resolve(id, says string, after time.Time, m release.ResolveStep) time.Time {
	s.t.Helper()
	r := s.until(id, "a new wait because "+says, func(r release.Record) bool {
		return len(r.Awaiting) == 1 && strings.Contains(r.Awaiting[0].Needs, says) && r.Awaiting[0].Since.After(after)
	})
	m.By = "tess"
	_, err := s.starter.ResolveStep(s.ctx(), id, s.env("staging"), m)
	require.NoError(s.t, err)
	return r.Awaiting[0].Since
}

func TestADeploymentBeginsWhenAllIsReadyAndTheAuditHoldsOrIsAccepted(t *testing.T) {
	s := newSite(t)
	first := s.standard("1.0")
	first.Environments = first.Environments[:1]
	require.Equal(t, release.Completed, s.ended(s.start(first)).Outcome)
	byHand := s.path("targets", "staging-1", "current", "VERSION")
	require.NoError(t, os.Chmod(byHand, 0o644))
	require.NoError(t, os.WriteFile(byHand, []byte("1.0 and a patch"), 0o644))

	d := s.definition("2.0")
	d.Environments = d.Environments[:1]
	d.Readiness = []release.ReadinessItem{
		{Name: "desk", Kind: release.ReadyTraining, Text: "the service desk is trained", ConfirmedBy: []string{"service-operations"}},
		{Name: "guide", Kind: release.ReadyDocument, Text: "the guide is out", ConfirmedBy: []string{"uwe"}, In: []string{"staging"}},
		{Name: "disk", Text: "there is room", Run: `cat "$ROOM" || { echo "no room for $VERSION in $ENVIRONMENT"; exit 1; }`, Env: map[string]string{"ROOM": s.path("room")}},
	}
	id := s.start(d)
	s.awaits(id, release.GatePlan)
	require.NoError(t, s.confirm(id, "desk", "olga"), "it may be confirmed early")
	for by, why := range map[string]string{
		"zoe": "zoe is not on the roster", "ana": "ana may not confirm item guide: that is for uwe",
	} {
		err := s.confirm(id, "guide", by)
		require.ErrorContains(t, err, why)
		require.Equal(t, starter.Refused, starter.CodeOf(err))
	}
	s.authorize(id, release.GatePlan, "ana", "ben")
	s.authorize(id, release.DeployGate(s.env("staging")), "ana")

	waits := s.awaits(id, release.WaitReadiness+":"+s.env("staging")).Awaiting
	require.Len(t, waits, 1)
	require.Equal(t, "guide", waits[0].Item)
	require.ErrorContains(t, s.confirm(id, "guide", "zoe"), "zoe is not on the roster")
	require.ErrorContains(t, s.confirm(id, "desk", "olga"), "item desk was confirmed by olga already")
	require.NoError(t, s.confirm(id, "guide", "uwe"), "and late")

	room := "disk: exit status 1: no room for 2.0 in " + s.env("staging")
	said := s.resolve(id, room, time.Time{}, release.ResolveStep{Step: "readiness", Action: release.ResolveDone, Reason: "so I think"})
	again := s.until(id, "another look, which finds the same", func(r release.Record) bool {
		return len(r.Awaiting) == 1 && r.Awaiting[0].Since.After(said)
	})
	require.Contains(t, again.Awaiting[0].Needs, room)
	require.NoError(t, os.WriteFile(s.path("room"), []byte("plenty\n"), 0o644))
	said = s.resolve(id, room, said, release.ResolveStep{Step: "readiness", Action: release.ResolveDone, Reason: "tidied up"})
	s.resolve(id, "staging-1 holds 1.0, with files that were changed", said, release.ResolveStep{
		Step: "configuration-audit", Action: release.ResolveSkip, Reason: "the patch is known and goes with 2.0",
	})
	r := s.ended(id)

	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	s.serves("staging", "2.0")
	staging := r.Environment(s.env("staging"))
	by := map[string]string{}
	for _, c := range staging.Readiness {
		by[c.Item] = c.By
		require.Empty(t, c.Failure, c.Item)
		if c.Item == "disk" {
			require.NotEmpty(t, c.Execution.Log.Digest, "what the script said is in the DML")
		}
	}
	require.Equal(t, map[string]string{"desk": "olga", "guide": "uwe", "disk": ""}, by)
	accepted := staging.Audits[0].Accepted
	require.NotNil(t, accepted)
	require.Equal(t, "tess: the patch is known and goes with 2.0", accepted.By+": "+accepted.Reason)
	require.Equal(t, release.Discrepancies{Before: 1, Accepted: 1}, r.Discrepancies())

	require.Equal(t, 1, s.count(`SELECT count(*) FROM audits JOIN discrepancies USING (key)
		WHERE audits.release = $1 AND accepted_by = 'tess' AND accepted_reason LIKE 'the patch is known%'`, id))
	require.Equal(t, 3, s.count("SELECT count(DISTINCT item) FROM readiness WHERE release = $1", id))
	require.Equal(t, 3, s.count("SELECT count(*) FROM actions WHERE release = $1 AND action = 'confirm' AND NOT counted AND person IN ('zoe', 'ana')", id))
	s.keep(id, "readiness")
}
