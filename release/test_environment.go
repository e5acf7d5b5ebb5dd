package release

// TestEnvironment is the environment that is leased while suites run, as planned.
type TestEnvironment struct {
	Name    string       `json:"name"`
	Targets []TestTarget `json:"targets"`
}

// TestTarget is what suites are told of a target.
type TestTarget struct {
	Name string `json:"name"`
	// URL is where the service on it answers; empty when nobody said.
	URL string `json:"url,omitempty"`
}

// testEnvironment gives the environment that suites need; nil for none.
func (o Organization) testEnvironment(name string) *TestEnvironment {
	env, found := o.Environment(name)
	if !found {
		return nil
	}
	planned := &TestEnvironment{Name: env.Name}
	for _, t := range env.Targets {
		planned.Targets = append(planned.Targets, TestTarget{Name: t.Name, URL: t.URL})
	}
	return planned
}

// MayBegin tells whether a suite may begin beside those that run.
func (t Test) MayBegin(s Suite, running []Suite) bool {
	switch {
	case len(running) == 0:
		return true
	case s.Alone || running[0].Alone:
		return false
	}
	return t.Parallel == 0 || len(running) < t.Parallel
}

// withoutSuites gives what is said of tests beside the suites, which have names.
func (t Test) withoutSuites() Test {
	t.Suites = nil
	return t
}
