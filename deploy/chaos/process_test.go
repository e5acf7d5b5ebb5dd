package chaos_test

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// keeper keeps a program running, as a service manager does: whatever ends it, it
// is started again.
type keeper struct {
	command []string
	env     []string
	log     string

	mutex   sync.Mutex
	process *os.Process
	pause   time.Duration
	closing bool
	done    chan struct{}
}

// again is the pause before a program that gave up by itself is started again.
const again = 200 * time.Millisecond

func keep(log string, env []string, command ...string) *keeper {
	k := &keeper{command: command, env: env, log: log, done: make(chan struct{})}
	go k.run()
	return k
}

func (k *keeper) run() {
	// The program dies with the thread that started it, should the test die.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(k.done)
	for {
		k.once()
		k.mutex.Lock()
		pause, closing := k.pause, k.closing
		k.pause = again
		k.mutex.Unlock()
		if closing {
			return
		}
		time.Sleep(pause)
	}
}

func (k *keeper) once() {
	log, err := os.OpenFile(k.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(k.command[0], k.command[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr = k.env, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	k.mutex.Lock()
	if k.closing {
		k.mutex.Unlock()
		return
	}
	err = cmd.Start()
	k.process = cmd.Process
	k.mutex.Unlock()
	if err == nil {
		_ = cmd.Wait() // however it ended, it is started again
	}
	k.mutex.Lock()
	k.process = nil
	k.mutex.Unlock()
}

// pid is the process of the moment; 0 when there is none.
func (k *keeper) pid() int {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.process == nil {
		return 0
	}
	return k.process.Pid
}

// kill ends the process without its noticing, and lets another one start after a
// pause. It gives false when none was running.
func (k *keeper) kill(pause time.Duration) bool {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.process == nil || errors.Is(k.process.Kill(), os.ErrProcessDone) {
		return false
	}
	k.pause = pause
	return true
}

// close ends it for good.
func (k *keeper) close() {
	k.mutex.Lock()
	k.closing, k.pause = true, 0
	if k.process != nil {
		_ = k.process.Kill()
	}
	k.mutex.Unlock()
	<-k.done
}
