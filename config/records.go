package config

import (
	"strings"

	"slipway/release"
)

// recordsBelow makes the file of a CMS absolute; a database server has none.
func recordsBelow(folder, spec string) string {
	if strings.HasPrefix(spec, "postgres://") || strings.HasPrefix(spec, "postgresql://") {
		return spec
	}
	return below(folder, spec)
}

// passwordBelow makes the file of a password's reference absolute.
func passwordBelow(folder, reference string) string {
	if strings.HasPrefix(reference, "file:") {
		return below(folder, reference)
	}
	return reference
}

// checkReference says what is wrong with the reference of a password; none is right.
func checkReference(path, reference string) release.Problems {
	if reference != "" && !release.IsReference(reference) {
		return release.Problems{{Path: path, Message: "write a reference, env:NAME or file:PATH, never the password itself"}}
	}
	return nil
}
