package starter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
)

// Code says what kind of error an Error is, for programs to act on.
type Code string

// The codes.
const (
	// NoServer: nothing answers at the address.
	NoServer Code = "no-server"
	// NoNamespace: the server has no such namespace.
	NoNamespace Code = "no-namespace"
	// NoWorker: nobody polls, so nobody can answer or plan.
	NoWorker Code = "no-worker"
	// NotFound: there is no such release, or no such part of it.
	NotFound Code = "not-found"
	// AlreadyRunning: the release is open already.
	AlreadyRunning Code = "already-running"
	// Closed: the release has ended, so nothing can be done to it.
	Closed Code = "closed"
	// Refused: the action did not count, for the reason in the message.
	Refused Code = "refused"
	// Ambiguous: the request leaves open which environment is meant.
	Ambiguous Code = "ambiguous"
	// Unavailable: the server or the workflow cannot answer.
	Unavailable Code = "unavailable"
)

// Error is what keeps a request from being done, in a sentence for people that
// ends with the next step.
type Error struct {
	Code    Code
	Message string
	Cause   error
}

func (e *Error) Error() string { return e.Message }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// CodeOf gives the code of an Error, and "" of every other error.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func failure(code Code, cause error, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// explain puts an error of the server about a workflow into a sentence with the
// next step.
func (c *Client) explain(ctx context.Context, id string, err error) error {
	var (
		known       *Error
		namespace   *serviceerror.NamespaceNotFound
		notFound    *serviceerror.NotFound
		unavailable *serviceerror.Unavailable
		late        *serviceerror.DeadlineExceeded
		denied      *serviceerror.PermissionDenied
		failed      *serviceerror.QueryFailed
		notReady    *serviceerror.WorkflowNotReady
	)
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.As(err, &namespace):
		return c.noNamespace(ctx, err)
	case errors.As(err, &notFound):
		return failure(NotFound, err, "there is no %s in namespace %s; `starter list` shows what there is", kindOf(id), c.namespace)
	case errors.As(err, &unavailable):
		return c.noServer(err)
	case errors.As(err, &denied):
		return failure(Unavailable, err, "the server at %s denies access to namespace %s: check TEMPORAL_API_KEY or the TLS certificate", c.address, c.namespace)
	case errors.As(err, &failed), errors.As(err, &notReady):
		return failure(Unavailable, err, "the worker cannot tell about %s: %v; its log says more", id, err)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &late), errors.Is(err, context.DeadlineExceeded):
		return failure(Unavailable, err, "the server at %s did not answer in time; try again", c.address)
	}
	return err
}

func (c *Client) noServer(err error) error {
	return failure(NoServer, err, "no Temporal server answers at %s: start one with `make demo` or set TEMPORAL_ADDRESS (%s)", c.address, rootOf(err))
}

// rootOf shortens what gRPC says to what a person can use.
func rootOf(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, "dial tcp "); i >= 0 {
		return strings.Trim(text[i:], `" `)
	}
	return text
}

func (c *Client) noNamespace(ctx context.Context, err error) error {
	message := fmt.Sprintf("the server at %s has no namespace %q", c.address, c.namespace)
	if names := c.namespaces(ctx); len(names) > 0 {
		message += "; it has " + strings.Join(names, ", ")
	}
	return failure(NoNamespace, err, "%s: set TEMPORAL_NAMESPACE", message)
}

// namespaces lists what namespaces there are; none when the server does not tell.
func (c *Client) namespaces(ctx context.Context) []string {
	const enough = 20
	answer, err := c.temporal.WorkflowService().ListNamespaces(ctx, &workflowservice.ListNamespacesRequest{PageSize: enough})
	if err != nil {
		return nil
	}
	var names []string
	for _, n := range answer.GetNamespaces() {
		if name := n.GetNamespaceInfo().GetName(); name != "temporal-system" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// kindOf names what a workflow id stands for: "release httpbin@2.26.0",
// "deployment httpbin@2.26.0:production".
func kindOf(id string) string {
	switch {
	case strings.HasSuffix(id, ":els"):
		return "early life support " + id
	case strings.Contains(id, "@") && strings.Contains(id, ":"):
		return "deployment " + id
	case strings.Contains(id, "@"):
		return "release " + id
	}
	return "workflow " + id
}
