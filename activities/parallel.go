package activities

import "sync"

// lookers is how many targets are looked at at the same time.
const lookers = 16

// sideBySide does something with each item, in their order, with so many at the
// same time (at least one), and waits for all.
func sideBySide[T any](parallel int, items []T, do func(item T)) {
	var group sync.WaitGroup
	slots := make(chan struct{}, max(1, parallel))
	for _, item := range items {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			do(item)
		})
	}
	group.Wait()
}

// allOf does the same to get a value of each.
func allOf[T, V any](parallel int, items []T, of func(item T) V) []V {
	values, numbers := make([]V, len(items)), make([]int, len(items))
	for i := range items {
		numbers[i] = i
	}
	sideBySide(parallel, numbers, func(i int) { values[i] = of(items[i]) })
	return values
}
