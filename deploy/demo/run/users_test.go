package main

import "testing"

func TestTallyTellsSwitchingFromFailing(t *testing.T) {
	type seen struct{ version, link string }
	const down = ""
	for name, test := range map[string]struct {
		seen             []seen
		switched, failed int
	}{
		"all answered":          {[]seen{{"v1", "a"}, {"v1", "a"}}, 0, 0},
		"switched":              {[]seen{{"v1", "a"}, {down, "b"}, {down, "b"}, {"v2", "b"}}, 2, 0},
		"link moved beforehand": {[]seen{{"v1", "a"}, {"v1", "b"}, {down, "b"}, {"v2", "b"}}, 1, 0},
		"there and back again":  {[]seen{{"v1", "a"}, {down, "b"}, {down, "a"}, {"v1", "a"}}, 2, 0},
		"failed":                {[]seen{{"v1", "a"}, {down, "a"}, {"v1", "a"}}, 0, 1},
		"failed after a switch": {[]seen{{"v1", "a"}, {"v2", "b"}, {down, "b"}, {"v2", "b"}}, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			tally := tally{version: "v1", link: "a"}
			for _, s := range test.seen {
				tally.note(s.version, s.link)
			}
			if tally.switched != test.switched || tally.failed != test.failed {
				t.Errorf("%d while switched and %d otherwise, want %d and %d",
					tally.switched, tally.failed, test.switched, test.failed)
			}
		})
	}
}
