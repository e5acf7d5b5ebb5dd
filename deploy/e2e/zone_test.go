package e2e_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.uber.org/zap"

	"slipway/config"
	"slipway/release"
	"slipway/worker"
)

// zoned is a site whose targets only the workers of a zone reach: all of them are
// behind a deployer, whose token the site's own worker does not have.
type zoned struct {
	*site
	queue    string
	deployer config.Deployer
}

func newZoned(t *testing.T, purpose string) *zoned {
	t.Helper()
	s := plainSite(t)
	z := &zoned{site: s, queue: s.name + "-zone", deployer: s.deployer()}
	for i := range s.config.Organization.Environments {
		if e := &s.config.Organization.Environments[i]; e.Name == s.env(purpose) {
			e.TaskQueue = z.queue
		}
	}
	s.work()
	return z
}

// serveZone starts a worker of the zone, which knows the way to the targets and the
// DML, but neither the CMS nor the organization; it ends with the test, or before.
func (z *zoned) serveZone() (end func()) {
	z.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- worker.Run(ctx, config.Config{
			TaskQueue: "nobody polls this", Zones: []string{z.queue}, DML: z.config.DML, CMS: "sqlite:/does/not/exist",
			Workspace: z.path("zone"), SigningKey: z.path("zone.key"), Deployers: []config.Deployer{z.deployer},
		}, zap.NewNop())
	}()
	ended := false
	end = func() {
		if stop(); !ended {
			require.NoError(z.t, <-done)
		}
		ended = true
	}
	z.t.Cleanup(end)
	return end
}

// reachedFromZone asserts that everything that touches targets was asked of the zone
// alone, and that everything else was not.
func (z *zoned) reachedFromZone(id, environment string) {
	z.t.Helper()
	touches := map[string]bool{"Here": true, "Ready": true, "AssessReadiness": true, "Audit": true, "RunPass": true, "Settle": true, "Verify": true, "Watch": true}
	seen := map[string]bool{}
	for _, workflow := range []string{release.DeploymentID(id, environment), release.SupportID(id, environment)} {
		events := temporal.GetWorkflowHistory(z.ctx(), workflow, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			e, err := events.Next()
			require.NoError(z.t, err)
			scheduled := e.GetActivityTaskScheduledEventAttributes()
			name, queue := scheduled.GetActivityType().GetName(), scheduled.GetTaskQueue().GetName()
			switch {
			case scheduled == nil:
			case queue == z.queue:
				require.True(z.t, touches[name], "%s is none of the zone's", name)
				seen[name] = true
			case name != "Ready": // the roster is asked elsewhere
				require.False(z.t, touches[name], "%s went to %s", name, queue)
			}
		}
	}
	for _, name := range []string{"Here", "Ready", "Audit", "RunPass", "Verify", "Watch"} {
		require.True(z.t, seen[name], "the zone did not %s", name)
	}
}

func TestAnEnvironmentWithoutAWorkerInItsZoneSaysSoWithinSecondsAndGoesOnWhenOneComes(t *testing.T) {
	z := newZoned(t, "staging")
	staging := z.env("staging")
	id := z.start(to(z.standard("1.0"), z.name, staging))
	r := z.awaits(id, release.WaitWorker+":"+staging)
	require.Contains(t, r.Awaiting[0].Needs, "task queue "+z.queue)
	require.Contains(t, r.Awaiting[0].Needs, "worker --zone "+z.queue)
	for _, stage := range r.Stages {
		if stage.Name == release.StageIn(release.StageReady, staging) {
			require.Less(t, r.Awaiting[0].Since.Sub(stage.Started), 20*time.Second)
		}
	}
	z.serves("staging", "")

	z.serveZone()
	r = z.ended(id)
	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	z.serves("staging", "1.0")
	z.reachedFromZone(id, staging)
}

func TestAZoneWorkerThatGoesAwayBetweenWavesIsWaitedForAgain(t *testing.T) {
	z := newZoned(t, "production")
	production := z.env("production")
	leave := z.serveZone()
	d := to(z.standard("1.0"), z.name, production)
	d.Environments[0].Waves = release.Sizes(1, 2)
	d.Environments[0].Pause = release.Duration(6 * time.Second)
	id := z.start(d)
	z.awaits(id, release.WaitPause+":"+production)
	leave()
	r := z.awaits(id, release.WaitWorker+":"+production)
	require.Equal(t, release.EnvDeploying, r.Environment(production).State)
	require.NoFileExists(t, z.path("targets", "production-2", "current"), "the second wave has not begun")

	z.serveZone()
	r = z.ended(id)
	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	z.serves("production", "1.0")
	z.reachedFromZone(id, production)
}
