package release

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Asset is something other than a component or a file that a release introduces,
// changes or retires (ITIL: IT asset management).
type Asset struct {
	Name string `json:"name"`
	// Kind is the organization's own word: licence, device, contract.
	Kind   string      `json:"kind,omitempty"`
	Change AssetChange `json:"change"`
}

// AssetChange is what a release does to an asset.
type AssetChange string

// What may be done to an asset.
const (
	AssetIntroduced AssetChange = "introduce"
	AssetChanged    AssetChange = "change"
	AssetRetired    AssetChange = "retire"
)

// assetChanges are what may be done to an asset.
var assetChanges = []AssetChange{AssetIntroduced, AssetChanged, AssetRetired}

// AssetInService is a declared asset that a service has where it runs.
type AssetInService struct {
	Name string `json:"name"`
	Kind string `json:"kind,omitempty"`
	// Release is the one that introduced it or changed it last.
	Release string `json:"release"`
}

func (d Definition) checkAssets(problems *Problems) {
	unique(problems, "assets", d.Assets, func(a Asset) string { return a.Name })
	for i, a := range d.Assets {
		if slices.Contains(assetChanges, a.Change) {
			continue
		}
		all := names(assetChanges, func(c AssetChange) string { return string(c) })
		known := strings.Split(all, ", ")
		if meant := nearest(string(a.Change), known); a.Change != "" && meant != "" {
			problems.add(fmt.Sprintf("assets[%d].change", i), "%q: did you mean %q? Use %s", a.Change, meant, all)
			continue
		}
		problems.add(fmt.Sprintf("assets[%d].change", i), "%q is nothing that is done to an asset: use %s", a.Change, all)
	}
}

// InService gives the declared assets that are in service once a release did to them
// what it says, by name. What it changes counts as its own; what it retires need not
// have been there.
func InService(before []AssetInService, declared []Asset, releaseID string) []AssetInService {
	now := slices.Clone(before)
	for _, a := range declared {
		now = slices.DeleteFunc(now, func(s AssetInService) bool { return s.Name == a.Name })
		if a.Change != AssetRetired {
			now = append(now, AssetInService{Name: a.Name, Kind: a.Kind, Release: releaseID})
		}
	}
	slices.SortFunc(now, func(a, b AssetInService) int { return cmp.Compare(a.Name, b.Name) })
	return now
}

// assetsLine says what a release does to declared assets: "introduces licence x,
// retires device y"; empty when nothing.
func assetsLine(declared []Asset) string {
	var parts []string
	for _, change := range assetChanges {
		var of []string
		for _, a := range declared {
			if a.Change == change {
				of = append(of, strings.TrimSpace(a.Kind+" "+a.Name))
			}
		}
		if len(of) > 0 {
			parts = append(parts, string(change)+"s "+some(of))
		}
	}
	return strings.Join(parts, "; ")
}
