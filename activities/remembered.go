package activities

import "sync"

// remembered are values that a worker keeps in memory by their keys, the latest of them.
// Who reads or keeps one has the lock.
type remembered[K comparable, V any] struct {
	sync.Mutex
	known map[K]V
	order []K
}

// keep remembers a value, and forgets the oldest when there would be more than most.
func (r *remembered[K, V]) keep(key K, value V, most int) {
	if _, again := r.known[key]; again {
		return
	}
	if r.known == nil {
		r.known = map[K]V{}
	}
	if len(r.order) == most {
		delete(r.known, r.order[0])
		r.order = r.order[1:]
	}
	r.known[key] = value
	r.order = append(r.order, key)
}
