package dml

import (
	"cmp"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"slipway/release"
)

// addComponent describes a component by its source, with the programs made of it and
// what it declares.
func (m *materials) addComponent(material Material, made []string) {
	c := cdx.Component{
		BOMRef: "component:" + material.Name, Type: cdx.ComponentTypeApplication, Name: material.Name, Version: material.Source.Version,
		Properties: &[]cdx.Property{
			{Name: "slipway:source", Value: material.Source.String()},
			{Name: "slipway:sum", Value: cmp.Or(material.Sum, material.Source.Sum)},
		},
		ExternalReferences: origins(material.Source),
	}
	if material.Source.Module != "" {
		c.PackageURL = goPURL(material.Source.Module, material.Source.Version)
	}
	m.components = append(m.components, c)
	for _, declared := range material.Dependencies {
		library := libraryDeclared(declared)
		if known, is := m.libraries[library.BOMRef]; is {
			known.Licenses = cmp.Or(known.Licenses, library.Licenses)
			library = known
		}
		m.libraries[library.BOMRef] = library
		made = append(made, library.BOMRef)
	}
	m.dependencies = append(m.dependencies, dependency(c.BOMRef, made))
}

// origins says where the source can be had.
func origins(s release.Source) *[]cdx.ExternalReference {
	switch {
	case s.Git != "":
		return &[]cdx.ExternalReference{{Type: cdx.ERTypeVCS, URL: s.Git, Comment: "commit " + s.Commit}}
	case s.Archive != "":
		return &[]cdx.ExternalReference{{Type: cdx.ERTypeDistribution, URL: s.Archive}}
	case s.OCI != "":
		return &[]cdx.ExternalReference{{Type: cdx.ERTypeDistribution, URL: "oci:" + s.OCI}}
	}
	return nil
}

// libraryDeclared describes a dependency as the definition does.
func libraryDeclared(d release.ComponentDependency) cdx.Component {
	ref := d.PURL
	if ref == "" {
		ref = "declared:" + d.Name + "@" + d.Version
	}
	library := cdx.Component{BOMRef: ref, Type: cdx.ComponentTypeLibrary, Name: d.Name, Version: d.Version, PackageURL: d.PURL}
	if d.License != "" {
		library.Licenses = &cdx.Licenses{{Expression: d.License}} // an identifier alone is an expression too
	}
	return library
}
