package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"slipway/config"
)

func TestTheOrganizationIsThatOfTheFileAsItIsNow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "slipway.yaml")
	write := func(content string) {
		require.NoError(t, os.WriteFile(file+".new", []byte(content), 0o600))
		require.NoError(t, os.Rename(file+".new", file))
	}
	write(sample)
	c, err := config.Read(file)
	require.NoError(t, err)
	core, logged := observer.New(zap.InfoLevel)
	organization := config.Follow(c, zap.New(core))
	require.True(t, organization().Roster[0].In("cab"))
	require.Zero(t, logged.Len(), "nothing changed")

	write("organization:\n  roster:\n    - {id: ana, groups: [users]}\n")
	require.False(t, organization().Roster[0].In("cab"))
	_, found := organization().Model("normal")
	require.True(t, found, "the shipped models are there still")

	write("organization:\n  roster: nonsense here\n")
	require.True(t, organization().Roster[0].In("users"), "what does not hold changes nothing")
	require.NoError(t, os.Remove(file))
	require.True(t, organization().Roster[0].In("users"))
	require.True(t, organization().Roster[0].In("users"))
	require.Equal(t, []string{"info", "error", "error"}, levels(logged), "it is told once")
}

func levels(logged *observer.ObservedLogs) []string {
	var all []string
	for _, e := range logged.All() {
		all = append(all, e.Level.String())
	}
	return all
}
