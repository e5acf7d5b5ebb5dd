package activities

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"slipway/activities/driver/dml"
	"slipway/release"
)

// maxMaterial is how large the training material may be in all, in bytes: it is held in
// memory, and comes to every target's worker with the package.
const maxMaterial = 32 << 20

// errMaterial is the error of training material that is not as the definition says.
var errMaterial = errors.New("training material")

// documents are the package's papers: what the release is, what it contains, what its
// users and operators have to know, and how to come back. They are the same for the
// same definition, plan, sources and outputs.
func (b *build) documents() (map[string][]byte, error) {
	d := b.definition()
	documents := map[string][]byte{
		release.NotesDocument:    []byte(d.Notes()),
		release.TrainingDocument: []byte(d.TrainingPaper()),
		release.BackOutDocument:  []byte(d.BackOutPaper()),
	}
	if err := b.addMaterial(documents, d.Training); err != nil {
		return nil, err
	}
	sbom, err := dml.SBOM(d.Service, d.Version, b.materials())
	if err != nil {
		return nil, err
	}
	documents[release.SBOMDocument] = sbom
	known := d.KnownErrors
	if known == nil {
		known = []release.KnownError{}
	}
	for name, value := range map[string]any{
		release.DefinitionDocument: d, release.PlanDocument: b.in.Plan, release.KnownErrorsDocument: known,
	} {
		if documents[name], err = json.MarshalIndent(value, "", "  "); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return documents, nil
}

// definition is that of the plan; a rebuild may have other sources.
func (b *build) definition() release.Definition {
	d := b.in.Plan.Definition
	d.Components = b.in.Components
	return d
}

// materials are the components with what was built from them.
func (b *build) materials() []dml.Material {
	all := make([]dml.Material, len(b.in.Components))
	for i, c := range b.in.Components {
		all[i] = dml.Material{Component: c, Folder: b.outOf(c.Name)}
		for _, got := range b.record.Sources {
			if got.Component == c.Name {
				all[i].Sum = got.Sum
			}
		}
	}
	return all
}

// addMaterial takes the training material out of the sources. The error is errMaterial
// when that is the definition's fault, or the sources'.
func (b *build) addMaterial(documents map[string][]byte, training []release.Training) error {
	left := int64(maxMaterial)
	for _, t := range training {
		if t.Material == "" || documents[t.File()] != nil {
			continue
		}
		component, file := t.Source()
		data, err := readWithin(filepath.Join(b.sources(), component), file, left)
		if err != nil {
			return fmt.Errorf("%w %s: %w", errMaterial, t.Material, err)
		}
		documents[t.File()] = data
		left -= int64(len(data))
	}
	return nil
}

// readWithin reads a file of a folder, and nothing outside of it that a link leads to.
func readWithin(folder, name string, most int64) ([]byte, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("the component has no such file")
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a file")
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("all material of a release has to fit into %d MB: refer to a place where it is kept instead", maxMaterial>>20)
	}
	return data, err
}
