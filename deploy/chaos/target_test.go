package chaos_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// What a version consists of: its number, and files that tell whether all is there.
const (
	parts    = 20
	partSize = 16 << 10
)

// sick ends the number of a version that does not work.
const sick = "-sick"

// buildScript makes a version out of nothing but its number.
var buildScript = fmt.Sprintf(`mkdir "$OUT/data"
i=0; while [ $i -lt %d ]; do yes "$VERSION $i" | head -c %d >"$OUT/data/$i"; i=$((i+1)); done
printf %%s "$VERSION" >"$OUT/VERSION"`, parts, partSize)

// content gives the files of a version.
func content(version string) map[string][]byte {
	files := map[string][]byte{"VERSION": []byte(version)}
	for i := range parts {
		line := fmt.Sprintf("%s %d\n", version, i)
		files[fmt.Sprintf("data/%d", i)] = []byte(strings.Repeat(line, partSize/len(line)+1)[:partSize])
	}
	return files
}

// whole gives the version that a folder holds, all of it and nothing else; an error
// tells what is not so.
func whole(folder string) (version string, err error) {
	data, err := os.ReadFile(filepath.Join(folder, "VERSION"))
	if err != nil {
		return "", err
	}
	version = string(data)
	missing := content(version)
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		found, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		should, known := missing[name]
		if !known || !bytes.Equal(found, should) {
			return fmt.Errorf("%s is not what version %s has", path, version)
		}
		delete(missing, name)
		return nil
	})
	if err == nil && len(missing) > 0 {
		err = fmt.Errorf("%s lacks %d files of version %s", folder, len(missing), version)
	}
	return version, err
}

// holds gives the version that is current on a target, empty for none. It may be
// asked at any time, also while another version is being switched on.
func holds(folder string) (version string, err error) {
	for {
		link, err := os.Readlink(filepath.Join(folder, "current"))
		if err == nil {
			version, err = whole(filepath.Join(folder, link))
		}
		if errors.Is(err, fs.ErrNotExist) && link == "" {
			return "", nil
		}
		if now, _ := os.Readlink(filepath.Join(folder, "current")); now == link {
			return version, err
		}
	}
}

// targets answer over HTTP with the version that they hold, and know who is asking
// at the moment.
type targets struct {
	server *httptest.Server
	mux    *http.ServeMux

	mutex  sync.Mutex
	asking map[kind]int
}

func newTargets(t *testing.T) *targets {
	mux := http.NewServeMux()
	s := &targets{server: httptest.NewServer(mux), mux: mux, asking: map[kind]int{}}
	t.Cleanup(s.server.Close)
	return s
}

// serve adds a target, and gives its address.
func (s *targets) serve(name, folder string) string {
	answer := func(k kind, after time.Duration) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			s.count(k, 1)
			defer s.count(k, -1)
			select {
			case <-r.Context().Done(): // who asked is gone
				return
			case <-time.After(after):
			}
			data, err := os.ReadFile(filepath.Join(folder, "current", "VERSION"))
			if err != nil || (k == kindVerification && strings.HasSuffix(string(data), sick)) {
				http.Error(w, "it does not work", http.StatusServiceUnavailable)
				return
			}
			_, _ = w.Write(data)
		}
	}
	s.mux.HandleFunc("/"+name+"/verify", answer(kindVerification, 100*time.Millisecond))
	s.mux.HandleFunc("/"+name+"/watch", answer(kindSupport, 50*time.Millisecond))
	return s.server.URL + "/" + name
}

func (s *targets) count(k kind, n int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.asking[k] += n
}

// asked gives what is being asked at the moment.
func (s *targets) asked() []kind {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var all []kind
	for k, n := range s.asking {
		if n > 0 {
			all = append(all, k)
		}
	}
	return all
}
