package library

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"slipway/activities/driver/dml"
	"slipway/release"
	"slipway/release/audit"
)

// says tells in one line what an artifact says.
func (c *Contents) says(ctx context.Context, i *Item) (string, error) {
	switch Kind(i.Artifact) {
	case KindHistory:
		return dml.Describe(i.Artifact).Workflow, nil
	case KindSupport:
		return i.Annotations[audit.AnnotationSupport], nil
	case KindReport:
		return "how it ended: " + dml.Describe(i.Artifact).Outcome, nil
	case KindBuildRecord:
		var r release.BuildRecord
		err := c.decode(ctx, i, &r)
		return recordSays(r), err
	case KindEvidence:
		var e release.Evidence
		err := c.decode(ctx, i, &e)
		return evidenceSays(e), err
	case KindAttestation, KindProvenance:
		text, err := c.text(ctx, i)
		return envelopeSays(text), err
	}
	return "", nil
}

func recordSays(r release.BuildRecord) string {
	var sources []string
	for _, s := range r.Sources {
		sources = append(sources, s.Component+" from "+s.Source)
	}
	took := ""
	if r.Elapsed > 0 {
		took = " in " + shortly(r.Elapsed)
	}
	return fmt.Sprintf("build %d, %s%s by %s: %s; %s", r.Number, utc(r.Started), took, r.Builder,
		strings.Join(sources, ", "), release.ManyOf(len(r.Steps), "step"))
}

func evidenceSays(e release.Evidence) string {
	if e.Failure != "" {
		return fmt.Sprintf("suite %s did not pass: %s", e.Suite, e.Failure)
	}
	text := fmt.Sprintf("suite %s: %d passed, %d failed, %d skipped", e.Suite, e.Passed, e.Failed, e.Skipped)
	if len(e.Flaky) > 0 {
		text += fmt.Sprintf(", %d flaky", len(e.Flaky))
	}
	if len(e.Earlier) > 0 {
		text += fmt.Sprintf("; it ran %d times", len(e.Earlier)+1)
	}
	return text
}

// envelope is a signed statement, as DSSE writes it.
type envelope struct {
	Payload    []byte `json:"payload"`
	Signatures []struct {
		KeyID string `json:"keyid"`
	} `json:"signatures"`
}

// attested is what an attestation says, which nobody has verified; false when it
// cannot be read.
func attested(text []byte) (release.Attestation, bool) {
	var e envelope
	var s struct {
		PredicateType string              `json:"predicateType"`
		Predicate     release.Attestation `json:"predicate"`
	}
	ok := json.Unmarshal(text, &e) == nil && json.Unmarshal(e.Payload, &s) == nil && s.PredicateType == release.AttestationType
	return s.Predicate, ok
}

func envelopeSays(text []byte) string {
	var e envelope
	if json.Unmarshal(text, &e) != nil || len(e.Signatures) == 0 {
		return "it is no signed statement"
	}
	signed := "signed with key " + e.Signatures[0].KeyID
	a, ok := attested(text)
	if !ok {
		return signed // provenance says what the build record says
	}
	deployed := "not deployed"
	if places := deployments(a); len(places) > 0 {
		deployed = "deployed to " + strings.Join(places, ", ")
	}
	return fmt.Sprintf("%s, closed %s, %s, %s; %s", a.Outcome, utc(a.Closed), deployed, release.ManyOf(len(a.Entries), "vote"), signed)
}

// deployments are the environments in which a release switched its package on.
func deployments(a release.Attestation) []string {
	var places []string
	for _, e := range a.Environments {
		if a.Package != nil && e.Deployed == a.Package.Digest {
			places = append(places, e.Name)
		}
	}
	return places
}

// deployed tells whether any attestation of a package says that it was switched on.
func (c *Contents) deployed(ctx context.Context, item *Item) (bool, error) {
	for _, r := range c.to[item.Digest] {
		if r.Type != audit.EnvelopeType || len(r.Layers) == 0 {
			continue
		}
		text, err := c.text(ctx, r)
		if err != nil {
			return false, err
		}
		if a, ok := attested(text); ok && len(deployments(a)) > 0 {
			return true, nil
		}
	}
	return false, nil
}

func utc(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func shortly(d release.Duration) string {
	return release.Duration(d.Std().Round(100 * time.Millisecond)).String()
}
