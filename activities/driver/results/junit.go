package results

import (
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
)

const (
	// maxJUnit bounds the file in bytes: it is read as a stream, and a million cases
	// are about a hundred MB.
	maxJUnit = 2 << 30
	// maxToken bounds a tag or a text in it, which is held in memory as a whole.
	maxToken = 16 << 20
	// maxDepth bounds how deep elements lie in each other.
	maxDepth = 1000
	// maxAttributes bounds those of one element.
	maxAttributes = 1000
)

// readJUnit reads a file that lies, links included, in the folder.
func readJUnit(folder, path string, c *Counts) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return fmt.Errorf("folder of the suite: %w", err)
	}
	defer func() { _ = root.Close() }()
	info, err := root.Stat(path)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > maxJUnit) {
		err = fmt.Errorf("not a file of at most %d MB", maxJUnit>>20)
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrUnreadable, path, err)
	}
	file, err := root.Open(path)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrUnreadable, path, err)
	}
	defer func() { _ = file.Close() }()
	if err := decodeJUnit(io.LimitReader(file, maxJUnit), c); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrUnreadable, path, err)
	}
	return nil
}

// tokens counts what is read since the last token of a document.
type tokens struct {
	from io.Reader
	read int
}

func (t *tokens) Read(p []byte) (int, error) {
	if t.read > maxToken {
		return 0, fmt.Errorf("a text or tag in it is longer than %d MB", maxToken>>20)
	}
	n, err := t.from.Read(p)
	t.read += n
	return n, err
}

// junit follows a document element by element; suites may be nested as they like.
type junit struct {
	counts *Counts
	suites bool
	depth  int
	one    *junitCase
}

// junitCase is a testcase element that has begun, at a depth.
type junitCase struct {
	depth                  int
	name, file, line       string
	failed, skipped, flaky bool
	// reason is the depth of the element that says why it failed, while that lasts.
	reason        int
	message, text string
}

// decodeJUnit reads token by token, and nothing from outside the document: what a
// DOCTYPE declares is ignored, so that the entities that it makes do not exist.
func decodeJUnit(r io.Reader, c *Counts) error {
	in := &tokens{from: r}
	decoder := xml.NewDecoder(in)
	document := junit{counts: c}
	for {
		token, err := decoder.Token()
		in.read = 0
		switch {
		case errors.Is(err, io.EOF) && document.suites:
			return nil
		case errors.Is(err, io.EOF):
			return errors.New("it holds no test suite")
		case err != nil:
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if document.depth++; document.depth > maxDepth || len(token.Attr) > maxAttributes {
				return fmt.Errorf("its elements lie deeper than %d in each other, or have more than %d attributes", maxDepth, maxAttributes)
			}
			document.begin(token)
		case xml.CharData:
			document.add(token)
		case xml.EndElement:
			document.end()
			document.depth--
		}
	}
}

func (d *junit) begin(element xml.StartElement) {
	switch name := element.Name.Local; {
	case name == "testsuite" || name == "testsuites":
		d.suites = true
	case d.one == nil && name == "testcase":
		d.one = &junitCase{depth: d.depth, name: attribute(element, "name"), file: attribute(element, "file"), line: attribute(element, "line")}
		if class := attribute(element, "classname"); class != "" {
			d.one.name = class + " " + d.one.name
		}
	case d.one == nil || d.depth != d.one.depth+1:
	case (name == "failure" || name == "error") && !d.one.failed:
		d.one.failed, d.one.reason, d.one.message = true, d.depth, attribute(element, "message")
		d.one.file = cmp.Or(attribute(element, "file"), d.one.file)
		d.one.line = cmp.Or(attribute(element, "line"), d.one.line)
	case name == "skipped":
		d.one.skipped = true
	case name == "flakyFailure" || name == "flakyError": // Maven Surefire
		d.one.flaky = true
	}
}

// add takes text, of which only what a case failed with is kept.
func (d *junit) add(text []byte) {
	if d.one != nil && d.one.reason == d.depth {
		d.one.text += string(text[:min(len(text), maxMessage-len(d.one.text))])
	}
}

func (d *junit) end() {
	one := d.one
	switch {
	case one == nil:
	case d.depth == one.depth:
		d.one = nil
		one.count(d.counts)
	case d.depth == one.reason:
		one.reason = 0
	}
}

func (one *junitCase) count(c *Counts) {
	switch {
	case one.failed:
		file := placeIn(one.message + "\n" + one.text)
		if one.file != "" && (one.line != "" || file == "") {
			file = placeOf(one.file, one.line)
		}
		c.fail(one.name, file, one.message+"\n"+one.text)
	case one.skipped:
		c.Skipped++
	default:
		c.Passed++
		if one.flaky {
			c.flaky(one.name)
		}
	}
}

func attribute(element xml.StartElement, name string) string {
	for _, a := range element.Attr {
		if a.Name.Local == name {
			return a.Value[:min(len(a.Value), maxMessage)]
		}
	}
	return ""
}
