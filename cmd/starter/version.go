package main

import (
	"fmt"
	"io"
	"runtime"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/temporal"
)

func (a *app) versionVerb() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Show the version",
		Example: `  starter version -o json`,
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			versions := struct {
				Version  string `json:"version"`
				Go       string `json:"go"`
				Temporal string `json:"temporalSdk"`
			}{version, runtime.Version(), temporal.SDKVersion}
			return a.print(versions, func(w io.Writer) {
				fmt.Fprintf(w, "starter %s (%s, Temporal SDK %s)\n", versions.Version, versions.Go, versions.Temporal)
			})
		},
	}
}
