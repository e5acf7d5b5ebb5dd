package release

import "time"

// LiveTimes says when a release was live in each environment that it went to, and when
// that had been planned.
func LiveTimes(p Plan, r Record) []LiveSince {
	var live []LiveSince
	planned := p.liveAt(r.Started)
	for _, e := range r.Environments {
		if !e.Live.IsZero() {
			live = append(live, LiveSince{Environment: e.Name, Purpose: e.Purpose, At: e.Live, Planned: planned[e.Name]})
		}
	}
	return live
}

// liveAt works out when a release that started at a time is to be live in its
// environments: stage by stage, those of which nobody said how long they take in no
// time, and no deployment before its window opens. Of an environment for which nobody
// said how long anything takes nothing is known.
func (p *Plan) liveAt(started time.Time) map[string]time.Time {
	planned := map[string]time.Time{}
	at, said := started, false
	for _, s := range p.Stages {
		stage, name := s.Name.Split()
		env, _ := p.Environment(name)
		if o := env.Opening; stage == StageDeploy && !o.Open && o.At.After(at) {
			at, said = o.At, true
		}
		at, said = at.Add(s.Expected.Std()), said || s.Expected > 0
		if stage == StageVerify && said {
			planned[name] = at
		}
	}
	return planned
}
