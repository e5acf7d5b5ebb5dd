package release

import (
	"slices"
	"time"
)

// Catalogue is the service catalogue: the services that run somewhere.
type Catalogue struct {
	Services []CatalogueService `json:"services"`
}

// CatalogueRequest asks for the service catalogue.
type CatalogueRequest struct {
	// Service, when given, asks for all about this one; of all of them no more is given
	// than what runs where and which known errors it has.
	Service string `json:"service,omitempty"`
}

// CatalogueService is a service as the catalogue has it. Its description is that of the
// release that went live last of those that run.
type CatalogueService struct {
	Service     string `json:"service"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Requester   string `json:"requester,omitempty"`
	Manager     string `json:"manager,omitempty"`
	// Environments are those in which it runs.
	Environments []CatalogueEnvironment `json:"environments"`
}

// CatalogueEnvironment is a service where it runs.
type CatalogueEnvironment struct {
	Name    string    `json:"name"`
	Release string    `json:"release"`
	Version string    `json:"version"`
	Package Digest    `json:"package"`
	Since   time.Time `json:"since"`
	// Targets is how many there were on which the release was live when it was recorded;
	// zero when that is not known. Others hold something else.
	Targets int       `json:"targets,omitempty"`
	Others  []Holding `json:"others,omitempty"`
	// KnownErrors are those with which it was released and that early life support found,
	// as far as they are not resolved, and incidents that ended with a workaround.
	KnownErrors []KnownError     `json:"knownErrors,omitempty"`
	Documents   []Document       `json:"documents,omitempty"`
	Assets      []AssetInService `json:"assets,omitempty"`
	// Build is the number of the build that made the package, and Components what it
	// took from controlled sources.
	Build      int        `json:"build,omitempty"`
	Components []Acquired `json:"components,omitempty"`
}

// KnownErrors lists the faults of the service, each once.
func (s CatalogueService) KnownErrors() []KnownError {
	var all []KnownError
	seen := map[KnownError]bool{}
	for _, e := range s.Environments {
		for _, k := range e.KnownErrors {
			if !seen[k] {
				seen[k] = true
				all = append(all, k)
			}
		}
	}
	return all
}

// Add puts an environment into the service, with what is known of it there, which may be
// nothing.
func (s *CatalogueService) Add(e CatalogueEnvironment, known *ServiceEntry) {
	latest := !slices.ContainsFunc(s.Environments, func(other CatalogueEnvironment) bool { return other.Since.After(e.Since) })
	s.Environments = append(s.Environments, e)
	if known != nil && (latest || s.Manager == "") {
		s.Title, s.Description, s.Requester, s.Manager = known.Title, known.Description, known.Requester, known.Manager
	}
}

// ServiceEntry is what the CMS holds of a service in an environment, under the package
// that makes it up: it is in the catalogue as long as that package runs there.
type ServiceEntry struct {
	Service     string           `json:"service"`
	Environment string           `json:"environment"`
	Package     Digest           `json:"package"`
	Title       string           `json:"title,omitempty"`
	Description string           `json:"description,omitempty"`
	Requester   string           `json:"requester"`
	Manager     string           `json:"manager"`
	Targets     int              `json:"targets"`
	KnownErrors []KnownError     `json:"knownErrors,omitempty"`
	Documents   []Document       `json:"documents,omitempty"`
	Assets      []AssetInService `json:"assets,omitempty"`
}

// ServiceEntry gives what the catalogue is to know of the release in an environment
// where it is live.
func (r *Record) ServiceEntry(d Definition, environment string) ServiceEntry {
	e := r.Environment(environment)
	entry := ServiceEntry{
		Service: r.Service, Environment: environment, Package: r.Package.Digest, Title: d.Title, Description: d.Description,
		Requester: d.Requester, Manager: d.Manager, Targets: (DeploymentStatus{Targets: e.Targets}).Count(TargetNew),
		KnownErrors: e.OpenErrors(d.KnownErrors), Documents: d.Documents,
	}
	if e.Assets != nil {
		entry.Assets = e.Assets.InService
	}
	return entry
}
