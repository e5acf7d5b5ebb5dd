package main

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"slipway/release"
)

// writeCatalogue shows all services to people, a row for each place where one runs.
func (a *app) writeCatalogue(w io.Writer, services []release.CatalogueService) {
	if len(services) == 0 {
		fmt.Fprintln(w, "No service runs anywhere yet, as far as the CMS knows.")
		return
	}
	rows := [][]string{{"SERVICE", "ENVIRONMENT", "VERSION", "SINCE", "KNOWN ERRORS", "TITLE"}}
	for _, s := range services {
		name, title := s.Service, oneLine(s.Title)
		for _, e := range s.Environments {
			rows = append(rows, []string{name, e.Name, e.Version + exceptText(e), a.clock(e.Since), strconv.Itoa(len(e.KnownErrors)), title})
			name, title = "", ""
		}
	}
	columns(w, rows...)
}

// exceptText tells of targets that hold something else.
func exceptText(e release.CatalogueEnvironment) string {
	others := 0
	for _, o := range e.Others {
		others += len(o.Targets)
	}
	if others == 0 {
		return ""
	}
	return ", not on " + release.ManyOf(others, "target")
}

// writeService shows all that is known of a service.
func (a *app) writeService(w io.Writer, s release.CatalogueService) {
	fmt.Fprintln(w, strings.TrimSpace(s.Service+"  "+oneLine(s.Title)))
	if s.Description != "" {
		writeFact(w, "", s.Description)
	}
	if s.Manager != "" {
		writeFact(w, "people", fmt.Sprintf("requested by %s, managed by %s", s.Requester, s.Manager))
	}
	for _, e := range s.Environments {
		fmt.Fprintf(w, "\n%s\n", e.Name)
		runs := e.Version
		if e.Targets > 0 {
			runs += " on " + release.ManyOf(e.Targets, "target")
		}
		writeFact(w, "runs", fmt.Sprintf("%s%s since %s, by %s, package %s", runs, exceptText(e), a.clock(e.Since), e.Release, e.Package.Short()))
		writeKnown(w, e)
	}
}

// writeKnown lists what is known of a service in an environment.
func writeKnown(w io.Writer, e release.CatalogueEnvironment) {
	for _, k := range e.KnownErrors {
		writeFact(w, "error", with(k.ID, k.Summary)+". Workaround: "+cmp.Or(k.Workaround, "none"))
	}
	for _, d := range e.Documents {
		text := d.Name
		if d.For != "" {
			text += " for " + d.For
		}
		writeFact(w, "document", with(text, d.Location))
	}
	for _, x := range e.Assets {
		writeFact(w, "asset", fmt.Sprintf("%s, by %s", strings.TrimSpace(x.Kind+" "+x.Name), x.Release))
	}
	for _, c := range e.Components {
		text := fmt.Sprintf("%s from %s, sum %s, build %d", c.Component, c.Source, c.Sum, e.Build)
		if c.Master != "" {
			text += ", master copy " + c.Master.Short()
		}
		if c.SignedBy != "" {
			text += ", signed by " + c.SignedBy
		}
		writeFact(w, "made of", text)
	}
}
