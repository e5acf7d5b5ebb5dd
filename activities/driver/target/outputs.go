package target

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"slipway/release"
)

// MaxOutputs is how many bytes the outputs of a step may have altogether.
const MaxOutputs = 4 << 10

var errTooBig = fmt.Errorf("its outputs have more than %d bytes: leave big things elsewhere, and in $OUTPUT where they are", MaxOutputs)

var outputName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)

// ParseOutputs reads what a script left in $OUTPUT: a line NAME=value for each
// output; empty lines say nothing. The error says what does not fit that form.
func ParseOutputs(text []byte) (map[string]string, error) {
	if len(text) > MaxOutputs {
		return nil, errTooBig
	}
	var found map[string]string
	for number, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSuffix(line, "\r"); line == "" {
			continue
		}
		name, value, assigned := strings.Cut(line, "=")
		if !assigned || !outputName.MatchString(name) {
			return nil, fmt.Errorf("line %d of its outputs is not NAME=value, with a name of A to Z, 0 to 9 and _", number+1)
		}
		if found == nil {
			found = map[string]string{}
		}
		found[name] = value
	}
	return found, nil
}

// ReadOutputs reads a file of outputs, when it is not too big.
func ReadOutputs(path string) ([]byte, error) {
	file, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil, nil // the script removed it
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, MaxOutputs+1))
	if len(text) > MaxOutputs {
		return nil, errTooBig
	}
	return text, err
}

// Told is what every driver tells a script, under what the operation says itself:
// the folder of the target, that of the release there, and where outputs go. Empty
// ones are left out.
func Told(o Operation, folder, releaseFolder, output string) map[string]string {
	told := map[string]string{}
	for name, value := range map[string]string{
		"TARGET_FOLDER": folder, "RELEASE_FOLDER": releaseFolder, "PACKAGE": releaseFolder, "OUTPUT": output,
	} {
		if value != "" {
			told[name] = value
		}
	}
	for name, value := range o.Env {
		told[name] = value
	}
	return told
}

// ReleaseName is the name of the folder of a package on a target: the version and
// the beginning of the digest. It cannot lead out of a folder.
func ReleaseName(version string, p release.Package) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune("._-+~", r) || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '_'
	}, version+"-"+p.Digest.Short())
	return strings.TrimLeft(name, ".")
}

// MarkName is the name of the folder of an attempt's mark, beside those of others.
func MarkName(attempt string) string { return release.DigestOfBytes([]byte(attempt)).Short() }
