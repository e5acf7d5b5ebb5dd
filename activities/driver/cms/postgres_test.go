package cms_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/cms"
	"slipway/activities/driver/cms/cmstest"
	"slipway/release"
)

// as gives the URL of a database for another user.
func as(t *testing.T, spec, user string) string {
	t.Helper()
	u, err := url.Parse(spec)
	require.NoError(t, err)
	u.User = url.User(user)
	return u.String()
}

// role makes a user until the test ends.
func role(t *testing.T, p place, name, more string) {
	t.Helper()
	p.change(t, "CREATE ROLE "+name+" LOGIN "+more)
	t.Cleanup(func() { p.change(t, "DROP OWNED BY "+name+"; DROP ROLE "+name) })
}

func TestAPasswordInTheURLIsRefusedAndNotRepeated(t *testing.T) {
	for _, spec := range []string{
		"postgres://slipway:hunter2@db.example.com/slipway",
		"postgresql://slipway@db.example.com/slipway?password=hunter2",
		"postgres://slipway@db.example.com/slipway?sslpassword=hunter2",
		"postgres://slipway:hunter2@db.example.com:port/slipway",
	} {
		err := refused(t, spec)
		assert.NotContains(t, err.Error(), "hunter2")
		_, reading := cms.OpenReadOnly(context.Background(), spec)
		assert.Equal(t, err, reading)
	}
	assert.ErrorContains(t, refused(t, "postgres://slipway:hunter2@db.example.com/slipway"), "set cmsPassword to a reference")
}

func TestWhyAServerIsOfNoUseIsToldWithWhatHelps(t *testing.T) {
	p := place{onPostgres, onPostgres.spec(t)}
	role(t, p, cmstest.Guarded, "PASSWORD 'open sesame'")
	role(t, p, "stranger", "")
	for spec, says := range map[string][]string{
		"postgres://slipway@/none?host=" + t.TempDir():                   {"no PostgreSQL answers", "correct the setting cms"},
		"postgres://slipway@127.0.0.1:1/none":                            {"no PostgreSQL answers", "127.0.0.1:1"},
		strings.Replace(p.at, "/cms_", "/no_", 1):                        {`database "no_`, "create it (CREATE DATABASE"},
		as(t, p.at, cmstest.Guarded):                                     {"password", "cmsPassword"},
		as(t, p.at, "nobody at all"):                                     {`role "nobody at all" does not exist`, "CREATE ROLE"},
		as(t, p.at, "stranger"):                                          {"permission denied", `CREATE SCHEMA slipway AUTHORIZATION "stranger"`},
		"postgres://slipway@localhost/slipway?sslmode=not-known":         {"sslmode"},
		"postgres://slipway@localhost/slipway?sslrootcert=/no/such/file": {"/no/such/file"},
	} {
		err := refused(t, spec)
		for _, part := range says {
			assert.ErrorContains(t, err, part)
		}
		assert.NotContains(t, err.Error(), "\n")
	}
}

func TestThePasswordIsLookedUpForEachConnection(t *testing.T) {
	p := place{onPostgres, cmstest.NewPostgres(t)}
	spec := cmstest.Guard(t, p.at, "open sesame")
	secret := filepath.Join(t.TempDir(), "secret")
	access := cms.Access{Password: "file:" + secret}
	_, err := cms.Open(context.Background(), spec, access)
	require.ErrorContains(t, err, secret, "the file is missing")
	require.NoError(t, os.WriteFile(secret, []byte("open sesame\n"), 0o600))
	store, err := cms.Open(context.Background(), spec, access)
	require.NoError(t, err, "its own schema is all that a worker needs")
	defer func() { require.NoError(t, store.Close()) }()
	write(t, store, wholeRelease(httpbin("2.26.0"))...)

	p.change(t, "ALTER ROLE "+cmstest.Guarded+" PASSWORD 'open barley'")
	require.NoError(t, os.WriteFile(secret, []byte("open barley\n"), 0o600))
	p.change(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '"+cmstest.Guarded+"'")
	write(t, store, wholeRelease(httpbin("2.26.1"))...)
}

func TestAReaderNeedsNoMoreThanToRead(t *testing.T) {
	p := place{onPostgres, onPostgres.spec(t)}
	write(t, p.open(t), wholeRelease(httpbin("2.26.0"))...)
	role(t, p, "reader", "")
	_, err := cms.OpenReadOnly(context.Background(), as(t, p.at, "reader"))
	require.ErrorContains(t, err, "GRANT USAGE ON SCHEMA slipway")
	p.change(t, "GRANT USAGE ON SCHEMA slipway TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA slipway TO reader")
	store, err := cms.OpenReadOnly(context.Background(), as(t, p.at, "reader"))
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	list, err := store.Releases(context.Background(), 10)
	require.NoError(t, err)
	require.Len(t, list, 1)

	owner, err := cms.OpenReadOnly(context.Background(), p.at)
	require.NoError(t, err)
	defer func() { require.NoError(t, owner.Close()) }()
	require.ErrorContains(t, owner.Write(context.Background(), wholeRelease(httpbin("2.27.0"))), "read-only")
}

func TestADatabaseIsSharedWithOtherProgramsButNotTheSchema(t *testing.T) {
	p := place{onPostgres, cmstest.NewPostgres(t)}
	_, err := cms.OpenReadOnly(context.Background(), p.at)
	require.ErrorContains(t, err, "this database is no CMS")
	p.change(t, "CREATE TABLE public.releases (id TEXT)")
	write(t, p.open(t), wholeRelease(httpbin("2.26.0"))...)
	require.Empty(t, p.rows(t, "SELECT * FROM public.releases"))

	p = place{onPostgres, cmstest.NewPostgres(t)}
	p.change(t, "CREATE SCHEMA slipway; CREATE TABLE slipway.releases (id TEXT)")
	require.ErrorContains(t, refused(t, p.at), "belongs to another program")
	_, err = cms.OpenReadOnly(context.Background(), p.at)
	require.ErrorContains(t, err, "this database is no CMS")
	require.Equal(t, []string{"releases"}, p.rows(t, "SELECT relname FROM pg_class WHERE relnamespace = 'slipway'::regnamespace"), "it is left as it is")
}

func TestADatabaseThatCannotKeepEveryTextIsRefused(t *testing.T) {
	p := place{onPostgres, onPostgres.spec(t)}
	p.change(t, "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
	t.Cleanup(func() { p.change(t, "DROP DATABASE ascii") })
	u, err := url.Parse(p.at)
	require.NoError(t, err)
	u.Path = "/ascii"
	require.ErrorContains(t, refused(t, u.String()), "create it with ENCODING 'UTF8'")
}

func TestTextsHaveOneOrderWhateverTheLocaleOfTheDatabase(t *testing.T) {
	sqlite, p := place{onSQLite, onSQLite.spec(t)}, place{onPostgres, onPostgres.spec(t)}
	p.change(t, "CREATE DATABASE english LOCALE_PROVIDER icu ICU_LOCALE 'en-US' TEMPLATE template0")
	t.Cleanup(func() { p.change(t, "DROP DATABASE english WITH (FORCE)") })
	u, err := url.Parse(p.at)
	require.NoError(t, err)
	u.Path = "/english"
	english := place{onPostgres, u.String()}
	require.Equal(t, []string{"a|B"}, english.rows(t, "SELECT min(x), max(x) FROM (VALUES ('B'), ('a')) AS v (x)"), "people order so")

	var entries []release.Entry
	for i, version := range []string{"b", "B", "a-1", "a1", "A", "e", "A1", "10", "9"} {
		e := state(httpbin(version), release.StageName("build"), 1)
		e.ReleaseState.RFCs = []string{fmt.Sprint("x", i)}
		entries = append(entries, e)
	}
	store, other := sqlite.open(t), english.open(t)
	write(t, store, entries...)
	write(t, other, entries...)
	for _, query := range []string{
		"SELECT release FROM releases ORDER BY release",
		"SELECT release FROM releases WHERE release > 'httpbin@Z' ORDER BY release DESC",
		"SELECT from_name, relation, to_name FROM relationships ORDER BY from_name, relation, to_name",
	} {
		require.Equal(t, sqlite.rows(t, query), english.rows(t, query), query)
	}
	wanted, err := store.Releases(context.Background(), 10)
	require.NoError(t, err)
	found, err := other.Releases(context.Background(), 10)
	require.NoError(t, err)
	require.Equal(t, wanted, found)
}

// Anybody may send a vote, with a name as long as a payload may be.
func TestWhatPeopleWriteIsHeldHoweverLongItIs(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		var long strings.Builder
		for i := range 2000 {
			long.WriteString(string(digest(fmt.Sprint(i))))
		}
		book := release.Ledger{Release: httpbin("2.26.0"), Started: at(0)}
		l, err := book.Append(release.LedgerEntry{At: at(1), By: long.String(), Refusal: long.String()}, []byte(long.String()))
		require.NoError(t, err)
		vote := entry(httpbin("2.26.0"), "vote/1", 1)
		vote.Ballot = &release.BallotEntry{Started: at(0), Entry: l}
		incident := entry(httpbin("2.26.0"), "incident/1", 1)
		incident.Incident = &release.IncidentEntry{Environment: "production", Incident: release.Incident{
			ID: "INC-1", Severity: 1, CI: long.String(), Summary: long.String(), By: long.String(), Opened: at(1),
		}}
		act := entry(httpbin("2.26.0"), "act/1", 1)
		act.Act = &release.Act{At: at(1), Action: release.ActWithdraw, By: long.String(), Summary: long.String()}
		store := p.open(t)
		write(t, store, vote, incident, act)
		found, err := store.Ledger(context.Background(), httpbin("2.26.0"), at(0))
		require.NoError(t, err)
		require.NoError(t, book.Check(found))
	})
}

func TestWhatIsNoTextForADatabaseIsHeldAllTheSame(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		e := entry(httpbin("2.26.0"), "act/1", 1)
		e.Act = &release.Act{At: at(1), Action: release.ActWithdraw, By: "ana\x00", Summary: "half a rune \xe2\x82"}
		write(t, p.open(t), e)
		require.Equal(t, []string{"ana\uFFFD|half a rune \uFFFD"}, p.rows(t, "SELECT person, summary FROM actions"))
	})
}

func TestTheConnectionsOfAStoreAreFew(t *testing.T) {
	p := place{onPostgres, onPostgres.spec(t)}
	store := p.open(t)
	db, err := sql.Open(p.driver, p.source(p.at))
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	tx, err := db.Begin()
	require.NoError(t, err)
	_, err = tx.Exec("LOCK TABLE releases IN ACCESS EXCLUSIVE MODE")
	require.NoError(t, err)
	done := make(chan error)
	for range 50 {
		go func() {
			_, err := store.Releases(context.Background(), 10)
			done <- err
		}()
	}
	count := "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'slipway' AND datname = current_database()"
	require.Eventually(t, func() bool { return p.rows(t, count)[0] == "8" }, waiting, tick)
	require.NoError(t, tx.Rollback())
	for range 50 {
		require.NoError(t, <-done)
	}
	require.Equal(t, "8", p.rows(t, count)[0])
}
