package starter_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/starter"
)

// crowded holds so many releases at a gate, and waits until the server lists them.
func crowded(t *testing.T, c *starter.Client, gate string, n int) []starter.AgendaItem {
	t.Helper()
	for i := range n {
		id := fmt.Sprintf("%s@%d", t.Name(), i)
		hold(t, id, opened(t, id, gate, time.Minute, release.GatePolicy{}))
	}
	var found []starter.AgendaItem
	require.Eventually(t, func() bool {
		var err error
		found, err = c.Agenda(t.Context(), starter.AgendaFilter{Gates: []string{gate}})
		require.NoError(t, err)
		return len(found) == n
	}, 20*time.Second, 50*time.Millisecond)
	return found
}

func TestOfManyVotesThoseThatWereCastAreToldAndTheRestIsNotTried(t *testing.T) {
	attend(t)
	c := dial(t)
	found := crowded(t, c, "deploy:interrupted", 40)
	ctx, cancel := context.WithCancel(t.Context())
	told := map[string]bool{}
	err := c.AuthorizeAll(ctx, found, func(item starter.AgendaItem) (release.Authorization, error) {
		return release.Authorization{Sender: release.Sender{By: "ana"}, Gate: item.Gate, Decision: release.Authorize}, nil
	}, func(v starter.Cast) {
		cancel()
		require.NoError(t, v.Err)
		require.Equal(t, "gate deploy:interrupted: 1 of 2 authorized", v.Receipt.Message)
		told[v.Release] = true
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, len(told), len(found))
	for _, item := range found {
		record, err := c.Status(t.Context(), item.Release)
		require.NoError(t, err)
		require.Equal(t, told[item.Release], len(record.Gates[0].Votes) == 1, item.Release)
	}
}
