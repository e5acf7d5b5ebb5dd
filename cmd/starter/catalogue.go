package main

import (
	"io"

	"github.com/spf13/cobra"

	"slipway/release"
)

func (a *app) catalogueVerb() *cobra.Command {
	return &cobra.Command{
		Use:   "catalogue [SERVICE]",
		Short: "Show the service catalogue: what runs where, with its known errors",
		Long: `Show the service catalogue: the services that run, which version in which environment
since when, and how many known errors each has. Of one service all that is known: known
errors with workarounds, documents, assets in service, and the components with their
controlled sources. A service that runs nowhere is not in it.`,
		Example: `  starter catalogue
  starter catalogue httpbin
  starter catalogue httpbin -o json`,
		Args: func(verb *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("%s wants one service, or none for all of them, as in: %s", verb.CommandPath(), example(verb))
			}
			return nil
		},
		ValidArgsFunction: a.completeServices(),
		RunE: func(verb *cobra.Command, args []string) error {
			var request release.CatalogueRequest
			if len(args) > 0 {
				request.Service = args[0]
			}
			client, err := a.connect(verb.Context())
			if err != nil {
				return err
			}
			found, err := client.Catalogue(verb.Context(), request)
			if err != nil {
				return err
			}
			if request.Service != "" {
				return a.print(found.Services[0], func(w io.Writer) { a.writeService(w, found.Services[0]) })
			}
			return a.print(found.Services, func(w io.Writer) { a.writeCatalogue(w, found.Services) })
		},
	}
}
