package config_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheExampleOfTheGuideHolds(t *testing.T) {
	guide, err := os.ReadFile("../docs/configuration.md")
	require.NoError(t, err)
	_, after, found := strings.Cut(string(guide), "## An example\n\n```yaml\n")
	require.True(t, found)
	example, _, _ := strings.Cut(after, "```")
	c, _, err := load(t, example)
	require.NoError(t, err)
	_, found = c.Organization.Model("careful")
	require.True(t, found)
}
