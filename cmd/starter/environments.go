package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/starter"
)

func (a *app) environmentVerb() *cobra.Command {
	return &cobra.Command{
		Use:   "environment [NAME]…",
		Short: "Show who has each environment, who waits for it, and what runs there",
		Long: `Show who has each environment, who waits for it, and what runs there, as the
environments know it. One that was never lent to a deployment is not listed.`,
		Example: `  starter environment
  starter environment production -o json`,
		RunE: func(verb *cobra.Command, names []string) error {
			client, err := a.connect(verb.Context())
			if err != nil {
				return err
			}
			list, err := client.Environments(verb.Context())
			if err != nil {
				return err
			}
			for _, name := range names {
				if !slices.ContainsFunc(list, func(e starter.Environment) bool { return e.Name == name }) {
					return fmt.Errorf("no deployment has asked for environment %s yet; `starter environment` lists those that were asked for", name)
				}
			}
			list = slices.DeleteFunc(list, func(e starter.Environment) bool { return len(names) > 0 && !slices.Contains(names, e.Name) })
			return a.print(list, func(w io.Writer) { a.writeEnvironmentList(w, list) })
		},
	}
}

// writeEnvironmentList shows environments to people, each in a few lines.
func (a *app) writeEnvironmentList(w io.Writer, list []starter.Environment) {
	if len(list) == 0 {
		fmt.Fprintln(w, "No environment was lent yet.")
	}
	for i, e := range list {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, e.Name)
		switch {
		case e.Unknown != "":
			fmt.Fprintf(w, "  not known: %s\n", e.Unknown)
			continue
		case e.Holder == nil:
			fmt.Fprintln(w, "  free")
		default:
			fmt.Fprintf(w, "  lent to %s\n", a.leaseText(*e.Holder))
		}
		for n, l := range e.Queue {
			fmt.Fprintf(w, "  %d. waits %s\n", n+1, a.leaseText(l))
		}
		for _, b := range e.Baselines {
			fmt.Fprintf(w, "  runs %s %s since %s, by %s\n", b.Service, b.Version, a.clock(b.Since), b.Release)
		}
	}
}

// leaseText gives a deployment with since when it has the environment, or waits.
func (a *app) leaseText(l release.Lease) string {
	text := l.Holder
	if !l.Since.IsZero() {
		text += " since " + a.clock(l.Since)
	}
	if l.Emergency {
		text += ", as an emergency"
	}
	return text
}
