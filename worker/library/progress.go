package library

import "sync/atomic"

// Progress is how far a long piece of work is. It may be read while the work goes on.
type Progress struct{ done, total atomic.Int64 }

// Bytes gives how many bytes were read, and how many there are.
func (p *Progress) Bytes() (done, total int64) { return p.done.Load(), p.total.Load() }

// Write counts what it is given.
func (p *Progress) Write(data []byte) (int, error) {
	p.done.Add(int64(len(data)))
	return len(data), nil
}
