package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"slipway/activities/driver/cms"
	"slipway/release"
)

// Audit reads what each target holds, and lists where that is not what it should
// be (configuration audit).
func (a *Activities) Audit(ctx context.Context, in AuditInput) (AuditResult, error) {
	beater := beat(ctx, release.Progress{What: "audit " + in.When, Since: time.Now().UTC()})
	defer beater.end()
	targets, err := a.described(ctx, in.Estate)
	if err != nil {
		return AuditResult{}, err
	}
	found := release.Audit{When: in.When, Targets: len(targets)}
	should := in.should()
	for _, d := range allOf(lookers, targets, func(t release.Target) *release.Discrepancy { return a.audit(ctx, t, should) }) {
		switch {
		case d == nil:
		case len(found.Discrepancies) == mostListed:
			found.Unlisted++
		default:
			found.Discrepancies = append(found.Discrepancies, *d)
		}
	}
	found.At = time.Now().UTC()
	return AuditResult{Audit: found}, ctx.Err()
}

// mostListed is how much of the same is listed before the rest is only counted.
const mostListed = 100

// audit gives what is not as it should be on a target; nil when all is.
func (a *Activities) audit(ctx context.Context, t release.Target, should lookup) *release.Discrepancy {
	version, p := should(t.Name)
	seen, err := a.Targets.Observe(ctx, t, "")
	if err != nil {
		return &release.Discrepancy{Target: t.Name, Expected: release.OrNothing(version), Found: "it cannot be read: " + err.Error()}
	}
	return discrepancy(t, seen.Held, version, p.Content)
}

func discrepancy(t release.Target, held release.Held, version string, content release.Digest) *release.Discrepancy {
	d := &release.Discrepancy{Target: t.Name, Expected: release.OrNothing(version), Found: release.OrNothing(held.Version)}
	switch {
	case held.Content == content && (held.Intact || content == ""):
		return nil
	case held.Content == content:
		d.Found += ", with files that were changed"
	case held.Version == version:
		d.Found += ", of another package (" + held.Package.Short() + ")"
	}
	return d
}

// lookup gives what a target should hold.
type lookup func(target string) (version string, p release.Package)

func (in AuditInput) should() lookup {
	b := release.Baseline{Version: in.Version, Package: release.Package{Content: in.Content}, Others: in.Others}
	return b.Lookup()
}

// Ready checks just before a deployment that its targets can be reached, that the
// package, where one is named, is in the DML, and that the people are named who have
// to act.
func (a *Activities) Ready(ctx context.Context, in ReadyInput) (ReadyResult, error) {
	beater := beat(ctx, release.Progress{What: "readiness", Since: time.Now().UTC()})
	defer beater.end()
	var found ReadyResult
	targets, err := a.described(ctx, in.Estate)
	if err != nil {
		return found, err
	}
	found.Missing = a.unreachable(ctx, targets)
	if in.Package.Digest != "" {
		if err := a.tryPull(ctx, in.Package.Digest); err != nil {
			found.Missing = append(found.Missing, "the package cannot be had from the DML: "+err.Error())
		}
	}
	for _, action := range sortedKeys(in.Roles) {
		if groups := in.Roles[action]; len(groups) > 0 && !a.hasMembers(groups) {
			found.Missing = append(found.Missing, fmt.Sprintf("nobody may %s: there is nobody in %s", action, strings.Join(groups, ", ")))
		}
	}
	return found, ctx.Err()
}

// tryPull tells whether this worker gets a package from the DML.
func (a *Activities) tryPull(ctx context.Context, digest release.Digest) error {
	folder, remove, err := a.workspace("ready")
	if err != nil {
		return err
	}
	defer remove()
	return a.Library.Pull(ctx, digest, folder+"/package")
}

// unreachable lists why targets cannot be deployed to.
func (a *Activities) unreachable(ctx context.Context, targets []release.Target) []string {
	var list []string
	for _, err := range allOf(lookers, targets, func(t release.Target) error {
		_, err := a.Targets.Observe(ctx, t, "")
		return err
	}) {
		if err != nil {
			list = append(list, err.Error())
		}
	}
	if more := len(list) - mostListed; more > 0 {
		list = append(list[:mostListed], fmt.Sprintf("%d more targets cannot be reached or used", more))
	}
	return list
}

func (a *Activities) hasMembers(groups []string) bool {
	for _, p := range a.Organization().Roster {
		if p.In(groups...) {
			return true
		}
	}
	return false
}

// Record writes a batch into the CMS, the reports of passes among it result by
// result.
func (a *Activities) Record(ctx context.Context, in RecordInput) error {
	entries, err := a.entries(ctx, in.Entries)
	if err != nil {
		return err
	}
	err = a.Store.Write(ctx, entries)
	if errors.Is(err, cms.ErrInvalid) {
		return unfit(err)
	}
	return err
}

// RequestLease asks an environment to lend itself.
func (a *Activities) RequestLease(ctx context.Context, in LeaseRequest) error {
	return a.Leases.Request(ctx, in)
}

// ReturnLease gives an environment back.
func (a *Activities) ReturnLease(ctx context.Context, in LeaseRequest) error {
	return a.Leases.Return(ctx, in)
}

// HolderRunning tells whether the holder of a lease is still there.
func (a *Activities) HolderRunning(ctx context.Context, in HolderInput) (HolderResult, error) {
	running, err := a.Leases.Running(ctx, in.Holder, in.RunID)
	return HolderResult{Running: running}, err
}

// Lent tells who has an environment.
func (a *Activities) Lent(ctx context.Context, in LentInput) (LentResult, error) {
	holder, err := a.Leases.Holder(ctx, in.Environment)
	return LentResult{Holder: holder}, err
}
