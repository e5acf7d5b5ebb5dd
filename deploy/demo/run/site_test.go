package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"text/template"

	"slipway/config"
)

func TestConfigurationIsValid(t *testing.T) {
	s := &site{State: filepath.Join(t.TempDir(), "with a space"), Targets: []target{
		{Environment: "staging", Name: "staging-1", Folder: "/somewhere/with a space/s1", Port: 1},
		{Environment: "production", Name: "production-2", Folder: "/somewhere/p2", Port: 2},
	}}
	var err error
	if s.Keys, err = s.keys(); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := template.Must(template.New("").Parse(configuration)).Execute(&text, s); err != nil {
		t.Fatal(err)
	}
	file := s.path("slipway.yaml")
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	parsed, err := config.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"staging", "production"} {
		environment, _ := parsed.Organization.Environment(name)
		if len(environment.Targets) != 1 {
			t.Errorf("%s has the targets %v, want one", name, environment.Targets)
		}
	}
}

func TestQuote(t *testing.T) {
	for arg, want := range map[string]string{
		"plan": "plan", "httpbin@2.26.0": "httpbin@2.26.0", "": "''", "two words": "'two words'", "it's": `'it'\''s'`,
	} {
		if got := quote(arg); got != want {
			t.Errorf("quote(%q) = %s, want %s", arg, got, want)
		}
	}
}
