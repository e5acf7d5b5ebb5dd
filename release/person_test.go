package release_test

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"slipway/release"
)

// key is the public key of somebody, always the same for the same name.
func key(t testing.TB, name string) release.Key {
	t.Helper()
	seed := bytes.Repeat([]byte(name+"."), ed25519.SeedSize)[:ed25519.SeedSize]
	public, err := ssh.NewPublicKey(ed25519.NewKeyFromSeed(seed).Public())
	require.NoError(t, err)
	return release.Key{Line: strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public))) + " " + name + "@laptop"}
}

func TestAKeyIsOneLineAsInAuthorizedKeys(t *testing.T) {
	ana, ben := key(t, "ana").Line, key(t, "ben").Line
	for name, text := range map[string]string{
		"as it is": ana, "without a comment": strings.TrimSuffix(ana, " ana@laptop"), "with the end of the line": ana + "\n",
	} {
		public, err := release.Key{Line: text}.Public()
		require.NoError(t, err, name)
		assert.Equal(t, ssh.KeyAlgoED25519, public.Type(), name)
	}
	for name, text := range map[string]string{
		"nothing": "", "words": "my key", "cut": ana[:40], "two": ana + "\n" + ben, "private": "-----BEGIN OPENSSH PRIVATE KEY-----\nx", "only the kind": "ssh-ed25519",
	} {
		_, err := release.Key{Line: text}.Public()
		require.ErrorContains(t, err, "is not one SSH public key, as in \"ssh-ed25519 AAAA… ana@laptop\"", name)
	}
}

func TestSomebodyVotesWithTheirOwnSeatAndThoseDelegatedToThemAtTheTime(t *testing.T) {
	o := house()
	day := 24 * time.Hour
	for _, c := range []struct {
		name, id string
		at       time.Time
		want     []release.Seat
	}{
		{"stranger", "zoe", noon, nil},
		{"nobody", "", noon, nil},
		{"without groups", "sam", noon, []release.Seat{{Person: "sam"}}},
		{"with groups and roles", "sven", noon, []release.Seat{{Person: "sven", Groups: []string{"security", "ciso"}}}},
		{"who delegated theirs keeps it", "eva", noon, []release.Seat{{Person: "eva", Groups: []string{"cab"}}}},
		{"in the place of another", "kim", noon, []release.Seat{{Person: "kim", Groups: []string{"users"}}, {Person: "sven", Groups: []string{"security", "ciso"}}}},
		{"before it begins", "kim", noon.Add(-time.Hour - 1), []release.Seat{{Person: "kim", Groups: []string{"users"}}}},
		{"as it begins", "kim", noon.Add(-time.Hour), []release.Seat{{Person: "kim", Groups: []string{"users"}}, {Person: "sven", Groups: []string{"security", "ciso"}}}},
		{"in its last moment", "kim", noon.Add(time.Hour - 1), []release.Seat{{Person: "kim", Groups: []string{"users"}}, {Person: "sven", Groups: []string{"security", "ciso"}}}},
		{"as it ends", "kim", noon.Add(time.Hour), []release.Seat{{Person: "kim", Groups: []string{"users"}}}},
		{"between two", "pia", noon, []release.Seat{{Person: "pia", Groups: []string{"users"}}}},
		{"within the second", "pia", noon.Add(day), []release.Seat{{Person: "pia", Groups: []string{"users"}}, {Person: "dirk", Groups: []string{"directors", "cab"}}}},
	} {
		assert.Equal(t, c.want, o.Seats(c.id, c.at), c.name)
	}
}

// What was delegated cannot be delegated again, and a stranger has nothing to give.
func TestADelegationIsOfOnesOwnSeatOnly(t *testing.T) {
	o := house()
	hold := func(from, to string) release.Delegation {
		return release.Delegation{From: from, To: to, Start: noon, End: noon.Add(time.Hour)}
	}
	o.Delegations = []release.Delegation{hold("sven", "kim"), hold("kim", "tim"), hold("zoe", "tim"), hold("ana", "zoe"), hold("ana", "tim"), hold("eva", "tim")}
	assert.Equal(t, []release.Seat{
		{Person: "tim", Groups: []string{"users"}},
		{Person: "kim", Groups: []string{"users"}},
		{Person: "ana", Groups: []string{"cab"}},
		{Person: "eva", Groups: []string{"cab"}},
	}, o.Seats("tim", noon))
	assert.Empty(t, o.Seats("zoe", noon), "who is not on the roster has no seat at all")
}

func TestAChangedSeatLeavesTheRosterAsItIs(t *testing.T) {
	o := house()
	seats := o.Seats("ben", noon)
	seats[0].Groups[0] = "directors"
	assert.Equal(t, house().Roster, o.Roster)
}

func TestASeatIsNamedByItsPersonGroupsAndRoles(t *testing.T) {
	sven := house().Seats("sven", noon)[0]
	assert.True(t, sven.Is("ciso"))
	assert.True(t, sven.Is("cab", "sven"))
	assert.True(t, sven.Is("security"))
	assert.False(t, sven.Is("cab", "Sven", ""))
	assert.False(t, sven.Is())
	assert.False(t, release.Seat{}.Is("cab"))
}

func TestWhatIsWrongWithPeopleIsSaid(t *testing.T) {
	ana, ben := key(t, "ana"), key(t, "ben")
	delegate := func(from, to string, start, end int) func(*release.Organization) {
		return func(o *release.Organization) {
			o.Delegations = append(o.Delegations, release.Delegation{From: from, To: to, Start: noon.AddDate(0, 0, start), End: noon.AddDate(0, 0, end)})
		}
	}
	signs := func(person int, keys ...release.Key) func(*release.Organization) {
		return func(o *release.Organization) { o.Roster[person].Keys = keys }
	}
	works := func(keys ...release.Key) func(*release.Organization) {
		return func(o *release.Organization) {
			for i, k := range keys {
				o.Workers = append(o.Workers, release.Signer{Name: "w" + string(rune('1'+i)), Key: k})
			}
		}
	}
	for _, c := range []struct {
		name   string
		change []func(*release.Organization)
		want   string
	}{
		{"all is well", nil, ""},
		{"keys", []func(*release.Organization){signs(2, ana), signs(3, ben), works(key(t, "w"))}, ""},
		{"several keys", []func(*release.Organization){signs(2, ana, ben)}, ""},
		{
			"key that cannot be read",
			[]func(*release.Organization){signs(2, ana, release.Key{Line: "my key"})},
			`roster[2].keys[1]: "my key" is not one SSH public key, as in "ssh-ed25519 AAAA… ana@laptop"`,
		},
		{
			"key of two people",
			[]func(*release.Organization){signs(2, ana), signs(3, ben, release.Key{Line: ana.Line + " and ben"})},
			"roster[3].keys[1]: this is also a key of ana: nobody could tell who signed",
		},
		{
			"revoked key of two people",
			[]func(*release.Organization){signs(2, release.Key{Line: ana.Line, Revoked: noon}), signs(3, ana)},
			"roster[3].keys[0]: this is also a key of ana: nobody could tell who signed",
		},
		{
			"key of a person and a worker",
			[]func(*release.Organization){signs(2, ana), works(ben, ana)},
			"workers[1].key: this is also a key of ana: nobody could tell who signed",
		},
		{
			"key of two workers",
			[]func(*release.Organization){works(ana, ana)},
			"workers[1].key: this is also a key of worker w1: nobody could tell who signed",
		},
		{
			"worker without a key",
			[]func(*release.Organization){works(release.Key{})},
			`workers[0].key: "" is not one SSH public key, as in "ssh-ed25519 AAAA… ana@laptop"`,
		},
		{
			"worker twice",
			[]func(*release.Organization){works(ana, ben), func(o *release.Organization) { o.Workers[1].Name = "w1" }},
			`workers[1]: "w1" is already used by workers[0]`,
		},
		{
			"id that is also a group",
			[]func(*release.Organization){func(o *release.Organization) { o.Roster = append(o.Roster, release.Person{ID: "cab"}) }},
			`roster[7].id: "cab" is also a group or role of rita: a policy could not tell them apart`,
		},
		{
			"id that is also a group of the same person",
			[]func(*release.Organization){func(o *release.Organization) { o.Roster[6].Groups = []string{"sam"} }},
			`roster[6].id: "sam" is also a group or role of sam: a policy could not tell them apart`,
		},
		{
			"id that is also a role",
			[]func(*release.Organization){func(o *release.Organization) { o.Roster[6].Roles = []string{"uwe"} }},
			`roster[5].id: "uwe" is also a group or role of sam: a policy could not tell them apart`,
		},

		{"delegation", []func(*release.Organization){delegate("ana", "ben", 0, 1)}, ""},
		{"one after the other", []func(*release.Organization){delegate("ana", "ben", 0, 1), delegate("ana", "uwe", 1, 2), delegate("ana", "ben", 5, 6)}, ""},
		{"several for one", []func(*release.Organization){delegate("ana", "uwe", 0, 2), delegate("ben", "uwe", 1, 3)}, ""},
		{"for each other", []func(*release.Organization){delegate("ana", "ben", 0, 2), delegate("ben", "ana", 1, 3)}, ""},
		{"from a stranger", []func(*release.Organization){delegate("zoe", "ben", 0, 1)}, `delegations[0]: "zoe" is not on the roster`},
		{"to a stranger", []func(*release.Organization){delegate("ana", "ben", 0, 1), delegate("ben", "", 0, 1)}, `delegations[1]: "" is not on the roster`},
		{"to oneself", []func(*release.Organization){delegate("ana", "ana", 0, 1)}, "delegations[0]: ana cannot stand in for themself"},
		{
			"backwards",
			[]func(*release.Organization){delegate("ana", "ben", 1, 0)},
			"delegations[0]: it ends (2026-03-01 12:00:00 +0000 UTC) before it begins (2026-03-02 12:00:00 +0000 UTC)",
		},
		{
			"to two at once",
			[]func(*release.Organization){delegate("ana", "ben", 0, 3), delegate("ana", "uwe", 2, 5)},
			"delegations[1]: ana has delegated to ben at the same time (delegations[0])",
		},
		{
			"to two, one within the time of the other",
			[]func(*release.Organization){delegate("ana", "ben", 2, 3), delegate("eva", "uwe", 0, 9), delegate("ana", "uwe", 0, 9)},
			"delegations[2]: ana has delegated to ben at the same time (delegations[0])",
		},
		{
			"twice to one",
			[]func(*release.Organization){delegate("ana", "ben", 0, 3), delegate("ana", "ben", 2, 5)},
			"delegations[1]: ana has delegated to ben at the same time (delegations[0])",
		},
	} {
		o := organization()
		o.Roster = append([]release.Person{}, o.Roster...)
		for _, change := range c.change {
			change(&o)
		}
		assert.Equal(t, c.want, o.Check().Error(), c.name)
	}
}

func TestADelegationThatNeverHoldsIsAMistake(t *testing.T) {
	o := organization()
	o.Delegations = []release.Delegation{{From: "ana", To: "ben", Start: noon, End: noon}}
	assert.NotEmpty(t, o.Check())
	assert.False(t, o.Delegations[0].Holds(noon))
}

func TestWhoStandsInIsToldTooAndEverybodyOnce(t *testing.T) {
	o := release.Organization{Delegations: []release.Delegation{
		{From: "ana", To: "kim", Start: noon, End: noon.Add(time.Hour)},
		{From: "ben", To: "ana", Start: noon, End: noon.Add(time.Hour)},
		{From: "ana", To: "tim", Start: noon.Add(time.Hour), End: noon.Add(2 * time.Hour)},
	}}
	require.Equal(t, []string{"ana", "ben", "kim"}, o.WithDelegates([]string{"ana", "ben"}, noon))
	require.Equal(t, []string{"ana", "tim"}, o.WithDelegates([]string{"ana"}, noon.Add(time.Hour)))
	require.Equal(t, []string{"ana"}, o.WithDelegates([]string{"ana"}, noon.Add(-time.Second)))
}

func TestAWorkersKeyIsReadFromItsFieldKey(t *testing.T) {
	var o release.Organization
	text := "roster: []\nenvironments: []\nworkers:\n  - {name: build-1, key: " + key(t, "build-1").Line + "}\n"
	require.Empty(t, release.DecodeYAML("o.yaml", []byte(text), &o))
	require.Equal(t, key(t, "build-1").Line, o.Workers[0].Line)
}
