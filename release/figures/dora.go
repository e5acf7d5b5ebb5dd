package figures

import (
	"slices"
	"time"

	"slipway/release"
)

// severe is the severity up to which an incident means that a change failed.
const severe = 2

// production says in definitions what stands for production.
const production = " Production environments of a release are those of its environments whose purpose in the configuration" +
	" is production, or else its last one; with an environment asked for, that one."

// dora are the four key figures of DORA (DevOps Research and Assessment).
var dora = []measure{
	{Definition{
		ID: "deployment-frequency", Title: "Deployment frequency", Meaning: "gone live in production", Unit: "per week", Better: Higher,
		Definition: "Deployments to production environments that ended live or partly live in the period, divided by its weeks;" +
			" by month, divided by the weeks of the month that lie in the period, but at least one." + production,
		Source:  "deployments, release_environments",
		Improve: "Make releases smaller, let standard releases pass with fewer votes, and open more change windows.",
	}, (*survey).deploymentFrequency},
	{Definition{
		ID: "lead-time", Title: "Lead time", Meaning: "start to live in production, median", Unit: "hours", Better: Lower,
		Definition: "Of the releases that became live in the last of their production environments in the period, the median" +
			" of the hours from their start until then: until the first deployment that ended live or partly live in each of them." + production,
		Source:  "releases, release_environments, deployments",
		Improve: "See by the times of waiting where releases lie still, and shorten the longest first.",
	}, (*survey).leadTime},
	{Definition{
		ID: "change-failure-rate", Title: "Change failure rate", Meaning: "of the releases in production", Unit: "percent", Better: Lower,
		Definition: "Of the releases whose first deployment to a production environment that changed anything (live, partly live," +
			" backed out or undecided) ended in the period, the share that failed there at any time: a deployment ended backed out, partly" +
			" live or undecided, or an incident of severity 1 or 2 was not unrelated to the release." + production,
		Source:  "deployments, incidents, release_environments",
		Improve: "Test what failed before it goes to production, deploy in waves with few targets first, and look at the defect types of the incidents.",
	}, (*survey).changeFailureRate},
	{Definition{
		ID: "time-to-restore", Title: "Time to restore", Meaning: "from incident to mended, median", Unit: "hours", Better: Lower,
		Definition: "Of the incidents of severity 1 or 2 in production environments that are not unrelated to the release and ended" +
			" in the period, the median of the hours from when they were opened until they were resolved, or until the first deployment" +
			" there after their opening that ended backed out, whichever came first." + production,
		Source:  "incidents, deployments, release_environments",
		Improve: "Let the plan's policy back out by itself on severity 1, and keep back-outs rehearsed in the test environment.",
	}, (*survey).timeToRestore},
}

func (s *survey) deploymentFrequency() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		for _, r := range s.productive(f) {
			if live(r) && s.within(r.To) {
				add(sample{at: r.To, value: 1, environment: r.Environment})
			}
		}
	})
	known := s.known(func(f *Fact) bool { return len(f.Runs) > 0 })
	return s.over(samples, perWeek, byMonth, byEnvironment, byService).orNone(known)
}

func (s *survey) leadTime() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		if at, all := s.liveIn(f); all && s.within(at) {
			add(sample{at: at, value: at.Sub(f.Started).Hours()})
		}
	})
	return s.over(samples, median, byMonth, byService, byType)
}

func (s *survey) changeFailureRate() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		if at := s.firstChange(f); s.within(at) {
			add(sample{at: at, value: yes(s.failedChange(f))})
		}
	})
	return s.over(samples, percent, byMonth, byService, byType)
}

func (s *survey) timeToRestore() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		for _, i := range s.severe(f) {
			if at := restored(f, i); s.within(at) {
				add(sample{at: at, value: at.Sub(i.Opened).Hours(), environment: i.Environment})
			}
		}
	})
	return s.over(samples, median, byMonth, byService)
}

// productive gives the runs in production environments that are over.
func (s *survey) productive(f *Fact) []Run {
	where := s.production(f)
	return keep(f.Runs, func(r Run) bool { return !r.To.IsZero() && slices.Contains(where, r.Environment) })
}

// liveIn gives when the release was live in all its production environments, each once.
func (s *survey) liveIn(f *Fact) (last time.Time, all bool) {
	first := map[string]time.Time{}
	for _, r := range s.productive(f) {
		if at, seen := first[r.Environment]; live(r) && (!seen || r.To.Before(at)) {
			first[r.Environment] = r.To
		}
	}
	for _, at := range first {
		if at.After(last) {
			last = at
		}
	}
	return last, len(first) > 0 && len(first) == len(s.production(f))
}

// firstChange is when a deployment changed production first; zero when none did.
func (s *survey) firstChange(f *Fact) (first time.Time) {
	for _, r := range s.productive(f) {
		if (live(r) || failed(r)) && (first.IsZero() || r.To.Before(first)) {
			first = r.To
		}
	}
	return first
}

func (s *survey) failedChange(f *Fact) bool {
	return slices.ContainsFunc(s.productive(f), failed) || len(s.severe(f)) > 0
}

// severe gives the severe incidents in production that the release caused.
func (s *survey) severe(f *Fact) []Incident {
	where := s.production(f)
	return keep(f.Incidents, func(i Incident) bool {
		return !i.Unrelated && i.Severity <= severe && slices.Contains(where, i.Environment)
	})
}

// restored is when an incident was over; zero when it is not.
func restored(f *Fact, i Incident) time.Time {
	at := i.Resolved
	for _, r := range f.Runs {
		backedOut := r.Environment == i.Environment && r.State == release.EnvBackedOut && r.To.After(i.Opened)
		if backedOut && (at.IsZero() || r.To.Before(at)) {
			at = r.To
		}
	}
	return at
}
