package release

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with what somebody wrote: where, and what
// was expected instead.
type Problem struct {
	// Path names the field, as in "environments[1].name".
	Path string `json:"path"`
	// Message says what is wrong and what would be right.
	Message string `json:"message"`
	// File and Line say where it stands, when that is known; lines count from 1.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// String gives the problem on one line: "release.yaml:12: environments[1].name: …".
func (p Problem) String() string {
	var place string
	switch {
	case p.File != "" && p.Line > 0:
		place = fmt.Sprintf("%s:%d: ", p.File, p.Line)
	case p.File != "":
		place = p.File + ": "
	}
	if p.Path != "" {
		place += p.Path + ": "
	}
	return place + p.Message
}

// Problems is everything that is wrong, as an error.
type Problems []Problem

// Error lists the problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// What is listed of many or long problems: enough to go on with, and little enough
// for a screen and a workflow's history.
const (
	problemsListed = 100
	problemLength  = 1000
)

// add notes a problem at a path.
func (ps *Problems) add(path, format string, args ...any) {
	ps.Add(Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

// Add notes a problem, unless there are too many already.
func (ps *Problems) Add(p Problem) {
	switch {
	case len(*ps) > problemsListed:
		return
	case len(*ps) == problemsListed:
		p = Problem{Message: fmt.Sprintf("there is more: only the first %d problems are listed", problemsListed)}
	default:
		p.Message = Cut(p.Message, problemLength)
	}
	*ps = append(*ps, p)
}
