package config

import "slipway/release"

// sourcesBelow makes the paths of files with passwords absolute.
func sourcesBelow(folder string, places []release.SourcePlace) {
	for i := range places {
		places[i].Password = passwordBelow(folder, places[i].Password)
	}
}
