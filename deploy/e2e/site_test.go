package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"
	"golang.org/x/mod/sumdb/dirhash"

	"slipway/activities/driver/attest"
	"slipway/activities/driver/cms"
	"slipway/activities/driver/cms/cmstest"
	"slipway/config"
	"slipway/release"
	"slipway/release/audit"
	"slipway/starter"
	"slipway/worker"
	"slipway/worker/library"
)

// patience is how long anything in these tests may take.
const patience = 60 * time.Second

// site is an organization of its own on the shared server: a worker, targets that
// serve what their current release holds, and a client.
type site struct {
	t       *testing.T
	name    string
	folder  string
	config  config.Config
	starter *starter.Client
}

// sites counts them, to tell them apart.
var sites atomic.Int32

// newSite makes an organization with one target in staging and three in
// production, and starts its worker.
func newSite(t *testing.T) *site {
	t.Helper()
	s := plainSite(t)
	s.work()
	return s
}

// plainSite is a site whose worker does not run yet.
func plainSite(t *testing.T) *site {
	t.Helper()
	t.Parallel()
	s := &site{t: t, name: fmt.Sprintf("site-%d", sites.Add(1)), folder: t.TempDir()}
	models, err := config.Models()
	require.NoError(t, err)
	s.config = config.Config{
		TaskQueue: s.name, DML: "oci-layout:" + s.path("dml"), CMS: cmstest.Place(t, s.path("cms.db")), Workspace: s.path("work"),
		SigningKey: s.path("slipway.key"),
		Organization: release.Organization{
			Roster: []release.Person{
				{ID: "rita", Groups: []string{"users"}},
				{ID: "marc", Groups: []string{"release-managers"}},
				{ID: "ana", Groups: []string{"cab"}, Keys: publicKey("ana")},
				{ID: "ben", Groups: []string{"cab"}, Keys: publicKey("ben")},
				{ID: "eva", Groups: []string{"cab", "ecab"}, Keys: publicKey("eva")},
				{ID: "tess", Groups: []string{"deployment", "build"}},
				{ID: "olga", Groups: []string{"service-operations"}},
				{ID: "uwe", Groups: []string{"users"}},
			},
			Sources:      []release.SourcePlace{{Dir: s.folder, Purposes: []string{"staging", "pilot", "production"}}},
			Environments: []release.Environment{s.environment("staging", 1), s.environment("production", 3)},
		}.WithModels(models),
	}
	signer, err := attest.LoadOrCreate(s.config.SigningKey)
	require.NoError(t, err)
	s.config.Organization.Workers = []release.Signer{{Name: "e2e", Key: release.Key{Line: signer.PublicKey()}}}
	s.starter = starter.New(temporal, client.DefaultNamespace, s.name)
	return s
}

// env gives the name that an environment has on this site; environments of one
// server share their names' workflows.
func (s *site) env(purpose string) string { return s.name + "-" + purpose }

func (s *site) path(names ...string) string {
	return filepath.Join(append([]string{s.folder}, names...)...)
}

func (s *site) environment(purpose string, targets int) release.Environment {
	e := release.Environment{Name: s.env(purpose), Purpose: purpose}
	for i := range targets {
		name := fmt.Sprintf("%s-%d", purpose, i+1)
		require.NoError(s.t, os.MkdirAll(s.path("targets", name), 0o755))
		e.Targets = append(e.Targets, release.Target{Name: name, Folder: s.path("targets", name), URL: s.serve(name)})
	}
	return e
}

// serve answers with the version that the target's current release holds.
func (s *site) serve(target string) string {
	server := httptest.NewServer(s.answer(target))
	s.t.Cleanup(server.Close)
	return server.URL
}

func (s *site) answer(target string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		version, err := os.ReadFile(s.path("targets", target, "current", "VERSION"))
		if err != nil {
			http.Error(w, "nothing is deployed", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write(version)
	}
}

// work starts the site's worker in this process, until the test ends.
func (s *site) work() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- worker.Run(ctx, s.config, zap.NewNop()) }()
	s.t.Cleanup(func() {
		stop()
		require.NoError(s.t, <-done)
	})
	s.served()
}

// served waits until a worker polls the site's task queue.
func (s *site) served() {
	s.t.Helper()
	ctx := s.ctx()
	require.Eventually(s.t, func() bool {
		d, err := temporal.DescribeTaskQueue(ctx, s.name, enums.TASK_QUEUE_TYPE_WORKFLOW)
		return err == nil && len(d.GetPollers()) > 0
	}, patience, 10*time.Millisecond, "no worker polls")
}

// definition gives a release that builds a file with its version and deploys it
// everywhere.
func (s *site) definition(version string) release.Definition {
	source := s.path("source")
	require.NoError(s.t, os.MkdirAll(source, 0o755))
	require.NoError(s.t, os.WriteFile(filepath.Join(source, "README"), []byte("a component\n"), 0o644))
	sum, err := dirhash.HashDir(source, "", dirhash.Hash1)
	require.NoError(s.t, err)
	return release.Definition{
		Service: s.name, Version: version, Title: "Version " + version, Model: "normal", Requester: "rita", Manager: "marc",
		Requirements: []release.Requirement{{ID: "REQ-1", Text: "The package holds its version"}},
		Components:   []release.Component{{Name: "app", Source: release.Source{Dir: source, Sum: sum}}},
		Build:        release.Build{Steps: []release.BuildStep{{Name: "write", Component: "app", Run: `printf %s "$VERSION" >"$OUT/VERSION"`}}},
		Test: release.Test{Suites: []release.Suite{
			{Name: "content", Component: "app", Covers: []string{"REQ-1"}, Run: `[ "$(cat "$PACKAGE/VERSION")" = "$VERSION" ]`},
		}},
		Steps: []release.Step{
			{Name: "transfer", Kind: release.ServiceTransfer, Per: release.PerTarget, Action: release.Transfer},
			{Name: "switch", Kind: release.ServiceDeployment, Per: release.PerTarget, Action: release.Activate},
		},
		Environments: []release.EnvironmentDefinition{{Name: s.env("staging")}, {Name: s.env("production"), Waves: release.Sizes(1, 2)}},
		Verification: release.Verification{
			Within: release.Duration(5 * time.Second), Probes: []release.Probe{{Path: "/", Contains: "${VERSION}"}},
		},
		EarlyLifeSupport: release.Support{
			Period: release.Duration(time.Second), Interval: release.Duration(100 * time.Millisecond), Probe: &release.Probe{Path: "/"},
		},
	}
}

// standard is the same release when nobody has to be asked.
func (s *site) standard(version string) release.Definition {
	d := s.definition(version)
	d.Model = "standard"
	return d
}

// start launches a release.
func (s *site) start(d release.Definition) string {
	s.t.Helper()
	run, err := s.starter.Start(s.ctx(), d)
	require.NoError(s.t, err)
	return run.ID
}

// ctx ends when a test has taken too long.
func (s *site) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	s.t.Cleanup(cancel)
	return ctx
}

// until follows a release until a condition holds, and gives its record then.
func (s *site) until(id, what string, holds func(release.Record) bool) release.Record {
	s.t.Helper()
	ctx, stop := context.WithCancel(s.ctx())
	defer stop()
	var last release.Record
	met := false
	_, err := s.starter.Watch(ctx, id, starter.Observer{Changed: func(r release.Record) {
		if !met {
			last, met = r, holds(r)
		}
		if met {
			stop()
		}
	}})
	require.Truef(s.t, met, "%s did not come about (%v): the release is in %s, awaiting %+v, outcome %s %s",
		what, err, last.Phase, last.Awaiting, last.Outcome, last.Reason)
	return last
}

// awaits waits until a release waits for something, such as "plan" or
// "acceptance:ENVIRONMENT".
func (s *site) awaits(id, key string) release.Record {
	s.t.Helper()
	return s.until(id, "a wait for "+key, func(r release.Record) bool {
		for _, a := range r.Awaiting {
			if a.Key() == key {
				return true
			}
		}
		return false
	})
}

// ended waits until a release is closed, with its review, and checks as an auditor would
// that what it did was authorized, and that all of it is in the DML as it should be.
func (s *site) ended(id string) release.Record {
	s.t.Helper()
	r := s.reviewed(id)
	if temporal.GetWorkflow(s.ctx(), id, "").Get(s.ctx(), nil) == nil {
		closed, err := s.starter.Status(s.ctx(), id)
		require.NoError(s.t, err)
		r = closed // else what went wrong is in the record that was seen last
	}
	if r.PlanDigest == "" {
		return r // it never had a plan
	}
	held, err := library.Open(s.config.DML, s.config.Registry)
	require.NoError(s.t, err)
	report := audit.Verify(s.ctx(), held, s.config.Organization, id)
	require.True(s.t, report.Holds, "%+v", report)
	v, err := held.Verify(s.ctx(), []string{id}, s.config.Organization.Workers, time.Now(), &library.Progress{})
	require.NoError(s.t, err)
	require.True(s.t, v.Holds, "%+v", v.Faults)
	return r
}

// authorize lets people vote at a gate as soon as it waits.
func (s *site) authorize(id, gate string, voters ...string) {
	s.t.Helper()
	record := s.awaits(id, gate)
	for _, by := range voters {
		_, err := s.starter.Authorize(s.ctx(), id, signed(s.t, record, gate, release.Authorize, by))
		require.NoError(s.t, err)
	}
}

// carry brings a normal release to its end, doing all that it waits for.
func (s *site) carry(id string) release.Record {
	s.t.Helper()
	s.authorize(id, release.GatePlan, "ana", "ben")
	s.authorize(id, release.DeployGate(s.env("staging")), "ana")
	s.authorize(id, release.DeployGate(s.env("production")), "ana", "ben")
	s.accept(id)
	s.takeOver(id)
	return s.ended(id)
}

func (s *site) accept(id string) {
	s.t.Helper()
	production := s.env("production")
	s.awaits(id, release.WaitAcceptance+":"+production)
	m := release.Accept{}
	m.By, m.Environment = "uwe", production
	_, err := s.starter.Accept(s.ctx(), id, m)
	require.NoError(s.t, err)
}

func (s *site) takeOver(id string) {
	s.t.Helper()
	production := s.env("production")
	s.awaits(id, release.WaitHandOver+":"+production)
	m := release.HandOver{}
	m.By, m.Environment = "olga", production
	_, err := s.starter.HandOver(s.ctx(), id, m)
	require.NoError(s.t, err)
}

// serves asserts which version every target of an environment answers with.
func (s *site) serves(purpose, version string) {
	s.t.Helper()
	env, found := s.config.Organization.Environment(s.env(purpose))
	require.True(s.t, found)
	for _, target := range env.Targets {
		data, err := os.ReadFile(s.path("targets", target.Name, "current", "VERSION"))
		if version == "" {
			require.ErrorIs(s.t, err, os.ErrNotExist, target.Name)
			continue
		}
		require.NoError(s.t, err)
		require.Equal(s.t, version, string(data), target.Name)
	}
}

// store opens the site's CMS to read it.
func (s *site) store() *cms.Store {
	s.t.Helper()
	store, err := cms.Open(s.ctx(), s.config.CMS)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = store.Close() })
	return store
}
