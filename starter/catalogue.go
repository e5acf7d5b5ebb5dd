package starter

import (
	"context"

	"slipway/release"
)

// Catalogue gives the service catalogue: the services that run, or all about one of
// them. It is NotFound when nothing of that one runs anywhere.
func (c *Client) Catalogue(ctx context.Context, r release.CatalogueRequest) (release.Catalogue, error) {
	found := release.Catalogue{Services: []release.CatalogueService{}}
	return found, c.view(ctx, question{"the service catalogue", release.WorkflowCatalogue, "catalogue"}, r, &found)
}
