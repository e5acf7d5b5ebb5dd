package release

import "fmt"

// checkSupport notes what is wrong with the plans for early life support.
func (d Definition) checkSupport(problems *Problems) {
	d.EarlyLifeSupport.check("earlyLifeSupport", problems)
	for i, e := range d.Environments {
		if e.EarlyLifeSupport != nil {
			e.EarlyLifeSupport.check(supportAt(i), problems)
		}
	}
}

func supportAt(environment int) string {
	return fmt.Sprintf("environments[%d].earlyLifeSupport", environment)
}

func (p Support) check(at string, problems *Problems) {
	if p.Probe != nil {
		p.Probe.check(at+".probe", problems)
	}
	p.Exit.check(at+".exit", problems)
	notNegative(problems, at+".period", p.Period)
	notNegative(problems, at+".interval", p.Interval)
	notNegative(problems, at+".minimum", p.Minimum)
	notNegative(problems, at+".window", p.Window)
	if p.Minimum > p.Period {
		problems.add(at+".minimum", "%s is longer than the period, %s: use at most that", p.Minimum, p.Period)
	}
	switch {
	case p.Window == 0:
	case p.Window < p.Every():
		problems.add(at+".window", "%s is shorter than the time between two probes, %s: use at least that", p.Window, p.Every())
	case p.Window*mostStretches < p.Period:
		problems.add(at+".window", "%s would cut %s into more than %d windows: use at least %s", p.Window, p.Period, mostStretches, p.Period/mostStretches)
	}
	if s := p.BackOut.Severity; s < 0 || s > 4 {
		problems.add(at+".backOut.severity", "%d: use 1 (worst) to 4 (mildest)", s)
	}
	switch {
	case !p.BackOut.BudgetBurnt:
	case p.Exit.MaxDowntime == 0 && p.Exit.ErrorBudget == 0:
		problems.add(at+".backOut.budgetBurnt", "there is nothing that could be burnt: give exit.errorBudget or exit.maxDowntime")
	case p.Probe == nil:
		problems.add(at+".backOut.budgetBurnt", "without a probe no downtime is measured: give probe")
	}
}

func notNegative(problems *Problems, at string, d Duration) {
	if d < 0 {
		problems.add(at, "%s: it cannot be negative", d)
	}
}

func (c ExitCriteria) check(at string, problems *Problems) {
	if s := c.OpenSeverity; s < 0 || s > 4 {
		problems.add(at+".openSeverity", "%d: use 1 (worst) to 4 (mildest)", s)
	}
	notNegative(problems, at+".maxDowntime", c.MaxDowntime)
	if c.ErrorBudget < 0 || c.ErrorBudget > 100 {
		problems.add(at+".errorBudget", "%g: use 0 to 100, percent of the period", c.ErrorBudget)
	}
	if n := c.CallsPerDay; n != nil && *n < 0 {
		problems.add(at+".callsPerDay", "%g: it cannot be negative", *n)
	}
}

// checkSupportUnder notes what a model asks of early life support, or does not let it do.
func (d Definition) checkSupportUnder(m Model, problems *Problems) {
	under := func(at string, p Support) {
		if m.RequireSupport && p.Period <= 0 {
			problems.add(at+".period", "model %s asks for early life support: say how long it lasts, as in 14d", m.Name)
		}
		if p.BackOut != (BackOutCondition{}) && !m.Support.AutoBackOut {
			problems.add(at+".backOut", "model %s lets nothing be backed out before somebody asks for it (support.autoBackOut): leave this out", m.Name)
		}
	}
	plain := len(d.Environments) == 0
	for i, e := range d.Environments {
		if e.EarlyLifeSupport != nil {
			under(supportAt(i), *e.EarlyLifeSupport)
		} else {
			plain = true
		}
	}
	if plain {
		under("earlyLifeSupport", d.EarlyLifeSupport)
	}
}

// check notes what is wrong with what a model says of early life support.
func (p SupportPolicy) check(at string, problems *Problems) {
	notNegative(problems, at+".extendBy", p.ExtendBy)
	notNegative(problems, at+".remindEvery", p.RemindEvery)
	switch {
	case p.Extensions < 0:
		problems.add(at+".extensions", "%d: use 0 or more", p.Extensions)
	case p.Extensions > 0 && p.ExtendBy == 0:
		problems.add(at+".extensions", "say by how much it is extended each time, as in extendBy: 3d")
	case p.Extensions == 0 && p.ExtendBy > 0:
		problems.add(at+".extendBy", "say how often it is extended at most, as in extensions: 2")
	}
}
