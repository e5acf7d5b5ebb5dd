package release

import "slices"

// Holding is what some targets of an environment hold that is not what its baseline
// says of all: they were set aside, or the deployment was stopped before them.
// Version and Package are empty when they hold nothing.
type Holding struct {
	Version string   `json:"version,omitempty"`
	Package Package  `json:"package,omitzero"`
	Targets []string `json:"targets"`
}

// OrNothing names a version for people, also when there is none.
func OrNothing(version string) string {
	if version == "" {
		return "nothing"
	}
	return version
}

// Lookup gives what each target should hold by the baseline; nil is nothing at all.
func (b *Baseline) Lookup() func(target string) (version string, p Package) {
	if b == nil {
		return func(string) (string, Package) { return "", Package{} }
	}
	others := map[string]Holding{}
	for _, o := range b.Others {
		for _, target := range o.Targets {
			others[target] = o
		}
	}
	return func(target string) (string, Package) {
		if o, other := others[target]; other {
			return o.Version, o.Package
		}
		return b.Version, b.Package
	}
}

// Anywhere tells whether any target should hold a package by the baseline.
func (b *Baseline) Anywhere(p Package) bool {
	return b.Package.Digest == p.Digest ||
		slices.ContainsFunc(b.Others, func(o Holding) bool { return o.Package.Digest == p.Digest })
}

// After gives what runs in an environment once a deployment of b ended with some
// targets new and the others as they were before. What most targets hold comes
// first; nil is nothing.
func (b Baseline) After(before *Baseline, targets []TargetStatus) *Baseline {
	fresh := DeploymentStatus{Targets: targets}.Count(TargetNew)
	base := b
	switch {
	case fresh == 0:
		return before
	case fresh*2 < len(targets) && before != nil:
		base = *before
	}
	base.Others = nil
	held := before.Lookup()
	for _, t := range targets {
		version, p := held(t.Name)
		if t.State == TargetNew {
			version, p = b.Version, b.Package
		}
		if p.Digest != base.Package.Digest {
			base.note(version, p, t.Name)
		}
	}
	return &base
}

// note adds a target to those that hold something else.
func (b *Baseline) note(version string, p Package, target string) {
	i := slices.IndexFunc(b.Others, func(o Holding) bool { return o.Package.Digest == p.Digest })
	if i < 0 {
		i = len(b.Others)
		b.Others = append(b.Others, Holding{Version: version, Package: p})
	}
	b.Others[i].Targets = append(b.Others[i].Targets, target)
}
