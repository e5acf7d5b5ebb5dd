package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

func (r *rig) override(by string) {
	r.send(release.ActOverrideFreeze, release.OverrideFreeze{InEnvironment: in(by, "staging"), Reason: "orders are lost"})
}

func TestTheNamedGroupOverridesAFreezeWithAReason(t *testing.T) {
	r := newRig(t)
	r.freeze(monday, monday.AddDate(0, 0, 30))
	var asked time.Time
	answerOthers := r.people
	answerOthers["window:staging"] = func(a release.Awaiting) {
		require.Equal(t, release.ActOverrideFreeze, a.Action)
		require.Contains(t, a.Needs, "Easter; group ecab (eva) may override the freeze")
		require.Equal(t, `{"by":"eva","environment":"staging","reason":"why it cannot wait"}`, a.Payload)
		r.override("max")
		r.override("eva")
		r.override("eva")
		asked = r.env.Now()
	}
	answerOthers["window:production"] = func(release.Awaiting) { r.world.change(func(w *world) { w.org.Freezes = nil }) }
	record := r.run(emergency())
	assert.Equal(t, release.Completed, record.Outcome, record.Reason)
	assert.WithinDuration(t, asked, begun(t, record, "deploy:staging"), 2*time.Minute)
	require.NotNil(t, record.Environment("staging").Override)
	assert.Equal(t, "eva", record.Environment("staging").Override.By)
	assert.Equal(t, "orders are lost", record.Environment("staging").Override.Summary)
	assert.Nil(t, record.Environment("production").Override, "it counts for the deployment that it was said to")
	reasons := refusals(record, release.ActOverrideFreeze)
	require.Len(t, reasons, 2)
	assert.Contains(t, reasons[0], "max may not override-freeze: model emergency leaves it to group ecab (eva)")
	assert.Contains(t, reasons[1], "freezes of "+"staging are overridden already")
}

func TestAnOverriddenFreezeOpensNoWindow(t *testing.T) {
	r := newRig(t)
	r.window("staging", evenings)
	r.freeze(monday, monday.AddDate(0, 0, 30))
	overridden := false
	r.people["window:staging"] = func(release.Awaiting) {
		if !overridden {
			overridden = true
			r.override("eva")
		}
	}
	r.people["window:production"] = func(release.Awaiting) { r.world.change(func(w *world) { w.org.Freezes = nil }) }
	record := r.run(emergency())
	assert.Equal(t, release.Completed, record.Outcome, record.Reason)
	assert.Equal(t, monday.Add(9*time.Hour), begun(t, record, "deploy:staging"), "when the window opens that evening")
}

func TestAFreezeIsNotOverriddenWhereItDoesNotHoldOrTheModelForbids(t *testing.T) {
	for want, c := range map[string]struct {
		definition release.Definition
		set        func(r *rig)
		by         string
	}{
		"no freeze keeps staging from being changed now": {emergency(), func(r *rig) { r.window("staging", evenings) }, "eva"},
		"eva may not override-freeze: model standard leaves it to nobody": {definition("standard"), func(r *rig) {
			r.freeze(monday, monday.AddDate(0, 0, 2))
		}, "eva"},
	} {
		r := newRig(t)
		c.set(r)
		r.people["window:staging"] = func(a release.Awaiting) {
			assert.Empty(t, a.Payload)
			r.override(c.by)
		}
		record := r.run(c.definition)
		reasons := refusals(record, release.ActOverrideFreeze)
		require.NotEmpty(t, reasons, want)
		assert.Contains(t, reasons[0], want)
	}
}
