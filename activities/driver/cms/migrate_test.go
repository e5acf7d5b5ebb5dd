package cms_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/cms"
	"slipway/activities/driver/cms/cmstest"
)

// before makes a database of an earlier version, with what it held.
func before(t *testing.T, p place, version string, statements ...string) {
	t.Helper()
	db, err := sql.Open(p.driver, p.source(p.at))
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	files, err := os.ReadDir("migrations/" + p.name)
	require.NoError(t, err)
	upTo := fstest.MapFS{}
	for _, f := range files {
		if f.Name() < version+"_~" {
			text, err := os.ReadFile("migrations/" + p.name + "/" + f.Name())
			require.NoError(t, err)
			upTo[f.Name()] = &fstest.MapFile{Data: text}
		}
	}
	claim, dialect := "PRAGMA application_id = 0x534c4950", goose.DialectSQLite3
	if p.name == onPostgres.name {
		claim, dialect = "CREATE SCHEMA slipway", goose.DialectPostgres
	}
	_, err = db.Exec(claim)
	require.NoError(t, err)
	provider, err := goose.NewProvider(dialect, db, upTo)
	require.NoError(t, err)
	_, err = provider.Up(context.Background())
	require.NoError(t, err)
	for _, s := range statements {
		_, err := db.Exec(s)
		require.NoError(t, err, s)
	}
}

func TestRecordsFromBeforeTheLedgerAreKept(t *testing.T) {
	p := place{onSQLite, "sqlite:" + filepath.Join(t.TempDir(), "cms.db")}
	id := httpbin("2.25.0")
	before(t, p, "00001", strings.Split(`
		INSERT INTO gates VALUES ('httpbin@2.25.0', 'plan', '2026-01-01T09:00:00.000000Z', 'k1', '2026-01-01T09:01:00.000000Z',
			'sha256:ab', 'cab', 2, 1, NULL, 'authorize', '2026-01-01T09:01:00.000000Z');
		INSERT INTO gates VALUES ('httpbin@2.25.0', 'deploy:staging', '2026-01-01T10:00:00.000000Z', 'k2', '2026-01-01T10:00:00.000000Z',
			'sha256:cd', '', 0, 1, NULL, 'pre-authorized', '2026-01-01T10:00:00.000000Z');
		INSERT INTO votes VALUES ('httpbin@2.25.0', 'plan', '2026-01-01T09:00:00.000000Z', 1, 'ana', 'authorize', 'fine', '2026-01-01T09:01:00.000000Z');
		INSERT INTO actions VALUES ('k3', '2026-01-01T09:00:30.000000Z', 'httpbin@2.25.0', '2026-01-01T09:00:30.000000Z', 'cab-authorization',
			'eve', 'authorize gate plan', 0, 'eve is not on the roster', 'plan', 'authorize')`, ";")...)

	store := p.open(t)
	assert.Equal(t, []string{"deploy:staging|nobody|0|pre-authorized", "plan|2 of group cab|0|authorize"},
		p.rows(t, "SELECT gate, policy, signed, decision FROM gates ORDER BY gate"))
	assert.Equal(t, []string{"plan|cab|2|0|ana|authorize|fine||"},
		p.rows(t, `SELECT gate, asked, r.votes, mandatory, person, vote, comment, signing_key, delegated_by
			FROM gate_requirements r JOIN votes USING (release, gate, opened)`))
	assert.Equal(t, []string{"plan|authorize|eve|eve is not on the roster"},
		p.rows(t, "SELECT gate, decision, person, refusal FROM actions WHERE action = 'cab-authorization'"))
	found, err := store.Ledger(context.Background(), id, at(0))
	require.NoError(t, err)
	assert.Empty(t, found, "votes from before are none of a ledger")
	write(t, store, wholeRelease(httpbin("2.26.0"))...)
}

// emptyPlaces are databases without tables.
func emptyPlaces(t *testing.T, rule func(*testing.T, place)) {
	t.Run(onSQLite.name, func(t *testing.T) {
		rule(t, place{onSQLite, "sqlite:" + filepath.Join(t.TempDir(), "cms.db")})
	})
	t.Run(onPostgres.name, func(t *testing.T) { rule(t, place{onPostgres, cmstest.NewPostgres(t)}) })
}

func TestRecordsFromBeforeTheReviewAreKeptAndNewOnesAreWritten(t *testing.T) {
	emptyPlaces(t, func(t *testing.T, p place) {
		before(t, p, "00007", strings.Split(`
			INSERT INTO releases (release, started, key, at, service, version, model, requester, manager, phase, risk)
			VALUES ('httpbin@2.25.0', '2026-01-01T09:00:00.000000Z', 'k1', '2026-01-01T10:00:00.000000Z', 'httpbin', '2.25.0', 'normal', 'rita', 'max', 'support', 3);
			INSERT INTO release_items VALUES ('httpbin@2.25.0', '2026-01-01T09:00:00.000000Z', 1, 'web');
			INSERT INTO incidents (release, environment, incident, opened, key, at, severity, item, summary, person, unrelated)
			VALUES ('httpbin@2.25.0', 'production', 'INC-1', '2026-01-02T09:00:00.000000Z', 'k2', '2026-01-02T09:00:00.000000Z', 2, 'web', 'slow', 'uwe', FALSE);
			INSERT INTO calls (key, at, release, environment, called, person, summary)
			VALUES ('k3', '2026-01-02T09:30:00.000000Z', 'httpbin@2.25.0', 'production', '2026-01-02T09:29:00.000000Z', 'uwe', 'is it slow?');
			INSERT INTO calls (key, at, release, environment, person, summary)
			VALUES ('k4', '2026-01-02T09:40:00.000000Z', 'httpbin@2.25.0', 'production', 'ute', 'it is slow');
			INSERT INTO services (release, environment, package, key, at, service, requester, manager, targets)
			VALUES ('httpbin@2.25.0', 'production', 'sha256:ab', 'k5', '2026-01-02T09:00:00.000000Z', 'httpbin', 'rita', 'max', 2);
			INSERT INTO service_known_errors VALUES ('httpbin@2.25.0', 'production', 'sha256:ab', 1, 'KE-1', 'loud', 'wait');
			INSERT INTO actions (key, at, release, action, counted) VALUES ('k6', '2026-01-02T09:00:00.000000Z', 'httpbin@2.25.0', 'pause', TRUE)`, ";")...)

		store := p.open(t)
		assert.Equal(t, []string{"httpbin@2.25.0|web|0"}, p.rows(t, "SELECT release, item, emergency FROM releases JOIN release_items USING (release, started)"))
		assert.Equal(t, []string{"INC-1|2|web|"}, p.rows(t, "SELECT incident, severity, item, defect FROM incidents"))
		assert.Equal(t, []string{"k3|2026-01-02T09:29:00.000000Z|uwe", "k4|2026-01-02T09:40:00.000000Z|ute"},
			p.rows(t, "SELECT call, called, person FROM calls ORDER BY call"))
		assert.Equal(t, []string{"httpbin|KE-1|wait|max"}, p.rows(t, "SELECT service, known_error, workaround, person FROM known_errors"))
		assert.Equal(t, []string{"1"}, p.rows(t, "SELECT counted FROM actions"))
		write(t, store, wholeRelease(httpbin("2.26.0"))...)
		for table, rows := range dump(t, p) {
			assert.NotEmpty(t, rows, table)
		}
		assert.Len(t, p.rows(t, "SELECT release FROM releases"), 2)
	})
}

func TestADatabaseWithoutTablesMayBeOpenedByManyAtOnce(t *testing.T) {
	emptyPlaces(t, func(t *testing.T, p place) {
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				store, err := cms.Open(context.Background(), p.at)
				if assert.NoError(t, err) {
					assert.NoError(t, store.Close())
				}
			})
		}
		group.Wait()
		write(t, p.open(t), wholeRelease(httpbin("2.26.0"))...)
	})
}
