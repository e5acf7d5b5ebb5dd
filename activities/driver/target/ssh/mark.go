package ssh

import (
	"encoding/json"
	"fmt"
	"strings"

	"slipway/activities/driver/target"
)

const (
	markFile = "mark.json"
	// timedOut begins the problem of a script whose time was over, in a mark.
	timedOut = "timed out"
)

// mark gives what an attempt left; nil when it never began here. Its outputs were
// masked there, as soon as its script ended.
func (p place) mark(attempt string) (*target.Mark, error) {
	text, err := p.ask("mark", p.attempt(attempt))
	if err != nil || text == "" {
		return nil, err
	}
	parts := strings.Split(text, "\036")
	var mark target.Mark
	if err := json.Unmarshal([]byte(parts[0]), &mark); err != nil || len(parts) < 3 {
		return nil, fmt.Errorf("%w: %s/%s cannot be read: %w", target.ErrUnusable, p.attempt(attempt), markFile, err)
	}
	mark.Running = mark.Ended.IsZero() && parts[len(parts)-1] == "running"
	mark.Outputs = nil
	if mark.Done() {
		if mark.Outputs, err = target.ParseOutputs([]byte(parts[1])); err != nil {
			mark.Problem = err.Error()
		}
	}
	return &mark, nil
}
