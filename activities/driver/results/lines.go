package results

import (
	"bufio"
	"errors"
	"io"
)

// maxLine is how much of a line is looked at: no sane one is longer.
const maxLine = 1 << 20

// eachLine gives the lines of an output one by one, cut to a length, each only until
// the next one.
func eachLine(output io.Reader, take func(line []byte)) error {
	lines := bufio.NewReaderSize(output, maxLine)
	for {
		line, err := lines.ReadSlice('\n')
		if len(line) > 0 {
			take(line)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			err = skipLine(lines)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// skipLine drops the rest of a line that is too long.
func skipLine(lines *bufio.Reader) error {
	for {
		_, err := lines.ReadSlice('\n')
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}
