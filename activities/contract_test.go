package activities_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities"
	"slipway/release"
)

// Histories have them so.
func TestTheTargetsOfAnInputLieBesideWhatIsAskedOfThem(t *testing.T) {
	of := activities.Estate{Targets: []release.Target{{Name: "p1"}}, Inventory: "sha256:ab"}
	for _, in := range []any{
		activities.AuditInput{Estate: of}, activities.ReadyInput{Estate: of}, activities.VerifyInput{Estate: of}, activities.WatchInput{Estate: of},
	} {
		data, err := json.Marshal(in)
		require.NoError(t, err)
		var fields map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(data, &fields))
		assert.Contains(t, string(fields["targets"]), `"p1"`, "%T", in)
		assert.Equal(t, `"sha256:ab"`, string(fields["inventory"]), "%T", in)
	}
}
