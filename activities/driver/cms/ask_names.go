package cms

import (
	"context"
	"slices"
	"strings"

	"slipway/release"
)

const (
	// namesRead is how many names are looked through for one that may be meant.
	namesRead = 5000
	// namesTold is how many names are told when one is not known.
	namesTold = 8
)

func (a *asker) names(ctx context.Context, sentence string, args ...any) ([]string, error) {
	return readNames(ctx, a.tx, sentence, args...)
}

// needService refuses a service of which no release is recorded; an empty one asks for
// none.
func (a *asker) needService(ctx context.Context, service string) error {
	if service == "" {
		return nil
	}
	known, err := a.names(ctx, `SELECT DISTINCT service FROM releases ORDER BY service`)
	if err != nil || slices.Contains(known, service) {
		return err
	}
	return unknown("service", service, known)
}

// needEnvironment refuses an environment that neither the organization has nor was
// ever deployed to; an empty one asks for none.
func (a *asker) needEnvironment(ctx context.Context, environment string) error {
	if environment == "" {
		return nil
	}
	recorded, err := a.names(ctx, `SELECT environment FROM release_environments UNION SELECT environment FROM baseline_changes`)
	if err != nil {
		return err
	}
	known := slices.Concat(a.environments, recorded)
	if slices.Contains(known, environment) {
		return nil
	}
	slices.Sort(known)
	known = slices.Compact(known)
	if len(known) == 0 {
		return release.Refusef("there is no environment %s: none is recorded yet", environment)
	}
	return release.Refusef("there is no environment %s: there are %s", environment, strings.Join(known, ", "))
}

// needRelease refuses a release that is not recorded; an empty one asks for none.
func (a *asker) needRelease(ctx context.Context, id string) error {
	if id == "" {
		return nil
	}
	found, err := a.names(ctx, `SELECT release FROM releases WHERE release = $1 LIMIT 1`, id)
	if err != nil || len(found) > 0 {
		return err
	}
	const latest = `SELECT release FROM releases GROUP BY release ORDER BY max(started) DESC LIMIT $1`
	known, err := a.names(ctx, latest, namesRead)
	if err != nil {
		return err
	}
	return unknown("release", id, known)
}

// unknown refuses a name, with those that may be meant, or else those that there are.
func unknown(what, name string, known []string) error {
	if len(known) == 0 {
		return release.Refusef("no %s %s is recorded: there is none at all yet", what, name)
	}
	if meant := release.Suggest(name, known, namesTold); len(meant) > 0 {
		return release.Refusef("no %s %s is recorded: did you mean %s?", what, name, strings.Join(meant, " or "))
	}
	told := known[:min(len(known), namesTold)]
	more := ""
	if len(known) > len(told) {
		more = " and others"
	}
	return release.Refusef("no %s %s is recorded: there are %s%s", what, name, strings.Join(told, ", "), more)
}
