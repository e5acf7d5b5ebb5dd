package workflows_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"

	"slipway/workflows"
)

// The histories were recorded on a real server by the end-to-end tests (go test
// ./deploy/e2e -update), generation after generation: those of 1 are from before
// votes were bound to the roster, the windows and the baselines of their moment. One
// that no longer replays would break releases that run while a worker is upgraded:
// keep it, and change the workflow with a version.
func TestEveryKindOfHistoryEverProducedReplaysOnTodaysCode(t *testing.T) {
	files, err := filepath.Glob("testdata/histories/*/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), func(t *testing.T) {
			replayer := worker.NewWorkflowReplayer()
			workflows.Register(replayer)
			require.NoError(t, replayer.ReplayWorkflowHistoryFromJSONFile(nil, file))
		})
	}
}
