package report

import (
	"fmt"
	"time"

	"slipway/release"
)

// mostWindows is how many windows of latency are drawn one by one; more are put
// together.
const mostWindows = 120

// latencyChart draws how long the probes waited for an answer while an environment
// was supported, with the times at which a target was down or not observed.
func (c composer) latencyChart(support release.SupportStatus) []block {
	windows := merged(support.Latency)
	if len(windows) == 0 {
		return nil
	}
	s := scale{windows[0].From, windows[len(windows)-1].To}
	var most time.Duration
	answered := 0
	for _, w := range windows {
		most = max(most, w.Max.Std())
		answered += w.Probes - w.Failed
	}
	if answered == 0 {
		return []block{paragraph("No probe was answered, so that there is no latency.")}
	}
	labels := each(s.ticks(), func(t tick) axisLabel { return axisLabel{t.X(), t.Label, "", t.Anchor()} })
	p, l := newPlot(labels, 0, milliseconds(release.Duration(most)), false)
	p.Few = false
	p.Bands = c.bands(s, support)
	p.Lines = append(
		course(s, l, windows, 1, func(w release.LatencyWindow) release.Duration { return w.Mean }),
		course(s, l, windows, 2, func(w release.LatencyWindow) release.Duration { return w.Max })...,
	)
	drawn := &chart{
		Title: "Latency of the probes, in ms", Plot: p, Drawn: drawnLatency(windows),
		Description: fmt.Sprintf("%s of %s each, the worst answer after %s.", release.ManyOf(len(windows), "window"),
			human(release.Duration(windows[0].To.Sub(windows[0].From))), human(release.Duration(most))),
		Legend: []legend{{1, true, "mean of a window"}, {2, true, "worst of a window"}},
	}
	t := timeline{Groups: []laneGroup{{Lanes: []lane{{Bars: p.Bands}}}}}
	t.explain()
	drawn.Bands = t.Legend
	return []block{heading("Latency, in ms"), {Chart: drawn}}
}

func milliseconds(d release.Duration) float64 { return float64(d.Std()) / float64(time.Millisecond) }

// course joins the values of windows that follow each other and have one.
func course(s scale, l levels, windows []release.LatencyWindow, k look, of func(release.LatencyWindow) release.Duration) (lines []plotLine) {
	x, y := "", ""
	for _, w := range windows {
		if w.Probes == w.Failed {
			x = ""
			continue
		}
		toX, toY := percent(s.at(w.From.Add(w.To.Sub(w.From)/2))), pixels(l.y(milliseconds(of(w))))
		if x == "" {
			x, y = percent(s.at(w.From)), toY // a window alone is seen, too
		}
		lines = append(lines, plotLine{k, x, y, toX, toY})
		x, y = toX, toY
	}
	return lines
}

// bands are the times at which any target was down or not observed.
func (c composer) bands(s scale, support release.SupportStatus) (bands []bar) {
	for _, a := range support.Availability {
		for _, i := range a.Unobserved {
			bands = append(bands, c.bar(s, unseen, because(a.Target+" not observed", i.Reason), i.From, i.To))
		}
		for _, i := range a.Down {
			bands = append(bands, c.bar(s, down, because(a.Target+" down", i.Reason), i.From, i.To))
		}
	}
	return bands
}

// merged puts neighbouring windows together until few enough are left.
func merged(windows []release.LatencyWindow) []release.LatencyWindow {
	for len(windows) > mostWindows {
		var halved []release.LatencyWindow
		for i := 0; i < len(windows); i += 2 {
			w := windows[i]
			if i+1 < len(windows) {
				w = both(w, windows[i+1])
			}
			halved = append(halved, w)
		}
		windows = halved
	}
	return windows
}

func both(a, b release.LatencyWindow) release.LatencyWindow {
	sum := release.LatencyWindow{From: a.From, To: b.To, Probes: a.Probes + b.Probes, Failed: a.Failed + b.Failed, Max: max(a.Max, b.Max)}
	if answered := sum.Probes - sum.Failed; answered > 0 {
		weigh := func(w release.LatencyWindow) float64 { return float64(w.Mean) * float64(w.Probes-w.Failed) }
		sum.Mean = release.Duration((weigh(a) + weigh(b)) / float64(answered))
	}
	return sum
}

// drawnLatency writes a character for each window.
func drawnLatency(windows []release.LatencyWindow) string {
	return drawnCourse(each(windows, func(w release.LatencyWindow) *float64 {
		if w.Probes == w.Failed {
			return nil
		}
		mean := milliseconds(w.Mean)
		return &mean
	}))
}
