package report

import "time"

// tick is a time on the axis, in percent of it.
type tick struct {
	At    float64
	Label string
}

// X is where the tick is, for SVG.
func (t tick) X() string { return percent(t.At) }

// Anchor keeps the label of a tick near an edge inside the picture.
func (t tick) Anchor() string {
	switch {
	case t.At < 8:
		return "start"
	case t.At > 92:
		return "end"
	}
	return "middle"
}

// mostTicks is how many labels fit beside each other on a phone.
const mostTicks = 5

const day = 24 * time.Hour

// tickSteps are the distances between ticks that people count in.
var tickSteps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	day, 2 * day, 7 * day, 14 * day, 28 * day, 84 * day, 364 * day,
}

// ticks lays at most mostTicks round times on the axis.
func (s scale) ticks() []tick {
	whole := s.to.Sub(s.from)
	step := tickSteps[len(tickSteps)-1]
	for _, candidate := range tickSteps {
		if whole/candidate < mostTicks {
			step = candidate
			break
		}
	}
	for whole/step >= mostTicks {
		step *= 2
	}
	var list []tick
	first := s.from.UTC().Truncate(step)
	if first.Before(s.from) {
		first = first.Add(step)
	}
	for t := first; !t.After(s.to); t = t.Add(step) {
		list = append(list, tick{s.at(t), tickLabel(t, step)})
	}
	return list
}

func tickLabel(t time.Time, step time.Duration) string {
	switch {
	case step >= 364*day:
		return t.Format("Jan 2006")
	case step >= day || t.Equal(t.Truncate(day)):
		return t.Format("2 Jan")
	case step < time.Minute:
		return t.Format(time.TimeOnly)
	}
	return t.Format("15:04")
}
