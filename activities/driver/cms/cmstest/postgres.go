package cmstest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/cms"
)

// Postgres makes an empty database of today's tables on PostgreSQL, and gives what
// [cms.Open] takes for it. Its server belongs to the test program and ends with it. The
// test is skipped where PostgreSQL is not installed, or fails when SLIPWAY_TEST_POSTGRES
// is 1.
func Postgres(t testing.TB) (spec string) {
	t.Helper()
	return database(t, template)
}

// NewPostgres is Postgres without tables.
func NewPostgres(t testing.TB) (spec string) {
	t.Helper()
	return database(t, "template0")
}

// Guard makes Guarded the owner of a database's schema until the test ends, lets it in by
// a password, and gives what [cms.Open] takes for it.
func Guard(t testing.TB, spec, password string) string {
	t.Helper()
	place, err := url.Parse(spec)
	require.NoError(t, err)
	run := func(ctx context.Context, commands ...string) {
		conn, err := pgx.Connect(ctx, spec)
		require.NoError(t, err)
		for _, command := range commands {
			_, err := conn.Exec(ctx, command)
			require.NoError(t, err, command)
		}
		require.NoError(t, conn.Close(ctx))
	}
	run(t.Context(), "CREATE ROLE "+Guarded+" LOGIN PASSWORD '"+password+"'", "CREATE SCHEMA slipway AUTHORIZATION "+Guarded)
	t.Cleanup(func() { run(context.Background(), "DROP OWNED BY "+Guarded, "DROP ROLE "+Guarded) })
	place.User = url.User(Guarded)
	return place.String()
}

// template is the database that others are copied from.
const template = "cms_template"

var databases atomic.Int64

func database(t testing.TB, from string) string {
	t.Helper()
	cluster := ofThisProgram(t)
	name := fmt.Sprintf("cms_%d", databases.Add(1))
	require.NoError(t, cluster.Run(t.Context(), fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", name, from)))
	t.Cleanup(func() {
		require.NoError(t, cluster.Run(context.Background(), fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name)))
	})
	return cluster.URL(name)
}

func ofThisProgram(t testing.TB) *Cluster {
	t.Helper()
	cluster, err := common()
	Require(t, err)
	return cluster
}

// Require skips the test when the error of a cluster is that PostgreSQL is not
// installed, and fails it for any other.
func Require(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, ErrNoPostgres) && os.Getenv("SLIPWAY_TEST_POSTGRES") != "1" {
		t.Skip(err)
	}
	require.NoError(t, err)
}

// common is the cluster of the test program, with the template.
var common = sync.OnceValues(func() (*Cluster, error) {
	ctx := context.Background()
	cluster, err := StartCluster(ctx)
	if err != nil {
		return nil, err
	}
	if err := cluster.Run(ctx, "CREATE DATABASE "+template); err != nil {
		return nil, err
	}
	store, err := cms.Open(ctx, cluster.URL(template))
	if err != nil {
		return nil, err
	}
	return cluster, store.Close()
})
