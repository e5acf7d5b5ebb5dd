package release_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

// written is a ledger with some entries in it, each as different as can be.
func written(t *rapid.T, atLeast int) (release.Ledger, []release.LedgerEntry) {
	ledger := release.Ledger{Release: "web@2.30", Started: noon}
	var entries []release.LedgerEntry
	for i := range rapid.IntRange(atLeast, 6).Draw(t, "entries") {
		e, err := ledger.Append(release.LedgerEntry{
			At: noon.Add(time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "at"))), Gate: "plan", By: rapid.SampledFrom([]string{"ana", "ben", ""}).Draw(t, "by"),
			Decision: rapid.SampledFrom(release.Votes).Draw(t, "decision"), Shown: release.DigestOfBytes([]byte{byte(i)}),
			Signature: rapid.SampledFrom([]string{"", "SIGNED"}).Draw(t, "signature"), Counted: rapid.Bool().Draw(t, "counted"), Refusal: rapid.String().Draw(t, "refusal"),
		}, rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "payload"))
		require.NoError(t, err)
		entries = append(entries, e)
	}
	return ledger, entries
}

func TestALedgerHoldsWithItsEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ledger, entries := written(t, 0)
		require.NoError(t, ledger.Check(entries))
		require.Equal(t, len(entries), ledger.Count)
		again := stored(t, ledger)
		require.NoError(t, again.Check(stored(t, entries)), "as it comes back from where it was stored")
	})
}

func TestAnEntryIsFilledInByTheLedger(t *testing.T) {
	ledger := release.Ledger{Release: "web@2.30", Started: noon}
	first, err := ledger.Append(release.LedgerEntry{At: noon.Add(1234567 * time.Nanosecond), By: "ana", Seq: 9, Previous: "x", Hash: "y", Payload: "z", PayloadDigest: "p"}, []byte(`{"by":"ana"}`))
	require.NoError(t, err)
	assert.Equal(t, 1, first.Seq)
	assert.Equal(t, `{"by":"ana"}`, first.Payload)
	assert.Equal(t, release.DigestOfBytes([]byte(`{"by":"ana"}`)), first.PayloadDigest)
	assert.Equal(t, noon.Add(1234*time.Microsecond), first.At, "no finer than a database keeps")
	assert.Equal(t, release.Ledger{Release: "web@2.30", Started: noon, Count: 1, Head: first.Hash}, ledger)
	second, err := ledger.Append(release.LedgerEntry{At: noon}, nil)
	require.NoError(t, err)
	assert.Equal(t, 2, second.Seq)
	assert.Equal(t, first.Hash, second.Previous)
	assert.NotEqual(t, first.Hash, second.Hash)
}

// Equal votes at another place of the ledger, or of another release, are other entries.
func TestNoTwoEntriesHaveTheSameHash(t *testing.T) {
	seen := map[release.Digest]bool{}
	for _, ledger := range []release.Ledger{
		{Release: "web@2.30", Started: noon}, {Release: "web@2.31", Started: noon}, {Release: "web@2.30", Started: noon.Add(time.Second)},
	} {
		for range 3 {
			e, err := ledger.Append(release.LedgerEntry{At: noon, By: "ana"}, []byte("{}"))
			require.NoError(t, err)
			assert.False(t, seen[e.Hash])
			seen[e.Hash] = true
		}
	}
}

// tampered gives an entry with one field changed, for each field.
func tampered(t require.TestingT, e release.LedgerEntry) map[string]release.LedgerEntry {
	all := map[string]release.LedgerEntry{}
	of := reflect.TypeOf(e)
	for i := range of.NumField() {
		other := e
		switch into := reflect.ValueOf(&other).Elem().Field(i).Addr().Interface().(type) {
		case *string:
			*into += "x"
		case *release.Digest:
			*into += "x"
		case *release.Decision:
			*into += "x"
		case *int:
			*into++
		case *bool:
			*into = !*into
		case *time.Time:
			*into = into.Add(time.Microsecond)
		default:
			require.Fail(t, "say how the field changes: "+of.Field(i).Name)
		}
		all[of.Field(i).Name] = other
	}
	return all
}

func TestAChangedEntryIsFoundAndNamed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ledger, entries := written(t, 1)
		i := rapid.IntRange(0, len(entries)-1).Draw(t, "entry")
		for field, e := range tampered(t, entries[i]) {
			changed := slices.Clone(entries)
			changed[i] = e
			want := fmt.Sprintf("entry %d of the ledger was changed: it has hash ", i+1)
			switch field {
			case "Seq":
				want = fmt.Sprintf("entry %d of the ledger has number %d: one is missing, or too many", i+1, i+2)
			case "Previous":
				want = fmt.Sprintf("entry %d of the ledger does not follow the one before", i+1)
			}
			require.ErrorContains(t, ledger.Check(changed), want, field)
		}
	})
}

func TestAnEntryThatIsTakenOutPutInOrMovedIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ledger, entries := written(t, 2)
		i := rapid.IntRange(0, len(entries)-2).Draw(t, "entry")
		numbered := fmt.Sprintf("entry %d of the ledger has number ", i+1)
		require.ErrorContains(t, ledger.Check(slices.Delete(slices.Clone(entries), i, i+1)), numbered, "taken out")

		swapped := slices.Clone(entries)
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
		require.ErrorContains(t, ledger.Check(swapped), numbered, "moved")
		swapped[i].Seq, swapped[i+1].Seq = i+1, i+2
		require.ErrorContains(t, ledger.Check(swapped), fmt.Sprintf("entry %d of the ledger does not follow the one before", i+1), "moved and numbered anew")

		require.ErrorContains(t, ledger.Check(slices.Insert(slices.Clone(entries), i+1, entries[i])), fmt.Sprintf("entry %d of the ledger has number %d", i+2, i+1), "put in twice")
		forged := release.LedgerEntry{Seq: i + 2, At: noon, By: "ana", Counted: true, Previous: entries[i].Hash, Hash: entries[i].Hash}
		require.ErrorContains(t, ledger.Check(slices.Insert(slices.Clone(entries), i+1, forged)), fmt.Sprintf("entry %d of the ledger was changed", i+2), "put in")
	})
}

// Who can write the entries anew, with all their hashes, cannot do so to the head.
func TestALedgerWrittenAnewIsNotTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ledger, entries := written(t, 1)
		anew := release.Ledger{Release: ledger.Release, Started: ledger.Started}
		i := rapid.IntRange(0, len(entries)-1).Draw(t, "changed")
		var forged []release.LedgerEntry
		for j, e := range entries {
			if j == i {
				e.Counted = !e.Counted
			}
			e, err := anew.Append(e, []byte(e.Payload))
			require.NoError(t, err)
			forged = append(forged, e)
		}
		require.NoError(t, anew.Check(forged))
		require.ErrorContains(t, ledger.Check(forged), fmt.Sprintf("the ledger has %d entries up to %s, expected %d up to %s",
			anew.Count, anew.Head.Short(), ledger.Count, ledger.Head.Short()))
	})
}

func TestEntriesThatAreCutOffAreMissed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ledger, entries := written(t, 1)
		kept := rapid.IntRange(0, len(entries)-1).Draw(t, "kept")
		require.ErrorContains(t, ledger.Check(entries[:kept]), fmt.Sprintf("the ledger has %d entries up to ", kept))
		more, err := (&release.Ledger{Release: ledger.Release, Started: ledger.Started, Count: ledger.Count, Head: ledger.Head}).Append(release.LedgerEntry{At: noon}, nil)
		require.NoError(t, err)
		require.ErrorContains(t, ledger.Check(append(slices.Clone(entries), more)), fmt.Sprintf("the ledger has %d entries up to ", len(entries)+1), "and added ones are noticed")
	})
}

func TestALedgerIsOfOneReleaseAndOneStart(t *testing.T) {
	ledger := release.Ledger{Release: "web@2.30", Started: noon}
	e, err := ledger.Append(release.LedgerEntry{At: noon}, nil)
	require.NoError(t, err)
	for _, other := range []release.Ledger{
		{Release: "web@2.31", Started: noon, Count: 1, Head: ledger.Head}, {Release: "web@2.30", Started: noon.Add(time.Second), Count: 1, Head: ledger.Head},
	} {
		require.EqualError(t, other.Check([]release.LedgerEntry{e}), "entry 1 of the ledger does not follow the one before")
	}
}

// Databases give times back in microseconds, and in a zone of their own.
func TestALedgerHoldsAfterADatabaseKeptItsTimes(t *testing.T) {
	kept := func(at time.Time) time.Time { return at.Truncate(time.Microsecond).In(time.FixedZone("CET", 3600)) }
	start := noon.Add(123456789)
	ledger := release.Ledger{Release: "web@2.30", Started: start}
	e, err := ledger.Append(release.LedgerEntry{At: start.Add(time.Second)}, nil)
	require.NoError(t, err)
	at := e
	at.At = kept(e.At)
	assert.NoError(t, ledger.Check([]release.LedgerEntry{at}), "the time of an entry")
	ledger.Started = kept(start)
	assert.NoError(t, ledger.Check([]release.LedgerEntry{e}), "the start of the release")
}

func TestAnyPayloadIsKeptAsTextAndKnownByItsDigest(t *testing.T) {
	for name, payload := range map[string][]byte{
		"none":               nil,
		"JSON":               []byte(`{"by":"ana","comment":"<b> & 'ok' \u2028"}`),
		"not UTF-8":          []byte("\xff\xfe{\"by\":\"ana\"}\xc3\x28"),
		"only half a rune":   []byte("\xe2\x82"),
		"no text at all":     {0, 1, 2, 0xff},
		"a megabyte":         []byte(strings.Repeat("0123456789abcdef", 1<<16)),
		"a megabyte of FF":   []byte(strings.Repeat("\xff", 1<<20)),
		"a rune that is cut": []byte(strings.Repeat("a", 4095) + "é and more"),
	} {
		ledger := release.Ledger{Release: "web@2.30", Started: noon}
		e, err := ledger.Append(release.LedgerEntry{At: noon}, payload)
		require.NoError(t, err, name)
		assert.True(t, utf8.ValidString(e.Payload), name)
		assert.LessOrEqual(t, len(e.Payload), 3*4096, name)
		assert.Equal(t, release.DigestOfBytes(payload), e.PayloadDigest, name)
		if len(payload) <= 4096 && utf8.Valid(payload) {
			assert.Equal(t, string(payload), e.Payload, name)
		}
		require.NoError(t, ledger.Check(stored(t, []release.LedgerEntry{e})), name)
	}
}

func TestPayloadsThatAreCutAlikeAreToldApart(t *testing.T) {
	ledger := release.Ledger{Release: "web@2.30", Started: noon}
	long := strings.Repeat("a", 1<<20)
	one, err := ledger.Append(release.LedgerEntry{At: noon}, []byte(long+"1"))
	require.NoError(t, err)
	two, err := ledger.Append(release.LedgerEntry{At: noon}, []byte(long+"2"))
	require.NoError(t, err)
	assert.Equal(t, one.Payload, two.Payload)
	assert.NotEqual(t, one.PayloadDigest, two.PayloadDigest)
}

// Names and reasons come from payloads too.
func TestAnEntryIsTextThroughout(t *testing.T) {
	ledger := release.Ledger{Release: "web@2.30", Started: noon}
	e, err := ledger.Append(release.LedgerEntry{At: noon, Gate: "pl\xff", By: "a\xffna", Decision: "\xff", Refusal: "there is no gate \"pl\xff\"", Signature: "\xff"}, nil)
	require.NoError(t, err)
	require.NoError(t, ledger.Check(stored(t, []release.LedgerEntry{e})))
}

func TestAnEmptyLedgerHasNoEntries(t *testing.T) {
	ledger := release.Ledger{Release: "web@2.30", Started: noon}
	require.NoError(t, ledger.Check(nil))
	require.Error(t, ledger.Check([]release.LedgerEntry{{Seq: 1}}))
	require.Error(t, (&release.Ledger{Release: "web@2.30", Started: noon, Count: 1}).Check(nil))
	data, err := json.Marshal(ledger)
	require.NoError(t, err)
	assert.JSONEq(t, `{"release":"web@2.30","started":"2026-03-01T12:00:00Z","count":0}`, string(data))
}
