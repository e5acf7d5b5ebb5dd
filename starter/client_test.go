package starter_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"slipway/release"
	"slipway/starter"
	"slipway/starter/startertest"
)

func TestNoServer(t *testing.T) {
	before := time.Now()
	_, err := starter.Dial(t.Context(), starter.Options{Address: "127.0.0.1:1", Env: noEnv{}})
	want(t, err, starter.NoServer)
	if time.Since(before) > 2*time.Second {
		t.Errorf("it took %v to say so", time.Since(before))
	}
	if !strings.HasPrefix(err.Error(), "no Temporal server answers at 127.0.0.1:1: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("unclear: %v", err)
	}
}

func TestWrongNamespace(t *testing.T) {
	c, err := starter.Dial(t.Context(), starter.Options{Address: shared(t).FrontendHostPort(), Namespace: "elsewhere", Env: noEnv{}})
	ok(t, err)
	defer c.Close()
	_, err = c.Status(t.Context(), "a@1")
	want(t, err, starter.NoNamespace)
	if !strings.Contains(err.Error(), `no namespace "elsewhere"; it has default`) {
		t.Errorf("unclear: %v", err)
	}
	_, err = c.Start(t.Context(), definition("a"))
	want(t, err, starter.NoNamespace)
	_, err = c.List(t.Context(), starter.Filter{})
	want(t, err, starter.NoNamespace)
}

func TestUnknownRelease(t *testing.T) {
	c := dial(t)
	_, err := c.Status(t.Context(), "nothing@1")
	want(t, err, starter.NotFound)
	_, err = c.Authorize(t.Context(), "nothing@1", release.Authorization{Gate: "plan"})
	want(t, err, starter.NotFound)
	_, err = c.Watch(t.Context(), "nothing@1", starter.Observer{})
	want(t, err, starter.NotFound)
	_, err = c.History(t.Context(), "nothing@1")
	want(t, err, starter.NotFound)
}

func TestNoWorker(t *testing.T) {
	t.Parallel()
	c := dial(t)
	_, err := c.Plan(t.Context(), definition("lonely"))
	want(t, err, starter.NoWorker)
	run, err := c.Start(t.Context(), definition("lonely"))
	ok(t, err)
	before := time.Now()
	_, err = c.Status(t.Context(), run.ID)
	want(t, err, starter.NoWorker)
	_, err = c.Authorize(t.Context(), run.ID, release.Authorization{Gate: "plan"})
	want(t, err, starter.NoWorker)
	if time.Since(before) > 4*time.Second {
		t.Errorf("it took %v to say so", time.Since(before))
	}
}

func TestInvalidDefinition(t *testing.T) {
	c := dial(t)
	work(t)
	d := definition("invalid")
	d.Requester = startertest.Unknown
	_, err := c.Plan(t.Context(), d)
	problems, isProblems := err.(release.Problems) //nolint:errorlint // it comes back as it is
	if !isProblems || len(problems) != 1 || problems[0].Path != "requester" {
		t.Fatalf("%v is not the problem of the definition", err)
	}
	d.Requester = "rita"
	plan, err := c.Plan(t.Context(), d)
	ok(t, err)
	if plan.Release != "invalid@1.0.0" {
		t.Errorf("plan of %s", plan.Release)
	}
}

func TestSameReleaseTwice(t *testing.T) {
	c := dial(t)
	work(t)
	first, err := c.Start(t.Context(), definition("twice"))
	ok(t, err)
	_, err = c.Start(t.Context(), definition("twice"))
	want(t, err, starter.AlreadyRunning)
	if !strings.Contains(err.Error(), first.RunID) {
		t.Errorf("%v does not name run %s", err, first.RunID)
	}
	_, err = c.Withdraw(t.Context(), first.ID, release.Withdraw{Sender: release.Sender{By: "rita"}})
	ok(t, err)
	_, err = c.Watch(t.Context(), first.ID, starter.Observer{})
	ok(t, err)
	second, err := c.Start(t.Context(), definition("twice"))
	ok(t, err)
	if second.RunID == first.RunID {
		t.Error("no new run")
	}
}

func TestRefused(t *testing.T) {
	c := dial(t)
	work(t)
	run, err := c.Start(t.Context(), definition("refused"))
	ok(t, err)
	_, err = c.Authorize(t.Context(), run.ID, release.Authorization{Sender: release.Sender{By: startertest.Stranger}, Gate: "plan"})
	want(t, err, starter.Refused)
	if err.Error() != "refused: stranger is not on the roster" {
		t.Errorf("unclear: %v", err)
	}
	_, err = c.Accept(t.Context(), run.ID, release.Accept{})
	want(t, err, starter.Refused)
	_, err = c.Accept(t.Context(), run.ID, release.Accept{InEnvironment: release.InEnvironment{Environment: "staging"}})
	want(t, err, starter.NotFound)
	acts, err := c.Authorizations(t.Context(), run.ID)
	ok(t, err)
	if len(acts) != 1 || acts[0].Counted {
		t.Errorf("recorded are %+v", acts)
	}
}

func TestClosed(t *testing.T) {
	c := dial(t)
	work(t)
	run, err := c.Start(t.Context(), definition("closed"))
	ok(t, err)
	_, err = c.Withdraw(t.Context(), run.ID, release.Withdraw{Sender: release.Sender{By: "rita"}})
	ok(t, err)
	record, err := c.Watch(t.Context(), run.ID, starter.Observer{})
	ok(t, err)
	if record.Outcome != release.Withdrawn {
		t.Errorf("outcome %s", record.Outcome)
	}
	_, err = c.Authorize(t.Context(), run.ID, release.Authorization{Sender: release.Sender{By: "ana"}, Gate: "plan"})
	want(t, err, starter.Closed)
	if !strings.Contains(err.Error(), "closed (withdrawn)") {
		t.Errorf("unclear: %v", err)
	}
	_, err = c.ServiceDeskCall(t.Context(), run.ID, release.ServiceDeskCall{})
	want(t, err, starter.Closed)
}

func TestAClosedReleaseTellsItsOutcomeWithoutAWorker(t *testing.T) {
	c := dial(t)
	w, err := startertest.Work(shared(t).Client(), t.Name())
	ok(t, err)
	run, err := c.Start(t.Context(), definition("left"))
	ok(t, err)
	_, err = c.Withdraw(t.Context(), run.ID, release.Withdraw{Sender: release.Sender{By: "rita"}})
	ok(t, err)
	whole, err := c.Watch(t.Context(), run.ID, starter.Observer{})
	ok(t, err)
	if len(whole.Acts) != 1 {
		t.Errorf("with a worker, all of it is told: %+v", whole)
	}
	w.Stop()
	record, err := c.Status(t.Context(), run.ID)
	ok(t, err)
	if record.Outcome != release.Withdrawn || record.Phase != release.StageClosed || record.Closed.IsZero() {
		t.Errorf("status %+v", record)
	}
}

func TestTerminated(t *testing.T) {
	c := dial(t)
	work(t)
	run, err := c.Start(t.Context(), definition("terminated"))
	ok(t, err)
	_, err = c.Status(t.Context(), run.ID)
	ok(t, err)
	ok(t, shared(t).Client().TerminateWorkflow(t.Context(), run.ID, "", "a test"))
	record, err := c.Status(t.Context(), run.ID)
	ok(t, err)
	if record.Outcome != release.Failed || record.Reason != "its workflow was terminated" || record.Closed.IsZero() {
		t.Errorf("status %+v", record)
	}
	if record.Phase != release.StagePlanGate {
		t.Errorf("what the worker knew is lost: phase %q", record.Phase)
	}
}

func TestRawHistory(t *testing.T) {
	c := dial(t)
	work(t)
	run, err := c.Start(t.Context(), definition("raw"))
	ok(t, err)
	data, err := c.RawHistory(t.Context(), run.ID)
	ok(t, err)
	history, err := client.HistoryFromJSON(bytes.NewReader(data), client.HistoryJSONOptions{})
	ok(t, err)
	if len(history.GetEvents()) < 2 {
		t.Errorf("%d events", len(history.GetEvents()))
	}
}
