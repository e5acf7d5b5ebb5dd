package chaos_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// mark is a line that a script left, outside Slipway, when it began or ended.
type mark struct {
	// word is begin, end, or fail.
	word string
	// what is build, test, run or back-out.
	what        string
	step        string
	environment string
	target      string
	release     string
	attempt     string
	// process is the script's, worker that of the program that started it.
	process, worker int
}

// script gives a script that leaves marks in a file around what it does.
func script(file, what, step, body string) string {
	leave := func(word string) string {
		return fmt.Sprintf(`echo "%s %s %s ${ENVIRONMENT:--} ${TARGET:--} $RELEASE ${ATTEMPT:--} $$ $PPID" >>%s`, word, what, step, file)
	}
	return leave("begin") + "\nfail() { " + leave("fail") + "; exit 3; }\n" + body + "\n" + leave("end") + "\n"
}

// place is where a step runs for a release.
type place struct{ release, step, environment, target string }

func (m mark) place() place { return place{m.release, m.step, m.environment, m.target} }

// marks are the lines read so far.
type marks struct {
	file string

	mutex sync.Mutex
	read  int64
	all   []mark
	// open are those of scripts that may still run, and latest the last one in each
	// environment.
	open   map[int]mark
	latest map[string]mark
}

func newMarks(file string) *marks {
	return &marks{file: file, open: map[int]mark{}, latest: map[string]mark{}}
}

// update reads what was added. It is called with the mutex held.
func (m *marks) update() {
	file, err := os.Open(m.file)
	if err != nil {
		return // nobody has left any yet
	}
	defer func() { _ = file.Close() }()
	for {
		buffer := make([]byte, 64<<10)
		n, _ := file.ReadAt(buffer, m.read)
		whole := bytes.LastIndexByte(buffer[:n], '\n') + 1
		if whole == 0 {
			return
		}
		m.read += int64(whole)
		for line := range strings.Lines(string(buffer[:whole])) {
			m.take(strings.Fields(line))
		}
	}
}

func (m *marks) take(f []string) {
	if len(f) != 9 {
		panic(fmt.Sprintf("a mark is torn: %q", f))
	}
	process, _ := strconv.Atoi(f[7])
	worker, _ := strconv.Atoi(f[8])
	one := mark{f[0], f[1], f[2], f[3], f[4], f[5], f[6], process, worker}
	if one.target == "-" {
		one.target = ""
	}
	m.all = append(m.all, one)
	m.latest[one.environment] = one
	if one.word == "begin" {
		m.open[process] = one
	} else {
		delete(m.open, process)
	}
}

// running gives the scripts that run at the moment, and the latest mark of each
// environment.
func (m *marks) running() (open []mark, latest func(environment string) mark) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.update()
	for process, one := range m.open {
		if syscall.Kill(process, 0) != nil {
			delete(m.open, process) // killed with its worker
			continue
		}
		open = append(open, one)
	}
	return open, func(environment string) mark {
		m.mutex.Lock()
		defer m.mutex.Unlock()
		return m.latest[environment]
	}
}

// of gives the marks of a kind of script in a place, in their order.
func (m *marks) of(what string, at place) []mark {
	return m.where(func(one mark) bool { return one.what == what && one.place() == at })
}

// where gives the marks for which something holds, in their order.
func (m *marks) where(holds func(mark) bool) []mark {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.update()
	return slices.DeleteFunc(slices.Clone(m.all), func(one mark) bool { return !holds(one) })
}
