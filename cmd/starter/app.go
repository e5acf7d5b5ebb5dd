package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/log"

	"slipway/release"
	"slipway/starter"
)

// app is one call of the command: what it reads and writes, what it was told by
// the flags that all verbs share, and its connection.
type app struct {
	in   io.Reader
	out  io.Writer
	errs io.Writer
	env  environment
	now  func() time.Time
	zone *time.Location

	address   string
	namespace string
	taskQueue string
	format    string
	verbose   bool

	client  *starter.Client
	running bool // the verb was reached: its use is right
}

// run carries out the command and gives its exit status.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.command()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.errs)
	err := root.ExecuteContext(ctx)
	if a.client != nil {
		a.client.Close()
	}
	if err != nil && !a.running {
		err = wrongUse(err)
	}
	return a.exit(ctx, err)
}

// connect gives the client, connected at its first use.
func (a *app) connect(ctx context.Context) (*starter.Client, error) {
	if a.client != nil {
		return a.client, nil
	}
	options := starter.Options{
		Address: a.address, Namespace: a.namespace,
		TaskQueue: cmp.Or(a.taskQueue, a.env.get("SLIPWAY_TASK_QUEUE")), Env: a.env,
	}
	if a.verbose {
		options.Logger = log.NewStructuredLogger(slog.New(slog.NewTextHandler(a.errs, &slog.HandlerOptions{Level: slog.LevelDebug})))
	}
	client, err := starter.Dial(ctx, options)
	a.client = client
	return client, err
}

// tell writes a line for people, beside the result.
func (a *app) tell(format string, args ...any) {
	fmt.Fprintln(a.errs, harmless(fmt.Sprintf(format, args...)))
}

// command builds the tree of verbs.
func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "starter",
		Short: "Launch, follow and steer releases",
		Long: `Launch, follow and steer releases.

A release is named SERVICE@VERSION, as in httpbin@2.26.0. Results go to stdout,
progress and messages to stderr; -o json, jsonl or yaml gives them to programs.

Exit status: 0 done and, where a release was followed, completed; 1 it could not
be done; 2 wrong use or an invalid definition; 3 refused; 4 the release that was
followed ended with another outcome than completed.

The server is found by Temporal's own settings: TEMPORAL_ADDRESS,
TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_…, or a profile file.
SLIPWAY_BY says who you are, SLIPWAY_SIGN with which key you sign votes,
SLIPWAY_TASK_QUEUE where workers poll.`,
		Example: `  starter start -f release.yaml --watch
  starter list --open
  starter authorize httpbin@2.26.0 --gate plan --by ana`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: func(verb *cobra.Command, _ []string) error { return a.begin(verb) },
	}
	flags := root.PersistentFlags()
	flags.StringVarP(&a.format, "output", "o", "", "how to write results: table, json, jsonl or yaml (default table)")
	flags.StringVar(&a.address, "address", "", "the Temporal server, HOST:PORT (default "+starter.DefaultAddress+")")
	flags.StringVar(&a.namespace, "namespace", "", "the Temporal namespace (default \"default\")")
	flags.StringVar(&a.taskQueue, "task-queue", "", "where workers poll (default "+release.DefaultTaskQueue+")")
	flags.BoolVar(&a.verbose, "verbose", false, "write what the Temporal client logs to stderr")
	must(root.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp)))
	a.addVerbs(root)
	return root
}

func (a *app) addVerbs(root *cobra.Command) {
	add := func(title string, verbs ...*cobra.Command) {
		root.AddGroup(&cobra.Group{ID: title, Title: title + ":"})
		for _, verb := range verbs {
			verb.GroupID = title
			root.AddCommand(verb)
		}
	}
	add("Launch and follow", a.planVerb(), a.startVerb(), a.watchVerb(), a.listVerb(), a.statusVerb(), a.environmentVerb(), a.catalogueVerb())
	add("Decide", a.agendaVerb(), a.showVerb(), a.authorizeVerb(), a.reviseVerb(), a.rebuildVerb(), a.withdrawVerb(), a.backOutVerb())
	add("Deploy and support", a.calendarVerb(), a.overrideFreezeVerb(), a.confirmVerb(), a.resolveStepVerb(), a.acceptVerb(), a.incidentVerb(), a.callVerb(),
		a.knownErrorVerb(), a.rfcVerb(), a.supportVerb(), a.handOverVerb())
	add("Look back", a.noteVerb(), a.effortVerb(), a.rateVerb(), a.reviewVerb(), a.reportVerb(), a.historyVerb(), a.cmsVerb(), a.auditVerb(), a.dmlVerb())
	root.AddCommand(a.versionVerb())
}

// begin runs before every verb.
func (a *app) begin(verb *cobra.Command) error {
	a.running = true
	known := formats
	if own := verb.Annotations[ownForms]; own != "" {
		known = append(strings.Fields(own), formats...)
	}
	if a.format == "" || slices.Contains(known, a.format) {
		return nil
	}
	return usage("-o %s is not known: use %s", a.format, strings.Join(known, ", "))
}

// must is for what can only be wrong in the code itself.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
