package release

// ManyTargets is from how many targets on a plan and its results keep no more of
// each than they must: the rest is in the DML, by digest.
const ManyTargets = 100

// of lays targets out in waves of the given sizes.
func (e *PlannedEnvironment) of(targets []Target, sizes []Share) error {
	if len(targets) > ManyTargets {
		var err error
		e.described = targets
		if e.Inventory, err = DigestOf(targets); err != nil {
			return err
		}
		targets = NamesOnly(targets)
	}
	e.Waves = waves(targets, sizes)
	return nil
}

// NamesOnly gives targets of which an inventory tells the rest.
func NamesOnly(targets []Target) []Target {
	named := make([]Target, len(targets))
	for i, t := range targets {
		named[i] = Target{Name: t.Name}
	}
	return named
}

// Described lists all targets in full; false when they are described in the DML
// only.
func (e PlannedEnvironment) Described() ([]Target, bool) {
	if e.Inventory == "" {
		return e.Targets(), true
	}
	return e.described, e.described != nil
}

// Describe tells what the inventory in the DML says of the targets.
func (e *PlannedEnvironment) Describe(targets []Target) { e.described = targets }
