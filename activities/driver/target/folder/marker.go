package folder

import (
	"encoding/json"
	"fmt"
	"os"

	"slipway/activities/driver/durable"
	"slipway/activities/driver/target"
)

func readMarker(path string) (target.Marker, error) {
	var m target.Marker
	return m, readJSON(path, &m)
}

func readPrevious(path string) (target.Previous, error) {
	var p target.Previous
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
