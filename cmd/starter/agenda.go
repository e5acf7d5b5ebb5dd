package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"slipway/release"
	"slipway/starter"
)

func (a *app) agendaVerb() *cobra.Command {
	var wanted agendaWanted
	verb := &cobra.Command{
		Use:   "agenda",
		Short: "List every gate that waits for votes, the most urgent first",
		Long: `List every gate that waits for votes, over all open releases: what would change,
the risk, who is still needed, until when. The most urgent comes first; gates
without a deadline come last. -o ics writes them as appointments for a calendar.`,
		Example: `  starter agenda
  starter agenda --group cab --before 72h
  starter agenda --gate plan --model normal
  starter agenda --group ecab -o ics > ecab.ics`,
		Args: noArguments,
		RunE: func(verb *cobra.Command, _ []string) error {
			client, err := a.connect(verb.Context())
			if err != nil {
				return err
			}
			items, err := client.Agenda(verb.Context(), wanted.filter(a.now()))
			if err != nil {
				return err
			}
			if a.format == icsText {
				return a.writeAgendaCalendar(items)
			}
			return a.print(items, func(w io.Writer) { a.writeAgenda(w, items) })
		},
	}
	writesToo(verb, icsText)
	flags := verb.Flags()
	flags.StringArrayVar(&wanted.Gates, "gate", nil, "only this gate, as in plan or deploy:production; may be given again")
	must(verb.RegisterFlagCompletionFunc("gate", a.completeWaiting()))
	wanted.flags(flags, "")
	return verb
}

// agendaWanted is what the flags say of the gates that are wanted.
type agendaWanted struct {
	starter.AgendaFilter
	before release.Duration
}

// flags declares them; about stands before what each is for.
func (w *agendaWanted) flags(flags *pflag.FlagSet, about string) {
	flags.StringVar(&w.Service, "service", "", about+"only releases of this service")
	flags.StringVar(&w.Model, "model", "", about+"only releases of this model")
	flags.StringVar(&w.Group, "group", "", about+"only gates that need votes of this group or role")
	flags.StringVar(&w.Person, "for", "", about+"only gates that still ask this person")
	flags.TextVar(&w.before, "before", w.before, about+"only gates that close within this `time`, as in 72h or 14d")
	flags.Lookup("before").DefValue = "" // no time is no filter
}

// filter gives what is wanted now.
func (w *agendaWanted) filter(now time.Time) starter.AgendaFilter {
	f := w.AgendaFilter
	if w.before > 0 {
		f.Before = now.Add(w.before.Std())
	}
	return f
}

// writeAgenda shows gates to people, each in a few lines that fit a terminal.
func (a *app) writeAgenda(w io.Writer, items []starter.AgendaItem) {
	if len(items) == 0 {
		fmt.Fprintln(w, "No gate waits for votes.")
	}
	for i, item := range items {
		if i > 0 {
			fmt.Fprintln(w)
		}
		until := ""
		if !item.Deadline.IsZero() {
			until = ", until " + a.clock(item.Deadline)
		}
		fmt.Fprintf(w, "%d. %s, gate %s%s\n", i+1, item.Release, item.Gate, until)
		for _, f := range agendaFacts(item, a.clock) {
			writeFact(w, f.name, f.text)
		}
		if item.Unknown == "" {
			fmt.Fprintf(w, "   %s\n", voteCommand(item))
		}
	}
}

type fact struct{ name, text string }

// agendaFacts lists what voters want to know of a gate.
func agendaFacts(item starter.AgendaItem, clock func(time.Time) string) []fact {
	facts := []fact{
		{"title", item.Title},
		{"changes", item.About},
		{"risk", fmt.Sprintf("%d of 100 (%s), model %s", item.Risk, item.Level, cmp.Or(item.Model, "unknown"))},
		{"needs", item.Needs},
	}
	if item.Unknown != "" {
		return append(facts, fact{"unknown", item.Unknown})
	}
	return append(facts, fact{"since", clock(item.Since) + ", digest " + item.Digest.Short()})
}

// writeFact writes a named text below each other, and nothing for an empty one.
func writeFact(w io.Writer, name, text string) {
	const indent, width = 12, 100
	start := fmt.Sprintf("   %-*s", indent-len("   "), name)
	for _, line := range wrapped(text, width-indent) {
		fmt.Fprintln(w, start+line)
		start = strings.Repeat(" ", indent)
	}
}

// wrapped breaks a text between words.
func wrapped(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// voteCommand gives the command that votes at a gate, ready to paste.
func voteCommand(item starter.AgendaItem) string {
	command := commandFor(item.Release, release.Awaiting{Action: release.ActAuthorize, Gate: item.Gate, Digest: item.Digest})
	if item.Signed {
		command += " --sign KEY"
	}
	return command
}
