package cms_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheQueriesOfTheAuditorsGuideHoldOnBothDatabases(t *testing.T) {
	guide, err := os.ReadFile("../../../docs/auditor.md")
	require.NoError(t, err)
	queries := regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(string(guide), -1)
	require.NotEmpty(t, queries)
	one, other := place{onSQLite, onSQLite.spec(t)}, place{onPostgres, onPostgres.spec(t)}
	for _, p := range []place{one, other} {
		write(t, p.open(t), wholeRelease(httpbin("2.26.0"))...)
	}
	for _, q := range queries {
		require.Equal(t, one.rows(t, q[1]), other.rows(t, strings.ReplaceAll(q[1], "group_concat", "string_agg")), q[1])
	}
}
