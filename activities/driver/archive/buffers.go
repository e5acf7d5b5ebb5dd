package archive

import (
	"bufio"
	"io"
	"sync"
)

// Buffers are used again: most folders are small, and to make and clear buffers for each
// would take longer than to read it.
var (
	buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}
	readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, bufferSize) }}
	writers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, bufferSize) }}
)

// buffer lends a buffer until it is given back.
func buffer() (b []byte, giveBack func()) {
	lent := buffers.Get().(*[bufferSize]byte)
	return lent[:], func() { buffers.Put(lent) }
}

// buffered lends a reader with a buffer until it is given back.
func buffered(r io.Reader) (in *bufio.Reader, giveBack func()) {
	in = readers.Get().(*bufio.Reader)
	in.Reset(r)
	return in, func() {
		in.Reset(nil)
		readers.Put(in)
	}
}

// bufferedOut lends a writer with a buffer until it is given back.
func bufferedOut(w io.Writer) (out *bufio.Writer, giveBack func()) {
	out = writers.Get().(*bufio.Writer)
	out.Reset(w)
	return out, func() {
		out.Reset(nil)
		writers.Put(out)
	}
}
