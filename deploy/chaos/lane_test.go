package chaos_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"time"

	"slipway/release"
)

// lane releases one service, version after version, at times two at once, until the
// killing is over.
func (s *site) lane(killing context.Context, number int) {
	r := random(uint64(number) + 1)
	service := fmt.Sprintf("%s-%d", filepath.Base(s.folder), number) // no other test's processes are of it
	for place, version := 0, 0; killing.Err() == nil && !s.t.Failed() && place < spare; {
		staging, production := environmentName(number, place, "staging"), environmentName(number, place, "production")
		before := s.standing(service, staging, production)
		var requests []request
		for range 1 + r.IntN(5)/3 {
			version++
			requests = append(requests, s.request(r, service, fmt.Sprintf("%d.0", version), staging, production))
		}
		if !s.round(killing, r, service, requests, before) {
			place++ // nobody clears up what is undecided
		}
	}
}

// round carries releases out at the same time, and checks what came of them. It gives
// false when something is undecided.
func (s *site) round(killing context.Context, r *rand.Rand, service string, requests []request, before map[string]string) bool {
	end, cancel := context.WithCancel(context.Background())
	defer cancel()
	context.AfterFunc(killing, func() {
		rest(end, patience)
		cancel()
	})
	records := make([]release.Record, len(requests))
	var group sync.WaitGroup
	for i, q := range requests {
		of := rand.New(rand.NewPCG(r.Uint64(), r.Uint64()))
		group.Go(func() {
			rest(end, time.Duration(i)*time.Duration(of.IntN(3000))*time.Millisecond)
			record, ended := s.play(end, of, q)
			if !ended {
				s.wrong("%s@%s (%s) did not end: it is in %s, awaiting %+v", service, q.definition.Version, q.trouble, record.Phase, record.Awaiting)
			}
			records[i] = record
		})
	}
	group.Wait()
	if s.t.Failed() {
		return false
	}
	return s.check(service, requests, records, before)
}
