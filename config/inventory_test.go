package config_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"slipway/config"
	"slipway/release"
)

// files writes a configuration with its inventory files, and gives the former.
func files(t *testing.T, contents map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range contents {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600))
	}
	return filepath.Join(folder, "slipway.yaml")
}

// withInventory is a configuration that has one environment of its own.
const withInventory = `organization:
  inventory: [inventory/machines.yaml, inventory/sites.json]
  environments:
    - name: staging
      targets:
        - {name: one, folder: /srv/one}
`

func TestEnvironmentsGetTheirTargetsFromInventoryFilesToo(t *testing.T) {
	c, err := config.Read(files(t, map[string]string{
		"slipway.yaml": withInventory,
		"inventory/machines.yaml": `
targets:
  - {environment: pilot, name: two, address: "ssh://deploy@two/srv", labels: {region: emea}}
  - {environment: staging, name: two, folder: /srv/two}
`,
		"inventory/sites.json": `{"environments": [{"name": "pilot", "purpose": "pilot", "taskQueue": "zone-1",
			"targets": [{"name": "one", "address": "ssh://deploy@one/srv", "url": "http://one", "env": {"A": "b"}}]}]}`,
	}))
	require.NoError(t, err)
	require.Equal(t, []release.Environment{
		{Name: "staging", Targets: []release.Target{{Name: "one", Folder: "/srv/one"}, {Name: "two", Folder: "/srv/two"}}},
		{Name: "pilot", Purpose: "pilot", TaskQueue: "zone-1", Targets: []release.Target{
			{Name: "one", Address: "ssh://deploy@one/srv", URL: "http://one", Env: map[string]string{"A": "b"}},
			{Name: "two", Address: "ssh://deploy@two/srv", Labels: map[string]string{"region": "emea"}},
		}},
	}, c.Organization.Environments)
}

func TestAnEnvironmentMayHaveAllItsTargetsInAnInventoryFile(t *testing.T) {
	c, err := config.Read(files(t, map[string]string{
		"slipway.yaml": "organization:\n  inventory: [more.yaml]\n  environments:\n    - {name: production, purpose: production}\n",
		"more.yaml":    "targets: [{environment: production, name: one, folder: /srv/one}]\n",
	}))
	require.NoError(t, err)
	require.Len(t, c.Organization.Environments[0].Targets, 1)
}

func TestWhatIsWrongInAnInventoryFileComesWithItsFileAndLine(t *testing.T) {
	for name, c := range map[string]struct{ machines, sites, says string }{
		"target twice": {
			machines: "targets:\n  - {environment: staging, name: two, folder: /a}\n  - {environment: staging, name: one, folder: /b}\n",
			says:     `inventory/machines.yaml:3: targets[1]: target "one" is in staging already: organization.environments[0].targets[0] of `,
		},
		"target twice in two files": {
			machines: "targets:\n  - {environment: staging, name: two, folder: /a}\n", sites: "targets:\n\n  - {environment: staging, name: two, folder: /b}\n",
			says: `inventory/sites.json:3: targets[0]: target "two" is in staging already: targets[0] of `,
		},
		"target twice in its environment": {
			machines: "environments:\n  - name: pilot\n    targets:\n      - {name: a, folder: /a}\n      - {name: a, folder: /b}\n",
			says:     `inventory/machines.yaml:5: environments[0].targets[1]: target "a" is in pilot already: environments[0].targets[0] of `,
		},
		"environment twice": {
			machines: "environments:\n  - name: staging\n    targets: [{name: a, folder: /a}]\n",
			says:     `inventory/machines.yaml:2: environments[0]: environment "staging" is described already, in organization.environments[0] of `,
		},
		"no environment": {
			machines: "targets:\n  - {name: a, folder: /a}\n",
			says:     `inventory/machines.yaml:2: targets[0]: target "a" does not say its environment`,
		},
		"unknown environment": {
			machines: "targets:\n  - name: a\n    folder: /a\n    environment: stagin\n",
			says:     `inventory/machines.yaml:4: targets[0].environment: there is no environment "stagin"`,
		},
		"unknown field": {
			machines: "targets:\n  - name: a\n    labls: {}\n",
			says:     `inventory/machines.yaml:3: targets[0].labls: unknown field "labls": did you mean "labels"?`,
		},
		"no place": {
			machines: "targets:\n  - name: a\n    environment: staging\n    folder: a\n",
			says:     `inventory/machines.yaml:4: targets[0].folder: "a" is not an absolute path`,
		},
		"no target": {
			machines: "environments:\n  - name: pilot\n    purpose: pilot\n",
			says:     `inventory/machines.yaml:2: environments[0].targets: an environment needs at least one target`,
		},
		"misspelled purpose": {
			machines: "environments:\n  - name: pilot\n    purpose: prodution\n    targets: [{name: a, folder: /a}]\n",
			says:     `inventory/machines.yaml:3: environments[0].purpose: "prodution" looks like the purpose "production"`,
		},
		"no name": {
			machines: "environments:\n  - name: pilot\n    targets: [{name: a, folder: /a}]\n  - name: Test 1\n    targets: [{name: a, folder: /a}]\n",
			says:     `inventory/machines.yaml:4: environments[1]: "Test 1" is not a name`,
		},
		"no YAML": {machines: "targets: [\n", says: "inventory/machines.yaml:1: it is not YAML"},
		"empty":   {machines: "\n", says: "inventory/machines.yaml:1: found nothing, expected a mapping with fields of environments, targets"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.sites == "" {
				c.sites = "{}"
			}
			_, err := config.Read(files(t, map[string]string{
				"slipway.yaml": withInventory, "inventory/machines.yaml": c.machines, "inventory/sites.json": c.sites,
			}))
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestAnInventoryFileThatIsMissingOrStandsTwiceIsSaid(t *testing.T) {
	_, err := config.Read(files(t, map[string]string{
		"slipway.yaml": "organization:\n  inventory:\n    - more.yaml\n    - none.yaml\n    - ./more.yaml\n", "more.yaml": "{}",
	}))
	require.ErrorContains(t, err, "slipway.yaml:4: organization.inventory[1]: inventory file ")
	require.ErrorContains(t, err, "none.yaml cannot be read: no such file or directory")
	require.ErrorContains(t, err, "slipway.yaml:5: organization.inventory[2]: ./more.yaml stands twice")
}

func TestOtherPurposesStayAllowed(t *testing.T) {
	for purpose, allowed := range map[string]bool{
		"": true, "staging": true, "preproduction": true, "trading": true, "prod": true, "test": true, "disaster-recovery": true,
		"Production": false, "trainning": false, "disaster recovery": false, "pliot": false,
	} {
		_, _, err := load(t, fmt.Sprintf("organization:\n  environments:\n    - {name: a, purpose: %q, targets: [{name: a, folder: /a}]}\n", purpose))
		require.Equal(t, allowed, err == nil, "%s: %v", purpose, err)
	}
}

func TestAChangeOfAnInventoryFileIsNoticed(t *testing.T) {
	file := files(t, map[string]string{
		"slipway.yaml": "organization:\n  inventory: [more.yaml]\n  environments:\n    - {name: pilot}\n",
		"more.yaml":    "targets: [{environment: pilot, name: one, folder: /srv/one}]\n",
	})
	write := func(name, content string) {
		at := filepath.Join(filepath.Dir(file), name)
		require.NoError(t, os.WriteFile(at+".new", []byte(content), 0o600))
		require.NoError(t, os.Rename(at+".new", at))
	}
	c, err := config.Read(file)
	require.NoError(t, err)
	core, logged := observer.New(zap.InfoLevel)
	organization := config.Follow(c, zap.New(core))
	targets := func() int { return len(organization().Environments[0].Targets) }
	require.Equal(t, 1, targets())
	require.Zero(t, logged.Len(), "nothing changed")

	const two = "targets: [{environment: pilot, name: one, folder: /srv/one}, {environment: pilot, name: two, folder: /srv/two}]\n"
	write("more.yaml", two)
	require.Equal(t, 2, targets())
	write("slipway.yaml", "organization:\n  inventory: [more.yaml, third.yaml]\n  environments:\n    - {name: pilot}\n")
	require.Equal(t, 2, targets(), "a file is missing: it stays as it was")
	write("third.yaml", "targets: [{environment: pilot, name: three, folder: /srv/three}]\n")
	require.Equal(t, 3, targets(), "now it is there")
	require.Equal(t, []string{"info", "error", "info"}, levels(logged))
}

// Measured on 2 cores: about half a second.
func TestTenThousandTargetsAreReadInASecondOrTwo(t *testing.T) {
	var list []map[string]any
	for i := range 10_000 {
		list = append(list, map[string]any{
			"environment": "production", "name": fmt.Sprintf("m-%d", i), "address": fmt.Sprintf("ssh://deploy@m-%d/srv/app", i),
			"url": fmt.Sprintf("http://m-%d:8080", i), "labels": map[string]string{"region": "emea", "rack": fmt.Sprint(i % 97)},
		})
	}
	machines, err := json.Marshal(map[string]any{"targets": list})
	require.NoError(t, err)
	file := files(t, map[string]string{
		"slipway.yaml": "organization:\n  inventory: [machines.json]\n  environments:\n    - {name: production}\n", "machines.json": string(machines),
	})
	began := time.Now()
	c, err := config.Read(file)
	require.NoError(t, err)
	require.Len(t, c.Organization.Environments[0].Targets, 10_000)
	took := time.Since(began)
	t.Logf("it took %s", took)
	require.Less(t, took, 20*time.Second, "far more than it takes, also on a busy machine")
}
