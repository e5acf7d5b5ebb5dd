package targettest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/target"
	"slipway/release"
)

func freshHoldsNothing(t *testing.T, s *site) {
	require.Equal(t, target.Observation{}, s.observe(t, "no such attempt"))
	s.holds(t, nil)
}

func thereAndBack(t *testing.T, s *site) {
	s.do(t, s.old, target.Transfer)
	s.holds(t, nil)
	require.Equal(t, []release.Digest{s.old.p.Digest}, s.observe(t, "").Packages)
	s.do(t, s.old, target.Activate)
	s.holds(t, &s.old)

	s.do(t, s.new, target.Transfer)
	s.holds(t, &s.old)
	s.do(t, s.new, target.Activate)
	s.holds(t, &s.new)
	require.ElementsMatch(t, []release.Digest{s.old.p.Digest, s.new.p.Digest}, s.observe(t, "").Packages)

	s.do(t, s.new, target.Deactivate, target.Remove)
	s.holds(t, &s.old)
	s.do(t, s.old, target.Deactivate, target.Remove)
	s.holds(t, nil)
	require.Empty(t, s.observe(t, "").Packages)
}

func againChangesNothing(t *testing.T, s *site) {
	s.do(t, s.old, target.Transfer, target.Transfer, target.Activate, target.Activate)
	s.do(t, s.new, target.Transfer, target.Transfer, target.Activate, target.Activate, target.Transfer)
	s.holds(t, &s.new)
	s.do(t, s.new, target.Deactivate, target.Deactivate)
	s.holds(t, &s.old)
	s.do(t, s.new, target.Remove, target.Remove)
	s.holds(t, &s.old)
}

func inverseOfNothing(t *testing.T, s *site) {
	s.do(t, s.new, target.Deactivate, target.Remove)
	s.holds(t, nil)
	s.do(t, s.old, target.Transfer, target.Activate)
	s.do(t, s.new, target.Deactivate, target.Remove)
	s.do(t, s.new, target.Transfer, target.Deactivate)
	s.holds(t, &s.old)
}

func removeKeepsWhatIsNeeded(t *testing.T, s *site) {
	s.do(t, s.old, target.Transfer, target.Activate, target.Remove)
	s.holds(t, &s.old)
	s.do(t, s.new, target.Transfer, target.Activate)
	s.do(t, s.old, target.Remove)
	require.Contains(t, s.observe(t, "").Packages, s.old.p.Digest)
	s.do(t, s.new, target.Deactivate)
	s.holds(t, &s.old)
}

func sameVersionOtherDigest(t *testing.T, s *site) {
	again := s.pack(t, s.old.name, "one, built again")
	s.do(t, s.old, target.Transfer, target.Activate)
	s.do(t, again, target.Transfer)
	s.holds(t, &s.old)
	s.do(t, again, target.Activate)
	s.holds(t, &again)
	s.do(t, again, target.Deactivate, target.Remove)
	s.holds(t, &s.old)
}

func tamperedIsNotActivated(t *testing.T, s *site) {
	s.do(t, s.old, target.Transfer, target.Activate)
	s.do(t, s.new, target.Transfer)
	s.Tamper(t, s.on, s.new.name, s.new.p, "bin/serve")
	require.Contains(t, s.try(t, s.new, target.Activate), target.ErrNotAuthorized.Error())
	s.holds(t, &s.old)
	s.do(t, s.new, target.Transfer, target.Activate)
	s.holds(t, &s.new)

	s.Tamper(t, s.on, s.old.name, s.old.p, "bin/serve")
	require.Contains(t, s.try(t, s.new, target.Deactivate), target.ErrNoWayBack.Error())
	s.holds(t, &s.new)
}

func tamperedIsSeen(t *testing.T, s *site) {
	s.do(t, s.new, target.Transfer, target.Activate)
	s.Tamper(t, s.on, s.new.name, s.new.p, "bin/serve")
	held := s.observe(t, "").Held
	assert.Equal(t, s.new.p.Digest, held.Package)
	assert.False(t, held.Intact)
}

func otherContentIsRefused(t *testing.T, s *site) {
	s.do(t, s.old, target.Transfer, target.Activate)
	s.packages[s.new.p.Digest] = s.packages[s.old.p.Digest]
	require.Contains(t, s.try(t, s.new, target.Transfer), target.ErrNotAuthorized.Error())
	require.Contains(t, s.try(t, s.new, target.Activate), target.ErrNotAuthorized.Error())
	s.holds(t, &s.old)
	require.Equal(t, []release.Digest{s.old.p.Digest}, s.observe(t, "").Packages)
}

func endedContext(t *testing.T, s *site) {
	s.do(t, s.old, target.Transfer, target.Activate)
	ended, end := context.WithCancel(s.ctx)
	end()
	for _, kind := range []target.Kind{target.Transfer, target.Activate, target.Deactivate, target.Remove, target.Run} {
		o := s.new.operation(kind)
		o.Script = "true"
		out, err := s.driver.Do(ended, s.on, o)
		require.ErrorIs(t, err, context.Canceled, "%s: %s", kind, out.Problem)
	}
	s.holds(t, &s.old)
}
