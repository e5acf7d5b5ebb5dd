package workflows

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// failure is the error of a deployment that has to be undone because of targets on
// which something failed, or of the whole environment when it names none.
type failure struct {
	why     string
	targets []string
}

func (f *failure) Error() string { return f.why }

// carryOut runs one step on one wave of targets. Its inverse is on the stack
// before it begins. An error means that the deployment has to be undone.
func (d *deployment) carryOut(ctx workflow.Context, pass release.Pass) error {
	// What was asked for since the last step comes before the next one.
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.backOutAsked(); err != nil {
		return err
	}
	if pass = pass.Without(d.aside); pass.Wave > 0 && len(pass.Targets) == 0 {
		return nil
	}
	d.status.Undo.Push(d.layout, pass)
	did, err := d.runPass(ctx, pass, false)
	d.status.Undo.KeepStarted(d.layout, did.results)
	d.take(ctx, did)
	if err != nil {
		return err
	}
	failed := with(did.results, release.FateFailed)
	for _, r := range with(did.results, release.FateUnknown) {
		if d.order.BackOut.Unknown == release.UnknownBackOut {
			failed = append(failed, r)
		} else if err := d.settleUnknown(ctx, pass, r); err != nil {
			return err
		}
	}
	if err := d.setAside(ctx, failed); err != nil {
		return err
	}
	if rest := with(did.results, release.FateNotStarted); len(rest) > 0 {
		return d.carryOutRest(ctx, pass, rest)
	}
	d.stalled = 0
	return d.backOutAsked()
}

// stalls is how often in a row a step may be begun without reaching any target,
// because its workers are lost before.
const stalls = 5

// carryOutRest runs a step where it did not begin: it waited for what was unknown or
// failed, and is settled now, or its worker was lost before.
func (d *deployment) carryOutRest(ctx workflow.Context, pass release.Pass, rest []release.StepResult) error {
	d.stalled++
	if len(rest) < len(pass.Places()) {
		d.stalled = 0
	}
	if d.stalled >= stalls {
		return &failure{
			why:     summary("step %s never began in %d tries: %s", pass.Step.Name, stalls, rest[0].Message),
			targets: places(rest),
		}
	}
	return d.carryOut(ctx, only(pass, places(rest)...))
}

// done is what came of a pass: batch by batch, and in every place.
type done struct {
	pass    release.Pass
	backOut bool
	batches []activities.PassResult
	results []release.StepResult
}

// doneBy gives what came of a pass by its batches. What a batch does not tell of
// because it has a report went well.
func doneBy(pass release.Pass, backOut bool, batches ...activities.PassResult) done {
	did := done{pass: pass, backOut: backOut, batches: batches}
	for _, b := range batches {
		did.results = append(did.results, b.Results...)
		for _, place := range b.Left {
			did.results = append(did.results, result(pass, place, release.FateNotStarted, "the wave was stopped before it", backOut))
		}
	}
	told := release.SetOf(places(did.results))
	for _, place := range pass.Places() {
		if !told[place] {
			did.results = append(did.results, result(pass, place, release.GoodFate(backOut), "", backOut))
		}
	}
	return did
}

// left lists the places before which a wave was stopped.
func (d done) left() []string {
	var all []string
	for _, b := range d.batches {
		all = append(all, b.Left...)
	}
	return all
}

// with gives the results of a fate.
func with(results []release.StepResult, fate release.Fate) []release.StepResult {
	var some []release.StepResult
	for _, r := range results {
		if r.Fate == fate {
			some = append(some, r)
		}
	}
	return some
}

// latest gives results with what is known by later ones of some of the places.
func latest(results, later []release.StepResult) []release.StepResult {
	known := map[string]release.StepResult{}
	for _, r := range later {
		known[r.Target] = r
	}
	merged := slices.Clone(results)
	for i, r := range merged {
		if newer, found := known[r.Target]; found {
			merged[i] = newer
		}
	}
	return merged
}

// elsewhere gives the results of other places than some.
func elsewhere(results []release.StepResult, places []string) []release.StepResult {
	here := release.SetOf(places)
	return slices.DeleteFunc(slices.Clone(results), func(r release.StepResult) bool { return here[r.Target] })
}

func places(results []release.StepResult) []string {
	list := make([]string, len(results))
	for i, r := range results {
		list[i] = r.Target
	}
	return list
}

// runPass carries a step out, or backs it out: by a person, in one activity, or,
// for many targets, in a child that cuts them into batches.
func (d *deployment) runPass(ctx workflow.Context, pass release.Pass, backOut bool) (done, error) {
	if pass.Step.Manual {
		results, err := d.byHand(ctx, pass, backOut)
		return doneBy(pass, backOut, activities.PassResult{Results: results}), err
	}
	d.tries++
	in := activities.PassInput{
		Release: d.order.Release, Service: d.order.Service, Version: d.order.Version, Environment: d.order.In.Name,
		Previous: d.previousVersion(), Package: d.order.Package, Pass: pass, BackOut: backOut,
		Attempt:   summary("%s/%s/%d", d.status.ID, workflow.GetInfo(ctx).WorkflowExecution.RunID, d.tries),
		Inventory: d.order.In.Inventory, Outputs: d.outputs.of(pass),
	}
	if !backOut {
		in.Budget = d.order.In.MayFail - len(d.aside)
	}
	order := WaveOrder{
		PassInput: in, Parallel: d.order.In.Parallel, Waves: len(d.order.In.Waves),
		TaskQueue: d.order.In.TaskQueue, Settles: d.order.Since(1),
	}
	if d.order.Since(3) {
		order.Batch = pass.BatchSize()
	}
	batches, _, within := pass.Batches(order.Parallel, order.Batch)
	if len(batches) == 1 {
		found, err := runBatch(ctx, order, pass, within)
		return doneBy(pass, backOut, found), err
	}
	found, err := runWave(ctx, d.status.ID, order)
	return doneBy(pass, backOut, found...), err
}

// describe says what a pass does, on one line.
func (o WaveOrder) describe(pass release.Pass) string {
	what := "Step " + pass.Step.Name
	if o.BackOut {
		what = "Back out step " + pass.Step.Name
	}
	if len(pass.Targets) == 0 {
		return what + " in " + o.Environment
	}
	return fmt.Sprintf("%s, wave %d of %d: %s", what, pass.Wave, o.Waves, few(pass.Places()))
}

// few names places, of many only the first and the last.
func few(places []string) string {
	const written = 10
	if len(places) <= written {
		return strings.Join(places, ", ")
	}
	return fmt.Sprintf("%d targets, %s to %s", len(places), places[0], places[len(places)-1])
}

// retries says how often the activity of a pass may run again. Slipway's own
// actions are safe to repeat, and so is a back-out; a script says so itself.
func retries(step release.Step, backOut bool) int {
	const own = 3
	if backOut || (step.Action != release.RunScript && step.Action != "" && step.Run == "") {
		return max(own, step.Retries)
	}
	return step.Retries
}

func result(pass release.Pass, target string, fate release.Fate, message string, backOut bool) release.StepResult {
	return release.StepResult{Step: pass.Step.Name, Target: target, Wave: pass.Wave, Fate: fate, Message: message, BackOut: backOut}
}

// outputs are what steps left for later ones, by target and variable; those of steps
// that run once are by "".
type outputs map[string]map[string]string

// note keeps what a step left.
func (o outputs) note(r release.StepResult) {
	for _, name := range workflow.DeterministicKeys(r.Outputs) {
		if o[r.Target] == nil {
			o[r.Target] = map[string]string{}
		}
		o[r.Target][release.OutputVariable(r.Step, name)] = r.Outputs[name]
	}
}

// of gives those that a pass may read.
func (o outputs) of(pass release.Pass) map[string]map[string]string {
	if len(o) == 0 {
		return nil
	}
	some := outputs{}
	for _, place := range append([]string{""}, pass.Places()...) {
		if left := o[place]; left != nil {
			some[place] = left
		}
	}
	return some
}

// at names a target behind a step, or nothing for a step that runs once.
func at(target string) string {
	if target == "" {
		return ""
	}
	return " on " + target
}
