package main

import (
	"path/filepath"
	"strings"

	"slipway/release"
)

// absolute makes the folder of a source whole; it counts from the given one.
func absolute(s release.Source, folder string) (release.Source, error) {
	var err error
	switch {
	case s.Dir != "" && !filepath.IsAbs(s.Dir):
		s.Dir, err = filepath.Abs(filepath.Join(folder, s.Dir))
	case s.Git != "" && !strings.Contains(s.Git, ":") && !filepath.IsAbs(s.Git):
		s.Git, err = filepath.Abs(filepath.Join(folder, s.Git))
	}
	return s, err
}

// revised gives a planned source in another revision, as --component writes it.
func revised(planned release.Source, text string) (release.Source, error) {
	what, pin, both := cutLast(text, "@")
	switch planned.Kind() {
	case release.SourceModule:
		planned.Version, planned.Sum = what, pin
	case release.SourceGit:
		planned.Commit, planned.Tag, planned.Sum = what, "", ""
		if both {
			planned.Commit, planned.Tag = pin, what
		}
	case release.SourceArchive:
		planned.Archive, planned.Sum = what, pin
	case release.SourceOCI:
		name, _, _ := strings.Cut(planned.OCI, "@")
		planned.OCI, planned.Sum = name+"@"+text, ""
		if both {
			planned.OCI = text
		}
	default:
		planned.Dir, planned.Sum = what, pin
	}
	if problems := planned.Check(); len(problems) > 0 {
		return planned, problems
	}
	return absolute(planned, ".")
}

func cutLast(text, separator string) (before, after string, found bool) {
	at := strings.LastIndex(text, separator)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+len(separator):], true
}
