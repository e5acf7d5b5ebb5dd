package e2e_test

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/stretchr/testify/require"

	"slipway/release"
)

// histories is where package workflows keeps the histories that it replays. A new
// generation begins when the workflows do something else for the same input; those
// of earlier ones are never recorded again.
const histories = "../../workflows/testdata/histories/6"

// keep records, with -update, the histories of a release and of its children as
// replay fixtures.
func (s *site) keep(id, kind string) {
	s.t.Helper()
	if !*update {
		return
	}
	for name, workflow := range map[string]string{
		"release": id, "deployment": release.DeploymentID(id, s.env("production")),
		"els": release.SupportID(id, s.env("staging")), "environment": release.EnvironmentID(s.env("production")),
	} {
		s.keepHistory(workflow, kind+"-"+name)
	}
}

// keepHistory records, with -update, the history of a workflow, where there is one:
// not every release has all of them.
func (s *site) keepHistory(workflow, name string) {
	s.t.Helper()
	if !*update {
		return
	}
	raw, err := s.starter.RawHistory(s.ctx(), workflow)
	if err != nil {
		return
	}
	require.NoError(s.t, os.MkdirAll(histories, 0o755))
	require.NoError(s.t, os.WriteFile(filepath.Join(histories, name+".json"), raw, 0o644))
}

// lines reads a file of marks that scripts left.
func (s *site) lines(name string) []string {
	s.t.Helper()
	data, err := os.ReadFile(s.path(name))
	require.NoError(s.t, err)
	return strings.Fields(strings.ReplaceAll(strings.TrimSpace(string(data)), " ", "_"))
}
