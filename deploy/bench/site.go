package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/testsuite"
	"golang.org/x/crypto/ssh"
	"golang.org/x/mod/sumdb/dirhash"
	"google.golang.org/protobuf/proto"

	"slipway/config"
	"slipway/release"
)

// site is a server with a database file, a worker for Slipway and one for the
// minimal workflow.
type site struct {
	folder   string
	server   *testsuite.DevServer
	temporal client.Client
	// minimalW, slipwayW and noopW are workers in processes of their own.
	minimalW, slipwayW, noopW *servant
	sum                       string
	// key signs the votes.
	key          ssh.Signer
	organization release.Organization
}

// library is where the DML is.
func (s *site) library() string { return layoutPrefix + filepath.Join(s.folder, "dml") }

func open(ctx context.Context, how setup) (_ *site, err error) {
	s := &site{}
	if s.folder, err = os.MkdirTemp("", "slipway-bench-"); err != nil {
		return nil, err
	}
	options := testsuite.DevServerOptions{
		ExistingPath: os.Getenv("SLIPWAY_TEST_TEMPORAL"), LogLevel: "error", ExtraArgs: how.flags,
		ClientOptions: &client.Options{Logger: silent{}}, Stdout: io.Discard, Stderr: io.Discard,
	}
	if !how.memory {
		options.DBFilename = filepath.Join(s.folder, "temporal.db")
	}
	s.server, err = testsuite.StartDevServer(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("the Temporal server does not start (run this with `make bench`): %w", err)
	}
	s.temporal = s.server.Client()
	if err := s.point(how.knobs); err != nil {
		return nil, err
	}
	if s.minimalW, err = startServant("minimal", "", s.letGo); err != nil {
		return nil, err
	}
	return s, s.employ()
}

// point lets the programs that are started from now on find this site's server.
func (s *site) point(k knobs) error {
	return errors.Join(
		os.Setenv("TEMPORAL_ADDRESS", s.server.FrontendHostPort()), os.Setenv("TEMPORAL_CONFIG_FILE", os.DevNull),
		os.Setenv(knobsName, k.String()))
}

// employ starts Slipway's own workers, with one environment of one target and the
// estates.
func (s *site) employ() error {
	var err error
	source, target := filepath.Join(s.folder, "source"), filepath.Join(s.folder, "target")
	if err := errors.Join(os.Mkdir(source, 0o755), os.Mkdir(target, 0o755), os.WriteFile(filepath.Join(source, "file"), nil, 0o644)); err != nil {
		return err
	}
	if s.sum, err = dirhash.HashDir(source, "", dirhash.Hash1); err != nil {
		return err
	}
	var public release.Key
	if s.key, public, err = newKey(); err != nil {
		return err
	}
	estates, err := s.estateEnvironments()
	if err != nil {
		return err
	}
	bursts, err := burstEnvironments(s.folder)
	if err != nil {
		return err
	}
	s.organization = release.Organization{
		Roster: []release.Person{
			{ID: "ana", Groups: []string{"cab"}, Keys: []release.Key{public}},
			{ID: "rita"},
			{ID: "marc", Groups: []string{"release-managers", "deployment", "service-operations"}},
		},
		Sources: []release.SourcePlace{{Dir: s.folder}}, Models: []release.Model{voted, unasked, queued},
		Environments: slices.Concat(estates, bursts, []release.Environment{
			{Name: "bench", Purpose: "bench", Targets: []release.Target{{Name: "one", Folder: target}}},
		}),
	}
	c := config.Config{
		TaskQueue: release.DefaultTaskQueue, Workspace: filepath.Join(s.folder, "work"),
		SigningKey: filepath.Join(s.folder, "slipway.key"),
		DML:        s.library(), CMS: "sqlite:" + filepath.Join(s.folder, "cms.db"),
		Organization: s.organization, Log: config.Log{Level: "error", Format: "console"},
	}
	data, err := json.Marshal(c) // JSON is YAML
	if err != nil {
		return err
	}
	file := filepath.Join(s.folder, "slipway.yaml")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return err
	}
	if s.slipwayW, err = startServant("slipway", file, nil); err != nil {
		return err
	}
	s.noopW, err = startServant("noop", file, nil)
	return err
}

// release runs a standard release: three steps build, two suites test, five steps
// deploy to one target; nobody is asked, and no early life support follows.
func (s *site) release(ctx context.Context, version string) error {
	d := s.definition("standard", version, 3, 2, 5)
	run, err := s.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: release.ID("bench", version), TaskQueue: release.DefaultTaskQueue,
	}, release.WorkflowRelease, release.Request{Definition: d})
	if err != nil {
		return err
	}
	return s.completed(ctx, run, patience)
}

// definition asks for a release with so many steps that build, suites that test and
// steps that deploy; there is at least one that deploys.
func (s *site) definition(model, version string, builds, suites, steps int) release.Definition {
	d := release.Definition{
		Service: "bench", Version: version, Model: model, Requester: "rita", Manager: "marc",
		Components:   []release.Component{{Name: "app", Source: release.Source{Dir: filepath.Join(s.folder, "source"), Sum: s.sum}}},
		Environments: []release.EnvironmentDefinition{{Name: "bench"}},
	}
	for i := range builds {
		d.Build.Steps = append(d.Build.Steps, release.BuildStep{Name: fmt.Sprintf("build-%d", i), Component: "app", Run: `: >"$OUT/file"`})
	}
	for i := range suites {
		d.Test.Suites = append(d.Test.Suites, release.Suite{Name: fmt.Sprintf("test-%d", i), Component: "app", Run: ":"})
	}
	for i := range max(steps, 1) {
		d.Steps = append(d.Steps, release.Step{
			Name: fmt.Sprintf("step-%d", i), Kind: release.ServiceDeployment, Per: release.PerTarget, Run: ":", BackOut: ":",
		})
	}
	return d
}

// cost is what the histories of a workflow and its children come to; longest is
// the one with the most events.
type cost struct{ events, bytes, longest int }

func (c *cost) add(other cost) {
	c.events, c.bytes, c.longest = c.events+other.events, c.bytes+other.bytes, max(c.longest, other.longest)
}

// cost adds up the histories of a workflow and its children, as they are sent over
// the wire. An empty run is the latest.
func (s *site) cost(ctx context.Context, id, run string) (cost, error) {
	var own, children cost
	events := s.temporal.GetWorkflowHistory(ctx, id, run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return own, err
		}
		own.events++
		own.bytes += proto.Size(event)
		if child := event.GetChildWorkflowExecutionStartedEventAttributes().GetWorkflowExecution(); child != nil {
			theirs, err := s.cost(ctx, child.GetWorkflowId(), child.GetRunId())
			if err != nil {
				return own, err
			}
			children.add(theirs)
		}
	}
	own.longest = own.events
	own.add(children)
	return own, nil
}

func (s *site) close() {
	if err := errors.Join(s.noopW.stop(), s.slipwayW.stop(), s.minimalW.stop(), s.server.Stop()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
	if err := os.RemoveAll(s.folder); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
}

type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}
