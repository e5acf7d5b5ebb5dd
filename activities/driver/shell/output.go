package shell

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

const (
	chunk = 64 << 10
	// maxPipe is what Linux lets a pipe hold at most.
	maxPipe = 1 << 20
)

// output is where the script's output goes: masked, to the log and the tail.
type output struct {
	log      io.Writer
	redact   *redactor
	tail     tail
	progress func(string)
	newest   func([]string)
	err      error
}

// following is the reading of a script's output while it runs.
type following struct {
	out    *output
	pipe   *os.File
	done   chan struct{}
	failed chan struct{} // closed when the log cannot be written
}

func (o *output) follow(pipe *os.File) *following {
	f := &following{out: o, pipe: pipe, done: make(chan struct{}), failed: make(chan struct{})}
	go func() {
		defer close(f.done)
		buffer := make([]byte, chunk)
		for {
			n, err := pipe.Read(buffer)
			if o.write(o.redact.next(buffer[:n])); o.err != nil {
				close(f.failed)
				return
			}
			if err != nil {
				return // the end of the output, or finish
			}
		}
	}()
	return f
}

// finish takes what the pipe still holds and closes it, without waiting for its
// end, which a process that left the group may keep for ever.
func (f *following) finish() {
	_ = f.pipe.SetReadDeadline(time.Now())
	<-f.done
	if f.out.err == nil {
		_ = f.pipe.SetReadDeadline(time.Time{})
		f.out.drain(f.pipe)
		f.out.write(f.out.redact.rest())
	}
	_ = f.pipe.Close()
}

// drain reads without ever waiting. The bound is for a process that goes on
// writing.
func (o *output) drain(pipe *os.File) {
	conn, err := pipe.SyscallConn()
	if err != nil {
		return
	}
	buffer := make([]byte, chunk)
	for left := maxPipe; left > 0 && o.err == nil; {
		n := readNow(conn, buffer)
		if n <= 0 {
			return
		}
		o.write(o.redact.next(buffer[:n]))
		left -= n
	}
}

func (o *output) write(p []byte) {
	if len(p) == 0 || o.err != nil {
		return
	}
	if _, err := o.log.Write(p); err != nil {
		o.err = fmt.Errorf("write the log: %w", err)
		return
	}
	o.tail.add(p)
	if o.progress != nil {
		if line := o.tail.last(); line != "" {
			o.progress(line)
		}
	}
	if o.newest != nil {
		o.newest(o.tail.newest())
	}
}

// readNow reads what there is, without waiting: 0 at the end, negative when there
// is nothing.
func readNow(conn syscall.RawConn, buffer []byte) (n int) {
	err := conn.Read(func(fd uintptr) bool {
		for {
			var err error
			if n, err = syscall.Read(int(fd), buffer); err != syscall.EINTR {
				return true
			}
		}
	})
	if err != nil {
		return -1
	}
	return n
}
