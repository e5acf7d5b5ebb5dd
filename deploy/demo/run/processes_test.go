package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestProcessesAreStoppedForGood(t *testing.T) {
	p := processes{pids: t.TempDir(), logs: t.TempDir()}
	script := map[string]string{
		"worker":   `sleep 600`,
		"stubborn": `trap "" TERM; echo ready; sleep 600 & wait; sleep 600`,
		"server":   `exit 0`,
	}
	patience := stopPatience
	stopPatience = 200 * time.Millisecond
	t.Cleanup(func() { stopPatience = patience })
	started := map[string]process{}
	for name, run := range script {
		process, err := p.start(name, os.Environ(), "/bin/sh", "-c", run)
		if err != nil {
			t.Fatal(err)
		}
		started[name] = process
	}
	<-started["server"].ended
	if _, err := p.start("worker", nil, "/bin/true"); err == nil {
		t.Error("a second worker was started beside the first")
	}
	if err := p.stopAll(); err != nil {
		t.Fatal(err)
	}
	for _, process := range started {
		<-process.ended
	}
	if left, _ := filepath.Glob(filepath.Join(p.pids, "*")); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	if err := p.stopAll(); err != nil {
		t.Errorf("stopping once more: %v", err)
	}
}
