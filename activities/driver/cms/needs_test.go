package cms_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/cms"
	"slipway/release"
)

func needs(t *testing.T, p place) release.Needs {
	t.Helper()
	store, err := cms.OpenReadOnly(context.Background(), p.at)
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	found, err := store.Needs(context.Background())
	require.NoError(t, err)
	return found
}

func TestWhatIsNeededOfTheLibraryIsReadFromOneMoment(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, old, young := p.open(t), httpbin("2.25.0"), httpbin("2.26.0")
		partly := runs(young, young, 10)
		partly.Baseline.Baseline.Others = []release.Holding{{Version: "2.25.0", Package: pack(old), Targets: []string{"p2"}}, {Targets: []string{"p9"}}}
		built := entry(young, "build/1", 5)
		made := pack(young)
		built.Build = &release.BuildRecord{Number: 1, Builder: "b", Started: at(4), Package: &made}
		open := state(young, release.StageBuild, 5)
		open.ReleaseState.Environments = []string{"production"}
		write(t, store, runs(old, old, 0), partly, nothing(young, 20), closed(old, release.Completed, 1), open, built)

		found := needs(t, p)
		place := release.BaselineChange{Environment: "production", Service: "httpbin"}
		change := func(minute int, packages ...release.Digest) release.BaselineChange {
			c := place
			c.At, c.Packages = at(minute), packages
			return c
		}
		require.Equal(t, []release.BaselineChange{
			change(0, digest(old)), change(10, digest(young), digest(old)), change(20),
		}, found.Baselines)
		require.Equal(t, []release.OpenRelease{{ID: young, Started: at(0), Environments: []string{"production"}}}, found.Open)
		require.Equal(t, map[release.Digest][]string{digest(young): {young}}, found.Made)
		require.Empty(t, found.Undecided)
	})
}

func TestUndecidedTargetsAreToldUntilSomethingIsKnownToRunThere(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		store, id := p.open(t), httpbin("2.26.0")
		deployment := entry(id, "deployment", 5)
		deployment.Deployment = &release.DeployState{
			Environment: "production", State: release.EnvUndecided,
			Targets: []release.TargetStatus{{Name: "p1", State: release.TargetUndecided}, {Name: "p2", State: release.TargetUndecided}},
		}
		write(t, store, closed(id, release.Failed, 6), deployment)
		require.Equal(t, []release.UndecidedPlace{{Environment: "production", Release: id}}, needs(t, p).Undecided)
		write(t, store, runs(httpbin("2.27.0"), httpbin("2.27.0"), 10))
		require.Empty(t, needs(t, p).Undecided)
	})
}

func TestWhatOnlyReadsMakesNoDatabase(t *testing.T) {
	folder := t.TempDir()
	_, err := cms.OpenReadOnly(context.Background(), "sqlite:"+filepath.Join(folder, "none.db"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = cms.OpenReadOnly(context.Background(), "postgres:somewhere")
	require.ErrorContains(t, err, "write sqlite:FILE")
	other := filepath.Join(folder, "other.db")
	db, err := sql.Open("sqlite", other)
	require.NoError(t, err)
	_, err = db.Exec("CREATE TABLE mine (a TEXT)")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	_, err = cms.OpenReadOnly(context.Background(), "sqlite:"+other)
	require.ErrorContains(t, err, "is no CMS")
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

func TestWhatOnlyReadsIsRefusedOtherTables(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		require.NoError(t, p.open(t).Close())
		refusedReading := func(why string) {
			_, err := cms.OpenReadOnly(context.Background(), p.at)
			require.ErrorContains(t, err, why)
		}
		p.change(t, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, TRUE)")
		refusedReading("use a newer slipway")
		p.change(t, "DELETE FROM goose_db_version WHERE version_id = 999 OR version_id = (SELECT max(version_id) FROM goose_db_version WHERE version_id < 999)")
		refusedReading("start a worker of this version first")
	})
}
