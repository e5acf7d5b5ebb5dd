package activities

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhatKilledWorkersLeftIsSweptAndNothingElse(t *testing.T) {
	a := &Activities{Workspace: t.TempDir()}
	held, remove, err := a.workspace("step")
	require.NoError(t, err)
	left, fresh, other := filepath.Join(a.Workspace, "build-1"), filepath.Join(a.Workspace, "test-1"), filepath.Join(a.Workspace, "notes")
	before := time.Now().Add(-2 * unsettled)
	for _, folder := range []string{left, fresh, other} {
		require.NoError(t, os.Mkdir(folder, 0o755))
	}
	for _, folder := range []string{held, left, other} {
		require.NoError(t, os.Chtimes(folder, before, before))
	}
	SweepWorkspace(a.Workspace)
	require.NoDirExists(t, left)
	require.DirExists(t, fresh, "it may not be locked yet")
	require.DirExists(t, other, "it is not Slipway's")
	require.DirExists(t, held, "somebody works in it")
	remove()
	require.NoDirExists(t, held)
}
