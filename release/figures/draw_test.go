package figures_test

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"slipway/release"
	"slipway/release/figures"
)

var (
	since = time.Date(2026, 2, 10, 12, 0, 0, 0, time.UTC)
	until = time.Date(2026, 5, 20, 6, 0, 0, 0, time.UTC)
)

// input asks for all of the period.
func input() figures.Input {
	return figures.Input{
		Since: since, Until: until, Purposes: map[string]string{"production": "production"},
		Rates: release.Rates{Currency: "EUR", MachineHour: 3, Roles: map[string]float64{"default": 70}},
	}
}

var (
	drawService     = rapid.SampledFrom([]string{"httpbin", "mail", "orders"})
	drawType        = rapid.SampledFrom([]string{"standard", "normal", "emergency"})
	drawEnvironment = rapid.SampledFrom([]string{"staging", "production"})
	drawPerson      = rapid.SampledFrom([]string{"ana", "ben", "eva"})
	drawTook        = rapid.Custom(func(t *rapid.T) time.Duration {
		return time.Duration(rapid.Int64Range(0, 5e6).Draw(t, "ms")) * time.Millisecond
	})
	drawState = rapid.SampledFrom([]release.EnvironmentState{
		release.EnvLive, release.EnvPartly, release.EnvBackedOut, release.EnvUndecided, release.EnvNotDeployed,
	})
)

// drawTime is anywhere in and around the period.
func drawTime(t *rapid.T) time.Time {
	from, to := since.AddDate(0, -2, 0), until.AddDate(0, 2, 0)
	return from.Add(time.Duration(rapid.Int64Range(0, to.Sub(from).Milliseconds()).Draw(t, "at")) * time.Millisecond)
}

func drawMaybe(t *rapid.T) time.Time {
	if rapid.Bool().Draw(t, "none") {
		return time.Time{}
	}
	return drawTime(t)
}

func some[T any](t *rapid.T, what string, draw func(*rapid.T) T) []T {
	return rapid.SliceOfN(rapid.Custom(draw), 0, 3).Draw(t, what)
}

// drawFacts are any facts, also such as no release leaves behind.
func drawFacts(t *rapid.T) []figures.Fact {
	facts := rapid.SliceOfN(rapid.Custom(drawFact), 0, 12).Draw(t, "facts")
	for i := range facts {
		facts[i].Release = fmt.Sprintf("%s@%d", facts[i].Service, i)
	}
	return facts
}

func drawFact(t *rapid.T) figures.Fact {
	f := figures.Fact{
		Service: drawService.Draw(t, "service"), Type: drawType.Draw(t, "type"), Emergency: rapid.Bool().Draw(t, "emergency"),
		Started: drawTime(t), Environments: []string{"staging", "production"}[rapid.IntRange(0, 1).Draw(t, "first"):],
	}
	if closed := drawMaybe(t); closed.After(f.Started) {
		f.Closed, f.Outcome = closed, release.Completed
	}
	drawWork(t, &f)
	drawUse(t, &f)
	return f
}

func drawWork(t *rapid.T, f *figures.Fact) {
	f.Builds = some(t, "builds", func(t *rapid.T) figures.Build {
		return figures.Build{At: drawTime(t), Took: drawTook.Draw(t, "took")}
	})
	f.Tests = some(t, "tests", func(t *rapid.T) figures.Test {
		return figures.Test{At: drawTime(t), Suite: drawPerson.Draw(t, "suite"), Failed: rapid.Bool().Draw(t, "failed")}
	})
	f.Steps = some(t, "steps", func(t *rapid.T) figures.StepTime {
		return figures.StepTime{Environment: drawEnvironment.Draw(t, "in"), Took: drawTook.Draw(t, "took")}
	})
	f.Runs = some(t, "runs", func(t *rapid.T) figures.Run {
		at := drawTime(t)
		return figures.Run{Environment: drawEnvironment.Draw(t, "in"), From: at, To: at.Add(time.Hour), State: drawState.Draw(t, "state")}
	})
	f.Waits = some(t, "waits", func(t *rapid.T) release.Waited {
		w := release.Waited{Kind: release.WaitGate, Gate: "plan", Needs: "cab", Since: drawTime(t), People: some(t, "by", func(t *rapid.T) string { return drawPerson.Draw(t, "who") })}
		if rapid.Bool().Draw(t, "calendar") {
			w.Kind = rapid.SampledFrom([]string{release.WaitWindow, release.WaitLease, release.WaitConflict}).Draw(t, "kind")
			w.Gate, w.Environment = "", drawEnvironment.Draw(t, "in")
		}
		w.Until = w.Since.Add(drawTook.Draw(t, "waited"))
		return w
	})
	f.Stages = some(t, "stages", func(t *rapid.T) release.Stage {
		return release.Stage{
			Name:     rapid.SampledFrom([]release.StageName{release.StageBuild, release.StageIn(release.StageDeploy, "production"), "other"}).Draw(t, "stage"),
			Expected: release.Duration(drawTook.Draw(t, "expected")), Started: drawTime(t), Ended: drawMaybe(t),
		}
	})
	f.Live = some(t, "live", func(t *rapid.T) release.LiveSince {
		return release.LiveSince{Environment: drawEnvironment.Draw(t, "in"), At: drawTime(t), Planned: drawMaybe(t)}
	})
	f.Assets = some(t, "assets", func(t *rapid.T) figures.AssetCount {
		return figures.AssetCount{Environment: drawEnvironment.Draw(t, "in"), At: drawTime(t), Kind: "files", AssetCount: release.AssetCount{Changed: rapid.IntRange(0, 3).Draw(t, "n")}}
	})
}

func drawUse(t *rapid.T, f *figures.Fact) {
	f.Incidents = some(t, "incidents", func(t *rapid.T) figures.Incident {
		i := figures.Incident{
			Environment: drawEnvironment.Draw(t, "in"), Severity: rapid.IntRange(1, 4).Draw(t, "severity"),
			Opened: drawTime(t), Unrelated: rapid.Bool().Draw(t, "unrelated"),
		}
		if rapid.Bool().Draw(t, "resolved") {
			i.Resolved = i.Opened.Add(drawTook.Draw(t, "took"))
		}
		return i
	})
	f.Calls = some(t, "calls", func(t *rapid.T) figures.Call {
		return figures.Call{Environment: drawEnvironment.Draw(t, "in"), At: drawTime(t)}
	})
	f.Supports = some(t, "supports", func(t *rapid.T) figures.Support {
		return figures.Support{Environment: drawEnvironment.Draw(t, "in"), Began: drawTime(t), Ended: drawMaybe(t), Observed: rapid.Bool().Draw(t, "seen"), Down: drawTook.Draw(t, "down")}
	})
	f.Ratings = some(t, "ratings", func(t *rapid.T) release.Rating {
		return release.Rating{By: drawPerson.Draw(t, "who"), Score: rapid.IntRange(1, 5).Draw(t, "score"), At: drawTime(t)}
	})
	f.Efforts = some(t, "efforts", func(t *rapid.T) release.Effort {
		return release.Effort{Role: drawPerson.Draw(t, "role"), Hours: rapid.Float64Range(0, 100).Draw(t, "hours"), At: drawTime(t)}
	})
	f.Audits = some(t, "audits", func(t *rapid.T) figures.Audit {
		return figures.Audit{Environment: drawEnvironment.Draw(t, "in"), At: drawTime(t), Occasion: "after", Targets: some(t, "targets", func(t *rapid.T) string { return drawPerson.Draw(t, "target") }), Unlisted: rapid.IntRange(0, 2).Draw(t, "more")}
	})
}
