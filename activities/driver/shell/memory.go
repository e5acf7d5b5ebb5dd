package shell

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// memory finds out what the largest process of a script took.
//
// Linux tells exactly when the shell is waited for, but counts in what the worker
// itself had taken when it started the shell. So what it tells is true only when it is
// more than that; below, it is what could be seen while the script ran.
type memory struct {
	worker, seen int64
	stop, done   chan struct{}
}

// The pauses between two looks at the processes: short at first, since most scripts
// are. Each process shows the most that it ever took, so that few looks will do.
const (
	firstLook = 5 * time.Millisecond
	maxLook   = time.Second
)

// watchMemory begins to look at a shell, which has to be there still, and at its
// descendants.
func watchMemory(shell int) *memory {
	m := &memory{stop: make(chan struct{}), done: make(chan struct{})}
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) == nil {
		m.worker = usage.Maxrss << 10
	}
	m.look(shell)
	go func() {
		defer close(m.done)
		for pause := firstLook; ; pause = min(2*pause, maxLook) {
			select {
			case <-m.stop:
				return
			case <-time.After(pause):
				m.look(shell)
			}
		}
	}()
	return m
}

// look takes in what a process and its descendants took so far.
func (m *memory) look(process int) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if err != nil {
		return // it ended
	}
	var kilobytes int64
	if _, most, found := strings.Cut(string(status), "\nVmHWM:"); found {
		_, _ = fmt.Sscan(most, &kilobytes)
	}
	m.seen = max(m.seen, kilobytes<<10)
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", process, process))
	for child := range strings.FieldsSeq(string(children)) {
		var id int
		if _, err := fmt.Sscan(child, &id); err == nil {
			m.look(id)
		}
	}
}

// peak ends the looking, and gives the most in bytes with what Linux tells of the
// shell that was waited for.
func (m *memory) peak(waited *syscall.Rusage) int64 {
	close(m.stop)
	<-m.done
	if told := waited.Maxrss << 10; told > m.worker {
		return told
	}
	return m.seen
}
