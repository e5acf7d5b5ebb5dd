package starter

import (
	"context"
	"slices"
	"strings"

	"slipway/release"
)

// need is what an environment has to be in for an action to be about it.
type need struct {
	what string
	met  func(release.Record) []string
}

// awaits finds the environments in which a kind of wait goes on.
func awaits(kind string) need {
	return need{"waits for " + kind, func(r release.Record) []string {
		var places []string
		for _, a := range r.Awaiting {
			if a.Kind == kind && a.Environment != "" {
				places = append(places, a.Environment)
			}
		}
		return places
	}}
}

// supported finds the environments that are in early life support.
var supported = need{"is in early life support", func(r release.Record) []string {
	var places []string
	for _, e := range r.Environments {
		if e.State == release.EnvSupported {
			places = append(places, e.Name)
		}
	}
	return places
}}

// place gives the environment that was named, or else the only one in question.
func (c *Client) place(ctx context.Context, id, named string, n need) (string, error) {
	if named != "" {
		return named, nil
	}
	record, open, err := c.state(ctx, id)
	switch {
	case err != nil:
		return "", err
	case !open:
		return "", c.closed(ctx, id, id)
	}
	places := n.met(record)
	slices.Sort(places)
	places = slices.Compact(places)
	switch len(places) {
	case 0:
		return "", failure(Refused, nil, "refused: no environment of %s %s; it is at %s", id, n.what, record.Phase)
	case 1:
		return places[0], nil
	}
	return "", failure(Ambiguous, nil, "more than one environment of %s %s (%s): name it with --environment", id, n.what, strings.Join(places, ", "))
}
