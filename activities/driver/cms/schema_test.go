package cms_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Both databases are asked for the same lists, each in its own way. Columns of views
// have no type and may be NULL as far as either knows.
var schemas = map[string]map[string]string{
	"sqlite": {
		"columns": `
			SELECT t.name, c.name, CASE t.type WHEN 'view' THEN '' ELSE c.type END, t.type = 'table' AND (c."notnull" OR c.pk > 0)
			FROM sqlite_schema t, pragma_table_info(t.name) c
			WHERE t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'goose_db_version' ORDER BY 1, 2`,
		"primary keys": `
			SELECT t.name, c.pk, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
			WHERE t.type = 'table' AND c.pk > 0 AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'goose_db_version' ORDER BY 1, 2`,
		"foreign keys": `
			SELECT DISTINCT t.name, k."table", k."from" FROM sqlite_schema t, pragma_foreign_key_list(t.name) k
			WHERE t.type = 'table' ORDER BY 1, 2, 3`,
		"indexes": `
			SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index' AND name NOT LIKE 'sqlite_%' ORDER BY 1`,
	},
	"postgres": {
		"columns": `
			SELECT c.relname, a.attname, CASE c.relkind WHEN 'v' THEN '' ELSE format_type(a.atttypid, NULL) END, a.attnotnull
			FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
			WHERE c.relnamespace = 'slipway'::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped
				AND c.relname <> 'goose_db_version' ORDER BY 1, 2`,
		"primary keys": `
			SELECT c.relname, k.place, a.attname
			FROM pg_constraint p JOIN pg_class c ON c.oid = p.conrelid, unnest(p.conkey) WITH ORDINALITY AS k (number, place), pg_attribute a
			WHERE p.contype = 'p' AND a.attrelid = c.oid AND a.attnum = k.number
				AND c.relnamespace = 'slipway'::regnamespace AND c.relname <> 'goose_db_version' ORDER BY 1, 2`,
		"foreign keys": `
			SELECT c.relname, r.relname, a.attname
			FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class r ON r.oid = f.confrelid, pg_attribute a
			WHERE f.contype = 'f' AND a.attrelid = c.oid AND a.attnum = ANY (f.conkey) AND c.relnamespace = 'slipway'::regnamespace
			ORDER BY 1, 2, 3`,
		"indexes": `
			SELECT i.relname, t.relname
			FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
			WHERE t.relnamespace = 'slipway'::regnamespace AND NOT x.indisunique ORDER BY 1`,
	},
}

// kept is what SQLite keeps of a type of PostgreSQL.
var kept = map[string]string{
	"text": "TEXT", "timestamp with time zone": "TEXT", "bigint": "INTEGER", "boolean": "INTEGER", "double precision": "REAL", "": "",
}

func TestBothDatabasesHaveTheSameTables(t *testing.T) {
	one, other := place{onSQLite, onSQLite.spec(t)}, place{onPostgres, onPostgres.spec(t)}
	for what, query := range schemas[one.name] {
		wanted, found := one.rows(t, query), other.rows(t, schemas[other.name][what])
		if what == "columns" {
			for i, column := range found {
				parts := strings.Split(column, "|")
				require.Contains(t, kept, parts[2], column)
				parts[2] = kept[parts[2]]
				found[i] = strings.Join(parts, "|")
			}
		}
		require.NotEmpty(t, wanted, what)
		assert.Equal(t, wanted, found, what)
	}
}

func TestTextsAndTimesOfPostgreSQLAreOfTheTypesThatKeepTheirOrder(t *testing.T) {
	p := place{onPostgres, onPostgres.spec(t)}
	require.Empty(t, p.rows(t, `
		SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = 'slipway'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND a.atttypid = 'text'::regtype
			AND a.attcollation <> '"C"'::regcollation`))
}

func TestEveryTableOfPostgreSQLTellsWhatItIs(t *testing.T) {
	p := place{onPostgres, onPostgres.spec(t)}
	require.Empty(t, p.rows(t, `
		SELECT relname FROM pg_class
		WHERE relnamespace = 'slipway'::regnamespace AND relkind IN ('r', 'v') AND relname <> 'goose_db_version'
			AND coalesce(obj_description(oid), '') = ''`), "write COMMENT ON TABLE … in the migration")
}

func TestViewsAreWrittenAlikeForBothDatabases(t *testing.T) {
	one, other := views(t, "sqlite"), views(t, "postgres")
	require.NotEmpty(t, one)
	assert.Equal(t, one, other)
}

// views gives the text of each view as it is made last.
func views(t *testing.T, folder string) map[string]string {
	t.Helper()
	files, err := filepath.Glob("migrations/" + folder + "/*.sql")
	require.NoError(t, err)
	texts := map[string]string{}
	statement := regexp.MustCompile(`(?ms)^(CREATE|DROP) VIEW (\w+)(.*?);\n`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range statement.FindAllStringSubmatch(string(text)+"\n", -1) {
			if m[1] == "DROP" {
				delete(texts, m[2])
				continue
			}
			texts[m[2]] = m[3]
		}
	}
	return texts
}
