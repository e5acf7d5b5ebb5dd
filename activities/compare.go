package activities

import (
	"context"
	"fmt"

	"slipway/release"
)

// CompareInput asks what is built into a package that is not in the one that runs,
// and the other way round.
type CompareInput struct {
	Running release.Digest `json:"running"`
	Package release.Digest `json:"package"`
}

// CompareResult lists the modules that differ; Note says why that cannot be told.
type CompareResult struct {
	Changes []release.Change `json:"changes,omitempty"`
	Note    string           `json:"note,omitempty"`
}

// Compare compares the SBOMs of two packages in the DML.
func (a *Activities) Compare(ctx context.Context, in CompareInput) (CompareResult, error) {
	was, is, note, err := a.documents(ctx, in.Running, in.Package, release.SBOMDocument)
	if err != nil {
		return CompareResult{}, fmt.Errorf("SBOMs: %w", err)
	}
	if note != "" {
		return CompareResult{Note: note}, nil
	}
	changes, err := release.CompareModules(was, is)
	if err != nil { // to try again would not help
		return CompareResult{Note: err.Error()}, nil
	}
	return CompareResult{Changes: changes}, nil
}
