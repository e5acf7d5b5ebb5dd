package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slipway/release"
)

func (a *app) authorizeVerb() *cobra.Command {
	v := voting{app: a, valid: release.Duration(time.Hour)}
	verb := &cobra.Command{
		Use:   "authorize ID[/GATE]… | --all --gate GATE",
		Short: "Vote at gates: authorize, reject, or ask for a revision",
		Long: `Vote at gates: authorize what they show, reject it, or ask for a revision. The gate
may be left out where the release waits at only one. Several releases and gates
are voted on one by one; all are tried.

With --digest the vote only counts while the gate still shows what you read; the
first 12 digits are enough.

With --sign the vote is bound to all of that by an SSH signature, which counts for
a while (--valid) and can be checked by ssh-keygen for ever. KEY is the file of a
private key; a .pub file, whose private key the ssh-agent has; or "agent" for the
agent's only key.

With --all the vote goes to every release that waits at the gate, or at one of the
gates: to all that "starter agenda" shows with the same flags, each bound to the digest
that stands there. You are asked before; --yes answers that, and --dry-run only shows
the agenda. All are tried, many at the same time; those that do not count are listed,
with -o jsonl each as soon as it is known.

With --print nothing is sent: the line to paste into the Temporal Web UI, as signal
cab-authorization, is written instead.`,
		Example: `  starter authorize httpbin@2.26.0 --gate plan --by ana
  starter authorize httpbin@2.26.0/deploy:staging shop@1.4.0/plan --by ana --sign ~/.ssh/id_ed25519.pub
  starter authorize httpbin@2.26.0 --gate deploy:production --by ana --digest 3f9a0c1b7d22
  starter authorize httpbin@2.26.0 --decision reject --by ben --comment "no way back from step 3"
  starter authorize --all --gate plan --model normal --by ana --sign agent
  starter authorize httpbin@2.26.0 --by ana --sign agent --print`,
		Args: releasesAndGates,
		ValidArgsFunction: func(verb *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return a.completeReleases(true)(verb, nil, typed) // one more, however many there are
		},
		RunE: func(verb *cobra.Command, args []string) error {
			if err := need(verb, "by"); err != nil && !v.dry {
				return err
			}
			if err := v.check(verb); err != nil {
				return err
			}
			return v.run(verb.Context(), places(args, v.gates))
		},
	}
	flags := verb.Flags()
	flags.StringArrayVar(&v.gates, "gate", nil, "the gate, as in plan, build or deploy:production; may be given again (default: the one that waits)")
	flags.StringVar((*string)(&v.vote.Decision), "decision", string(release.Authorize), "authorize, reject or revise")
	flags.StringVar(&v.vote.Comment, "comment", "", "what others should know about the vote")
	flags.StringVar(&v.vote.Digest, "digest", "", "what is voted on, as the gate shows it")
	flags.StringVar(&v.sign, "sign", a.env.get("SLIPWAY_SIGN"), "sign the vote with this SSH key: FILE, FILE.pub or agent (default from SLIPWAY_SIGN)")
	flags.TextVar(&v.valid, "valid", v.valid, "the signature counts for this `time`, as in 1h or 2d")
	flags.BoolVar(&v.all, "all", false, "vote on every release that waits at the gate")
	v.wanted.flags(flags, "with --all: ")
	flags.BoolVar(&v.dry, "dry-run", false, "with --all: send nothing, only show the agenda")
	flags.BoolVarP(&v.yes, "yes", "y", false, "with --all: do not ask before")
	flags.BoolVar(&v.print, "print", false, "send nothing: write the line to paste into the Web UI")
	a.byFlag(verb, &v.vote.By)
	must(verb.MarkFlagFilename("sign"))
	must(verb.RegisterFlagCompletionFunc("gate", a.completeGatesOfAny()))
	must(verb.RegisterFlagCompletionFunc("decision", cobra.FixedCompletions(
		[]string{string(release.Authorize), string(release.Reject), string(release.ReviseIt)}, cobra.ShellCompDirectiveNoFileComp)))
	return verb
}

// releasesAndGates wants the ids of releases, each with a gate behind a slash or
// without.
func releasesAndGates(verb *cobra.Command, args []string) error {
	if all, err := verb.Flags().GetBool("all"); err == nil && all {
		if len(args) > 0 {
			return usage("--all is every release that waits: leave out %s, or --all", strings.Join(args, " "))
		}
		return nil
	}
	if len(args) == 0 {
		return usage("%s wants the id of a release, as in: %s", verb.CommandPath(), example(verb))
	}
	for _, arg := range args {
		id, gate, named := strings.Cut(arg, "/")
		if _, _, err := release.ParseID(id); err != nil {
			return usageError(err.Error())
		}
		if named && gate == "" {
			return usage("%q has no gate behind the slash: write it as in %s/plan", arg, id)
		}
	}
	return nil
}

// place is where to vote; an empty gate stands for the one that waits.
type place struct{ id, gate string }

// places pairs the releases that name no gate themselves with every gate.
func places(args, gates []string) []place {
	if len(gates) == 0 {
		gates = []string{""}
	}
	var all []place
	add := func(p place) {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	for _, arg := range args {
		id, gate, named := strings.Cut(arg, "/")
		if named {
			add(place{id, gate})
			continue
		}
		for _, gate := range gates {
			add(place{id, gate})
		}
	}
	return all
}

// check refuses what no vote can say.
func (v *voting) check(verb *cobra.Command) error {
	for _, name := range []string{"service", "model", "group", "for", "before", "dry-run", "yes"} {
		if !v.all && verb.Flags().Changed(name) {
			return usage("--%s goes with --all", name)
		}
	}
	switch {
	case v.all && len(v.gates) == 0:
		return usage("--all wants to know at which gate: add --gate, as in plan or deploy:production")
	case v.all && v.vote.Digest != "":
		return usage("--digest is what one gate shows, and not all of them: leave it out, or --all")
	case v.all && v.print:
		return usage("--print is for one release after the other: leave it out, or --all")
	case !slices.Contains(release.Votes, v.vote.Decision):
		return usage("--decision %s is not known: use authorize, reject or revise", v.vote.Decision)
	case slices.Contains(v.gates, ""):
		return usage("--gate is empty: name one, as in plan, build or deploy:production")
	case v.valid.Std() < time.Second:
		return usage("--valid %s is too short to be used: say how long the signature counts, as in 1h", v.valid)
	}
	return nil
}

// run votes everywhere.
func (v *voting) run(ctx context.Context, places []place) error {
	if v.sign != "" && !v.dry {
		key, err := v.app.signer(ctx, v.sign)
		if err != nil {
			return err
		}
		v.key = key
	}
	client, err := v.app.connect(ctx)
	if err != nil {
		return err
	}
	if v.all {
		return v.everywhere(ctx, client)
	}
	if len(places) == 1 {
		return v.one(ctx, client, places[0])
	}
	return v.several(ctx, client, places)
}
