package config

import (
	"strings"

	"slipway/release"
)

// sourcesBelow makes the paths of files with passwords absolute.
func sourcesBelow(folder string, places []release.SourcePlace) {
	for i := range places {
		if password := &places[i].Password; strings.HasPrefix(*password, "file:") {
			*password = below(folder, *password)
		}
	}
}
