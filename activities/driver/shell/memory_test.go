package shell_test

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/shell"
)

// dd holds so many megabytes in memory.
const dd = `dd if=/dev/zero of=/dev/null bs=%dM count=1 2>/dev/null`

func TestThePeakMemoryOfAScriptIsThatOfItsLargestProcess(t *testing.T) {
	for _, megabytes := range []int{200, 300} {
		run, err := shell.Run(t.Context(), shell.Command{Name: "large", Script: "true; " + fmt.Sprintf(dd, megabytes) + "; true"}, io.Discard, nil)
		require.NoError(t, err)
		require.True(t, run.OK(), run.Tail)
		assert.InDelta(t, megabytes<<20, run.PeakMemory, 16<<20)
	}
}

func TestWhatTheWorkerItselfTakesIsNotCountedIn(t *testing.T) {
	t.Cleanup(debug.FreeOSMemory)
	most := make([]byte, 256<<20) // more than the scripts take
	for i := 0; i < len(most); i += os.Getpagesize() {
		most[i] = 1
	}
	for script, largest := range map[string]int64{
		`sleep 0.2`: 16 << 20,
		`dd if=/dev/zero of=/dev/null bs=64M count=100 2>/dev/null`: 80 << 20,
	} {
		run, err := shell.Run(t.Context(), shell.Command{Name: "small", Script: script}, io.Discard, nil)
		require.NoError(t, err)
		assert.Positive(t, run.PeakMemory, script)
		assert.Less(t, run.PeakMemory, largest, script)
	}
	runtime.KeepAlive(most)
}

func TestTheNewestLinesAreTheLastOnesThatSaySomething(t *testing.T) {
	var newest []string
	run, err := shell.Run(t.Context(), shell.Command{
		Name: "lines", Script: `i=1; while [ $i -le 9 ]; do echo "line $i"; echo; i=$((i+1)); done; printf 'a\rb'`,
		Newest: func(lines []string) { newest = lines },
	}, io.Discard, nil)
	require.NoError(t, err)
	require.True(t, run.OK())
	assert.Equal(t, []string{"line 6", "line 7", "line 8", "line 9", "b"}, newest)
}
