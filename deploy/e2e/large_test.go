package e2e_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/release"
	"slipway/starter"
)

// fleet gives a site a production of so many targets, which are folders.
func (s *site) fleet(n int) {
	targets := make([]release.Target, n)
	for i := range targets {
		name := fmt.Sprintf("t%d", i+1)
		targets[i] = release.Target{Name: name, Folder: s.path("targets", name)}
		require.NoError(s.t, os.MkdirAll(targets[i].Folder, 0o755))
	}
	s.config.Organization.Environments[1].Targets = targets
}

func TestALargeDeploymentTellsHowFarItIs(t *testing.T) {
	const many = 150
	s := plainSite(t)
	s.fleet(many)
	s.work()
	production := s.env("production")
	d := s.standard("1.0")
	d.Verification, d.EarlyLifeSupport = release.Verification{}, release.Support{}
	d.Environments = []release.EnvironmentDefinition{{
		Name: production, Waves: release.Sizes(20, many), Parallel: 20, MayFail: release.Share{Count: 2},
	}}
	d.Steps = append(d.Steps,
		release.Step{Name: "go-on", Kind: release.ServiceDeployment, Manual: true, Run: "Look at the first wave.\nSay when it may go on."},
		release.Step{Name: "check", Kind: release.DecommissionAndRetirement, Per: release.PerTarget, Run: `while [ "$WAVE" = 2 ] && [ ! -e "$GO" ]; do sleep 0.1; done; [ "$TARGET" != t7 ]`, BackOut: "true", Env: map[string]string{"GO": s.path("go")}},
	)
	id := s.start(d)
	s.authorize(id, release.GatePlan, "ana") // so many targets are a risk

	var mu sync.Mutex
	var waves []release.WaveStatus
	ctx, stop := context.WithCancel(s.ctx())
	defer stop()
	watched := make(chan error, 1)
	go func() {
		_, err := s.starter.Watch(ctx, id, starter.Observer{Working: func(all []starter.Work) {
			mu.Lock()
			defer mu.Unlock()
			for _, work := range all {
				if work.Wave != nil {
					waves = append(waves, *work.Wave)
				}
			}
		}})
		watched <- err
	}()

	r := s.awaits(id, release.WaitStep+":"+production)
	_, instructions, byHand := r.Awaiting[0].ByHand()
	require.True(t, byHand, r.Awaiting[0].Needs)
	require.Equal(t, []string{"Look at the first wave.", "Say when it may go on."}, instructions)
	r, err := s.starter.Status(s.ctx(), id)
	require.NoError(t, err)
	require.Equal(t, "150 new", release.TargetCounts(r.Environment(production).Targets), "which the release itself is told at the end")
	m := release.ResolveStep{Step: "go-on", Action: release.ResolveDone, Reason: "it does well"}
	m.By = "tess"
	_, err = s.starter.ResolveStep(s.ctx(), id, production, m)
	require.NoError(t, err)

	require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(waves) > 0 }, patience, 50*time.Millisecond)
	require.NoError(t, os.WriteFile(s.path("go"), nil, 0o644))
	r = s.ended(id)
	require.NoError(t, <-watched)
	require.Equal(t, release.CompletedWithIssues, r.Outcome, r.Reason)
	s.keep(id, "large")
	s.keepHistory(release.DeploymentID(id, production)+":do:check:2", "large-wave")
	require.Equal(t, "149 new, 1 restored", release.TargetCounts(r.Environment(production).Targets))
	wave := waves[len(waves)-1]
	wave.What = ""
	require.Equal(t, release.WaveStatus{Step: "check", Wave: 2, Waves: 2, Targets: 130, Over: wave.Over}, wave)
}
