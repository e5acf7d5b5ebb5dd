package results

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxJUnit bounds the file in bytes; a text in it is held in memory as a whole.
const maxJUnit = 64 << 20

// junitCase is what is read of a testcase element; the rest is skipped, and
// suites may be nested as they like.
type junitCase struct {
	Name    string       `xml:"name,attr"`
	Class   string       `xml:"classname,attr"`
	Failure *junitReason `xml:"failure"`
	Error   *junitReason `xml:"error"`
	Skipped *struct{}    `xml:"skipped"`
}

// junitReason is why a case failed.
type junitReason struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

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

// decodeJUnit reads case by case, and nothing from outside the document.
func decodeJUnit(r io.Reader, c *Counts) error {
	decoder := xml.NewDecoder(r)
	suites := false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) && suites {
			return nil
		}
		if errors.Is(err, io.EOF) {
			return errors.New("it holds no test suite")
		}
		if err != nil {
			return err
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch element.Name.Local {
		case "testsuite", "testsuites":
			suites = true
		case "testcase":
			var one junitCase
			if err := decoder.DecodeElement(&one, &element); err != nil {
				return err
			}
			c.countJUnit(one)
		}
	}
}

func (c *Counts) countJUnit(one junitCase) {
	reason := one.Failure
	if reason == nil {
		reason = one.Error
	}
	switch {
	case reason != nil:
		name := one.Name
		if one.Class != "" {
			name = one.Class + " " + name
		}
		c.fail(name, reason.Message+"\n"+reason.Text)
	case one.Skipped != nil:
		c.Skipped++
	default:
		c.Passed++
	}
}
