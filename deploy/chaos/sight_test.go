package chaos_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// kind is what can go on when something is killed.
type kind string

const (
	kindBuild        kind = "build"
	kindTest         kind = "test"
	kindTransfer     kind = "transfer"
	kindActivate     kind = "activate"
	kindOnce         kind = "script, once, may not run again"
	kindEach         kind = "script, per target, may not run again"
	kindAgain        kind = "script that may run again"
	kindAfterwards   kind = "script of activate, may not run again"
	kindBackOut      kind = "script that backs out"
	kindRemove       kind = "back-out of transfer"
	kindDeactivate   kind = "back-out of activate"
	kindVerification kind = "verification"
	kindSupport      kind = "early life support"
	kindGate         kind = "wait at a gate"
	kindPeople       kind = "wait for acceptance or hand-over"
	kindDecision     kind = "wait for a decision about a step"
)

// kinds lists them in the order in which they are printed.
var kinds = []kind{
	kindBuild, kindTest, kindOnce, kindTransfer, kindEach, kindAgain, kindActivate, kindAfterwards, kindVerification, kindSupport,
	kindBackOut, kindDeactivate, kindRemove, kindGate, kindPeople, kindDecision,
}

var kindOfStep = map[string]kind{
	stepAnnounce: kindAgain, stepMigrate: kindOnce, stepConfigure: kindEach, stepRefresh: kindAgain, stepSwitch: kindAfterwards, stepTidy: kindOnce,
}

func (m mark) kind() kind {
	switch m.what {
	case "build":
		return kindBuild
	case "test":
		return kindTest
	case "back-out":
		return kindBackOut
	}
	return kindOfStep[m.step]
}

// sight is what can be seen from outside at a moment: what each worker does, by its
// process, and what goes on without one.
type sight struct {
	of     map[int]map[kind]bool
	others map[kind]bool
}

func (s *site) look() sight {
	seen := sight{of: map[int]map[kind]bool{}, others: map[kind]bool{}}
	open, latest := s.marks.running()
	for _, w := range s.workers {
		if pid := w.pid(); pid > 0 {
			seen.of[pid] = map[kind]bool{}
			for _, folder := range locked(pid) {
				seen.of[pid][action(folder, latest)] = true
			}
		}
	}
	for _, m := range open {
		if at, found := seen.of[m.worker]; found {
			at[m.kind()] = true
		}
	}
	for _, k := range s.targets.asked() {
		seen.others[k] = true
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, k := range s.waits {
		seen.others[k] = true
	}
	return seen
}

// all gives everything that goes on.
func (s sight) all() map[kind]bool {
	all := maps.Clone(s.others)
	for _, of := range s.of {
		maps.Copy(all, of)
	}
	return all
}

// locked gives the folders of the targets that a process changes at the moment: it
// keeps their locks open.
func locked(pid int) []string {
	fds := fmt.Sprintf("/proc/%d/fd", pid)
	entries, _ := os.ReadDir(fds)
	var folders []string
	for _, e := range entries {
		path, err := os.Readlink(filepath.Join(fds, e.Name()))
		if folder, found := strings.CutSuffix(path, "/releases/.lock"); err == nil && found {
			folders = append(folders, folder)
		}
	}
	return folders
}

// action tells what is being done to a target, from what its environment did last
// and from what lies on it.
func action(folder string, latest func(environment string) mark) kind {
	name := filepath.Base(folder)
	last := latest(name[:strings.LastIndexByte(name, '-')])
	_, version, _ := strings.Cut(last.release, "@")
	entries, _ := os.ReadDir(filepath.Join(folder, "releases"))
	there := slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.IsDir() && strings.HasPrefix(e.Name(), version+"-") })
	link, _ := os.Readlink(filepath.Join(folder, "current"))
	current := strings.HasPrefix(filepath.Base(link), version+"-")
	switch {
	case current:
		return kindDeactivate
	case last.what == "back-out":
		return kindRemove
	case there:
		return kindActivate
	}
	return kindTransfer
}
