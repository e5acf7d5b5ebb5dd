package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// children are what the bench does in a process of its own, so that its memory is
// its own too: from a folder, to a media library.
var children = map[string]func(ctx context.Context, from, to string) error{
	"check-in":  checkIn,
	"oras-copy": orasCopy,
}

// usage is what a child tells at its end.
type usage struct {
	Took time.Duration `json:"took"`
	// Peak is the most memory that was resident, in bytes.
	Peak int64 `json:"peak"`
}

// child is the main function of a child.
func child(what string, args []string) int {
	if len(args) != 2 {
		fmt.Fprintf(os.Stderr, "bench: %s wants FROM and TO\n", what)
		return 2
	}
	started := time.Now()
	err := children[what](context.Background(), args[0], args[1])
	used := usage{Took: time.Since(started)}
	if err == nil {
		used.Peak, err = peak(os.Getpid())
	}
	if err = errors.Join(err, json.NewEncoder(os.Stdout).Encode(used)); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

// inChild does something in a process of its own.
func inChild(ctx context.Context, what, from, to string) (usage, error) {
	var used usage
	self, err := os.Executable()
	if err != nil {
		return used, err
	}
	cmd := exec.CommandContext(ctx, self, what, from, to)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return used, err
	}
	return used, json.Unmarshal(out, &used)
}

// peak reads how much memory of a process was resident at most. What wait4 tells of
// a child counts in what its parent had when it began it.
func peak(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for lines := bufio.NewScanner(bytes.NewReader(status)); lines.Scan(); {
		if value, found := strings.CutPrefix(lines.Text(), "VmHWM:"); found {
			kilobytes, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 10, 64)
			return kilobytes * 1024, err
		}
	}
	return 0, fmt.Errorf("/proc/%d/status does not tell the peak of its memory", pid)
}
