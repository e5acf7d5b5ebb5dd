package release_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"slipway/release"
)

func TestReleaseIDsAreTakenApart(t *testing.T) {
	for id, want := range map[string][2]string{
		"httpbin@2.26.0":          {"httpbin", "2.26.0"},
		"a@1":                     {"a", "1"},
		"my-web.shop_2@v1+b_1-rc": {"my-web.shop_2", "v1+b_1-rc"},
	} {
		service, version, err := release.ParseID(id)
		require.NoError(t, err)
		assert.Equal(t, want, [2]string{service, version})
		assert.Equal(t, id, release.ID(service, version))
	}
}

func TestWhatIsNoReleaseIDIsRefused(t *testing.T) {
	for _, id := range []string{
		"", "@", "httpbin", "httpbin@", "@1", "httpbin@1@2", "HTTPBin@1", "http bin@1", "httpbin@1:staging", "../x@1", "-a@1",
		"a-@1", "a@-1", "a@1-", "a@1\n", "a/b@1", "a@1/2", "ä@1", strings.Repeat("a", 64) + "@1", "a@" + strings.Repeat("1", 64),
	} {
		_, _, err := release.ParseID(id)
		assert.ErrorContains(t, err, "write it as SERVICE@VERSION", "%q", id)
	}
}

func TestWorkflowIDsAreThoseThatScriptsRelyOn(t *testing.T) {
	id := release.ID("httpbin", "2.26.0")
	assert.Equal(t, "httpbin@2.26.0:production", release.DeploymentID(id, "production"))
	assert.Equal(t, "httpbin@2.26.0:production:els", release.SupportID(id, "production"))
	assert.Equal(t, "environment:production", release.EnvironmentID("production"))
	assert.Equal(t, "deploy:production", release.DeployGate("production"))
	assert.Equal(t, release.StageName("deploy:production"), release.StageIn(release.StageDeploy, "production"))
}
