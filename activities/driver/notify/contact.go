package notify

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
)

// maxContact is the size of the longest contact, in bytes.
const maxContact = 4 << 10

var variableForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Check says whether a contact could be used, without sending anything: whether
// the service is known and the URL is as the service wants it, or whether a
// reference has its form. What a reference refers to is not looked at. The error
// is one line and holds no secret.
func Check(contact string) error {
	if kind, name, is := reference(contact); is {
		return checkReference(kind, name)
	}
	return checkURL(contact)
}

// describe names a contact in errors, without secrets.
func describe(contact string) string {
	if kind, name, is := reference(contact); is && checkReference(kind, name) == nil {
		return contact
	}
	if scheme, _, found := strings.Cut(contact, "://"); found && known(scheme) {
		return scheme + "://" + mask
	}
	return "a contact"
}

// reference takes a contact apart that refers to a URL.
func reference(contact string) (kind, name string, is bool) {
	kind, name, is = strings.Cut(contact, ":")
	return kind, name, is && (kind == "env" || kind == "file")
}

func checkReference(kind, name string) error {
	switch {
	case kind == "env" && !variableForm.MatchString(name):
		return errors.New("env: has to be followed by the name of a variable")
	case kind == "file" && (name == "" || strings.Contains(name, "://")):
		return errors.New("file: has to be followed by the path of a file")
	}
	return nil
}

// resolve gives the URL of a contact, never empty. Space around a value is not
// part of it.
func resolve(contact string) (string, error) {
	kind, name, is := reference(contact)
	if !is {
		return contact, nil
	}
	if err := checkReference(kind, name); err != nil {
		return "", err
	}
	value := os.Getenv(name)
	if kind == "file" {
		data, err := read(name)
		if err != nil {
			return "", err
		}
		value = string(data)
	}
	if value = strings.TrimSpace(value); value == "" {
		return "", errors.New("not set, or empty")
	}
	return value, nil
}

func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return nil, failed.Err // the contact already names the path
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxContact {
		return nil, fmt.Errorf("not a file of at most %d bytes", maxContact)
	}
	return os.ReadFile(path)
}
