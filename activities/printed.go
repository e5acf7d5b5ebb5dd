package activities

import (
	"io"
	"os"
	"strings"
)

// printed takes what a script prints, into a file that is made when it prints at all.
type printed struct {
	folder string
	file   *os.File
}

func (l *printed) Write(text []byte) (int, error) {
	if l.file == nil {
		file, err := os.CreateTemp(l.folder, "*.log")
		if err != nil {
			return 0, err
		}
		l.file = file
	}
	return l.file.Write(text)
}

func (l *printed) close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}

// path is that of the file; empty when nothing was printed.
func (l *printed) path() string {
	if l.file == nil {
		return ""
	}
	return l.file.Name()
}

func (l *printed) remove() {
	if l.file != nil {
		_ = os.Remove(l.file.Name())
	}
}

// openPrinted opens what a suite printed; nothing when there is no file of it.
func openPrinted(path string) (io.ReadCloser, error) {
	if path == "" {
		return io.NopCloser(strings.NewReader("")), nil
	}
	return os.Open(path)
}
