package cms_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/cms"
)

func TestTablesOfANewerProgramAreRefused(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, err := cms.Open(context.Background(), p.at)
		require.NoError(t, err)
		require.NoError(t, store.Close())
		p.change(t, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, TRUE)")
		require.ErrorContains(t, refused(t, p.at), "use a newer slipway")
	})
}

// spoil makes every insertion into a table fail, and mend ends that.
var spoil, mend = map[string]string{
	"sqlite": "CREATE TRIGGER spoilt BEFORE INSERT ON calls BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
	"postgres": `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the disk is full'; END $$;
		CREATE TRIGGER spoilt BEFORE INSERT ON calls EXECUTE FUNCTION fail()`,
}, map[string]string{"sqlite": "DROP TRIGGER spoilt", "postgres": "DROP TRIGGER spoilt ON calls"}

func TestABatchThatFailsInTheMiddleLeavesNothingAndCanBeWrittenLater(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, batch := p.open(t), wholeRelease(httpbin("2.26.0"))
		p.change(t, spoil[p.name])
		err := store.Write(context.Background(), batch)
		require.ErrorContains(t, err, "the disk is full")
		require.ErrorContains(t, err, "production/call/")
		for table, rows := range dump(t, p) {
			assert.Empty(t, rows, table)
		}
		p.change(t, mend[p.name])
		write(t, store, batch...)
		assert.NotEmpty(t, p.rows(t, "SELECT key FROM calls"))
	})
}
