package config

import (
	"embed"
	"fmt"

	"slipway/release"
)

//go:embed models/*.yaml
var shipped embed.FS

// Models gives the release models that Slipway ships: standard, normal and
// emergency.
func Models() ([]release.Model, error) {
	var models []release.Model
	for _, name := range []string{"standard", "normal", "emergency"} {
		data, err := shipped.ReadFile("models/" + name + ".yaml")
		if err != nil {
			return nil, fmt.Errorf("release model %s: %w", name, err)
		}
		var m release.Model
		if problems := release.DecodeYAML(name+".yaml", data, &m); len(problems) > 0 {
			return nil, fmt.Errorf("release model %s: %w", name, problems)
		}
		models = append(models, m)
	}
	return models, nil
}
