package records

import (
	"fmt"
	"slices"
	"strings"

	"slipway/release"
)

// Check refuses a request that cannot be answered, with what would work.
func (r Request) Check() error {
	switch {
	case r.parts() != 1:
		return release.Refusef("ask for exactly one kind of records, not %d", r.parts())
	case r.Limit < 0 || r.Limit > MostRows:
		return release.Refusef("limit %d: use 1 to %d, and go on after what comes last", r.Limit, MostRows)
	}
	switch {
	case r.Releases != nil && r.Releases.Outcome != "" && !slices.Contains(release.Outcomes, r.Releases.Outcome):
		return release.Refusef("%q is no outcome: use %s", r.Releases.Outcome, oneOf(release.Outcomes))
	case r.Items != nil:
		return checkKind(r.Items.Kind)
	case r.Item != nil && r.Item.Name == "":
		return release.Refusef("name a configuration item")
	case r.Item != nil:
		return checkKind(r.Item.Kind)
	case r.Incidents != nil:
		return r.Incidents.check()
	case r.Baselines != nil && r.Baselines.History && !r.Baselines.At.IsZero():
		return release.Refusef("ask either for the history or for one time")
	case r.Relations != nil:
		return r.Relations.check()
	}
	return nil
}

// parts is how many kinds of records are asked for.
func (r Request) parts() (n int) {
	for _, asked := range []bool{
		r.Releases != nil, r.Items != nil, r.Item != nil, r.Baselines != nil, r.Incidents != nil, r.KnownErrors != nil, r.Relations != nil,
	} {
		if asked {
			n++
		}
	}
	return n
}

func checkKind(kind ItemKind) error {
	if kind == "" || slices.Contains(ItemKinds, kind) {
		return nil
	}
	return release.Refusef("%q is no kind of configuration item: use %s", kind, oneOf(ItemKinds))
}

func (i Incidents) check() error {
	for _, severity := range i.Severities {
		if severity < 1 || severity > 4 {
			return release.Refusef("severity %d: use 1 (worst) to 4 (mildest)", severity)
		}
	}
	for _, defect := range i.Defects {
		if !slices.Contains(release.Defects, defect) {
			return release.Refusef("%q is not a defect type: use %s", defect, oneOf(release.Defects))
		}
	}
	return nil
}

func (r Relations) check() error {
	switch {
	case !slices.Contains(NodeKinds, r.Kind):
		return release.Refusef("%q is no kind of record: use %s", r.Kind, oneOf(NodeKinds))
	case r.Name == "":
		return release.Refusef("name a %s", r.Kind)
	case r.Depth < 0 || r.Depth > MostDepth:
		return release.Refusef("depth %d: use 1 to %d", r.Depth, MostDepth)
	}
	return nil
}

// oneOf lists what would work: "a, b or c".
func oneOf[S ~string](known []S) string {
	texts := make([]string, len(known))
	for i, k := range known {
		texts[i] = string(k)
	}
	last := len(texts) - 1
	return fmt.Sprintf("%s or %s", strings.Join(texts[:last], ", "), texts[last])
}
