package archive

import (
	"errors"
	"io"
	"sync"
)

// Together gives a writer that writes to all of others at the same time, and waits for
// them: what is summed does not hold up what is stored.
func Together(writers ...io.Writer) io.Writer { return together(writers) }

type together []io.Writer

func (t together) Write(p []byte) (int, error) {
	failed := make([]error, len(t))
	var group sync.WaitGroup
	for i, w := range t {
		group.Go(func() {
			n, err := w.Write(p)
			if err == nil && n < len(p) {
				err = io.ErrShortWrite
			}
			failed[i] = err
		})
	}
	group.Wait()
	if err := errors.Join(failed...); err != nil {
		return 0, err
	}
	return len(p), nil
}
