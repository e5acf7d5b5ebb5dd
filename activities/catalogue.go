package activities

import (
	"context"
	"slices"

	"slipway/release"
)

// ViewCatalogue gives the service catalogue, environments in the order in which the
// organization has them.
func (a *Activities) ViewCatalogue(ctx context.Context, in release.CatalogueRequest) (release.Catalogue, error) {
	found, err := a.Store.Catalogue(ctx, in.Service)
	if err != nil {
		return found, err
	}
	if in.Service != "" && len(found.Services) == 0 {
		return found, refused("nothing of service %s runs anywhere: `starter catalogue` lists the services that do", in.Service)
	}
	order := map[string]int{}
	for i, e := range a.Organization().Environments {
		order[e.Name] = i - len(a.Organization().Environments) // those that are gone come last
	}
	for _, s := range found.Services {
		slices.SortStableFunc(s.Environments, func(x, y release.CatalogueEnvironment) int { return order[x.Name] - order[y.Name] })
	}
	return found, nil
}
