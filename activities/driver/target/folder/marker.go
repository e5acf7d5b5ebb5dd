package folder

import (
	"encoding/json"
	"fmt"
	"os"

	"slipway/activities/driver/durable"
	"slipway/release"
)

const (
	markerSuffix   = ".json"
	previousSuffix = ".previous"
)

// marker says what the folder beside it holds.
type marker struct {
	Release string         `json:"release"`
	Version string         `json:"version"`
	Package release.Digest `json:"package"`
	Content release.Digest `json:"content"`
}

// previous says what was current before a release was switched on. An empty link
// stands for nothing.
type previous struct {
	Link string       `json:"link"`
	Held release.Held `json:"held"`
}

func readMarker(path string) (marker, error) {
	var m marker
	return m, readJSON(path, &m)
}

func readPrevious(path string) (previous, error) {
	var p previous
	return p, readJSON(path, &p)
}

func readJSON(path string, value any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, value); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func writeJSON(path string, value any) error {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return durable.WriteFile(path, append(data, '\n'))
}
