package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"slipway/config"
	"slipway/release"
)

const sample = `
dml: oci-layout:library
log: {level: warn}
organization:
  roster:
    - {id: ana, groups: [cab]}
  environments:
    - name: staging
      targets:
        - {name: one, folder: /srv/one, env: {CACHE_MB: "8"}}
`

// load reads a file with this content, under flags.
func load(t *testing.T, content string, args ...string) (config.Config, string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "slipway.yaml")
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	config.Flags(flags)
	require.NoError(t, flags.Parse(append([]string{"--config", file}, args...)))
	c, err := config.Load(flags)
	return c, file, err
}

func TestTheFileIsOverriddenByTheEnvironmentAndThatByFlags(t *testing.T) {
	t.Setenv("SLIPWAY_LOG_LEVEL", "error")
	t.Setenv("SLIPWAY_TASK_QUEUE", "from-environment")
	t.Setenv("SLIPWAY_CMS", "sqlite:/srv/cms.db")
	c, file, err := load(t, sample, "--task-queue", "from-flag")
	require.NoError(t, err)
	require.Equal(t, "from-flag", c.TaskQueue)
	require.Equal(t, "error", c.Log.Level)
	require.Equal(t, "console", c.Log.Format)
	require.Equal(t, "sqlite:/srv/cms.db", c.CMS)
	require.Equal(t, "oci-layout:"+filepath.Join(filepath.Dir(file), "library"), c.DML)
}

func TestAWorkerHoldsWorkflowsInMemoryAsManyAsItIsTold(t *testing.T) {
	c, _, err := load(t, sample)
	require.NoError(t, err)
	require.Equal(t, 800, c.HeldWorkflows)
	c, _, err = load(t, sample+"heldWorkflows: 500\n")
	require.NoError(t, err)
	require.Equal(t, 500, c.HeldWorkflows)
	for _, wrong := range []string{"none", "0", "-1"} {
		t.Setenv("SLIPWAY_HELD_WORKFLOWS", wrong)
		_, _, err = load(t, sample)
		require.ErrorContains(t, err, "heldWorkflows")
	}
}

func TestAWorkerOfZonesNeedsNeitherOrganizationNorCMS(t *testing.T) {
	c, _, err := load(t, "zones: [zone-a]\ndml: oci-layout:/srv/dml\n")
	require.NoError(t, err)
	require.Equal(t, []string{"zone-a"}, c.Zones)
	c, _, err = load(t, "zones: [zone-a]\n", "--zone", "zone-b", "--zone", "zone-c")
	require.NoError(t, err)
	require.Equal(t, []string{"zone-b", "zone-c"}, c.Zones)
	t.Setenv("SLIPWAY_ZONES", "zone-d zone-e")
	c, _, err = load(t, "zones: [zone-a]\n")
	require.NoError(t, err)
	require.Equal(t, []string{"zone-d", "zone-e"}, c.Zones)
	_, _, err = load(t, sample, "--zone", release.DefaultTaskQueue)
	require.ErrorContains(t, err, `zones: "slipway" is the task queue of the workers that do everything`)
}

func TestNamesInTheOrganizationKeepTheirCase(t *testing.T) {
	c, _, err := load(t, sample)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"CACHE_MB": "8"}, c.Organization.Environments[0].Targets[0].Env)
}

func TestTheShippedModelsAreThereAndTheOrganizationsOwnWin(t *testing.T) {
	c, _, err := load(t, sample+"  models:\n    - {name: normal, gates: {plan: {votes: {cab: 1}}}}\n")
	require.NoError(t, err)
	for _, name := range []string{"standard", "normal", "emergency"} {
		_, found := c.Organization.Model(name)
		require.True(t, found, name)
	}
	normal, _ := c.Organization.Model("normal")
	require.Equal(t, release.GatePolicy{Votes: map[string]int{"cab": 1}}, normal.Gate(release.GatePlan, ""))
}

func TestTheShippedModelsHoldInAnOrganizationThatHasTheirGroups(t *testing.T) {
	models, err := config.Models()
	require.NoError(t, err)
	o := release.Organization{Models: models, Roster: []release.Person{{ID: "everybody", Groups: []string{
		"cab", "ecab", "release-managers", "build", "deployment", "service-operations", "users",
	}}}}
	require.Empty(t, o.Check())
}

func TestWhatIsWrongComesWithFileAndLine(t *testing.T) {
	for name, c := range map[string]struct{ content, says string }{
		"unknown field":  {"dlm: x\n", `slipway.yaml:1: dlm: unknown field "dlm": did you mean "dml"?`},
		"wrong type":     {"organization:\n  roster: ana\n", "slipway.yaml:2: organization.roster: found a text, expected a list"},
		"twice the same": {"organization:\n  roster:\n    - id: ana\n    - id: ana\n", `slipway.yaml:4: organization.roster[1]: "ana" is already used`},
		"unknown group":  {sample + "  models:\n    - {name: own, gates: {plan: {votes: {moon: 1}}}}\n", `nobody on the roster is in group "moon"`},
		"negative rate":  {sample + "  rates:\n    machineHour: 1.5\n    roles: {cab: -120}\n", ": organization.rates.roles.cab: -120: what an hour costs cannot be negative"},
		"unknown rate":   {sample + "  rates:\n    roles:\n      moon: 12\n", `: organization.rates.roles.moon: nobody on the roster is in role or group "moon"`},
		"review by a stranger": {
			sample + "  procedureReviews:\n    - {on: 2026-01-02T10:00:00Z, by: mallory}\n", `: organization.procedureReviews[0].by: "mallory" is not on the roster`,
		},
		"closing by nobody": {
			"organization:\n  roster: [{id: ana, groups: [cab]}]\n  models:\n    - name: own\n      review:\n        by: [cap]\n",
			`slipway.yaml:6: organization.models[0].review.by[0]: nobody on the roster is in group "cap": did you mean "cab"?`,
		},
		"relative target": {
			"organization:\n  environments:\n    - name: a\n      targets: [{name: one, folder: here}]\n", `"here" is not an absolute path`,
		},
		"deployer of another kind": {"deployers:\n  - address: ssh://deploy@host/srv\n", `slipway.yaml:2: deployers[0].address: "ssh://deploy@host/srv" is not the address`},
		"token itself":             {"deployers:\n  - address: https://d\n    token: s3cr3t\n", "slipway.yaml:3: deployers[0].token: write a reference"},
		"token in the clear":       {"deployers:\n  - address: http://d:1\n    token: env:TOKEN\n", "deployers[0].token: a token is not sent in the clear: use https://d:1"},
		"deployer twice":           {"deployers: [{address: http://d}, {address: http://d}]\n", "stands twice"},
		"bad window": {
			"organization:\n  environments:\n    - name: a\n      targets: [{name: one, folder: /x}]\n" +
				"      windows: [{rule: FREQ=SOMETIMES, start: 2026-01-02T18:00, length: 4h}]\n", "not an RFC 5545 recurrence rule",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := load(t, c.content)
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestDeployersAreReadWithTheirCertificatesBesideTheFile(t *testing.T) {
	c, file, err := load(t, sample+"deployers:\n  - {address: \"https://d/eu\", token: env:TOKEN, ca: ca.pem}\n  - {address: \"http://127.0.0.1:8444\", token: file:/t}\n")
	require.NoError(t, err)
	require.Equal(t, []config.Deployer{
		{Address: "https://d/eu", Token: "env:TOKEN", CA: filepath.Join(filepath.Dir(file), "ca.pem")},
		{Address: "http://127.0.0.1:8444", Token: "file:/t"},
	}, c.Deployers)
}

func TestAMissingFileIsSaid(t *testing.T) {
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	config.Flags(flags)
	require.NoError(t, flags.Parse([]string{"--config", filepath.Join(t.TempDir(), "none.yaml")}))
	_, err := config.Load(flags)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestAnUnknownLogSettingIsSaid(t *testing.T) {
	_, err := config.Log{Level: "loud", Format: "json"}.Logger()
	require.ErrorContains(t, err, "debug, info, warn or error")
	_, err = config.Log{Level: "info", Format: "xml"}.Logger()
	require.ErrorContains(t, err, "console or json")
}
