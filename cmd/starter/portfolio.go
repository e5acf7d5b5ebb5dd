package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"slipway/release"
	"slipway/release/figures"
	"slipway/release/report"
)

// portfolioQuestion is what the flags ask for.
type portfolioQuestion struct {
	figures.Filter
	since, until string
	file         string
	releases     bool
}

func (a *app) portfolioVerb() *cobra.Command {
	var q portfolioQuestion
	verb := &cobra.Command{
		Use:   "portfolio",
		Short: "Report the figures of all releases of a period, with hints for improvement",
		Long: `Report the figures of the releases of a period: how many and how fast, planned against
actual, failures, incidents and downtime, waiting, cost and satisfaction, each against
the period of the same length before, with hints for improvement worked out from them.
-o markdown and --html say how each figure is defined and name the releases behind it;
-o csv has a row for each number. docs/figures.md says how to make each figure better.

--releases gives a row for each release with its own numbers instead.`,
		Example: `  starter report portfolio --since 90d
  starter report portfolio --since 2026-01-01 --until 2026-04-01 --service httpbin
  starter report portfolio --environment production --html portfolio.html
  starter report portfolio --since 365d -o csv > figures.csv
  starter report portfolio --since 365d --releases -o csv > releases.csv`,
		Args: noArguments,
		RunE: func(verb *cobra.Command, _ []string) error { return a.portfolio(verb.Context(), q) },
	}
	verb.ValidArgsFunction = cobra.NoFileCompletions
	writesToo(verb, markdown, csvText)
	flags := verb.Flags()
	flags.StringVar(&q.since, "since", "90d", "since when: so long ago, or a date as in 2026-01-01")
	flags.StringVar(&q.until, "until", "", "until before when, in the same way (default now)")
	flags.StringVar(&q.Service, "service", "", "only releases of this service")
	flags.StringVar(&q.Type, "type", "", "only releases of this release model: standard, normal, emergency, …")
	flags.StringVar(&q.Environment, "environment", "", "only releases that go to this environment, and what they did there")
	flags.BoolVar(&q.releases, "releases", false, "give a row for each release instead of the figures")
	flags.StringVar(&q.file, "html", "", "write the figures to this file as HTML, with charts; - writes them to stdout")
	must(verb.MarkFlagFilename("html", "html"))
	must(verb.RegisterFlagCompletionFunc("service", a.completeServices()))
	return verb
}

func (a *app) portfolio(ctx context.Context, q portfolioQuestion) error {
	if q.releases && (q.file != "" || a.format == markdown) {
		return usage("--releases gives rows: use it with -o csv, json, jsonl, yaml or table")
	}
	request, err := a.period(q)
	if err != nil {
		return err
	}
	client, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer a.meanwhile("working the figures out of what is recorded since %s", request.Since.Format(time.DateOnly))()
	if q.releases {
		rows := []figures.Row{}
		err := client.PortfolioReleases(ctx, request, func(page []figures.Row) error {
			rows = append(rows, page...)
			return nil
		})
		if err != nil {
			return err
		}
		if a.format == csvText {
			return writeCSV(a.out, rows)
		}
		return a.print(rows, func(w io.Writer) { a.writeRows(w, rows) })
	}
	p, err := client.Portfolio(ctx, request)
	if err != nil {
		return err
	}
	return a.printPortfolio(p, q.file)
}

func (a *app) printPortfolio(p figures.Portfolio, file string) error {
	switch {
	case file != "":
		return a.writePage(file, func(w io.Writer) error { return report.PortfolioHTML(w, p) })
	case a.format == csvText:
		return writePortfolioCSV(a.out, p)
	case a.format == markdown:
		return a.print(p, func(w io.Writer) { fmt.Fprint(w, report.PortfolioMarkdown(p)) })
	}
	return a.print(p, func(w io.Writer) { a.writePortfolio(w, p) })
}

// period reads which releases are asked for, and when.
func (a *app) period(q portfolioQuestion) (r figures.Request, err error) {
	r = figures.Request{Until: a.now(), Filter: q.Filter}
	if q.until != "" {
		if r.Until, err = a.ago("until", q.until); err != nil {
			return r, err
		}
	}
	if r.Since, err = a.ago("since", q.since); err != nil {
		return r, err
	}
	if !r.Since.Before(r.Until) {
		return r, usage("--since %s is not before --until: the period ends (%s) before it begins (%s)",
			q.since, r.Until.In(a.zone).Format(time.DateTime), r.Since.In(a.zone).Format(time.DateTime))
	}
	return r, nil
}

// ago reads a time: so long ago, or a date.
func (a *app) ago(flag, text string) (time.Time, error) {
	if long, err := release.ParseDuration(text); err == nil {
		return a.now().Add(-long.Std()), nil
	}
	at, err := a.moment(flag, text)
	if err != nil {
		return at, usage("--%s: %q is not a time: write 90d, 2026-01-01 or 2026-01-01T18:00:00Z", flag, text)
	}
	return at, nil
}
