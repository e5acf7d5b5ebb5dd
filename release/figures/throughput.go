package figures

// throughput is how much is released.
var throughput = []measure{
	{Definition{
		ID: "releases", Title: "Releases started", Meaning: "starts of releases in the period", Unit: "releases",
		Definition: "How many starts of releases began in the period; one that was started again counts again.",
		Source:     "releases",
		Improve:    "Neither more nor fewer is better by itself: many small releases carry less risk each than few large ones.",
	}, (*survey).started},
	{Definition{
		ID: "outcomes", Title: "Releases closed", Meaning: "whatever their outcome", Unit: "releases",
		Definition: "How many starts of releases were closed in the period, by outcome.",
		Source:     "releases",
		Improve:    "Look at the releases that were rejected, expired or backed out: plan gates that reject late and votes that come late cost most.",
	}, (*survey).closed},
	{Definition{
		ID: "emergency-share", Title: "Emergency share", Meaning: "of the releases started", Unit: "percent", Better: Lower,
		Definition: "Of the releases that were started in the period, the share that ran as an emergency.",
		Source:     "releases",
		Improve:    "Find out in the retrospective reviews what the emergencies have in common, and whether a standard release would have been fast enough.",
	}, (*survey).emergencies},
}

func (s *survey) started() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		if s.within(f.Started) {
			add(sample{at: f.Started, value: 1})
		}
	})
	return s.count(samples, true, byMonth, byType, byService)
}

func (s *survey) closed() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		if s.within(f.Closed) {
			add(sample{at: f.Closed, value: 1, kind: string(f.Outcome), name: string(f.Outcome)})
		}
	})
	return s.count(samples, true, byMonth.each(), byKind("outcome"), byService)
}

func (s *survey) emergencies() result {
	samples := s.collect(func(f *Fact, add func(sample)) {
		if s.within(f.Started) {
			add(sample{at: f.Started, value: yes(f.Emergency)})
		}
	})
	return s.over(samples, percent, byMonth, byService)
}
