package release

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Waits are what early life support waits for beyond its planned end: for a serious
// incident to be resolved, and for a person to decide when policy has no more extensions.
// A wait that it has told of already goes on since then.
func (o SupportOrder) Waits(s SupportStatus, now time.Time) (waits []Awaiting) {
	ask := o.Course(s, now).Ask
	if !ask && !s.prolonged(now) {
		return nil
	}
	if i := slices.IndexFunc(s.Incidents, o.Plan.Exit.Serious); i >= 0 {
		m := ResolveIncident{Incident: s.Incidents[i].ID, Resolution: "HOW"}
		m.By = o.Authority.First(ActResolveIncident)
		waits = append(waits, Awaiting{Kind: WaitIncidents, Needs: s.Incidents[i].String(), Action: ActResolveIncident, Payload: Example(m)})
	}
	if ask {
		waits = append(waits, o.decisions(s)...)
	}
	for i := range waits {
		w := &waits[i]
		w.Environment, w.Since = o.Environment, now
		known := slices.IndexFunc(s.Awaiting, func(b Awaiting) bool {
			return b.Action == w.Action && (b.Needs == w.Needs || b.Kind == WaitSupport)
		})
		if known >= 0 {
			w.Since = s.Awaiting[known].Since
		}
	}
	return waits
}

// decisions are what a person may decide, with what to send for each.
func (o SupportOrder) decisions(s SupportStatus) []Awaiting {
	extend := ExtendSupport{Period: max(o.Policy.ExtendBy, Duration(day)), Reason: "WHY"}
	extend.By = o.Authority.First(ActExtendSupport)
	end := EndSupport{Reason: "WHY"}
	end.By = o.Authority.First(ActEndSupport)
	return []Awaiting{
		{
			Kind: WaitSupport, Action: ActExtendSupport, Payload: Example(extend),
			Needs: fmt.Sprintf("%s to let it last longer (extend-els), for exit criteria do not hold (%s); it ends by itself once they do",
				o.Authority.Who(ActExtendSupport), list(s.unmet())),
		},
		{
			Kind: WaitSupport, Action: ActEndSupport, Payload: Example(end),
			Needs: fmt.Sprintf("or %s to end it in spite of that (end-els), or %s to back the release out (back-out)",
				o.Authority.Who(ActEndSupport), o.Authority.Who(ActBackOut)),
		},
	}
}

// unmet names the criteria that do not hold.
func (s SupportStatus) unmet() (names []string) {
	for _, c := range s.Criteria {
		if !c.Met {
			names = append(names, c.Name)
		}
	}
	return names
}

// Example is a message as people can send it: one line of JSON.
func Example(m Message) string {
	text, err := json.Marshal(m)
	if err != nil {
		return "" // every message of ours has a JSON form
	}
	return string(text)
}
