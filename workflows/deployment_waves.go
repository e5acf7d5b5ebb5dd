package workflows

import (
	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// betweenWaves is what comes before each wave but the first: the one before it is
// verified where that is asked for, a pause, and an open window.
func (d *deployment) betweenWaves(ctx workflow.Context, next int) error {
	if next > d.wave {
		if err := d.awaitWorkers(ctx); err != nil {
			return err
		}
		if err := d.rateWave(ctx); err != nil {
			return err
		}
	}
	d.wave = next
	if err := d.awaitWindow(ctx); err != nil {
		return err
	}
	return d.awaitWorkers(ctx)
}

// rateWave looks at the wave that was deployed before the next one begins.
func (d *deployment) rateWave(ctx workflow.Context) error {
	wave := d.reached(d.order.In.Waves[d.wave-1])
	if d.order.In.VerifyWaves {
		if err := d.verify(ctx, wave, d.order.Version); err != nil {
			return &failure{why: summary("wave %d: %s", d.wave, err), targets: release.TargetNames(wave)}
		}
	}
	if d.order.In.Pause == 0 {
		return nil
	}
	until := workflow.Now(ctx).UTC().Add(d.order.In.Pause.Std())
	return d.waitFor(ctx, release.Awaiting{
		Kind: release.WaitPause, Deadline: until,
		Needs: summary("a pause of %s after wave %d of %d, to see whether it does well", d.order.In.Pause, d.wave, len(d.order.In.Waves)),
	}, func() bool { return false })
}
