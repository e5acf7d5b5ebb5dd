package workflows

import (
	"go.temporal.io/sdk/workflow"

	"slipway/release"
)

// Registry takes workflows: a worker, a replayer and the test environment do.
type Registry interface {
	RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions)
}

// Register makes all workflows known under their names.
func Register(r Registry) {
	for name, w := range map[string]any{
		release.WorkflowRelease:           Release,
		release.WorkflowPlanning:          Planning,
		release.WorkflowDeployment:        Deployment,
		release.WorkflowWave:              Wave,
		release.WorkflowSupport:           EarlyLifeSupport,
		release.WorkflowEnvironment:       Environment,
		release.WorkflowCalendar:          Calendar,
		release.WorkflowCalendarView:      CalendarView,
		release.WorkflowCatalogue:         Catalogue,
		release.WorkflowRecords:           Records,
		release.WorkflowPortfolio:         Portfolio,
		release.WorkflowPortfolioReleases: PortfolioReleases,
		release.WorkflowAudit:             ConfigurationAudit,
	} {
		r.RegisterWorkflowWithOptions(w, workflow.RegisterOptions{Name: name})
	}
}
