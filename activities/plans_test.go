package activities_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/activities"
	"slipway/release"
)

// telling is a release that tells its plan, if it has one.
type telling struct{ plan *release.Plan }

func (r telling) Running(context.Context, string) (bool, error) { return true, nil }

func (r telling) Plan(context.Context, string) (release.Plan, error) {
	if r.plan == nil {
		return release.Plan{}, errors.New("nobody answers")
	}
	return *r.plan, nil
}

func TestABuildAsksTheReleaseForThePlanThatItIsNamed(t *testing.T) {
	y := newYard(t, folders)
	plan := y.plan(release.BuildStep{Name: "make", Run: `cp README "$OUT"`})
	plan.Digest = release.DigestOfBytes([]byte("plan"))
	build := func(of activities.PlanRef) (record release.BuildRecord, err error) {
		value, err := y.env.ExecuteActivity(y.a.Build, activities.BuildInput{Of: &of, Number: 1, Components: plan.Definition.Components})
		if err == nil {
			err = value.Get(&record)
		}
		return record, err
	}
	y.a.Releases = telling{}
	_, err := build(activities.RefOf(plan))
	require.ErrorContains(t, err, "nobody answers", "it is tried again until somebody does")

	y.a.Releases = telling{plan: &plan}
	older := activities.RefOf(plan)
	older.Digest = release.DigestOfBytes([]byte("before"))
	_, err = build(older)
	require.ErrorContains(t, err, "the plan of shop@1.0 is")

	record, err := build(activities.RefOf(plan))
	require.NoError(t, err)
	require.Empty(t, record.Failure)
	require.NotNil(t, record.Package)
}
