package main

import (
	"strings"

	"github.com/spf13/cobra"

	"slipway/release"
)

// oneRelease wants the id of a release, and nothing else.
func oneRelease(verb *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usage("%s wants one release id, as in: %s", verb.CommandPath(), example(verb))
	}
	if _, _, err := release.ParseID(args[0]); err != nil {
		return usageError(err.Error())
	}
	return nil
}

// noArguments wants flags only.
func noArguments(verb *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("%s does not know what %q means; use it as in: %s", verb.CommandPath(), args[0], example(verb))
	}
	return nil
}

// need refuses to go on without these flags.
func need(verb *cobra.Command, names ...string) error {
	for _, name := range names {
		flag := verb.Flag(name)
		if strings.TrimSpace(flag.Value.String()) != "" {
			continue
		}
		if name == "by" {
			return usage("--by is missing: say who you are, or set SLIPWAY_BY")
		}
		return usage("--%s is missing (%s); as in: %s", name, flag.Usage, example(verb))
	}
	return nil
}

// example gives the first example of a verb.
func example(verb *cobra.Command) string {
	line, _, _ := strings.Cut(strings.TrimSpace(verb.Example), "\n")
	return strings.TrimSpace(line)
}

// byFlag says who sends an action.
func (a *app) byFlag(verb *cobra.Command, by *string) {
	verb.Flags().StringVar(by, "by", a.env.get("SLIPWAY_BY"), "who you are, as on the roster (default from SLIPWAY_BY)")
}

func reasonFlag(verb *cobra.Command, reason *string) {
	verb.Flags().StringVar(reason, "reason", "", "why, for the records")
}

// environmentFlag names an environment of the release.
func (a *app) environmentFlag(verb *cobra.Command, environment *string) {
	verb.Flags().StringVar(environment, "environment", "", "the environment (default: the only one in question)")
	must(verb.RegisterFlagCompletionFunc("environment", a.completeFromStatus(func(r release.Record) []string {
		var names []string
		for _, e := range r.Environments {
			names = append(names, e.Name)
		}
		return names
	})))
}

// fileFlag names the file of a release definition.
func fileFlag(verb *cobra.Command, file *string) {
	verb.Flags().StringVarP(file, "file", "f", "", "the release definition; - reads it from stdin")
	must(verb.MarkFlagFilename("file", "yaml", "yml"))
}
