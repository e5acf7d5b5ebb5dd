package main

import (
	"encoding/csv"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"slipway/release/records"
)

func TestTheRecordsAreAskedForOnTheCommandLine(t *testing.T) {
	keepRecords(t, 60)
	ask := func(line string) *call { return here(t, append([]string{"cms"}, strings.Fields(line)...)...) }

	var seen []string
	for more := ""; ; {
		c := ask("releases --limit 25 -o json" + more)
		c.want(t, exitDone, "", "")
		var answer records.Answer
		require.NoError(t, json.Unmarshal(c.out.Bytes(), &answer))
		for _, r := range answer.Releases {
			seen = append(seen, r.ID)
		}
		if answer.Next == "" {
			require.Empty(t, c.errs.String())
			break
		}
		require.Len(t, answer.Releases, 25)
		told := regexp.MustCompile(`there are more: add (--after \S+) to the same command`).FindStringSubmatch(c.errs.String())
		require.NotNil(t, told, c.errs.String())
		more = " " + told[1]
	}
	require.Len(t, seen, 60)

	sheet, err := csv.NewReader(&ask("incidents --severity 1,2 -o csv").out).ReadAll()
	require.NoError(t, err)
	require.Greater(t, len(sheet), 1)
	for _, row := range sheet[1:] {
		require.Contains(t, []string{"1", "2"}, row[3])
	}
	ask("baseline --service httpbin").want(t, exitDone, "No baseline like this is recorded.", "")
	ask("ci httpbin").want(t, exitDone, "httpbin  service", "")
	ask("relations service httpbin").want(t, exitDone, "service httpbin\n", "")
	ask("known-errors --open").want(t, exitDone, "", "")

	ask("baseline mars").want(t, exitFailed, "", "there is no environment mars: there are apac, emea")
	ask("releases --service htpbin").want(t, exitFailed, "", "no service htpbin is recorded: did you mean httpbin?")
	ask("ci htpbin").want(t, exitFailed, "", "no configuration item htpbin is recorded: did you mean httpbin?")
	ask("incidents --release httpbin@1.5").want(t, exitFailed, "", "no release httpbin@1.5 is recorded: did you mean httpbin@1.5")
	ask("releases --after yesterday").want(t, exitFailed, "", `"yesterday" is not where an answer to this question ended`)
	here(t, "__complete", "cms", "ci", "").want(t, exitDone, "httpbin\tservice", "")
	here(t, "__complete", "cms", "relations", "known").want(t, exitDone, "known-error", "")
	here(t, "cms", "audit", "mars").want(t, exitFailed, "", "there is no environment mars: there are apac, emea")
}
