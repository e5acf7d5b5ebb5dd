package main

import "math"

// demand is what releases ask of a Temporal cluster and of its workers: so many in a
// day, all within so many hours of it, at times so many times more at once than in the
// mean.
type demand struct {
	releases, hours, peak float64
	// each is what one release was measured to use.
	each load
}

// busy are 1,000 releases in the eight hours of a working day.
func busy(each load) demand { return demand{releases: 1_000, hours: 8, peak: 5, each: each} }

// perSecond gives how much of something is used in a second at the peak, when one
// release uses so much.
func (d demand) perSecond(n float64) float64 { return n * d.releases / (d.hours * 3600) * d.peak }

// shards are how many history shards are needed. A shard commits one change after the
// other; it is to be at work no more than a tenth of the time, so that none waits for
// long. Their number is for ever: a power of two, for the next one to have room.
func (d demand) shards() float64 {
	const commit, share = 0.010, 0.1
	return math.Exp2(math.Ceil(math.Log2(d.perSecond(float64(d.each.writes)) * commit / share)))
}

// rows gives the cluster that is needed.
func (d demand) rows(name string) []row {
	return []row{
		{Name: name + ": targets", Value: d.perSecond(float64(d.each.targets)), Unit: "per second at the peak"},
		{Name: name + ": database writes", Value: d.perSecond(float64(d.each.writes)), Unit: "per second at the peak"},
		{Name: name + ": database reads", Value: d.perSecond(float64(d.each.reads)), Unit: "per second at the peak"},
		{Name: name + ": history shards", Value: d.shards(), Unit: "at least"},
		{Name: name + ": server", Value: d.perSecond(d.each.server.Seconds()), Unit: "cores at the peak"},
		{Name: name + ": workers, beside what they run", Value: d.perSecond(d.each.workers.Seconds()), Unit: "cores at the peak"},
		{Name: name + ": histories", Value: float64(d.each.histories.bytes) * d.releases / 1e9, Unit: "GB per day"},
		{Name: name + ": CMS grows by", Value: float64(d.each.records) * d.releases / 1e9, Unit: "GB per day"},
		{Name: name + ": DML grows by", Value: float64(d.each.library) * d.releases / 1e9, Unit: "GB per day"},
	}
}
