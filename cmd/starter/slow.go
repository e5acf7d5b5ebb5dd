package main

import (
	"sync"
	"time"
)

// slow is how long something may take before it is said what is waited for.
const slow = 2 * time.Second

// meanwhile says what is waited for, unless over is called before that is slow. Nothing
// is said once over has returned.
func (a *app) meanwhile(format string, args ...any) (over func()) {
	var said sync.WaitGroup
	said.Add(1)
	timer := time.AfterFunc(slow, func() {
		defer said.Done()
		a.tell(format, args...)
	})
	return func() {
		if timer.Stop() {
			said.Done()
		}
		said.Wait()
	}
}
