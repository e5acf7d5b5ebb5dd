package release

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
)

// modulesListed is how many modules are listed before it says "and N more".
const modulesListed = 60

// CompareModules lists how the modules that are built into a package differ from
// those of another, by the SBOMs (CycloneDX JSON) of both.
func CompareModules(was, is []byte) ([]Change, error) {
	before, err := modules(was)
	if err != nil {
		return nil, fmt.Errorf("SBOM of what runs: %w", err)
	}
	now, err := modules(is)
	if err != nil {
		return nil, fmt.Errorf("SBOM of the package: %w", err)
	}
	names := append(sortedKeys(before), sortedKeys(now)...)
	slices.Sort(names)
	var changes []Change
	for _, name := range slices.Compact(names) {
		if before[name] != now[name] {
			changes = append(changes, Change{Kind: ChangeModule, What: name, Was: shown(before[name]), Is: shown(now[name])})
		}
	}
	if more := len(changes) - modulesListed; more > 0 {
		changes = append(changes[:modulesListed], Change{Kind: ChangeModule, What: fmt.Sprintf("and %d more", more)})
	}
	return changes, nil
}

// modules gives the versions of the libraries in an SBOM. Programs of one package
// may have been built with several versions of the same.
func modules(sbom []byte) (map[string]string, error) {
	var bom struct {
		Format     string `json:"bomFormat"`
		Components []struct {
			Type    string `json:"type"`
			Name    string `json:"name"`
			Version string `json:"version"`
		} `json:"components"`
	}
	if err := json.Unmarshal(sbom, &bom); err != nil {
		return nil, err
	}
	if bom.Format != "CycloneDX" {
		return nil, fmt.Errorf("it is not CycloneDX JSON")
	}
	versions := map[string][]string{}
	for _, c := range bom.Components {
		if c.Type == "library" {
			versions[c.Name] = append(versions[c.Name], cmp.Or(c.Version, "no version"))
		}
	}
	found := map[string]string{}
	for _, name := range sortedKeys(versions) {
		slices.Sort(versions[name])
		found[name] = list(slices.Compact(versions[name]))
	}
	return found, nil
}
