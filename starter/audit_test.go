package starter_test

import (
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"slipway/release"
	"slipway/starter"
)

// slowAudit stands in for the audit of an environment: it goes on until it is told to
// end.
func slowAudit(ctx workflow.Context, r release.AuditRequest) (release.AuditReport, error) {
	report := release.AuditReport{AuditRequest: r, Started: workflow.Now(ctx)}
	for _, service := range []string{"mail", "shop"} {
		if r.Service == "" || r.Service == service {
			report.Services = append(report.Services, release.ServiceAudit{Service: service})
		}
	}
	err := workflow.SetQueryHandler(ctx, release.QueryStatus, func() (release.AuditReport, error) { return report, nil })
	if err == nil {
		workflow.GetSignalChannel(ctx, "end").Receive(ctx, nil)
	}
	return report, err
}

func TestOneAuditOfAnEnvironmentRunsAtATime(t *testing.T) {
	t.Parallel()
	c, server := dial(t), shared(t).Client()
	w := worker.New(server, t.Name(), worker.Options{})
	w.RegisterWorkflowWithOptions(slowAudit, workflow.RegisterOptions{Name: release.WorkflowAudit})
	ok(t, w.Start())
	t.Cleanup(w.Stop)
	environment := t.Name()
	id := release.AuditID(environment)
	run := func(service string) {
		t.Helper()
		options := client.StartWorkflowOptions{ID: id, TaskQueue: t.Name()}
		_, err := server.ExecuteWorkflow(t.Context(), options, release.WorkflowAudit, release.AuditRequest{Environment: environment, Service: service})
		ok(t, err)
	}
	end := func() {
		t.Helper()
		ok(t, server.SignalWorkflow(t.Context(), id, "", "end", nil))
		ok(t, server.GetWorkflow(t.Context(), id, "").Get(t.Context(), nil))
	}

	run("") // of all services: who asks for one of them joins it, and gets that one
	working, joined := make(chan struct{}, 100), make(chan release.AuditReport, 1)
	began := time.Now()
	found := make(chan release.AuditReport, 1)
	go func() {
		report, err := c.Audit(t.Context(), release.AuditRequest{Environment: environment, Service: "shop"}, starter.AuditObserver{
			Joined:  func(r release.AuditReport) { joined <- r },
			Working: func([]starter.Work) { working <- struct{}{} },
		})
		if err != nil {
			t.Error(err)
		}
		found <- report
	}()
	if r := <-joined; r.Environment != environment || r.Started.IsZero() {
		t.Errorf("joined %+v", r)
	}
	<-working
	if since := time.Since(began); since < 2*time.Second {
		t.Errorf("what goes on is shown after %s", since)
	}
	end()
	if r := <-found; len(r.Services) != 1 || r.Services[0].Service != "shop" || r.Service != "shop" {
		t.Errorf("found %+v", r)
	}

	run("mail") // of one service: who asks for another one is told
	_, err := c.Audit(t.Context(), release.AuditRequest{Environment: environment, Service: "shop"}, starter.AuditObserver{})
	if starter.CodeOf(err) != starter.AlreadyRunning {
		t.Errorf("%v", err)
	}
	_, err = c.Audit(t.Context(), release.AuditRequest{Environment: environment}, starter.AuditObserver{})
	if want := "an audit of " + environment + " is under way, of service mail alone: ask again when it is done"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	end()
}
