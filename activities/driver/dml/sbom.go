package dml

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"slipway/release"
)

// schema is that of the version of CycloneDX in which a bill of materials is written.
const schema = "http://cyclonedx.org/schema/bom-1.6.schema.json"

// Material is a component of a release with what it was taken from and built into.
type Material struct {
	release.Component
	// Sum is what its source added up to.
	Sum string
	// Folder is what was built from it.
	Folder string
}

// SBOM gives the software bill of materials of a release, as CycloneDX JSON: its
// components with their sources and what they declare to depend on; of what was built
// from them each Go program with its digest, and the modules and the standard library
// that were built into it, as Go wrote them into the file. Other files are passed
// over. It depends on its arguments and the files alone: no time, no serial number.
func SBOM(service, version string, of []Material) ([]byte, error) {
	m := materials{libraries: map[string]cdx.Component{}}
	for _, material := range of {
		if err := m.take(material); err != nil {
			return nil, fmt.Errorf("sbom of component %s: %w", material.Name, err)
		}
	}
	var out bytes.Buffer
	encoder := cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).SetPretty(true)
	if err := encoder.Encode(m.bom(service, version)); err != nil {
		return nil, fmt.Errorf("sbom of %s %s: %w", service, version, err)
	}
	return out.Bytes(), nil
}

// materials are the components and programs found so far and, by reference, the
// libraries that they share.
type materials struct {
	// root is the folder that is being looked through.
	root         *os.Root
	components   []cdx.Component
	programs     []cdx.Component
	libraries    map[string]cdx.Component
	dependencies []cdx.Dependency
}

// take adds a component, the programs in its folder, and what it declares.
func (m *materials) take(material Material) error {
	root, err := os.OpenRoot(material.Folder)
	if err != nil {
		return err
	}
	defer root.Close()
	m.root = root
	before := len(m.programs)
	if err := fs.WalkDir(root.FS(), ".", m.add); err != nil {
		return err
	}
	made := make([]string, 0, len(m.programs)-before)
	for _, program := range m.programs[before:] {
		made = append(made, program.BOMRef)
	}
	m.addComponent(material, made)
	return nil
}

func (m *materials) add(name string, entry fs.DirEntry, err error) error {
	if err != nil || !entry.Type().IsRegular() {
		return err
	}
	file, err := m.root.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := buildinfo.Read(file)
	if err != nil {
		return nil // Not a Go program, which is all that the error tells.
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(file, 0, 1<<62)); err != nil {
		return err
	}
	m.addProgram(name, hex.EncodeToString(sum.Sum(nil)), info)
	return nil
}

func (m *materials) addProgram(name, sum string, info *debug.BuildInfo) {
	ref := "file:" + name
	m.programs = append(m.programs, cdx.Component{
		BOMRef: ref, Type: cdx.ComponentTypeApplication, Name: name,
		Hashes: &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: sum}},
	})
	modules := []*debug.Module{{Path: "std", Version: strings.TrimPrefix(info.GoVersion, "go")}}
	if info.Main.Path != "" {
		modules = append(modules, &info.Main)
	}
	refs := make(map[string]bool)
	for _, module := range append(modules, info.Deps...) {
		library := libraryOf(module)
		m.libraries[library.BOMRef] = library
		refs[library.BOMRef] = true
	}
	m.dependencies = append(m.dependencies, dependency(ref, slices.Sorted(maps.Keys(refs))))
}

// libraryOf describes a module, or the one that it was replaced by. A folder that
// replaced it has no name in the world; the module's own is kept.
func libraryOf(module *debug.Module) cdx.Component {
	if by := module.Replace; by != nil && by.Version != "" {
		module = by
	}
	library := cdx.Component{Type: cdx.ComponentTypeLibrary, Name: module.Path}
	if module.Version != "(devel)" {
		library.Version = module.Version
	}
	if module.Sum != "" {
		library.Properties = &[]cdx.Property{{Name: "slipway:go.sum", Value: module.Sum}}
	}
	library.PackageURL = goPURL(module.Path, library.Version)
	library.BOMRef = library.PackageURL
	return library
}

// goPURL names a module of Go in the world; the version may be empty.
func goPURL(module, version string) string {
	purl := "pkg:golang/" + strings.ToLower(module)
	if version != "" {
		purl += "@" + strings.ReplaceAll(version, "+", "%2B")
	}
	return purl
}

func (m *materials) bom(service, version string) *cdx.BOM {
	const top = "release"
	refs := make([]string, 0, len(m.components))
	for _, component := range m.components {
		refs = append(refs, component.BOMRef)
	}
	components := slices.Concat(m.components, m.programs)
	for _, ref := range slices.Sorted(maps.Keys(m.libraries)) {
		components = append(components, m.libraries[ref])
	}
	dependencies := append([]cdx.Dependency{dependency(top, refs)}, m.dependencies...)
	bom := cdx.NewBOM()
	// EncodeVersion makes a copy first, by reflection, which takes longer than all the rest.
	bom.SpecVersion, bom.JSONSchema = cdx.SpecVersion1_6, schema
	bom.Metadata = &cdx.Metadata{Component: &cdx.Component{
		BOMRef: top, Type: cdx.ComponentTypeApplication, Name: service, Version: version,
	}}
	bom.Dependencies = &dependencies
	if len(components) > 0 {
		bom.Components = &components
	}
	return bom
}

func dependency(ref string, on []string) cdx.Dependency {
	if len(on) == 0 {
		return cdx.Dependency{Ref: ref}
	}
	return cdx.Dependency{Ref: ref, Dependencies: &on}
}
