package cms_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/activities/driver/cms"
	"slipway/release"
)

// entriesOf gives what of a ledger was written.
func entriesOf(written []release.Entry) []release.LedgerEntry {
	var entries []release.LedgerEntry
	for _, e := range written {
		entries = append(entries, e.Ballot.Entry)
	}
	return entries
}

func TestALedgerComesBackWithItsHashesWhole(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, id := p.open(t), httpbin("2.26.0")
		written := ledger(id, 5)
		write(t, store, written[3], written[1])
		write(t, store, written...)
		found, err := store.Ledger(context.Background(), id, at(0).In(time.FixedZone("elsewhere", 3600)))
		require.NoError(t, err)
		assert.Equal(t, entriesOf(written), found)
		head := release.Ledger{Release: id, Started: at(0), Count: 5, Head: written[4].Ballot.Entry.Hash}
		require.NoError(t, head.Check(found))
	})
}

func TestALedgerComesBackWhateverWasSent(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, runs := p.open(t), 0
		rapid.Check(t, func(t *rapid.T) {
			runs++
			id := httpbin(fmt.Sprint(runs))
			book := release.Ledger{Release: id, Started: at(0)}
			text := rapid.OneOf(rapid.String(), rapid.Just("a\x00b"), rapid.Just("é\u2028<&>"))
			var batch []release.Entry
			for i := range rapid.IntRange(0, 3).Draw(t, "votes") {
				l, err := book.Append(release.LedgerEntry{
					At:   at(0).Add(time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "after"))),
					Gate: text.Draw(t, "gate"), Decision: release.Decision(text.Draw(t, "decision")), By: text.Draw(t, "by"),
					Signature: text.Draw(t, "signature"), Refusal: text.Draw(t, "refusal"), Counted: rapid.Bool().Draw(t, "counted"),
				}, rapid.SliceOf(rapid.Byte()).Draw(t, "payload"))
				require.NoError(t, err)
				e := entry(id, fmt.Sprintf("ballot/%d", i), i)
				e.Ballot = &release.BallotEntry{Started: at(0), Entry: l}
				batch = append(batch, e)
			}
			require.NoError(t, store.Write(context.Background(), batch))
			found, err := store.Ledger(context.Background(), id, at(0))
			require.NoError(t, err)
			require.NoError(t, book.Check(found))
		})
	})
}

func TestEachStartOfAReleaseHasItsOwnLedger(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, id := p.open(t), httpbin("2.26.0")
		first, second := ledger(id, 2), ledger(id, 1)
		second[0].Ballot.Started = at(10)
		write(t, store, append(first, second...)...)
		found, err := store.Ledger(context.Background(), id, at(10))
		require.NoError(t, err)
		assert.Equal(t, entriesOf(second), found)
		found, err = store.Ledger(context.Background(), id, at(20))
		require.NoError(t, err)
		assert.Empty(t, found)
	})
}

func TestWhatStandsInALedgerNeverGivesWay(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, id := p.open(t), httpbin("2.26.0")
		written := ledger(id, 2)
		write(t, store, written...)
		before := dump(t, p)
		again := written[0]
		again.Key, again.At = "of its own", at(100)
		write(t, store, again)
		assert.Equal(t, before, dump(t, p), "the same entry may be written again, under whatever key")

		for name, change := range map[string]func(*release.LedgerEntry){
			"decision": func(e *release.LedgerEntry) { e.Decision = release.Reject },
			"nobody":   func(e *release.LedgerEntry) { e.By = "" },
			"counted":  func(e *release.LedgerEntry) { e.Counted = false },
			"hash":     func(e *release.LedgerEntry) { e.Hash = digest("other") },
			"time":     func(e *release.LedgerEntry) { e.At = e.At.Add(time.Microsecond) },
		} {
			other, ballot := written[0], *written[0].Ballot
			other.At, other.Ballot = at(100), &ballot
			change(&ballot.Entry)
			err := store.Write(context.Background(), []release.Entry{state(id, "build", 101), other})
			require.ErrorIs(t, err, cms.ErrInvalid, name)
			require.ErrorContains(t, err, "something else in this place", name)
		}
		assert.Equal(t, before, dump(t, p))
	})
}

func TestAuthorizationsTellEveryVoteAndWhyItDidNotCount(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		write(t, p.open(t), ledger(httpbin("2.26.0"), 2)...)
		assert.Equal(t, []string{
			"1|plan|authorize|ana|SHA256:of-ana|1||2026-03-01T09:02:00.001234Z",
			"2|||||0|the payload cannot be read|2026-03-01T09:03:00.000000Z",
		}, p.rows(t, "SELECT seq, gate, decision, person, signing_key, counted, refusal, acted FROM authorizations ORDER BY seq"))
	})
}

func TestGatesTellWhomTheyAskedAndForWhomVotesStood(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		write(t, p.open(t), wholeRelease(httpbin("2.26.0"))...)
		assert.Equal(t, []string{"audit|2|0", "cab|1|0", "sven|1|1"},
			p.rows(t, "SELECT asked, votes, mandatory FROM gate_requirements JOIN gates USING (release, gate, opened) ORDER BY position"))
		assert.Equal(t, []string{"2 of group audit and 1 of group cab, among them sven, signed|1|2026-03-01T09:03:00.000000Z|voided|the plan was revised"},
			p.rows(t, "SELECT policy, signed, escalated, decision, reason FROM gates"))
		assert.Equal(t, []string{"ana|SHA256:of-ana|2026-03-01T09:03:00.000000Z|ben"},
			p.rows(t, "SELECT person, signing_key, issued, delegated_by FROM votes"))
	})
}

func TestNoticesTellWhoWasNotReachedAndWhy(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		write(t, p.open(t), wholeRelease(httpbin("2.26.0"))...)
		assert.Equal(t, []string{"asked|plan|vote, please|ana|", "asked|plan|vote, please|ben|the mailbox is full"},
			p.rows(t, "SELECT kind, gate, text, person, unreached FROM notices JOIN notice_recipients USING (key) ORDER BY position"))
	})
}
