package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"slipway/release"
)

// definitionFile is a release definition as it was read.
type definitionFile struct {
	name       string
	text       []byte
	definition release.Definition
}

// readDefinition reads and checks a definition. Its folders, and its repositories in
// folders, count from where the file is.
func (a *app) readDefinition(name string) (definitionFile, error) {
	f := definitionFile{name: name}
	var err error
	folder := filepath.Dir(name)
	if name == "-" {
		f.name, folder = "stdin", "."
		f.text, err = io.ReadAll(a.in)
	} else {
		f.text, err = os.ReadFile(name)
	}
	if err != nil {
		return f, usage("the release definition cannot be read: %v", err)
	}
	definition, problems := release.ParseDefinition(f.name, f.text)
	if len(problems) > 0 {
		return f, problems
	}
	for i := range definition.Components {
		source := &definition.Components[i].Source
		if *source, err = absolute(*source, folder); err != nil {
			return f, fmt.Errorf("the folder of component %s: %w", definition.Components[i].Name, err)
		}
	}
	f.definition = definition
	return f, nil
}
