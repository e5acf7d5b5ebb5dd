package dml

import (
	"runtime/debug"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/stretchr/testify/assert"
)

func TestModulesAreNamedByTheirPackageURL(t *testing.T) {
	cases := []struct {
		module debug.Module
		purl   string
	}{
		{debug.Module{Path: "github.com/BurntSushi/toml", Version: "v1.4.0"}, "pkg:golang/github.com/burntsushi/toml@v1.4.0"},
		{debug.Module{Path: "x.org/y", Version: "v2.0.0+incompatible"}, "pkg:golang/x.org/y@v2.0.0%2Bincompatible"},
		{debug.Module{Path: "x.org/main", Version: "(devel)"}, "pkg:golang/x.org/main"},
		{debug.Module{Path: "x.org/y", Version: "v1.0.0", Replace: &debug.Module{Path: "x.org/fork", Version: "v1.0.1"}}, "pkg:golang/x.org/fork@v1.0.1"},
		{debug.Module{Path: "x.org/y", Version: "v1.0.0", Replace: &debug.Module{Path: "../y"}}, "pkg:golang/x.org/y@v1.0.0"},
	}
	for _, c := range cases {
		assert.Equal(t, c.purl, libraryOf(&c.module).PackageURL)
	}
}

func TestModulesOfTwoProgramsAreListedOnce(t *testing.T) {
	m := materials{libraries: map[string]cdx.Component{}}
	info := &debug.BuildInfo{
		GoVersion: "go1.26.8",
		Main:      debug.Module{Path: "x.org/main", Version: "v1.0.0"},
		Deps:      []*debug.Module{{Path: "x.org/b", Version: "v1.0.0", Sum: "h1:b="}, {Path: "x.org/a", Version: "v1.0.0"}},
	}
	m.addProgram("bin/one", "00", info)
	m.addProgram("bin/two", "01", info)
	bom := m.bom("service", "1.0.0")
	var names []string
	for _, component := range *bom.Components {
		names = append(names, component.Name)
	}
	assert.Equal(t, []string{"bin/one", "bin/two", "std", "x.org/a", "x.org/b", "x.org/main"}, names)
	assert.Equal(t, "h1:b=", (*(*bom.Components)[4].Properties)[0].Value)
	assert.Len(t, *(*bom.Dependencies)[2].Dependencies, 4)
}
