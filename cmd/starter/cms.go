package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slipway/release/records"
	"slipway/starter"
)

func (a *app) cmsVerb() *cobra.Command {
	verb := &cobra.Command{
		Use:   "cms",
		Short: "Ask the configuration management system what is recorded",
		Long: `Ask the configuration management system what is recorded: what ran where, when, put
there by which release, authorized by whom; what was reported about it, and what hangs
together with what. A worker answers, from the records; nothing in them is changed. An
audit looks at the targets themselves.

Lists come in pages: --limit says how long they are, and when there is more, the command
says how to go on. -o csv writes a list for a spreadsheet.`,
		Example: `  starter cms baseline production
  starter cms ci httpbin
  starter cms known-errors avif slow`,
		Args: noArguments,
		RunE: func(verb *cobra.Command, _ []string) error {
			return usage("say what to ask for, as in: %s", example(verb))
		},
	}
	verb.AddCommand(
		a.cmsReleasesVerb(), a.cmsItemsVerb(), a.cmsBaselineVerb(), a.cmsIncidentsVerb(), a.cmsKnownErrorsVerb(), a.cmsRelationsVerb(),
		a.cmsAuditVerb(),
	)
	return verb
}

// inquiry is a question to the CMS as a verb: it fills the request in from flags and
// arguments, and shows the answer.
type inquiry struct {
	*cobra.Command
	// request is called once the flags are read.
	request func(args []string) (records.Request, error)
	// rows gives what a line each is for in a list, and show writes it for people.
	rows func(records.Answer) any
	show func(io.Writer, records.Answer)
}

// inquire makes the verb of an inquiry, with what all of them have.
func (a *app) inquire(q inquiry) *cobra.Command {
	var page records.Page
	flags := q.Flags()
	flags.IntVar(&page.Limit, "limit", records.DefaultRows, fmt.Sprintf("how many to list at most, 1 to %d", records.MostRows))
	flags.StringVar(&page.After, "after", "", "go on after an earlier list, as that said")
	writesToo(q.Command, csvText)
	q.RunE = func(verb *cobra.Command, args []string) error {
		request, err := q.request(args)
		if err != nil {
			return err
		}
		if page.Limit < 1 {
			return usage("--limit %d: use 1 to %d", page.Limit, records.MostRows)
		}
		request.Page = page
		if err := request.Check(); err != nil {
			return usageError(err.Error())
		}
		client, err := a.connect(verb.Context())
		if err != nil {
			return err
		}
		answer, err := client.Records(verb.Context(), request)
		if err != nil {
			return err
		}
		if err := a.printAnswer(q, answer); err != nil {
			return err
		}
		if answer.Next != "" {
			a.tell("there are more: add --after %s to the same command", quoted(answer.Next))
		}
		return nil
	}
	return q.Command
}

// printAnswer writes an answer: the rows for programs that read line by line, and for
// others the whole of it, which says too how to go on.
func (a *app) printAnswer(q inquiry, answer records.Answer) error {
	switch a.format {
	case csvText:
		var text bytes.Buffer
		if err := writeCSV(&text, q.rows(answer)); err != nil {
			return fmt.Errorf("the result cannot be written as csv: %w", err)
		}
		_, err := a.out.Write(text.Bytes())
		return err
	case jsonLines:
		return a.print(q.rows(answer), nil)
	}
	return a.print(answer, func(w io.Writer) { q.show(w, answer) })
}

// serviceFilter and environmentFilter restrict a list.
func (a *app) serviceFilter(verb *cobra.Command, service *string) {
	verb.Flags().StringVar(service, "service", "", "only of this service")
	must(verb.RegisterFlagCompletionFunc("service", a.completeServices()))
}

func (a *app) environmentFilter(verb *cobra.Command, environment *string) {
	verb.Flags().StringVar(environment, "environment", "", "only of this environment")
	must(verb.RegisterFlagCompletionFunc("environment", a.completeEnvironments()))
}

// completeEnvironments offers the environments that were ever lent.
func (a *app) completeEnvironments() cobra.CompletionFunc {
	return a.completeFirst(func(ctx context.Context, client *starter.Client) ([]cobra.Completion, error) {
		list, err := client.Environments(ctx)
		var names []cobra.Completion
		for _, e := range list {
			names = append(names, e.Name)
		}
		return names, err
	})
}

// past reads a time, or how long ago something was; empty is none.
func (a *app) past(flag, text string) (time.Time, error) {
	if strings.TrimSpace(text) == "" {
		return time.Time{}, nil
	}
	at, err := a.ago(flag, text)
	if err != nil {
		return at, usage("--%s %q is no time: use how long ago, as in 90d, or a time, as in 2026-03-01 or 2026-03-01T09:30:00Z", flag, text)
	}
	return at.UTC(), nil
}
