package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"slipway/release"
)

func TestAReleaseThatAsksNobodyGoesOnWhenWhatItGoesToChangedWhileItWaited(t *testing.T) {
	r := newRig(t)
	r.window("staging", evenings)
	r.people["window:staging"] = func(release.Awaiting) { r.window("staging") }
	record := r.run(definition("standard"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.Len(t, record.Amendments, 1)
}

func TestARevisionCannotBeAskedForAtTheReview(t *testing.T) {
	r := newRig(t)
	r.people[release.GateReview] = func(a release.Awaiting) {
		r.vote("ana", a.Gate, release.ReviseIt)
		r.after(time.Hour, func() { r.authorize(a) })
	}
	r.world.goesWrong("activate staging/s1", fails, fails, fails)
	record := r.run(definition("emergency"))
	assert.Equal(t, release.BackedOut, record.Outcome)
	assert.Contains(t, refusals(record, release.ActAuthorize)[0], "cannot be revised any more")
}

func TestAChangeOfProductionDoesNotForgetThatStagingIsLive(t *testing.T) {
	r := newRig(t)
	r.people["deploy:production"] = func(a release.Awaiting) {
		r.people["deploy:production"] = r.authorize
		r.world.change(func(w *world) {
			p := &w.org.Environments[1]
			p.Targets = append(p.Targets, release.Target{Name: "p4", Folder: "/production/p4", URL: "http://p4"})
			w.places["production/p4"] = &place{holding: holding{oldVersion, pack(oldVersion, 1).Content}}
		})
		r.vote("ana", a.Gate, release.Authorize)
	}
	record := r.run(definition("normal"))
	assert.Equal(t, release.Completed, record.Outcome)
	assert.NotEmpty(t, record.Environment("staging").Steps)
	assert.Len(t, record.Environment("production").Targets, 4)
	assert.NotEmpty(t, r.world.attested[0].Environments[0].Deployed)
}
