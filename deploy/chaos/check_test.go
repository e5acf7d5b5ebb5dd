package chaos_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"

	"slipway/release"
	"slipway/release/audit"
	"slipway/worker/library"
)

// outcomes are those that the releases of these tests can have.
var outcomes = []release.Outcome{release.Completed, release.CompletedWithIssues, release.BackedOut, release.Withdrawn, release.Failed}

// lookAround looks at all targets while everything goes on: whatever was just killed,
// what is current is the whole of a version.
func (s *site) lookAround() {
	for _, e := range s.config.Organization.Environments {
		for _, t := range e.Targets {
			if _, err := holds(t.Folder); err != nil {
				s.wrong("in the midst of it, %s is neither old nor new: %v", t.Name, err)
			}
			s.figures.do(func() { s.figures.looks++ })
		}
	}
}

// standing gives the version that the CMS knows of in each environment.
func (s *site) standing(service string, environments ...string) map[string]string {
	versions := map[string]string{}
	facts, err := s.store.Facts(s.ctx(), service, environments, nil, time.Now())
	if err != nil {
		s.wrong("the CMS cannot be read: %v", err)
	}
	for _, b := range facts.Baselines {
		versions[b.Environment] = b.Version
	}
	return versions
}

// check looks at everything that the releases of a round touched, now that they have
// ended. It gives false when an environment is undecided.
func (s *site) check(service string, requests []request, records []release.Record, before map[string]string) bool {
	decided := true
	for i, r := range records {
		s.checkRecord(requests[i], r)
		s.checkMarks(requests[i], r)
		s.checkProcesses(r.ID)
		s.checkAuthorized(r)
		s.figures.do(func() {
			s.figures.releases++
			s.figures.outcomes[r.Outcome]++
			s.figures.troubles[requests[i].trouble]++
		})
	}
	for _, planned := range requests[0].definition.Environments {
		name := planned.Name
		s.checkLease(name)
		if i := slices.IndexFunc(records, func(r release.Record) bool { return undecided(r, name) }); i >= 0 {
			s.t.Logf("%s left %s undecided: %s", records[i].ID, name, records[i].Reason)
			if len(records) == 1 {
				s.wrong("%s left %s undecided, though no other release was there and no back-out was skipped", records[i].ID, name)
			}
			s.figures.do(func() { s.figures.undecided++ })
			decided = false
			continue
		}
		s.checkTargets(service, name, records, before[name])
	}
	return decided
}

func undecided(r release.Record, environment string) bool {
	env := r.Environment(environment)
	return env != nil && env.State == release.EnvUndecided
}

// checkRecord: the outcome is one of the typed ones, and says what the environments
// say.
func (s *site) checkRecord(q request, r release.Record) {
	if !slices.Contains(outcomes, r.Outcome) {
		s.wrong("%s ended with outcome %q: %s", r.ID, r.Outcome, r.Reason)
	}
	open := slices.ContainsFunc(r.Environments, func(e release.EnvironmentRecord) bool { return e.State == release.EnvUndecided })
	if (r.Outcome == release.Failed) != open {
		s.wrong("%s ended with outcome %s, undecided environments: %t: %s", r.ID, r.Outcome, open, r.Reason)
	}
	for _, e := range r.Environments {
		if r.Outcome == release.Completed && e.State != release.EnvLive {
			s.wrong("%s is completed, but %s is %s", r.ID, e.Name, e.State)
		}
		for _, t := range e.Targets {
			if e.State == release.EnvLive && (t.State != release.TargetNew || t.Version != r.Version) ||
				e.State == release.EnvBackedOut && t.State != release.TargetOld && t.State != release.TargetRestored {
				s.wrong("%s: %s is %s, but its target %s is %s (%s)", r.ID, e.Name, e.State, t.Name, t.State, t.Version)
			}
		}
	}
	if q.trouble == troubleProbe && (r.Outcome == release.Completed || r.Outcome == release.CompletedWithIssues) {
		s.wrong("%s is %s, though its probes fail", r.ID, r.Outcome)
	}
}

// checkMarks: no step that may not run again began twice, but for a person who said
// so.
func (s *site) checkMarks(q request, r release.Record) {
	begun := map[place]int{}
	for _, m := range s.marks.where(func(m mark) bool { return m.release == r.ID && m.word == "begin" }) {
		s.figures.do(func() { s.figures.steps[string(m.kind())]++ })
		if m.what == "run" {
			begun[m.place()]++
		}
	}
	for at, times := range begun {
		i := slices.IndexFunc(q.definition.Steps, func(step release.Step) bool { return step.Name == at.step })
		if q.definition.Steps[i].Retries > 0 {
			continue
		}
		again := 0
		for _, act := range r.Acts {
			of := strings.TrimSpace(fmt.Sprintf("%s step %s %s", release.ResolveRetry, at.step, at.target))
			if act.Counted && act.Action == release.ActResolveStep && strings.HasPrefix(act.Summary, of) {
				again++
			}
		}
		if times > 1+again {
			s.wrong("%s: step %s ran %d times on %s %s; people let it run again %d times", r.ID, at.step, times, at.environment, at.target, again)
		}
	}
}

// checkProcesses: no script of the release is still there.
func (s *site) checkProcesses(id string) {
	environments, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range environments {
		data, err := os.ReadFile(file)
		if err == nil && slices.Contains(strings.Split(string(data), "\x00"), "RELEASE="+id) {
			s.wrong("%s has ended, but a script of it still runs: %s", id, file)
		}
	}
}

// checkAuthorized: an auditor finds that all of it was authorized.
func (s *site) checkAuthorized(r release.Record) {
	held, err := library.Open(s.config.DML)
	if err != nil {
		s.wrong("the DML cannot be read: %v", err)
		return
	}
	if report := audit.Verify(s.ctx(), held, s.config.Organization, r.ID); !report.Holds {
		s.wrong("%s does not hold before an audit: %+v", r.ID, report)
	}
}

// checkLease: the environment is lent to nobody, and nobody waits for it.
func (s *site) checkLease(environment string) {
	var state release.EnvironmentStatus
	for ctx := s.ctx(); ; rest(ctx, glance) {
		answer, err := s.temporal.QueryWorkflow(ctx, release.EnvironmentID(environment), "", release.QueryStatus)
		if err == nil {
			err = answer.Get(&state)
		}
		var never *serviceerror.NotFound // nobody ever asked for it
		switch {
		case errors.As(err, &never), err == nil && state.Holder == nil && len(state.Queue) == 0:
			return
		case ctx.Err() != nil:
			s.wrong("%s was not given back: %+v, %v", environment, state, err)
			return
		}
	}
}

// checkTargets: every target holds the whole of the version that the CMS says, which
// is one that it may hold, and nothing lies about half done.
func (s *site) checkTargets(service, environment string, records []release.Record, before string) {
	now := s.standing(service, environment)[environment]
	may := []string{before}
	for _, r := range records {
		// One that was replaced was left alone, and is where the next one's way back leads.
		if env := r.Environment(environment); env != nil && (env.State == release.EnvLive || env.State == release.EnvReplaced) {
			may = append(may, r.Version)
		}
	}
	if len(records) == 1 && len(may) == 2 {
		may = may[1:] // it is live, and nothing came after it
	}
	if !slices.Contains(may, now) {
		s.wrong("%s runs version %q as the CMS has it: it should be one of %q", environment, now, may)
	}
	e, _ := s.config.Organization.Environment(environment)
	for _, t := range e.Targets {
		version, err := holds(t.Folder)
		if err != nil || version != now {
			s.wrong("%s holds version %q, the CMS says %q: %v", t.Name, version, now, err)
		}
		s.checkFolder(t.Folder)
	}
}

// checkFolder: what lies on a target is whole, and nothing of what was not finished.
func (s *site) checkFolder(target string) {
	entries, err := os.ReadDir(filepath.Join(target, "releases"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // perhaps nothing ever came here
		s.wrong("%s cannot be read: %v", target, err)
	}
	for _, entry := range entries {
		path := filepath.Join(target, "releases", entry.Name())
		switch {
		case entry.Name() == ".lock":
		case strings.HasPrefix(entry.Name(), "."):
			s.wrong("%s was left behind", path)
		case entry.IsDir():
			if version, err := whole(path); err != nil || !strings.HasPrefix(entry.Name(), version+"-") {
				s.wrong("%s does not hold the whole of its version: %v", path, err)
			}
		}
	}
	if _, err := os.Lstat(filepath.Join(target, ".current.next")); err == nil {
		s.wrong("%s has a half-made link", target)
	}
}
