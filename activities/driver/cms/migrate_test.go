package cms_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// before makes a database of an earlier version, with what it held.
func before(t *testing.T, p place, version string, statements ...string) {
	t.Helper()
	db, err := sql.Open(p.driver, p.source(p.at))
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	files, err := os.ReadDir("migrations/sqlite")
	require.NoError(t, err)
	upTo := fstest.MapFS{}
	for _, f := range files {
		if f.Name() < version+"_~" {
			text, err := os.ReadFile("migrations/sqlite/" + f.Name())
			require.NoError(t, err)
			upTo[f.Name()] = &fstest.MapFile{Data: text}
		}
	}
	_, err = db.Exec("PRAGMA application_id = 0x534c4950")
	require.NoError(t, err)
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, upTo)
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
