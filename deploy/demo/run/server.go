package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"slipway/deploy/devserver"
	"slipway/release"
)

// serverCommand starts the dev server.
func (s *site) serverCommand() []string {
	command := []string{
		s.temporal, "server", "start-dev", "--ip", "127.0.0.1",
		"--port", strconv.Itoa(s.Port), "--ui-port", strconv.Itoa(s.UIPort),
		"--db-filename", s.path("temporal.db"), "--log-level", "error",
	}
	return slices.Concat(command, devserver.FileTuning(), devserver.Tuning())
}

func (s *site) address() string { return "127.0.0.1:" + strconv.Itoa(s.Port) }

// environment is that of the runner, but for what would lead to another server.
func (s *site) environment() []string {
	env := []string{"TEMPORAL_ADDRESS=" + s.address(), "TEMPORAL_CONFIG_FILE=" + os.DevNull}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TEMPORAL_") && !strings.HasPrefix(variable, "SLIPWAY_") {
			env = append(env, variable)
		}
	}
	return env
}

// serverAnswers tells whether server and Web UI serve the namespace.
func (s *site) serverAnswers(ctx context.Context) bool { return s.ask(ctx, "", &struct{}{}) == nil }

// workerPolls tells whether a worker takes workflow and activity tasks.
func (s *site) workerPolls(ctx context.Context) bool {
	for _, kind := range []string{"WORKFLOW", "ACTIVITY"} {
		var queue struct{ Pollers []any }
		path := "/task-queues/" + release.DefaultTaskQueue + "?taskQueueType=TASK_QUEUE_TYPE_" + kind
		if err := s.ask(ctx, path, &queue); err != nil || len(queue.Pollers) == 0 {
			return false
		}
	}
	return true
}

// uiAddress is the page of a workflow in the Web UI.
func (s *site) uiAddress(ctx context.Context, id string) (string, error) {
	var workflow struct {
		WorkflowExecutionInfo struct {
			Execution struct{ RunID string }
		}
	}
	if err := s.ask(ctx, "/workflows/"+url.PathEscape(id), &workflow); err != nil {
		return "", err
	}
	return fmt.Sprintf("http://127.0.0.1:%d/namespaces/default/workflows/%s/%s/history",
		s.UIPort, url.PathEscape(id), workflow.WorkflowExecutionInfo.Execution.RunID), nil
}

// ask reads from the server through the HTTP interface of the Web UI.
func (s *site) ask(ctx context.Context, path string, into any) error {
	address := fmt.Sprintf("http://127.0.0.1:%d/api/v1/namespaces/default%s", s.UIPort, path)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", address, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(into)
}
