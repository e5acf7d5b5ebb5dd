package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"slipway/activities/driver/shell"
	"slipway/release"
)

// AssessReadiness runs the scripts of items of readiness, one after the other, and
// gives a confirmation of each; one that is not there has a failure.
func (a *Activities) AssessReadiness(ctx context.Context, in ReadinessInput) (ReadinessResult, error) {
	beater := beat(ctx, release.Progress{What: "readiness", Since: time.Now().UTC()})
	defer beater.end()
	var found ReadinessResult
	folder, remove, err := a.workspace("readiness")
	if err != nil {
		return found, err
	}
	defer remove()
	for _, item := range in.Items {
		beater.set(func(p *release.Progress) { doing(p, "readiness item "+item.Name) })
		confirmed := item.Confirmation(time.Now(), "", "")
		done, _, err := a.run(ctx, shell.Command{
			Name: item.Name, Script: item.Run, Dir: folder,
			Env: variables(in.told(), item.Env), Secrets: item.Secrets, Timeout: item.Timeout.Std(),
		}, folder, fmt.Sprintf("%s %s readiness %s", in.Release, in.Environment, item.Name), func(line string) {
			beater.set(func(p *release.Progress) { p.Line = line })
		})
		switch {
		case errors.Is(err, shell.ErrSecret):
			confirmed.Failure = err.Error()
		case err != nil:
			return found, err
		case !done.OK():
			confirmed.Execution, confirmed.Failure = &done, done.Problem()
		default:
			done.Tail = "" // the log has it
			confirmed.Execution = &done
		}
		found.Confirmed = append(found.Confirmed, confirmed)
	}
	return found, nil
}

// told is what the script of an item knows.
func (in ReadinessInput) told() map[string]string {
	return map[string]string{
		"RELEASE": in.Release, "SERVICE": in.Service, "VERSION": in.Version, "ENVIRONMENT": in.Environment,
		"PREVIOUS_VERSION": in.Previous, "PACKAGE_DIGEST": string(in.Package.Digest),
	}
}
