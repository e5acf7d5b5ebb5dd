package e2e_test

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/cms"
	"slipway/activities/driver/cms/cmstest"
	"slipway/release"
	"slipway/worker/library"
)

func TestAReleaseIsRecordedOnPostgreSQLByTwoWorkers(t *testing.T) {
	s := plainSite(t)
	s.config.CMS, s.config.CMSPassword = cmstest.Guard(t, cmstest.NewPostgres(t), "s3cr3t-of-the-test"), "file:"+s.path("password")
	require.NoError(t, os.WriteFile(s.path("password"), []byte("s3cr3t-of-the-test\n"), 0o600))
	other := *s
	other.config.Workspace, other.config.SigningKey = s.path("work-2"), s.path("slipway-2.key")
	s.work()
	other.work()

	id := s.start(s.definition("1.0"))
	r := s.carry(id)
	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	s.serves("production", "1.0")

	store, err := cms.OpenReadOnly(s.ctx(), s.config.CMS, cms.Access{Password: s.config.CMSPassword})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	facts, err := store.Facts(s.ctx(), s.name, []string{s.env("staging"), s.env("production")}, []string{s.name}, time.Now())
	require.NoError(t, err)
	require.Len(t, facts.Baselines, 2)
	require.Equal(t, []release.Outcome{release.Completed}, facts.Ended)
	require.Empty(t, facts.Open)
	book, err := store.Ledger(s.ctx(), id, r.Started)
	require.NoError(t, err)
	require.NoError(t, r.Ledger.Check(book))
	catalogue, err := s.starter.Catalogue(s.ctx(), release.CatalogueRequest{Service: s.name})
	require.NoError(t, err)
	require.Equal(t, s.name, catalogue.Services[0].Service)
	needs, err := library.Needs(s.ctx(), s.config.CMS, s.config.CMSPassword)
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(needs.Baselines, func(b release.BaselineChange) bool { return b.Environment == s.env("production") }))
}
