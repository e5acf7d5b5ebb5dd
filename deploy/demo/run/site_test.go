package main

import (
	"bytes"
	"testing"
	"text/template"

	"github.com/goccy/go-yaml"

	"slipway/release"
)

func TestConfigurationIsValid(t *testing.T) {
	s := &site{State: "/somewhere/with a space/.demo", Targets: []target{
		{Environment: "staging", Name: "staging-1", Folder: "/somewhere/with a space/s1", Port: 1},
		{Environment: "production", Name: "production-2", Folder: "/somewhere/p2", Port: 2},
	}}
	var text bytes.Buffer
	if err := template.Must(template.New("").Parse(configuration)).Execute(&text, s); err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Organization release.Organization `json:"organization"`
	}
	if err := yaml.UnmarshalWithOptions(text.Bytes(), &parsed); err != nil {
		t.Fatal(err)
	}
	if problems := parsed.Organization.Check(); len(problems) > 0 {
		t.Error(problems)
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
