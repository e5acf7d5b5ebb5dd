package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"slipway/release"
)

// inventory is what an inventory file lists: environments, with targets or without,
// and targets that say where they belong.
type inventory struct {
	Environments []release.Environment `json:"environments,omitempty"`
	Targets      []placedTarget        `json:"targets,omitempty"`
}

// placedTarget is a target with the environment that it belongs to.
type placedTarget struct {
	Environment string `json:"environment"`
	release.Target
}

// merger adds what inventory files list to an organization. It keeps where all of it
// stands, so that what is wrong is told with file and line.
type merger struct {
	organization *release.Organization
	main         *document
	// environments are by name where they stand in the organization; targets by both
	// names, places by the path in the organization.
	environments map[string]int
	targets      map[[2]string]place
	places       map[string]place
	findings     findings
}

// mergeInventories reads the inventory files that the organization names, whose paths
// become absolute, and adds what they list; all environments are known before the first
// target is looked at. The merger that comes back locates what is wrong.
func mergeInventories(o *release.Organization, main *document, files stamps) *merger {
	m := &merger{
		organization: o, main: main,
		environments: map[string]int{}, targets: map[[2]string]place{}, places: map[string]place{},
	}
	for i, e := range o.Environments {
		at := fmt.Sprintf("organization.environments[%d]", i)
		m.environments[e.Name] = i
		for j, t := range e.Targets {
			m.targets[[2]string{e.Name, t.Name}] = place{main, fmt.Sprintf("%s.targets[%d]", at, j)}
		}
	}
	documents, inventories := m.read(files)
	for i, d := range documents {
		m.addEnvironments(d, inventories[i].Environments)
	}
	for i, d := range documents {
		for j, t := range inventories[i].Targets {
			m.addTarget(place{d, fmt.Sprintf("targets[%d]", j)}, t.Environment, t.Target)
		}
	}
	return m
}

// read reads the inventory files.
func (m *merger) read(files stamps) (documents []*document, inventories []inventory) {
	folder := filepath.Dir(m.main.name)
	read := map[string]bool{}
	for i, name := range m.organization.Inventory {
		file := below(folder, name)
		at := place{m.main, fmt.Sprintf("organization.inventory[%d]", i)}
		if read[file] {
			m.findings.add(at, "%s stands twice", name)
			continue
		}
		read[file] = true
		data, err := files.read(file)
		if err != nil {
			var why *fs.PathError
			if errors.As(err, &why) {
				err = why.Err
			}
			m.findings.add(at, "inventory file %s cannot be read: %v", file, err)
			continue
		}
		var listed inventory
		m.findings.all = append(m.findings.all, release.DecodeYAML(file, data, &listed)...)
		documents, inventories = append(documents, &document{file, data}), append(inventories, listed)
	}
	return documents, inventories
}

func (m *merger) addEnvironments(d *document, environments []release.Environment) {
	for i, e := range environments {
		at := place{d, fmt.Sprintf("environments[%d]", i)}
		if first, twice := m.environments[e.Name]; twice {
			m.findings.add(at, "environment %q is described already, in %s: list its further targets under targets, with environment: %s",
				e.Name, m.place(fmt.Sprintf("environments[%d]", first)), e.Name)
			continue
		}
		m.environments[e.Name] = len(m.organization.Environments)
		m.places[fmt.Sprintf("environments[%d]", len(m.organization.Environments))] = at
		targets := e.Targets
		e.Targets = nil
		m.organization.Environments = append(m.organization.Environments, e)
		for j, t := range targets {
			m.addTarget(place{d, fmt.Sprintf("%s.targets[%d]", at.path, j)}, e.Name, t)
		}
	}
}

// addTarget gives an environment a target that stands in an inventory file.
func (m *merger) addTarget(at place, environment string, t release.Target) {
	i, known := m.environments[environment]
	first, twice := m.targets[[2]string{environment, t.Name}]
	switch {
	case environment == "":
		m.findings.add(at, "target %q does not say its environment: write environment: NAME", t.Name)
	case !known:
		m.findings.add(at.below(".environment"), "there is no environment %q: describe it under environments, here or in %s", environment, m.main.name)
	case twice:
		m.findings.add(at, "target %q is in %s already: %s", t.Name, environment, first)
	default:
		e := &m.organization.Environments[i]
		m.targets[[2]string{environment, t.Name}] = at
		m.places[fmt.Sprintf("environments[%d].targets[%d]", i, len(e.Targets))] = at
		e.Targets = append(e.Targets, t)
	}
}

// place gives where a path of the organization stands.
func (m *merger) place(path string) place {
	for end := len(path); end > 0; end = strings.LastIndexByte(path[:end], '.') {
		if at, moved := m.places[path[:end]]; moved {
			return at.below(path[end:])
		}
	}
	return place{m.main, "organization." + path}
}

// problems gives all that is wrong with the organization, each where it stands.
func (m *merger) problems() release.Problems {
	if len(m.findings.all) == 0 && len(m.findings.of) == 0 {
		for _, p := range m.organization.Check() {
			m.findings.add(m.place(p.Path), "%s", p.Message)
		}
	}
	return m.findings.located()
}
