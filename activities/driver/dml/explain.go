package dml

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/errcode"

	"slipway/activities/driver/shell"
)

// explain says what could not be done in a repository and why, with one of the
// library's errors by which callers tell whether trying again may help.
func (r *repository) explain(what string, err error) error {
	if err == nil {
		return nil
	}
	advice, kind := r.judge(err)
	if request := (*url.Error)(nil); errors.As(err, &request) {
		err = request.Err // its address says nothing more, and is long
	}
	if kind == nil {
		return fmt.Errorf("%s in %s: %w", what, r.name, err)
	}
	return fmt.Errorf("%s in %s: %w%s: %w", what, r.name, kind, advice, err)
}

// judge tells the kind of an error, and what to do about it; nil when it has one.
func (r *repository) judge(err error) (advice string, kind error) {
	var response *errcode.ErrorResponse
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, ErrCorrupt), errors.Is(err, ErrUnavailable):
		return "", nil
	case errors.Is(err, shell.ErrSecret):
		return "; provide what registry.password refers to", ErrDenied
	case errors.Is(err, auth.ErrBasicCredentialNotFound):
		return "; it asks who we are: set registry.username and registry.password", ErrDenied
	case errors.Is(err, errdef.ErrNotFound):
		return "", ErrNotFound
	case errors.As(err, &response):
		return judgeStatus(response)
	case strings.Contains(err.Error(), "mismatch") || strings.Contains(err.Error(), "invalid response"):
		// oras has no error of its own for a registry that gives something else than asked.
		return "", ErrCorrupt
	}
	return "", ErrUnavailable
}

func judgeStatus(response *errcode.ErrorResponse) (advice string, kind error) {
	switch code := response.StatusCode; {
	case code == http.StatusUnauthorized:
		return "; it does not know us: check registry.username and registry.password", ErrDenied
	case code == http.StatusForbidden:
		return "; give the user of registry.username the right to do that", ErrDenied
	case code == http.StatusNotFound:
		return "", ErrNotFound
	case code == http.StatusMethodNotAllowed:
		return "; it does not allow that: for removals, allow them in the registry's configuration, or remove there", ErrRefused
	case code == http.StatusTooManyRequests, code == http.StatusRequestTimeout, code >= http.StatusInternalServerError:
		return "", ErrUnavailable
	}
	return "", ErrRefused
}
