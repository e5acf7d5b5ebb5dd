package activities

import (
	"cmp"
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
	beater := beat(ctx, release.Progress{What: cmp.Or(in.About, "audit "+in.When), Since: time.Now().UTC()})
	defer beater.end()
	targets, err := a.described(ctx, in.Estate)
	if err != nil {
		return AuditResult{}, err
	}
	result := AuditResult{Audit: release.Audit{When: in.When, Targets: len(targets)}}
	should, looked := in.should(), 0
	for _, d := range allOf(lookers, targets, func(t release.Target) finding {
		d := a.audit(ctx, t, should)
		beater.set(func(p *release.Progress) {
			looked++
			p.Lines = []string{fmt.Sprintf("%s of %s", release.Grouped(looked), release.ManyOf(len(targets), "target"))}
		})
		return d
	}) {
		result.add(d, in.Apart)
	}
	result.Audit.At = time.Now().UTC()
	return result, ctx.Err()
}

// finding is what is not as it should be on a target: nil when all is. Unread says why
// that cannot be told.
type finding struct {
	*release.Discrepancy
	unread error
}

// add takes what was found on a target.
func (r *AuditResult) add(f finding, apart bool) {
	switch {
	case f.Discrepancy == nil:
	case f.unread != nil && apart:
		r.Audit.Targets--
		if len(r.Unread) == mostListed {
			r.MoreUnread++
			return
		}
		r.Unread = append(r.Unread, release.Unread{Target: f.Target, Why: f.unread.Error()})
	case len(r.Audit.Discrepancies) == mostListed:
		r.Audit.Unlisted++
	default:
		r.Audit.Discrepancies = append(r.Audit.Discrepancies, *f.Discrepancy)
	}
}

// mostListed is how much of the same is listed before the rest is only counted.
const mostListed = 100

// audit looks at a target.
func (a *Activities) audit(ctx context.Context, t release.Target, should lookup) finding {
	version, p := should(t.Name)
	seen, err := a.Targets.Observe(ctx, t, "")
	if err != nil {
		return finding{&release.Discrepancy{Target: t.Name, Expected: release.OrNothing(version), Found: "it cannot be read: " + err.Error()}, err}
	}
	return finding{discrepancy(t, seen.Held, version, p.Content), nil}
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
