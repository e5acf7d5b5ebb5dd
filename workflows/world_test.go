package workflows_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"slipway/activities"
	"slipway/release"
)

// mishap is what goes wrong, once, with something that an activity does.
type mishap string

const (
	// fails: nothing was done, and it says so. failsLate: it was done all the same.
	fails     mishap = "fails"
	failsLate mishap = "fails late"
	// lost: the worker is lost before anything is done. lostLate: right after it.
	lost     mishap = "lost"
	lostLate mishap = "lost late"
	// breaks: Slipway itself could not do it.
	breaks mishap = "breaks"
)

// world is everything outside of the workflows, in memory: what targets hold, what
// the CMS knows, and what is going to go wrong.
type world struct {
	mu  sync.Mutex
	org release.Organization
	// places is what targets hold, by "production/p1", and what was done once in an
	// environment, by "production/".
	places    map[string]*place
	baselines map[string]release.Baseline
	entries   []entry
	// holders are the deployments that hold an environment's lease.
	holders map[string]activities.LeaseRequest
	// occupied environments do not lend themselves yet.
	occupied map[string]bool
	// open are other releases that are open, required what runs of other services.
	open     []release.OpenRelease
	required []release.Baseline
	// real says that the environments run and lend themselves; gone are holders
	// that do not run any more.
	real bool
	gone map[string]bool
	// blind says that targets cannot tell what became of a step.
	blind bool
	// workerComes lets the worker of a zone come for which something waits.
	workerComes func()
	// did tells what was done, in its order.
	did []string
	// noted is closed when more was done, if somebody waits for that.
	noted chan struct{}
	// builds are the inputs of the builds.
	builds []activities.BuildInput
	// commits is how long it takes until a branch has a new commit.
	commits time.Duration

	mishaps map[string][]mishap
	hooks   map[string]func(ctx context.Context)
	// checkpoints are what passes told in their heartbeats, stopped the activities
	// that were cancelled, both by task token; reports what they left in the DML.
	checkpoints map[string][]release.StepResult
	reports     map[release.Digest][]release.StepResult
	stopped     map[string]chan struct{}
	// attested are the attestations, told who was told what.
	attested []release.Attestation
	told     []string
	// supportReports are the reports of early life supports in the DML.
	supportReports []string
	// reported are the records whose reports are in the DML.
	reported []release.Record
	// plans are those that were compiled or amended.
	plans map[release.Digest]release.Plan
	// batches counts what was written to the CMS at once, and grown tells that the
	// history has grown since people voted.
	batches int
	grown   bool
	// wrong collects what must not happen.
	wrong []string
}

// place is what is in effect somewhere.
type place struct {
	holding
	// before is what it held before the latest activation.
	before holding
	steps  []string
}

type holding struct {
	version string
	content release.Digest
}

// entry is an entry of the CMS with the workflow run that wrote it.
type entry struct {
	release.Entry
	run string
	// batch tells which were written together, and at when.
	batch int
	at    time.Time
	// early tells that it was written before what it tells of was in the history.
	early bool
}

// newWorld makes a world in which an old version runs everywhere.
func newWorld(o release.Organization) *world {
	w := &world{
		org: o, plans: map[release.Digest]release.Plan{}, places: map[string]*place{}, baselines: map[string]release.Baseline{},
		holders: map[string]activities.LeaseRequest{}, occupied: map[string]bool{}, gone: map[string]bool{}, mishaps: map[string][]mishap{},
		hooks: map[string]func(context.Context){}, checkpoints: map[string][]release.StepResult{},
		reports: map[release.Digest][]release.StepResult{}, stopped: map[string]chan struct{}{},
	}
	for _, e := range o.Environments {
		old := pack(oldVersion, 1)
		w.baselines[e.Name] = release.Baseline{
			Environment: e.Name, Service: "httpbin", Release: release.ID("httpbin", oldVersion), Version: oldVersion, Package: old,
		}
		w.places[e.Name+"/"] = &place{}
		for _, t := range e.Targets {
			w.places[placeOf(t)] = &place{holding: holding{oldVersion, old.Content}}
		}
	}
	return w
}

// pack is the package that a build of a version makes.
func pack(version string, build int) release.Package {
	tag := fmt.Sprintf("%s-%d", version, build)
	return release.Package{Digest: release.DigestOfBytes([]byte(tag)), Content: release.DigestOfBytes([]byte("content of " + tag)), Tag: tag, Files: 1, Size: 1}
}

func placeOf(t release.Target) string { return strings.TrimPrefix(t.Folder, "/") }

// environmentOf gives the environment that targets belong to.
func environmentOf(targets []release.Target) string {
	name, _, _ := strings.Cut(placeOf(targets[0]), "/")
	return name
}

// goesWrong says what goes wrong, the next times that something is done:
// "activate production/p2", "undo activate production/p2", "build 1", "suite unit
// of build 1", "prepare", "plan", "ready production", "verify production 2.26.0",
// "watch production", "settle activate production/p2" (it cannot be seen), "return production" (its lease), "record", "count staging" (its assets), "history" (its export).
func (w *world) goesWrong(with string, how ...mishap) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mishaps[with] = append(w.mishaps[with], how...)
}

// when calls a hook, once, while something is being done; it runs in the activity.
func (w *world) when(doing string, hook func(ctx context.Context)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hooks[doing] = hook
}

// change changes the world safely.
func (w *world) change(how func(w *world)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	how(w)
}

// next takes the next mishap with something, after its hook.
func (w *world) next(ctx context.Context, doing string) mishap {
	w.mu.Lock()
	hook := w.hooks[doing]
	delete(w.hooks, doing)
	var how mishap
	if queue := w.mishaps[doing]; len(queue) > 0 {
		how, w.mishaps[doing] = queue[0], queue[1:]
	}
	w.mu.Unlock()
	if hook != nil {
		hook(ctx)
	}
	return how
}

// note tells that something was done.
func (w *world) note(format string, args ...any) {
	w.change(func(w *world) {
		w.did = append(w.did, fmt.Sprintf(format, args...))
		if w.noted != nil {
			close(w.noted)
			w.noted = nil
		}
	})
}

// noting gives what is closed when something is noted next.
func (w *world) noting() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.noted == nil {
		w.noted = make(chan struct{})
	}
	return w.noted
}

// done lists what was done that starts with a prefix.
func (w *world) done(prefixes ...string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []string
	for _, what := range w.did {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(what, p) }) {
			found = append(found, what)
		}
	}
	return found
}

// steps lists the steps that were done or undone, in their order.
func (w *world) steps() []string { return w.done("migrate ", "transfer ", "activate ", "undo ") }

// do brings a step into effect in a place, or takes it back.
func (w *world) do(in activities.PassInput, at string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p, step := w.places[at], in.Pass.Step
	what := step.Name + " " + at
	if in.BackOut {
		what = "undo " + what
		p.steps = slices.DeleteFunc(p.steps, func(s string) bool { return s == step.Name })
	} else if !slices.Contains(p.steps, step.Name) {
		p.steps = append(p.steps, step.Name)
	}
	w.did = append(w.did, what)
	if step.Action != release.Activate {
		return
	}
	switch there := p.version == in.Version; {
	case in.BackOut && there:
		p.holding = p.before
	case !in.BackOut && !there:
		p.before, p.holding = p.holding, holding{in.Version, in.Package.Content}
	}
}

// stop is told when an activity is cancelled; stopping gives a channel that tells
// of it.
func (w *world) stop(token []byte) {
	close(w.stopping(token))
}

func (w *world) stopping(token []byte) chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := string(token)
	if w.stopped[key] == nil {
		w.stopped[key] = make(chan struct{})
	}
	return w.stopped[key]
}

func (w *world) isStopped(ctx context.Context) bool {
	select {
	case <-w.stopping(activity.GetInfo(ctx).TaskToken):
		return true
	default:
		return false
	}
}

// held gives what a target holds.
func (w *world) held(at string) place {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := *w.places[at]
	p.steps = slices.Clone(p.steps)
	return p
}

// find gives the entries of the CMS that a condition holds for.
func (w *world) find(condition func(e release.Entry) bool) []release.Entry {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []release.Entry
	for _, e := range w.entries {
		if condition(e.Entry) {
			found = append(found, e.Entry)
		}
	}
	return found
}

// byHand does what a person does.
func (w *world) byHand(step, at string, backOut bool) {
	w.change(func(w *world) {
		p := w.places[at]
		p.steps = slices.DeleteFunc(p.steps, func(s string) bool { return s == step })
		if !backOut {
			p.steps = append(p.steps, step)
		}
	})
}
