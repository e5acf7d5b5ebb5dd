package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"slipway/release"
)

// CountAssetsInput asks what a release that went live introduced, changed and retired
// in an environment.
type CountAssetsInput struct {
	Release     string         `json:"release"`
	Environment string         `json:"environment"`
	Package     release.Digest `json:"package"`
	// Before and Running are the release and the package that ran there before; both
	// are empty when nothing did.
	Before  string         `json:"before,omitempty"`
	Running release.Digest `json:"running,omitempty"`
	// Declared are the assets that the definition declares.
	Declared []release.Asset `json:"declared,omitempty"`
}

// CountAssets counts the components and files of a package, and declared assets, against
// the package that ran before. What the DML has no document of is not known, which the
// report says.
func (a *Activities) CountAssets(ctx context.Context, in CountAssetsInput) (release.AssetReport, error) {
	b := beat(ctx, release.Progress{What: "count what " + in.Release + " changes in " + in.Environment})
	defer b.end()
	report := release.AssetReport{Against: in.Before, Declared: release.CountDeclared(in.Declared)}
	var before []release.AssetInService
	if in.Running != "" {
		known, err := a.Store.Service(ctx, in.Environment, in.Before, in.Running)
		if err != nil {
			return report, fmt.Errorf("assets of %s in service: %w", in.Before, err)
		}
		if known != nil {
			before = known.Assets
		}
	}
	report.InService = release.InService(before, in.Declared, in.Release)
	if err := a.count(ctx, in, release.DefinitionDocument, &report, &report.Components, countComponents); err != nil {
		return report, err
	}
	return report, a.count(ctx, in, release.ContentsDocument, &report, &report.Files, release.CountFiles)
}

// count counts by a document of both packages, or notes why it cannot.
func (a *Activities) count(
	ctx context.Context, in CountAssetsInput, document string, report *release.AssetReport, into **release.AssetCount,
	count func(was, is io.Reader) (release.AssetCount, error),
) error {
	was, is, note, err := a.documents(ctx, in.Running, in.Package, document)
	if err != nil {
		return err
	}
	if note == "" {
		var before io.Reader // nil, and not a reader of nothing, when nothing ran
		if in.Running != "" {
			before = bytes.NewReader(was)
		}
		counted, err := count(before, bytes.NewReader(is))
		if err == nil {
			*into = &counted
			return nil
		}
		note = document + ": " + err.Error() // to try again would not help
	}
	report.Notes = append(report.Notes, note)
	return nil
}

// countComponents counts those of the definitions by which two packages were built.
func countComponents(was, is io.Reader) (release.AssetCount, error) {
	var before, now release.Definition
	if was != nil {
		if err := json.NewDecoder(was).Decode(&before); err != nil {
			return release.AssetCount{}, fmt.Errorf("of what ran before: %w", err)
		}
	}
	if err := json.NewDecoder(is).Decode(&now); err != nil {
		return release.AssetCount{}, fmt.Errorf("of the package: %w", err)
	}
	return release.CountComponents(before.Components, now.Components), nil
}
