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

func holds(version string) string {
	if version == "" {
		return "nothing"
	}
	return version
}

// Held gives what a target should hold by the baseline; nil is nothing at all.
func (b *Baseline) Held(target string) (version string, p Package) {
	if b == nil {
		return "", Package{}
	}
	for _, o := range b.Others {
		if slices.Contains(o.Targets, target) {
			return o.Version, o.Package
		}
	}
	return b.Version, b.Package
}

// After gives what runs in an environment once a deployment of next ended with some
// targets new and the others as they were before. What most targets hold comes
// first; nil is nothing.
func (next Baseline) After(before *Baseline, targets []TargetStatus) *Baseline {
	isNew := map[string]bool{}
	for _, t := range targets {
		isNew[t.Name] = t.State == TargetNew
	}
	news := 0
	for _, fresh := range isNew {
		if fresh {
			news++
		}
	}
	base := next
	if news == 0 {
		return before
	}
	kept := news*2 >= len(isNew) || before == nil
	if !kept {
		base = *before
	}
	base.Others = nil
	for _, t := range targets {
		version, p := before.Held(t.Name)
		if isNew[t.Name] {
			version, p = next.Version, next.Package
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
