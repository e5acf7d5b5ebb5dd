package main

import (
	"runtime"
	"syscall"
)

// The service is to die with its parent thread, so the supervisor has to stay on
// the main thread, which lives as long as the process.
func init() { runtime.LockOSThread() }

// dieWithParent keeps a service from outliving a supervisor that was killed, as
// a service manager's control group would.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
