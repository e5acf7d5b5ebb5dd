package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestADayOfReleasesIsWorkedOutFromWhatOneUses(t *testing.T) {
	each := load{targets: 10_000, gauge: gauge{writes: 900, server: 2880 * time.Millisecond}, histories: cost{bytes: 4_000_000}}
	d := busy(each)
	assert.InDelta(t, 1736, d.perSecond(10_000), 1, "1,000 x 10,000 / 28,800 s x 5")
	assert.InDelta(t, 156, d.perSecond(900), 1)
	assert.InDelta(t, 16, d.shards(), 0, "156 x 10 ms / 0.1 = 15.6")
	assert.InDelta(t, 0.5, d.perSecond(each.server.Seconds()), 0.001)
	rows := d.rows("a day")
	assert.InDelta(t, 4, rows[6].Value, 0, "GB of histories")
}

func TestWhatOnlyReadsIsNoWriteToTheDatabase(t *testing.T) {
	reads, writes, err := requests([]byte(`# TYPE persistence_requests counter
persistence_requests{namespace="default",operation="UpdateWorkflowExecution",service_name="history"} 7
persistence_requests{namespace="default",operation="GetWorkflowExecution",service_name="history"} 3
persistence_requests{namespace="system",operation="RangeCompleteHistoryTasks",service_name="history"} 1e+01
visibility_persistence_requests{operation="UpsertWorkflowExecution",visibility_plugin_name="sqlite"} 2
persistence_latency_count{operation="UpdateWorkflowExecution"} 7
`))
	require.NoError(t, err)
	assert.Equal(t, 3, reads)
	assert.Equal(t, 19, writes)
}
