//go:build !linux

package main

import "syscall"

// dieWithParent is known to Linux only.
func dieWithParent() *syscall.SysProcAttr { return nil }
