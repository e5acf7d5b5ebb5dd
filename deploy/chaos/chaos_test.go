// Package chaos_test kills what carries releases, worker and server, at random
// moments and at each kind of step, restarts it, and looks whether every target is
// wholly old or wholly new, nothing ran twice that may not, and everybody knows it.
package chaos_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// How much is tried; as it stands, it is the short form.
var (
	kills = flag.Int("chaos.kills", 6, "how often something is killed")
	limit = flag.Duration("chaos.time", 8*time.Second, "how long the kills may take; what runs then is brought to its end")
	lanes = flag.Int("chaos.lanes", 2, "how many services are released side by side")
	seed  = flag.Uint64("chaos.seed", 0, "seed of the releases and kills; 0 takes another each time")
)

// patience is how long a release may take that nobody disturbs any more.
const patience = 2 * time.Minute

func TestWhateverIsKilledTargetsAreWhollyOldOrWhollyNew(t *testing.T) {
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	began := time.Now()
	s := open(t)
	killing, stop := context.WithTimeout(context.Background(), *limit)
	var parties sync.WaitGroup
	for i := range *lanes {
		parties.Go(func() { s.lane(killing, i) })
	}
	s.killAround(killing)
	stop()
	parties.Wait()
	s.lookAround() // also where something is undecided
	s.figures.print(os.Stdout, fmt.Sprintf("seed %d, %s", *seed, time.Since(began).Round(time.Second)))
	require.GreaterOrEqual(t, s.figures.releases, *lanes)
	if !t.Failed() {
		require.NoError(t, os.RemoveAll(s.folder))
	}
}

// random gives a source of its own to each party, so that the seed says as much as
// it can of what each of them does.
func random(party uint64) *rand.Rand { return rand.New(rand.NewPCG(*seed, party)) }
