package workflows

import (
	"go.temporal.io/sdk/workflow"

	"slipway/activities"
	"slipway/release"
)

// Catalogue gives the service catalogue, and does nothing else.
func Catalogue(ctx workflow.Context, request release.CatalogueRequest) (release.Catalogue, error) {
	var a *activities.Activities
	var found release.Catalogue
	err := quick(ctx, "Look the services up", a.ViewCatalogue, request, &found)
	return found, err
}
