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
	var sboms [2][]byte
	for i, pkg := range []release.Digest{in.Running, in.Package} {
		data, note, err := a.document(ctx, pkg, sbomDocument)
		if err != nil {
			return CompareResult{}, fmt.Errorf("SBOM of package %s: %w", pkg.Short(), err)
		}
		if note != "" {
			return CompareResult{Note: note}, nil
		}
		sboms[i] = data
	}
	changes, err := release.CompareModules(sboms[0], sboms[1])
	if err != nil { // to try again would not help
		return CompareResult{Note: err.Error()}, nil
	}
	return CompareResult{Changes: changes}, nil
}
