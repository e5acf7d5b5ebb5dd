package starter_test

import (
	"context"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"

	"slipway/release"
	"slipway/starter"
	"slipway/starter/startertest"
)

// witness remembers what a watch told.
type witness struct {
	mutex   sync.Mutex
	phases  []release.StageName
	work    []starter.Work
	trouble []error
	changed chan release.Record
}

func newWitness() *witness { return &witness{changed: make(chan release.Record, 100)} }

func (w *witness) observer() starter.Observer {
	return starter.Observer{
		Changed: func(r release.Record) {
			w.mutex.Lock()
			defer w.mutex.Unlock()
			if !slices.Contains(w.phases, r.Phase) {
				w.phases = append(w.phases, r.Phase)
			}
			w.changed <- r
		},
		Working: func(all []starter.Work) { w.mutex.Lock(); defer w.mutex.Unlock(); w.work = append(w.work, all...) },
		Trouble: func(err error) { w.mutex.Lock(); defer w.mutex.Unlock(); w.trouble = append(w.trouble, err) },
	}
}

// until waits for a status that a condition holds for.
func (w *witness) until(t *testing.T, what string, holds func(release.Record) bool) {
	t.Helper()
	limit := time.After(30 * time.Second)
	for {
		select {
		case r := <-w.changed:
			if holds(r) {
				return
			}
		case <-limit:
			t.Fatalf("%s did not come", what)
		}
	}
}

func (w *witness) untilPhase(t *testing.T, stem release.StageName) {
	t.Helper()
	w.until(t, "phase "+string(stem), func(r release.Record) bool { return strings.HasPrefix(string(r.Phase), string(stem)) })
}

// watch follows a release in the background, and gives its end.
func watch(t *testing.T, c *starter.Client, id string, w *witness) <-chan release.Record {
	t.Helper()
	end := make(chan release.Record, 1)
	go func() {
		record, err := c.Watch(t.Context(), id, w.observer())
		if err != nil && t.Context().Err() == nil {
			t.Errorf("watch: %v", err)
		}
		end <- record
	}()
	return end
}

func TestRequestToClose(t *testing.T) {
	t.Parallel()
	c := dial(t)
	work(t)
	ctx := t.Context()
	by := release.Sender{By: "ana"}
	here := release.InEnvironment{Sender: by}
	run, err := c.Start(ctx, definition("whole"))
	ok(t, err)
	w := newWitness()
	end := watch(t, c, run.ID, w)

	w.untilPhase(t, release.StagePlanGate)
	listed(t, c, starter.Filter{Service: "whole", Awaiting: "plan", Open: true}, 1)
	listed(t, c, starter.Filter{Service: "whole", Awaiting: "deploy"}, 0)
	receipt, err := c.Authorize(ctx, run.ID, release.Authorization{Sender: by, Gate: "plan", Decision: release.Authorize})
	ok(t, err)
	if receipt.Message != "cab-authorization counted" {
		t.Errorf("receipt %q", receipt.Message)
	}
	w.untilPhase(t, release.StageVerify)
	_, err = c.Accept(ctx, run.ID, release.Accept{InEnvironment: here})
	ok(t, err)
	w.untilPhase(t, release.StageSupport)
	listed(t, c, starter.Filter{Service: "whole", Phase: "early-life-support"}, 1)
	_, err = c.ReportIncident(ctx, run.ID, release.ReportIncident{InEnvironment: here, Severity: 2, Text: "broken"})
	ok(t, err)
	_, err = c.ResolveIncident(ctx, run.ID, release.ResolveIncident{InEnvironment: here, Incident: "INC-1", Resolution: "mended"})
	ok(t, err)
	if record := <-end; record.Outcome != release.Completed {
		t.Errorf("outcome %q", record.Outcome)
	}
	listed(t, c, starter.Filter{Service: "whole", Outcome: release.Completed}, 1)
	listed(t, c, starter.Filter{Service: "it's", Open: true}, 0)

	if i := slices.IndexFunc(w.work, func(x starter.Work) bool { return x.Progress.What == "build 1: step compile" }); i < 0 {
		t.Errorf("the build was not told: %+v", w.work)
	}
	if len(w.trouble) > 0 {
		t.Errorf("trouble %v", w.trouble)
	}
	checkHistory(t, c, run.ID)
}

// listed checks how many releases a filter finds; the server lists with a delay.
func listed(t *testing.T, c *starter.Client, f starter.Filter, count int) {
	t.Helper()
	var list []starter.Listed
	for range 50 {
		var err error
		list, err = c.List(t.Context(), f)
		ok(t, err)
		if len(list) == count {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("%+v finds %+v, want %d", f, list, count)
}

func checkHistory(t *testing.T, c *starter.Client, id string) {
	t.Helper()
	events, err := c.History(t.Context(), id)
	ok(t, err)
	find := func(workflow, what, by, result string) {
		t.Helper()
		if !slices.ContainsFunc(events, func(e starter.Event) bool {
			return e.Workflow == workflow && strings.HasPrefix(e.What, what) && e.By == by && e.Result == result
		}) {
			t.Errorf("history has no %q in %s by %q with result %q: %+v", what, workflow, by, result, events)
		}
	}
	find(id, "Release starts", "", "done")
	find(id, "update cab-authorization: authorize gate plan", "ana", "cab-authorization counted")
	find(id, "build 1 of whole", "", "done")
	find(id, "phase build", "", "")
	find(id, "Deployment to staging", "", "done")
	find(id+":staging", "update accept: accept staging", "ana", "accept counted")
	find(id+":staging:els", "update incident: incident of severity 2: broken", "ana", "incident counted")
}

func TestWatchOutlivesWorkerAndServer(t *testing.T) {
	t.Parallel()
	address, file := freeAddress(t), filepath.Join(t.TempDir(), "temporal.db")
	s := startertest.Start(t, address, file)
	defer func() { stop(s) }()
	c, err := starter.Dial(t.Context(), starter.Options{Address: address, Env: noEnv{}})
	ok(t, err)
	defer c.Close()
	run, err := c.Start(t.Context(), definition("outlived"))
	ok(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w := newWitness()
	end := make(chan release.Record, 1)
	go func() {
		record, _ := c.Watch(ctx, run.ID, w.observer())
		end <- record
	}()
	w.untilTrouble(t, starter.NoWorker)
	worker, err := startertest.Work(s.Client(), release.DefaultTaskQueue)
	ok(t, err)
	w.untilPhase(t, release.StagePlanGate)

	worker.Stop()
	stop(s)
	w.untilTrouble(t, starter.NoServer)
	s = startertest.Start(t, address, file)
	worker, err = startertest.Work(s.Client(), release.DefaultTaskQueue)
	ok(t, err)
	defer worker.Stop()
	_, err = c.Withdraw(t.Context(), run.ID, release.Withdraw{Sender: release.Sender{By: "rita"}})
	ok(t, err)
	select {
	case record := <-end:
		if record.Outcome != release.Withdrawn {
			t.Errorf("outcome %q", record.Outcome)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the watch did not see the end")
	}
	if last := w.trouble[len(w.trouble)-1]; last != nil {
		t.Errorf("the trouble did not end: %v", last)
	}
}

func (w *witness) untilTrouble(t *testing.T, code starter.Code) {
	t.Helper()
	for range 200 {
		w.mutex.Lock()
		found := slices.ContainsFunc(w.trouble, func(err error) bool { return starter.CodeOf(err) == code })
		w.mutex.Unlock()
		if found {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("no trouble %s: %v", code, w.trouble)
}

func stop(s *testsuite.DevServer) { _ = s.Stop() }

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	defer l.Close()
	return l.Addr().String()
}
