package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
	"golang.org/x/mod/sumdb/dirhash"

	"slipway/activities/driver/attest"
	"slipway/activities/driver/cms"
	"slipway/config"
	"slipway/deploy/devserver"
	"slipway/release"
	"slipway/starter"
)

// site is an organization with a server and workers that can be killed.
type site struct {
	t       *testing.T
	folder  string
	config  config.Config
	sum     string
	targets *targets
	marks   *marks
	figures *figures

	server  *keeper
	workers []*keeper

	temporal client.Client
	starter  *starter.Client
	store    *cms.Store

	mutex sync.Mutex
	// waits is what open releases wait for.
	waits map[string]kind
}

// spare is how many places a lane has: where a release left something undecided,
// the next one goes elsewhere, as nobody clears it up.
const spare = 12

func open(t *testing.T) *site {
	t.Helper()
	program := os.Getenv("SLIPWAY_TEST_TEMPORAL")
	require.NotEmpty(t, program, "run the tests with `make test` or `make test-chaos`: they need Temporal's dev server")
	folder, err := os.MkdirTemp("", "slipway-chaos-")
	require.NoError(t, err)
	t.Logf("seed %d, in %s", *seed, folder)
	s := &site{
		t: t, folder: folder, figures: newFigures(), marks: newMarks(filepath.Join(folder, "marks")),
		waits: map[string]kind{},
	}
	s.targets = newTargets(t)
	s.configure()
	s.serve(program)
	s.work()
	return s
}

func (s *site) path(names ...string) string {
	return filepath.Join(append([]string{s.folder}, names...)...)
}

// configure writes down who and what there is.
func (s *site) configure() {
	t := s.t
	require.NoError(t, os.Mkdir(s.path("source"), 0o755))
	require.NoError(t, os.WriteFile(s.path("source", "README"), []byte("a component\n"), 0o644))
	var err error
	s.sum, err = dirhash.HashDir(s.path("source"), "", dirhash.Hash1)
	require.NoError(t, err)
	signer, err := attest.LoadOrCreate(s.path("slipway.key"))
	require.NoError(t, err)
	o := release.Organization{
		Roster: []release.Person{
			{ID: "rita"},
			{ID: "marc", Groups: []string{"release-managers"}},
			{ID: "ana", Groups: []string{"cab"}},
			{ID: "tess", Groups: []string{"deployment"}},
			{ID: "olga", Groups: []string{"service-operations"}},
			{ID: "uwe", Groups: []string{"users"}},
		},
		Workers: []release.Signer{{Name: "chaos", Key: release.Key{Line: signer.PublicKey()}}},
		Sources: []release.SourcePlace{{Dir: s.path("source"), Purposes: []string{"staging", "production"}}},
		Models:  models(),
	}
	for i := range *lanes {
		for j := range spare {
			o.Environments = append(o.Environments, s.environment(i, j, "staging", 2), s.environment(i, j, "production", 3))
		}
	}
	s.config = config.Config{
		TaskQueue: "chaos", DML: "oci-layout:" + s.path("dml"), CMS: "sqlite:" + s.path("cms.db"), Workspace: s.path("work"),
		SigningKey: s.path("slipway.key"), Organization: o,
	}
	data, err := json.Marshal(map[string]any{ // JSON is YAML
		"taskQueue": s.config.TaskQueue, "dml": s.config.DML, "cms": s.config.CMS, "workspace": s.config.Workspace,
		"signingKey": s.config.SigningKey, "organization": o,
	})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(s.path("slipway.yaml"), data, 0o600))
}

func environmentName(lane, place int, purpose string) string {
	return fmt.Sprintf("%s-%d-%d", purpose, lane, place)
}

func (s *site) environment(lane, place int, purpose string, targets int) release.Environment {
	e := release.Environment{Name: environmentName(lane, place, purpose), Purpose: purpose}
	for i := range targets {
		name := fmt.Sprintf("%s-%d", e.Name, i+1)
		require.NoError(s.t, os.MkdirAll(s.path("targets", name), 0o755))
		e.Targets = append(e.Targets, release.Target{
			Name: name, Folder: s.path("targets", name), URL: s.targets.serve(name, s.path("targets", name)),
		})
	}
	return e
}

// serve starts the server, on a port that it keeps.
func (s *site) serve(program string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(s.t, err)
	address := listener.Addr().String()
	require.NoError(s.t, listener.Close())
	_, port, err := net.SplitHostPort(address)
	require.NoError(s.t, err)
	s.server = keep(s.path("server.log"), os.Environ(), slices.Concat([]string{
		program, "server", "start-dev", "--ip", "127.0.0.1", "--port", port, "--headless",
		"--db-filename", s.path("temporal.db"), "--log-level", "error",
	}, devserver.Tuning(), devserver.FileTuning())...)
	s.t.Cleanup(s.server.close)
	s.t.Setenv("TEMPORAL_ADDRESS", address)
	s.t.Setenv("TEMPORAL_CONFIG_FILE", os.DevNull)
	s.temporal, err = client.NewLazyClient(client.Options{HostPort: address, Logger: silent{}})
	require.NoError(s.t, err)
	s.t.Cleanup(s.temporal.Close)
	s.starter = starter.New(s.temporal, client.DefaultNamespace, s.config.TaskQueue)
	require.Eventually(s.t, func() bool {
		_, err := s.temporal.OperatorService().ListSearchAttributes(s.ctx(), &operatorservice.ListSearchAttributesRequest{Namespace: client.DefaultNamespace})
		return err == nil
	}, patience, 50*time.Millisecond, "the server does not start")
}

// work starts two workers, either of which can take over from the other.
func (s *site) work() {
	program := s.path("worker")
	out, err := exec.Command("go", "build", "-o", program, "../../cmd/worker").CombinedOutput()
	require.NoError(s.t, err, string(out))
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "SLIPWAY_") })
	for i := range 2 {
		w := keep(s.path(fmt.Sprintf("worker-%d.log", i+1)), env, program, "--config", s.path("slipway.yaml"), "--log-level", "warn")
		s.t.Cleanup(w.close)
		s.workers = append(s.workers, w)
	}
	require.Eventually(s.t, func() bool {
		polled, err := s.starter.Polled(s.ctx())
		return err == nil && polled
	}, patience, 50*time.Millisecond, "no worker starts")
	s.store, err = cms.Open(s.ctx(), s.config.CMS)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = s.store.Close() })
}

// ctx ends when something has taken too long.
func (s *site) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	s.t.Cleanup(cancel)
	return ctx
}

// wrong notes what must not be.
func (s *site) wrong(format string, args ...any) {
	s.figures.wrong()
	s.t.Errorf("%s: "+format, slices.Insert(args, 0, any(time.Now().Format("15:04:05.000")))...)
}

type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}
