package cms_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/activities/driver/cms"
	"slipway/activities/driver/cms/cmstest"
	"slipway/release"
)

// How long tests wait for what has to come, and how often they look.
const (
	waiting = 20 * time.Second
	tick    = 10 * time.Millisecond
)

// crowd is what several workers write side by side: rows of their own, and rows that all
// of them write, in whatever order.
type crowd struct{ workers, batches, shared int }

var many = crowd{workers: 3, batches: 40, shared: 10}

// batch is what a worker writes at a time: its own release, states of the common ones
// that are newer with each batch, and the common ledger.
func (c crowd) batch(worker, n int) []release.Entry {
	own := httpbin(fmt.Sprintf("%d.%d", worker, n))
	entries := []release.Entry{state(own, "plan", 1), runs(own, own, n)}
	for i := range c.shared {
		e := state(httpbin(fmt.Sprintf("common.%d", i)), release.StageName(fmt.Sprintf("by %d", worker)), n)
		e.ReleaseState.ConfigurationItems = []string{fmt.Sprintf("by %d", worker), fmt.Sprintf("at %d", n)}
		entries = append(entries, e)
		built := entry(e.Release, "build/1", n)
		p := pack("common")
		built.Build = &release.BuildRecord{Number: 1, Package: &p}
		entries = append(entries, built)
	}
	entries = append(entries, ledger(httpbin("common.0"), 3)...)
	rand.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
	return entries
}

// work writes all batches of a worker, several at a time.
func (c crowd) work(store *cms.Store, worker int) error {
	const lanes = 4
	failures := make(chan error, lanes)
	for lane := range lanes {
		go func() {
			var all error
			for n := lane; n < c.batches; n += lanes {
				all = errors.Join(all, store.Write(context.Background(), c.batch(worker, n)))
			}
			failures <- all
		}()
	}
	var all error
	for range lanes {
		all = errors.Join(all, <-failures)
	}
	return all
}

// check says what the database has to hold in the end.
func (c crowd) check(t *testing.T, p place) {
	t.Helper()
	assert.Len(t, p.rows(t, "SELECT release FROM releases WHERE release NOT LIKE '%common%'"), c.workers*c.batches, "nothing is lost")
	assert.Len(t, p.rows(t, "SELECT key FROM baseline_changes"), c.workers*c.batches)
	newest := at(c.batches - 1).Format("2006-01-02T15:04:05.000000Z")
	for _, common := range p.rows(t, "SELECT at, phase, release FROM releases WHERE release LIKE '%common%'") {
		parts := strings.Split(common, "|")
		assert.Equal(t, newest, parts[0], "the newest wins")
		assert.Equal(t, []string{parts[1], fmt.Sprintf("at %d", c.batches-1)},
			p.rows(t, "SELECT item FROM release_items WHERE release = $1 ORDER BY position", parts[2]), "a row has its own parts")
	}
	store := p.open(t)
	found, err := store.Ledger(context.Background(), httpbin("common.0"), at(0))
	require.NoError(t, err)
	assert.Equal(t, entriesOf(ledger(httpbin("common.0"), 3)), found)
}

// workerOf, when it is set, makes this program a worker that writes to that database.
const workerOf = "CMS_TEST_WORKER_OF"

func TestMain(m *testing.M) {
	if spec := os.Getenv(workerOf); spec != "" {
		os.Exit(beWorker(spec))
	}
	os.Exit(m.Run())
}

func beWorker(spec string) int {
	number, err := strconv.Atoi(os.Args[1])
	store, opened := cms.Open(context.Background(), spec)
	if err = errors.Join(err, opened); err == nil {
		err = errors.Join(many.work(store, number), store.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// workers runs the crowd as processes of their own, and gives what they said when they
// have ended.
func workers(t *testing.T, spec string) (wait func()) {
	t.Helper()
	var group sync.WaitGroup
	for number := range many.workers {
		group.Go(func() {
			worker := exec.Command(os.Args[0], strconv.Itoa(number))
			worker.Env = append(os.Environ(), workerOf+"="+spec)
			said, err := worker.CombinedOutput()
			assert.NoError(t, err, string(said))
		})
	}
	return group.Wait
}

// deadlocked counts how often two waited for each other.
const deadlocked = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"

func TestWorkersOnOneDatabaseLoseNothingAndWaitForNobodyForEver(t *testing.T) {
	p := place{onPostgres, cmstest.NewPostgres(t)}
	workers(t, p.at)() // they make its tables, too
	many.check(t, p)
	require.Equal(t, []string{"0"}, p.rows(t, deadlocked))
}

func TestConnectionsThatAreCutLoseNothing(t *testing.T) {
	p := place{onPostgres, onPostgres.spec(t)}
	ended := make(chan struct{})
	wait := workers(t, p.at)
	go func() { wait(); close(ended) }()
	require.Eventually(t, func() bool { return len(p.rows(t, "SELECT release FROM releases")) > 0 }, waiting, tick)
	cut := 0
	for {
		select {
		case <-ended:
			require.Positive(t, cut)
			many.check(t, p)
			return
		case <-time.After(50 * time.Millisecond):
			cut += len(p.rows(t, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE application_name = 'slipway' AND datname = current_database() AND state <> 'idle'`))
		}
	}
}

func TestAWriteWaitsForAServerThatIsStartedAgain(t *testing.T) {
	cluster, err := cmstest.StartCluster(t.Context())
	cmstest.Require(t, err)
	t.Cleanup(func() { require.NoError(t, cluster.Stop()) })
	p := place{onPostgres, cluster.URL("postgres")}
	store := p.open(t)
	write(t, store, wholeRelease(httpbin("2.25.0"))...)
	require.NoError(t, cluster.Pause(t.Context()))

	written, read := make(chan error), make(chan error)
	go func() { written <- store.Write(context.Background(), wholeRelease(httpbin("2.26.0"))) }()
	go func() {
		_, err := store.Releases(context.Background(), 10)
		read <- err
	}()
	select {
	case err := <-written:
		require.Fail(t, "it does not wait", err)
	case <-time.After(100 * time.Millisecond):
	}
	impatient, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, store.Write(impatient, wholeRelease(httpbin("2.26.0"))), context.DeadlineExceeded)
	require.NoError(t, cluster.Resume(t.Context()))
	require.NoError(t, <-written)
	require.NoError(t, <-read)
	list, err := store.Releases(context.Background(), 10)
	require.NoError(t, err)
	require.Len(t, list, 2)
}

// Changes of baselines are written in the order in which they came, which may be another
// one for everybody.
func TestWritersThatBlockEachOtherTryAgain(t *testing.T) {
	p := place{onPostgres, onPostgres.spec(t)}
	var one []release.Entry
	for i := range 300 {
		one = append(one, nothing(httpbin("2.26.0"), i))
	}
	other := slices.Clone(one)
	slices.Reverse(other)
	deadlocks := func() bool { return p.rows(t, deadlocked)[0] != "0" }
	for deadline := time.Now().Add(waiting); !deadlocks(); {
		require.True(t, time.Now().Before(deadline), "they do not block each other")
		store, err := cms.Open(context.Background(), p.at)
		require.NoError(t, err)
		var group sync.WaitGroup
		for _, entries := range [][]release.Entry{one, other} {
			group.Go(func() { assert.NoError(t, store.Write(context.Background(), entries)) })
		}
		group.Wait()
		require.NoError(t, store.Close(), "the server counts when a connection ends")
	}
	require.Len(t, p.rows(t, "SELECT key FROM baseline_changes"), len(one))
}
