package release

import (
	"maps"
	"math"
	"slices"
)

// defaultRole is whose rate is for everybody without one.
const defaultRole = "default"

// CostOf works out what a release cost: the machine time of its builds, tests and steps
// and the efforts that people logged, by the rates. It is nil when neither the rates
// nor the efforts say anything.
func CostOf(r Record, rates Rates) *Cost {
	if rates.none() && len(r.Efforts) == 0 {
		return nil
	}
	c := rates.Price(machineTime(r), r.Efforts)
	for _, part := range []*float64{&c.Machines, &c.People, &c.Expenses} {
		*part = *number(*part)
	}
	c.Total = *number(c.Machines + c.People + c.Expenses)
	return &c
}

// Price works out what machine time and efforts cost, nothing of it rounded.
func (r Rates) Price(machines Duration, efforts []Effort) Cost {
	c := Cost{Currency: r.Currency, MachineHours: machines.Std().Hours()}
	c.Machines = c.MachineHours * r.MachineHour
	for _, e := range efforts {
		c.PeopleHours += e.Hours
		c.People += e.Hours * r.hour(e.Role)
		c.Expenses += e.Expense
	}
	c.Total = c.Machines + c.People + c.Expenses
	return c
}

// rated lists the roles that have a rate.
func (r Rates) rated() []string { return slices.Sorted(maps.Keys(r.Roles)) }

func (r Rates) none() bool { return len(r.Roles) == 0 && r.MachineHour == 0 }

// hour is what an hour of a role costs.
func (r Rates) hour(role string) float64 {
	if rate, known := r.Roles[role]; known {
		return rate
	}
	return r.Roles[defaultRole]
}

// machineTime is that of all builds, suites and steps, whatever ran at the same time:
// each took a machine of its own.
func machineTime(r Record) Duration {
	var total Duration
	for _, b := range r.Builds {
		total += b.Elapsed
	}
	for _, e := range r.Evidence {
		for _, run := range e.Executions() {
			total += run.Elapsed
		}
	}
	for _, env := range r.Environments {
		for _, s := range env.Steps {
			total += s.Elapsed
		}
	}
	return total
}

// RoleFor gives the role by whose rate a person's hours are paid for: the one they
// name, else the first of their roles and groups that has a rate, else "default". It
// refuses a role that has none.
func (r Rates) RoleFor(p Person, named string) (string, error) {
	if named == "" {
		for _, role := range slices.Concat(p.Roles, p.Groups) {
			if _, rated := r.Roles[role]; rated {
				return role, nil
			}
		}
		return defaultRole, nil
	}
	if _, rated := r.Roles[named]; !rated && named != defaultRole {
		return "", Refusef("role %q has no rate: use %s, or leave it out", named, anyOf(r.rated()))
	}
	return named, nil
}

// check notes rates that nothing can be worked out by.
func (r Rates) check(o Organization, problems *Problems) {
	if noAmount(r.MachineHour) {
		problems.add("rates.machineHour", "%g: what an hour costs cannot be negative", r.MachineHour)
	}
	for _, role := range r.rated() {
		at := "rates.roles." + role
		if noAmount(r.Roles[role]) {
			problems.add(at, "%g: what an hour costs cannot be negative", r.Roles[role])
		}
		if role != defaultRole && !o.named(role) {
			problems.add(at, "nobody on the roster is in role or group %q%s", role, meant(role, o.titles()))
		}
	}
}

// noAmount tells that a number says of nothing how much it is.
func noAmount(n float64) bool { return n < 0 || math.IsInf(n, 0) || math.IsNaN(n) }
