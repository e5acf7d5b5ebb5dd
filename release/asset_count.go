package release

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// AssetCount counts things of one kind against those that were there before.
type AssetCount struct {
	Introduced int `json:"introduced"`
	Changed    int `json:"changed"`
	Retired    int `json:"retired"`
	Unchanged  int `json:"unchanged"`
}

// String writes what differs: "3 introduced, 1 retired"; "unchanged" when nothing does.
func (c AssetCount) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{c.Introduced, "introduced"}, {c.Changed, "changed"}, {c.Retired, "retired"}} {
		if p.n > 0 {
			parts = append(parts, Grouped(p.n)+" "+p.what)
		}
	}
	return cmp.Or(list(parts), "unchanged")
}

// KindCount counts the declared assets of a kind.
type KindCount struct {
	Kind string `json:"kind"`
	AssetCount
}

// AssetReport counts what a release introduced, changed and retired in an environment,
// against what ran there before.
type AssetReport struct {
	// Against is the release that ran there before; empty when none did.
	Against string `json:"against,omitempty"`
	// Components and Files are nil when they could not be counted; Notes say why.
	Components *AssetCount `json:"components,omitempty"`
	Files      *AssetCount `json:"files,omitempty"`
	Notes      []string    `json:"notes,omitempty"`
	// Declared counts the assets that the definition declares, by their kinds.
	Declared []KindCount `json:"declared,omitempty"`
	// InService are the declared assets that the service has there from then on.
	InService []AssetInService `json:"inService,omitempty"`
}

// String says all of it in one line: "components: 1 changed; files: 3 introduced;
// licence: 1 introduced".
func (r AssetReport) String() string {
	var parts []string
	for _, c := range []struct {
		what  string
		count *AssetCount
	}{{"components", r.Components}, {"files", r.Files}} {
		if c.count == nil {
			parts = append(parts, c.what+": not known")
			continue
		}
		parts = append(parts, c.what+": "+c.count.String())
	}
	for _, k := range r.Declared {
		parts = append(parts, k.Kind+": "+k.String())
	}
	return strings.Join(append(parts, r.Notes...), "; ")
}

// CountDeclared counts declared assets by their kinds, in the order of the kinds; those
// without one are of kind "asset".
func CountDeclared(declared []Asset) []KindCount {
	of := map[string]AssetCount{}
	for _, a := range declared {
		kind := cmp.Or(a.Kind, "asset")
		count := of[kind]
		switch a.Change {
		case AssetIntroduced:
			count.Introduced++
		case AssetChanged:
			count.Changed++
		case AssetRetired:
			count.Retired++
		}
		of[kind] = count
	}
	var counts []KindCount
	for _, kind := range slices.Sorted(maps.Keys(of)) {
		counts = append(counts, KindCount{kind, of[kind]})
	}
	return counts
}

// CountComponents counts components by their names against those that were there before.
// One that comes from another source is changed.
func CountComponents(was, is []Component) AssetCount {
	before := map[string]Source{}
	for _, c := range was {
		before[c.Name] = c.Source
	}
	var count AssetCount
	for _, c := range is {
		source, there := before[c.Name]
		delete(before, c.Name)
		count.add(there, source == c.Source)
	}
	count.Retired = len(before)
	return count
}

// add counts something that is there now.
func (c *AssetCount) add(before, same bool) {
	switch {
	case !before:
		c.Introduced++
	case same:
		c.Unchanged++
	default:
		c.Changed++
	}
}

// CountFiles counts the files of a package by their paths against those of another, by
// the ContentsDocument of both; was is nil when there is no other. One whose
// content, mode or link is another is changed. It holds one line for each file of was.
func CountFiles(was, is io.Reader) (AssetCount, error) {
	before := map[string]string{}
	if was != nil {
		err := eachFile(was, func(f PackagedFile) { before[f.Path] = f.likeness() })
		if err != nil {
			return AssetCount{}, fmt.Errorf("files of what ran before: %w", err)
		}
	}
	var count AssetCount
	err := eachFile(is, func(f PackagedFile) {
		had, there := before[f.Path]
		delete(before, f.Path)
		count.add(there, had == f.likeness())
	})
	if err != nil {
		return AssetCount{}, fmt.Errorf("files of the package: %w", err)
	}
	count.Retired = len(before)
	return count, nil
}

// likeness tells one file from another; the component that it comes from does not.
func (f PackagedFile) likeness() string { return f.Mode + " " + f.SHA256 + " " + f.Link }

// eachFile reads a list of files one after the other.
func eachFile(text io.Reader, visit func(PackagedFile)) error {
	decoder := json.NewDecoder(text)
	if start, err := decoder.Token(); err != nil || start != json.Delim('[') {
		return errors.Join(errors.New("it is not a list of files"), err)
	}
	for decoder.More() {
		var f PackagedFile
		if err := decoder.Decode(&f); err != nil {
			return err
		}
		if f.Path == "" {
			return errors.New("a file has no path")
		}
		visit(f)
	}
	_, err := decoder.Token()
	return err
}
