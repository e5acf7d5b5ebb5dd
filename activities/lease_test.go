package activities_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/activities"
	"slipway/release"
)

// lender lends one environment to whoever comes first.
type lender struct{ holder string }

func (l *lender) Take(_ context.Context, r activities.LeaseRequest) (bool, error) {
	if l.holder == "" {
		l.holder = r.Holder
	}
	return l.holder == r.Holder, nil
}

func (l *lender) Return(_ context.Context, r activities.LeaseRequest) error {
	if l.holder == r.Holder {
		l.holder = ""
	}
	return nil
}

func (l *lender) Request(context.Context, activities.LeaseRequest) error { return nil }

func (l *lender) Running(context.Context, string, string) (bool, error) { return true, nil }

func (l *lender) Holder(context.Context, string) (string, error) { return l.holder, nil }

func TestAnEnvironmentIsTakenOnlyWhenItIsFreeAndMayBeChanged(t *testing.T) {
	monday := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		holder string
		freeze bool
		taken  bool
		after  string
	}{
		"free":                {taken: true, after: "shop@2:production"},
		"another has it":      {holder: "shop@1:production", after: "shop@1:production"},
		"it is frozen":        {freeze: true},
		"frozen and not free": {holder: "shop@1:production", freeze: true, after: "shop@1:production"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGround(t, 0)
			organization := release.Organization{Environments: []release.Environment{{Name: "production"}}}
			if c.freeze {
				organization.Freezes = []release.Freeze{{
					Reason: "year end", Environments: []string{"production"}, From: monday.Add(-time.Hour), To: monday.Add(time.Hour),
				}}
			}
			leases := &lender{holder: c.holder}
			g.a.Leases, g.a.Organization = leases, func() release.Organization { return organization }
			found, err := g.a.TakeTurn(t.Context(), activities.TurnInput{
				OpeningInput: activities.OpeningInput{Environment: "production", Now: monday},
				Lease:        activities.LeaseRequest{Environment: "production", Holder: "shop@2:production"},
			})
			require.NoError(t, err)
			require.Equal(t, c.taken, found.Taken)
			require.Equal(t, c.freeze, found.Frozen)
			require.Equal(t, c.after, leases.holder)
		})
	}
}
