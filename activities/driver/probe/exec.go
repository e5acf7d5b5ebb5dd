package probe

import (
	"context"
	"errors"
	"io"
	"os"

	"slipway/activities/driver/shell"
	"slipway/release"
)

// run runs the script of the probe on this machine, in an empty folder of its own. It
// gives how it ended when that is not with exit status 0, with its last line.
func run(ctx context.Context, about Subject, probe release.Probe) (reason string) {
	folder, err := os.MkdirTemp("", "slipway-probe-")
	if err != nil {
		return err.Error()
	}
	defer func() { _ = os.RemoveAll(folder) }()
	done, err := shell.Run(ctx, shell.Command{
		Name: "probe", Script: probe.Run, Dir: folder,
		Env: map[string]string{
			"TARGET": about.Target.Name, "TARGET_URL": about.Target.URL, "VERSION": about.Version, "ENVIRONMENT": about.Environment,
		},
	}, io.Discard, nil)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		done.TimedOut = true
	case err != nil:
		return err.Error()
	}
	return done.Problem()
}
