package e2e_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"slipway/activities/driver/attest"
	"slipway/release"
	"slipway/starter"
)

// builder runs a worker of the site's build queue as a process of its own, with its own
// workspace and key, which can be killed.
func (s *site) builder(program, name string) *exec.Cmd {
	s.t.Helper()
	signer, err := attest.LoadOrCreate(s.path(name + ".key"))
	require.NoError(s.t, err)
	s.config.Organization.Workers = append(s.config.Organization.Workers, release.Signer{Name: name, Key: release.Key{Line: signer.PublicKey()}})
	data, err := json.Marshal(map[string]any{ // JSON is YAML
		"dml": s.config.DML, "workspace": s.path(name), "signingKey": s.path(name + ".key"), "taskQueue": "nobody polls this",
		"organization": map[string]any{"roster": []any{}, "environments": []any{}, "sources": s.config.Organization.Sources},
	})
	require.NoError(s.t, err)
	file := s.path(name + ".yaml")
	require.NoError(s.t, os.WriteFile(file, data, 0o600))
	return s.launch(program, "--config", file, "--zone", s.config.Organization.Builds.TaskQueue)
}

func TestABuildWhoseWorkerIsLostStartsAgainByItselfOnAnother(t *testing.T) {
	s := plainSite(t)
	s.config.Organization.Builds.TaskQueue = s.name + "-build"
	program := s.program()
	builders := map[string]*exec.Cmd{"one": s.builder(program, "one"), "two": s.builder(program, "two")}
	s.work()
	d := s.standard("1.0")
	d.Environments = d.Environments[:1]
	d.Build.Steps = []release.BuildStep{{
		Name: "write", Component: "app",
		// Hangs where it runs first.
		Run: `touch "$OUT/half"; printf 'begun\n' | tee -a ` + s.path("begun") + `
			pwd >>` + s.path("where") + `
			[ "$(wc -l <` + s.path("begun") + `)" -gt 1 ] || sleep 600
			rm "$OUT/half"; printf %s "$VERSION" >"$OUT/VERSION"`,
	}}
	id := s.start(d)
	var seen []starter.Work
	require.Eventually(t, func() bool {
		seen, _ = s.starter.Working(s.ctx(), id)
		return len(seen) == 1 && strings.Contains(strings.Join(seen[0].Progress.Lines, "\n"), "begun")
	}, patience, 100*time.Millisecond, "it is seen at work")
	require.Equal(t, "build 1: step write", seen[0].Progress.What)
	require.Equal(t, s.config.Organization.Builds.TaskQueue, seen[0].TaskQueue)
	lost := "one"
	if strings.Contains(strings.Join(s.lines("where"), " "), "/two/") {
		lost = "two"
	}
	require.NoError(t, builders[lost].Process.Kill())

	r := s.ended(id)
	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	s.keep(id, "built-on-queue")
	require.Len(t, r.Builds, 1, "it is the same build")
	require.Equal(t, []string{"begun", "begun"}, s.lines("begun"))
	where := s.lines("where")
	require.NotContains(t, where[1], "/"+lost+"/")
	require.NotNil(t, r.Builds[0].Provenance)
	s.builtOnQueue(id)
	s.serves("staging", "1.0")
}

// builtOnQueue asserts that what builds and tests went to their queue, and nothing else.
func (s *site) builtOnQueue(id string) {
	s.t.Helper()
	events := temporal.GetWorkflowHistory(s.ctx(), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	went := map[string]bool{}
	for events.HasNext() {
		e, err := events.Next()
		require.NoError(s.t, err)
		if scheduled := e.GetActivityTaskScheduledEventAttributes(); scheduled != nil {
			went[scheduled.GetActivityType().GetName()] = scheduled.GetTaskQueue().GetName() == s.config.Organization.Builds.TaskQueue
		}
	}
	for name, there := range went {
		require.Equal(s.t, slices.Contains([]string{"Here", "Prepare", "Build", "Test"}, name), there, name)
	}
	require.True(s.t, went["Build"] && went["Test"] && went["Prepare"])
}
