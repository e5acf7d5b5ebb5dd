package source

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/dirhash"

	"slipway/release"
)

// Verify gives the "h1:" sum of content that lies in a folder: that of go.sum for a
// module, and else that of dirhash.HashDir with an empty prefix. Where the source
// says that sum, it has to be this; the error is then a *SumError. The sum covers the
// names and bytes of files, and where links lead; not permissions nor empty folders.
func Verify(s release.Source, folder string) (sum string, err error) {
	prefix := ""
	if s.Kind() == release.SourceModule {
		prefix = s.Module + "@" + s.Version
	}
	sum, err = contentSum(folder, prefix)
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: sum: %w", s, err)
	case strings.HasPrefix(s.Sum, "h1:") && sum != s.Sum:
		return "", &SumError{Source: s, Want: s.Sum, Got: sum}
	}
	return sum, nil
}

// contentSum is dirhash.HashDir, which a link to a folder or to nothing would stop:
// such a one counts as an empty file that is called "NAME -> TARGET".
func contentSum(folder, prefix string) (string, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return "", err
	}
	defer func() { _ = root.Close() }()
	var files []string
	paths := map[string]string{}
	err = fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name := filepath.ToSlash(filepath.Join(prefix, path))
		if entry.Type() == fs.ModeSymlink && !leadsToFile(root, path) {
			target, err := root.Readlink(path)
			if err != nil {
				return err
			}
			name, path = name+" -> "+target, ""
		}
		if strings.Contains(name, "\n") {
			return fmt.Errorf("%w: %q has a line break in its name", ErrUnfit, name)
		}
		files, paths[name] = append(files, name), path
		return nil
	})
	if err != nil {
		return "", err
	}
	return dirhash.Hash1(files, func(name string) (io.ReadCloser, error) {
		if paths[name] == "" {
			return io.NopCloser(strings.NewReader("")), nil
		}
		return root.Open(paths[name])
	})
}

func leadsToFile(root *os.Root, link string) bool {
	info, err := root.Stat(link)
	return err == nil && info.Mode().IsRegular()
}
