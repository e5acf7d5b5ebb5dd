package release

import (
	"fmt"
	"regexp"
	"strings"
)

// Names that are part of ids and of file names: lower-case letters, digits and
// single punctuation, starting with a letter or digit.
var (
	nameForm    = regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$`)
	versionForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._+-]{0,61}[A-Za-z0-9])?$`)
)

// ID is the id of a release and of its workflow: "httpbin@2.26.0".
func ID(service, version string) string { return service + "@" + version }

// ParseID takes a release id apart.
func ParseID(id string) (service, version string, err error) {
	service, version, found := strings.Cut(id, "@")
	if !found || !nameForm.MatchString(service) || !versionForm.MatchString(version) {
		return "", "", fmt.Errorf("%q is not a release id: write it as SERVICE@VERSION, as in httpbin@2.26.0", id)
	}
	return service, version, nil
}

// DeploymentID is the workflow id of a deployment: "httpbin@2.26.0:production".
func DeploymentID(releaseID, environment string) string { return releaseID + ":" + environment }

// SupportID is the workflow id of an early life support:
// "httpbin@2.26.0:production:els".
func SupportID(releaseID, environment string) string {
	return DeploymentID(releaseID, environment) + ":els"
}

// EnvironmentID is the workflow id of an environment: "environment:production".
func EnvironmentID(environment string) string { return "environment:" + environment }

// The names of the gates; DeployGate names those of the environments.
const (
	GatePlan   = "plan"
	GateBuild  = "build"
	GateReview = "review"
)

const gateDeploy = "deploy"

// DeployGate is the name of the deployment gate of an environment:
// "deploy:production".
func DeployGate(environment string) string { return gateDeploy + ":" + environment }
