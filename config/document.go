package config

import (
	"fmt"
	"os"
	"time"

	"slipway/release"
)

// document is a file that was read, under the name by which it is told.
type document struct {
	name string
	data []byte
}

// place is a path such as "targets[3].folder" in a file.
type place struct {
	in   *document
	path string
}

// String names the place to people.
func (p place) String() string { return p.path + " of " + p.in.name }

// below gives a place within this one.
func (p place) below(path string) place { return place{p.in, p.path + path} }

// findings collect what is wrong with several files.
type findings struct {
	// all is what is located, of what is not by its file; the files in their order.
	all   release.Problems
	of    map[*document]release.Problems
	files []*document
}

// add notes what is wrong at a place.
func (f *findings) add(at place, format string, args ...any) {
	if f.of == nil {
		f.of = map[*document]release.Problems{}
	}
	problems, known := f.of[at.in]
	if !known {
		f.files = append(f.files, at.in)
	}
	problems.Add(release.Problem{Path: at.path, Message: fmt.Sprintf(format, args...)})
	f.of[at.in] = problems
}

// located gives all that is wrong with file and line.
func (f *findings) located() release.Problems {
	all := f.all
	for _, d := range f.files {
		all = append(all, release.LocateProblems(d.name, d.data, f.of[d])...)
	}
	return all
}

// stamps tell of files when they were written last; a file that is missing has an
// empty stamp.
type stamps map[string]stamp

type stamp struct {
	changed time.Time
	size    int64
}

func stampOf(file string) stamp {
	info, err := os.Stat(file)
	if err != nil {
		return stamp{} // reading it says what is wrong
	}
	return stamp{changed: info.ModTime(), size: info.Size()}
}

// read reads a file and notes its stamp, which is taken before, so that no change is
// missed.
func (s stamps) read(file string) ([]byte, error) {
	s[file] = stampOf(file)
	return os.ReadFile(file)
}

// changed tells whether any of the files was written since it was read.
func (s stamps) changed() bool {
	for file, was := range s {
		if stampOf(file) != was {
			return true
		}
	}
	return false
}
