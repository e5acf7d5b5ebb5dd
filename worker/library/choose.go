package library

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"slipway/activities/driver/dml"
	"slipway/release/audit"
)

// One gives the one artifact that is called so. Of several packages of a release it is
// the one that was deployed, and of a release without a package its report; when that
// does not tell, the error names their tags.
func (c *Contents) One(ctx context.Context, text string) (*Item, error) {
	found, err := c.Find(text)
	if err != nil || len(found) == 1 {
		return first(found), err
	}
	if reports := reports(found); len(packages(found)) == 0 && len(reports) == 1 {
		return reports[0], nil
	}
	chosen, err := c.chosen(ctx, found)
	if err != nil || len(chosen) == 1 {
		return first(chosen), err
	}
	return nil, fmt.Errorf("%s is the name of several: use one of %s", text, names(found))
}

func first(items []*Item) *Item {
	if len(items) == 0 {
		return nil
	}
	return items[0]
}

// chosen are the packages among some artifacts that were deployed.
func (c *Contents) chosen(ctx context.Context, items []*Item) ([]*Item, error) {
	var chosen []*Item
	for _, i := range packages(items) {
		deployed, err := c.deployed(ctx, i)
		if err != nil {
			return nil, err
		}
		if deployed {
			chosen = append(chosen, i)
		}
	}
	return chosen, nil
}

// isPackage tells whether an artifact is a release package.
func (i *Item) isPackage() bool { return i.Segment == dml.Packages && i.Type == audit.PackageType }

// packages are the release packages among some artifacts.
func packages(items []*Item) []*Item {
	return slices.DeleteFunc(slices.Clone(items), func(i *Item) bool { return !i.isPackage() })
}

// reports are the reports of releases among some artifacts.
func reports(items []*Item) []*Item {
	return slices.DeleteFunc(slices.Clone(items), func(i *Item) bool { return Kind(i.Artifact) != KindReport })
}

// names lists artifacts for people.
func names(items []*Item) string {
	var all []string
	for _, i := range items {
		all = append(all, i.Name())
	}
	return strings.Join(all, ", ")
}
