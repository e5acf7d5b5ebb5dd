package release

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Share is a number of targets, or a part of all of them: people write 5 or "10%".
type Share struct {
	Count   int
	Percent bool
}

// Sizes makes shares of numbers of targets.
func Sizes(counts ...int) []Share {
	shares := make([]Share, len(counts))
	for i, n := range counts {
		shares[i] = Share{Count: n}
	}
	return shares
}

// UpTo gives how many of so many targets the share is, at least one: a part of a
// target counts as a whole one.
func (s Share) UpTo(all int) int {
	n := s.Count
	if s.Percent {
		n = (all*s.Count + 99) / 100
	}
	return max(min(n, all), 1)
}

// Within gives how many targets the share is at most; a part of one does not count.
func (s Share) Within(all int) int {
	if s.Percent {
		return all * s.Count / 100
	}
	return s.Count
}

// String writes the share as people do.
func (s Share) String() string {
	if s.Percent {
		return strconv.Itoa(s.Count) + "%"
	}
	return strconv.Itoa(s.Count)
}

// MarshalJSON writes 5 as a number and "10%" as a text.
func (s Share) MarshalJSON() ([]byte, error) {
	if s.Percent {
		return json.Marshal(s.String())
	}
	return json.Marshal(s.Count)
}

// UnmarshalJSON reads either.
func (s *Share) UnmarshalJSON(data []byte) error { return s.UnmarshalText(bytes.Trim(data, `"`)) }

// UnmarshalText reads 5 and 10%.
func (s *Share) UnmarshalText(text []byte) error {
	number, percent := strings.CutSuffix(string(text), "%")
	n, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil {
		return fmt.Errorf("%q is neither a number of targets nor a part of them: write 5 or 10%%", text)
	}
	*s = Share{Count: n, Percent: percent}
	return nil
}

func (s Share) check(at string, least int, problems *Problems) {
	switch {
	case s.Count < least && least > 0:
		problems.add(at, "%s: a wave has at least one target", s)
	case s.Count < least:
		problems.add(at, "%s: it cannot be less than none", s)
	case s.Percent && s.Count > 100:
		problems.add(at, "%s: there are no more than 100%%", s)
	}
}

// waves cuts targets into groups of the given sizes, repeating the last size: a
// canary first, then growing batches.
func waves(targets []Target, sizes []Share) [][]Target {
	var cut [][]Target
	all := len(targets)
	for i := 0; len(targets) > 0; i++ {
		size := len(targets)
		if len(sizes) > 0 {
			size = min(sizes[min(i, len(sizes)-1)].UpTo(all), size)
		}
		cut, targets = append(cut, targets[:size]), targets[size:]
	}
	return cut
}

// selected gives the targets that have all of the labels.
func selected(targets []Target, labels map[string]string) []Target {
	if len(labels) == 0 {
		return targets
	}
	return slices.DeleteFunc(slices.Clone(targets), func(t Target) bool {
		for name, value := range labels {
			if t.Labels[name] != value {
				return true
			}
		}
		return false
	})
}
