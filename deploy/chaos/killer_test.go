package chaos_test

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	// tick is how often the killer looks; what is over within a moment has to be hit.
	tick = 2 * time.Millisecond
	// serverShare of the kills hit the server, one in so many.
	serverShare = 4
	// blindShare of the kills come whatever goes on, one in so many.
	blindShare = 4
)

// killAround kills worker or server until it was often enough or time is up. Moments
// are random, but favour what was hit the least so far.
func (s *site) killAround(ctx context.Context) {
	r := random(0)
	until, _ := ctx.Deadline()
	for left := *kills; left > 0; left-- {
		gap := time.Until(until) / time.Duration(left+1)
		// At any rate something may get done in between.
		rest(ctx, time.Duration(float64(gap)*(0.2+0.6*r.Float64())))
		if r.IntN(blindShare) > 0 {
			s.aim(ctx, gap)
		}
		if ctx.Err() != nil || s.t.Failed() {
			return
		}
		s.kill(r)
		s.lookAround()
	}
}

// aim waits for something that was hit less than most, but not for long.
func (s *site) aim(ctx context.Context, most time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for ctx.Err() == nil {
		for k := range s.look().all() {
			if s.figures.rare(k) {
				return
			}
		}
		rest(ctx, tick)
	}
}

// kill kills the server, or a worker: rather one that does something rare.
func (s *site) kill(r *rand.Rand) {
	seen := s.look()
	pause := time.Duration(0)
	if r.IntN(2) == 0 {
		pause = time.Duration(r.IntN(1500)) * time.Millisecond
	}
	if r.IntN(serverShare) == 0 {
		if s.server.kill(pause) {
			s.figures.killed("server", seen.all())
		}
		return
	}
	first := r.IntN(len(s.workers))
	for i, w := range s.workers {
		for k := range seen.of[w.pid()] {
			if s.figures.rare(k) {
				first = i
			}
		}
	}
	for i := range s.workers {
		w := s.workers[(first+i)%len(s.workers)]
		did := seen.of[w.pid()]
		if !w.kill(pause) {
			continue
		}
		for k := range seen.others {
			if did == nil {
				did = map[kind]bool{}
			}
			did[k] = true
		}
		s.figures.killed("worker", did)
		return
	}
}

// rest waits, unless the context ends first.
func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
