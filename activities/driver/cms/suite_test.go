package cms_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/cms"
	"slipway/activities/driver/cms/cmstest"
	"slipway/release"
)

// backend is a database that the rules of the CMS hold on.
type backend struct {
	name   string
	driver string
	// spec names a new, empty database.
	spec func(testing.TB) string
	// source is how the driver itself names it.
	source func(spec string) string
}

var (
	onSQLite = backend{
		name: "sqlite", driver: "sqlite",
		spec:   func(t testing.TB) string { return cmstest.Place(t, filepath.Join(t.TempDir(), "cms.db")) },
		source: func(spec string) string { return strings.TrimPrefix(spec, "sqlite:") },
	}
	onPostgres = backend{
		name: "postgres", driver: "pgx",
		spec:   cmstest.Postgres,
		source: func(spec string) string { return spec + "&search_path=slipway&timezone=UTC" },
	}
	backends = []backend{onSQLite, onPostgres}
)

// place is a database under test.
type place struct {
	backend
	at string
}

// onEach runs a rule on an empty database of every backend.
func onEach(t *testing.T, rule func(*testing.T, place)) {
	for _, b := range backends {
		t.Run(b.name, func(t *testing.T) { rule(t, place{b, b.spec(t)}) })
	}
}

// open opens the store until the test ends.
func (p place) open(t testing.TB) *cms.Store {
	t.Helper()
	store, err := cms.Open(context.Background(), p.at)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store
}

// asked are the databases that tests ask past the store, by what names them.
var asked sync.Map

func (p place) past(t testing.TB) *sql.DB {
	t.Helper()
	if db, found := asked.Load(p.at); found {
		return db.(*sql.DB)
	}
	db, err := sql.Open(p.driver, p.source(p.at))
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	asked.Store(p.at, db)
	t.Cleanup(func() {
		asked.Delete(p.at)
		require.NoError(t, db.Close())
	})
	return db
}

// rows asks the database as an auditor does, past the store. A row is its values,
// separated by "|", as SQLite has them; NULL is empty.
func (p place) rows(t testing.TB, query string, args ...any) []string {
	t.Helper()
	found, err := p.past(t).Query(query, args...)
	require.NoError(t, err)
	defer func() { require.NoError(t, found.Close()) }()
	columns, err := found.Columns()
	require.NoError(t, err)
	var list []string
	for found.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		require.NoError(t, found.Scan(into...))
		texts := make([]string, len(columns))
		for i, v := range values {
			texts[i] = text(v)
		}
		list = append(list, strings.Join(texts, "|"))
	}
	require.NoError(t, found.Err())
	return list
}

// change does something to the database past the store.
func (p place) change(t testing.TB, command string) {
	t.Helper()
	_, err := p.past(t).Exec(command)
	require.NoError(t, err, command)
}

// text is a value as SQLite has it.
func text(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case bool:
		if value {
			return "1"
		}
		return "0"
	case time.Time:
		return value.UTC().Format("2006-01-02T15:04:05.000000Z")
	}
	return fmt.Sprint(value)
}

func write(t testing.TB, store *cms.Store, entries ...release.Entry) {
	t.Helper()
	require.NoError(t, store.Write(context.Background(), entries))
}

// at is a time of the tests, in minutes from their beginning.
func at(minutes int) time.Time {
	return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute)
}

func digest(text string) release.Digest { return release.DigestOfBytes([]byte(text)) }

// httpbin is the release of a version of httpbin.
func httpbin(version string) string { return release.ID("httpbin", version) }

// entry is an entry of a release, without a part.
func entry(id, step string, minute int) release.Entry {
	return release.Entry{Key: id + "/" + step, At: at(minute), Release: id}
}

// state is a release that started at minute zero and is in a phase.
func state(id string, phase release.StageName, minute int) release.Entry {
	service, version, _ := strings.Cut(id, "@")
	e := entry(id, "state", minute)
	e.ReleaseState = &release.State{
		Service: service, Version: version, Model: "normal", Requester: "rita", Manager: "max",
		Phase: phase, Started: at(0),
	}
	return e
}

// closed is a release that ended.
func closed(id string, outcome release.Outcome, minute int) release.Entry {
	e := state(id, release.StageClosed, minute)
	e.ReleaseState.Outcome, e.ReleaseState.Closed = outcome, at(minute)
	return e
}

func pack(id string) release.Package {
	return release.Package{Digest: digest(id), Content: digest("content of " + id), Tag: id, Size: 4711, Files: 3}
}

// runs says that a release runs in production from a minute on.
func runs(id string, by string, minute int) release.Entry {
	service, version, _ := strings.Cut(id, "@")
	e := entry(by, fmt.Sprintf("baseline/%d", minute), minute)
	e.Baseline = &release.BaselineEntry{Environment: "production", Service: service, Baseline: &release.Baseline{
		Environment: "production", Service: service, Release: id, Version: version, Package: pack(id), Since: at(minute),
	}}
	return e
}

// nothing says that nothing of httpbin runs in production from a minute on.
func nothing(by string, minute int) release.Entry {
	e := runs(by, by, minute)
	e.Baseline.Baseline = nil
	return e
}
