package shell

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// process is a running script: a shell that leads a process group.
type process struct {
	cmd    *exec.Cmd
	memory *memory
	output *os.File
	// ended is closed once the shell itself is over; its children may not be.
	ended chan struct{}
}

// starting holds the script back until the guard knows of its group: a worker that dies
// in between leaves nothing behind. It is put before the first line of the script, whose
// lines keep their numbers.
const starting = `read -r _ <&3; exec 3<&-; `

func start(c Command, env []string) (*process, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("%s: pipe for its output: %w", c.describe(), err)
	}
	defer func() { _ = write.Close() }()
	waits, tell, err := os.Pipe()
	if err != nil {
		_ = read.Close()
		return nil, fmt.Errorf("%s: pipe for its start: %w", c.describe(), err)
	}
	defer func() { _, _ = waits.Close(), tell.Close() }()
	cmd := exec.Command("/bin/sh", "-eu", "-c", "--", starting+c.Script, c.Name)
	// A file, not a writer, so that Wait is over with the shell, even while a
	// grandchild keeps its end of the pipe.
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.Dir, env, write, write
	cmd.ExtraFiles = []*os.File{waits}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		_ = read.Close()
		return nil, fmt.Errorf("%s: start its shell: %w", c.describe(), err)
	}
	if err := guarding.hold(cmd.Process.Pid); err != nil {
		_, _ = read.Close(), tell.Close() // the shell ends by itself
		_ = cmd.Wait()
		return nil, fmt.Errorf("%s: %w", c.describe(), err)
	}
	used := watchMemory(cmd.Process.Pid)
	_, _ = fmt.Fprintln(tell, "go") // if the shell is gone already, Wait tells how
	p := &process{cmd: cmd, memory: used, output: read, ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		_ = cmd.Wait() // how it ended is in ProcessState
	}()
	return p, nil
}

// terminate asks the whole group to end and gives it its grace.
func (p *process) terminate() {
	if p.signal(syscall.SIGTERM) {
		p.awaitGone(grace)
	}
}

// sweep kills what is left of the group and waits until it is gone: the shell
// when it did not heed SIGTERM, and whatever children it left.
func (p *process) sweep() {
	alive := p.signal(syscall.SIGKILL)
	<-p.ended
	if alive {
		p.awaitGone(time.Second)
	}
	guarding.release(p.cmd.Process.Pid)
}

// signal tells whether there was still a process in the group.
func (p *process) signal(s syscall.Signal) bool {
	return syscall.Kill(-p.cmd.Process.Pid, s) == nil
}

// awaitGone looks for the group again and again, for at most as long: nothing
// reports the end of processes that are not one's own children.
func (p *process) awaitGone(limit time.Duration) {
	deadline, tick := time.After(limit), time.NewTicker(5*time.Millisecond)
	defer tick.Stop()
	for p.signal(0) && running(p.cmd.Process.Pid) {
		select {
		case <-tick.C:
		case <-deadline:
			return
		}
	}
}

// running tells whether a process of the group still runs. A signal cannot tell:
// it also reaches the dead whom nobody has buried, and in a container the first
// process may take its time with that.
func running(group int) bool {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it ended just now
		}
		// "pid (command) state parent group …"; the command may hold anything.
		fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
		if len(fields) > 2 && string(fields[2]) == strconv.Itoa(group) && fields[0][0] != 'Z' && fields[0][0] != 'X' {
			return true
		}
	}
	return false
}
