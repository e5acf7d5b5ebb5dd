package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/testsuite"

	"slipway/release"
	"slipway/starter"
	"slipway/starter/startertest"
)

var server struct {
	sync.Once
	*testsuite.DevServer
}

func TestMain(m *testing.M) {
	status := m.Run()
	if server.DevServer != nil {
		_ = server.Stop()
	}
	os.Exit(status)
}

// shared gives the server that the tests share; each test has a service and a
// task queue of its own.
func shared(t *testing.T) *testsuite.DevServer {
	t.Helper()
	server.Do(func() { server.DevServer = startertest.Start(t, "", "") })
	if server.DevServer == nil {
		t.Fatal("there is no server")
	}
	return server.DevServer
}

// here makes a call to the shared server.
func here(t *testing.T, args ...string) *call {
	t.Helper()
	c := &call{env: []string{"TEMPORAL_ADDRESS=" + shared(t).FrontendHostPort(), "SLIPWAY_TASK_QUEUE=" + t.Name(), "SLIPWAY_BY=ana"}}
	return c.run(t, args...)
}

func (c *call) want(t *testing.T, status int, stdout, stderr string) {
	t.Helper()
	if c.status != status || !strings.Contains(c.out.String(), stdout) || !strings.Contains(c.errs.String(), stderr) {
		t.Fatalf("exit %d, want %d\nstdout (want %q):\n%s\nstderr (want %q):\n%s", c.status, status, stdout, &c.out, stderr, &c.errs)
	}
}

// work runs a worker for the test and gives how to stop it.
func work(t *testing.T) (stop func()) {
	t.Helper()
	w, err := startertest.Work(shared(t).Client(), t.Name())
	if err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(w.Stop)
	t.Cleanup(stop)
	return stop
}

// define writes a definition of a service of its own.
func define(t *testing.T, name, service string) (file, id string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "definitions", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "release.yaml")
	if err := os.WriteFile(file, bytes.Replace(text, []byte("service: sample"), []byte("service: "+service), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, service + "@1.0.0"
}

func TestNobodyPolls(t *testing.T) {
	t.Parallel()
	file, id := define(t, "good", "nobody")
	here(t, "plan", "-f", file).want(t, exitFailed, "", "no worker polls task queue TestNobodyPolls")
	here(t, "start", "-f", file).want(t, exitDone, "started "+id, "the release will wait until one does; start one with bin/worker")
	c := here(t, "status", id)
	c.want(t, exitFailed, "", "starter: no worker polls task queue TestNobodyPolls, and only a worker can answer: start one with bin/worker\n")
	here(t, "authorize", id, "--gate", "plan").want(t, exitFailed, "", "no worker polls")
}

func TestNamespaces(t *testing.T) {
	here(t, "list", "--namespace", "elsewhere").want(t, exitFailed, "", `has no namespace "elsewhere"; it has default: set TEMPORAL_NAMESPACE`)
}

func TestUnknownPerson(t *testing.T) {
	work(t)
	file, id := define(t, "unknown-person", "stranded")
	for _, verb := range []string{"plan", "start"} {
		c := here(t, verb, "-f", file)
		c.want(t, exitUsage, "", file+`:5: requester: "unknown" is not on the roster: use rita`)
	}
	here(t, "status", id).want(t, exitFailed, "", "there is no release stranded@1.0.0 in namespace default")
}

func TestPlanFromTheFolderOfTheDefinition(t *testing.T) {
	work(t)
	file, _ := define(t, "good", "folders")
	c := here(t, "plan", "-f", file, "-o", "json")
	c.want(t, exitDone, "", "")
	var plan release.Plan
	if err := json.Unmarshal(c.out.Bytes(), &plan); err != nil {
		t.Fatal(err)
	}
	if dir, want := plan.Definition.Components[0].Source.Dir, filepath.Join(filepath.Dir(file), "source"); dir != want {
		t.Errorf("folder %s, want %s", dir, want)
	}
}

func TestConflictRefusalAndOutcome(t *testing.T) {
	work(t)
	file, id := define(t, "good", "conflict")
	c := here(t, "start", "-f", file, "-o", "json")
	c.want(t, exitDone, "", "")
	var run starter.Run
	if err := json.Unmarshal(c.out.Bytes(), &run); err != nil {
		t.Fatal(err)
	}
	here(t, "start", "-f", file).want(t, exitRefused, "", id+" is already running: run id "+run.RunID)
	here(t, "authorize", id, "--gate", "plan", "--by", startertest.Stranger).want(t, exitRefused, "", "starter: refused: stranger is not on the roster\n")
	here(t, "accept", id).want(t, exitRefused, "", "no environment of conflict@1.0.0 waits for acceptance; it is at plan-gate")
	here(t, "accept", id, "--environment", "moon").want(t, exitFailed, "", "there is no deployment conflict@1.0.0:moon")
	here(t, "status", id).want(t, exitDone, "starter authorize conflict@1.0.0 --gate plan --by ana --digest ", "")
	here(t, "show", id, "--gate", "plan").want(t, exitFailed, "", "gate plan of conflict@1.0.0 was not opened")
	here(t, "show", id).want(t, exitDone, "Waiting for", "")
	here(t, "__complete", "authorize", id, "--gate", "").want(t, exitDone, "plan\n", "")
	here(t, "rebuild", id, "--reason", "why", "--component", "moon=v1@h1:x").want(t, exitUsage, "", "has no such component")
	here(t, "rebuild", id, "--reason", "why", "--component", "sample=elsewhere@h1:x").want(t, exitDone, "rebuild counted", "")
	here(t, "revise", id, "--reason", "why", "-f", file).want(t, exitDone, "revise counted", "")
	here(t, "withdraw", id, "--reason", "why").want(t, exitDone, "withdraw counted\n", "")
	here(t, "watch", id).want(t, exitOutcome, "ended: withdrawn", "conflict@1.0.0 ended: withdrawn; see `starter report conflict@1.0.0`")
	here(t, "hand-over", id).want(t, exitRefused, "", "conflict@1.0.0 is closed (withdrawn)")
}

func TestFromStartToClose(t *testing.T) {
	t.Parallel()
	stop := work(t)
	file, id := define(t, "good", "followed")
	followed := make(chan *call, 1)
	go func() { followed <- here(t, "start", "-f", file, "--watch", "-o", "jsonl") }()
	until := func(what string) {
		t.Helper()
		for range 100 {
			if c := here(t, "status", id); strings.Contains(c.out.String(), what) {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Fatalf("%s does not come", what)
	}
	until("gate plan")
	here(t, "__complete", "status", "").want(t, exitDone, id, "")
	here(t, "authorize", id, "--gate", "plan").want(t, exitDone, "cab-authorization counted", "")
	until("acceptance")
	here(t, "accept", id, "-o", "yaml").want(t, exitDone, "message: accept counted", "")
	until("early life support")
	here(t, "call", id, "--summary", "where is it?").want(t, exitDone, "service-desk-call counted", "")
	here(t, "incident", "report", id, "--severity", "2", "--summary", "broken").want(t, exitDone, "incident counted", "")
	here(t, "incident", "update", id, "INC-1", "--severity", "3", "--related", "--assignee", "bob").want(t, exitDone, "update-incident counted", "")
	here(t, "call", "update", id, "CALL-1", "--resolution", "told them").want(t, exitDone, "update-call counted", "")
	here(t, "known-error", id, "--summary", "it breaks", "--incident", "INC-1", "-o", "json").want(t, exitDone, `"message": "known-error counted"`, "")
	here(t, "rfc", id, "--title", "mend it", "--incident", "INC-1").want(t, exitDone, "raise-rfc counted", "")
	here(t, "incident", "resolve", id, "INC-1", "--resolution", "mended").want(t, exitDone, "resolve-incident counted", "")

	c := <-followed
	c.want(t, exitDone, `"outcome":"completed"`, "… build 1: step compile · ")
	for line := range strings.Lines(c.out.String()) {
		var r release.Record
		if err := json.Unmarshal([]byte(line), &r); err != nil || r.ID != id {
			t.Errorf("%q is not a status: %v", line, err)
		}
	}
	here(t, "list", "--service", "followed").want(t, exitDone, "completed", "")
	here(t, "history", id).want(t, exitDone, "update cab-authorization: authorize gate plan", "")
	here(t, "report", id).want(t, exitDone, id, "")
	page := filepath.Join(t.TempDir(), "report.html")
	here(t, "report", id, "--html", page).want(t, exitDone, "", "wrote "+page)
	raw := here(t, "history", id+":staging", "--json")
	if _, err := client.HistoryFromJSON(&raw.out, client.HistoryJSONOptions{}); err != nil {
		t.Errorf("the exported history cannot be read: %v", err)
	}

	stop()
	here(t, "status", id, "-o", "json").want(t, exitDone, `"outcome": "completed"`, "")
}

// A shell that completes is never kept waiting, nor written to.
func TestCompletionWithoutServer(t *testing.T) {
	c := &call{env: []string{nowhere}}
	c.run(t, "__complete", "status", "")
	c.want(t, exitDone, fmt.Sprintf(":%d\n", 4), "")
}
