// Package acceptance tests a release package of go-httpbin from outside: it runs
// the binary of the package and asks over HTTP, as users would.
//
// PACKAGE is the folder of the package, VERSION the version that it ought to
// tell. With EXPECT_AVIF=1 the release promises AVIF images, without it it must
// not have any.
package acceptance

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

// REQ-1
func TestStatus(t *testing.T) {
	for path, want := range map[string]int{"/status/200": 200, "/status/404": 404, "/status/503": 503} {
		if got := get(t, path).StatusCode; got != want {
			t.Errorf("GET %s: status %d, want %d", path, got, want)
		}
	}
}

// REQ-1
func TestGetEchoesQuery(t *testing.T) {
	var answer struct {
		Args map[string][]string `json:"args"`
	}
	getJSON(t, "/get?colour=blue&colour=red&empty=", &answer)
	if got := strings.Join(answer.Args["colour"], " "); got != "blue red" {
		t.Errorf("colour came back as %q, want \"blue red\"", got)
	}
	if _, there := answer.Args["empty"]; !there {
		t.Errorf("the empty argument did not come back: %v", answer.Args)
	}
}

// REQ-1
func TestPostEchoesBody(t *testing.T) {
	response, err := http.Post(service+"/post", "application/json", strings.NewReader(`{"ship":"slipway"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		JSON map[string]string `json:"json"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.JSON["ship"] != "slipway" {
		t.Errorf("the body came back as %v (%v)", answer.JSON, err)
	}
}

// REQ-1
func TestHeaders(t *testing.T) {
	request, err := http.NewRequest(http.MethodGet, service+"/headers", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Slipway", "afloat")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Headers http.Header `json:"headers"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if got := answer.Headers.Get("X-Slipway"); got != "afloat" {
		t.Errorf("X-Slipway came back as %q, want \"afloat\"", got)
	}
}

// REQ-2
func TestVersion(t *testing.T) {
	var answer struct {
		Service string `json:"service"`
		Version string `json:"version"`
	}
	getJSON(t, "/version", &answer)
	if want := "v" + os.Getenv("VERSION"); answer.Version != want || answer.Service != "go-httpbin" {
		t.Errorf("%s %s answers, want go-httpbin %s", answer.Service, answer.Version, want)
	}
}

// REQ-3
func TestAVIF(t *testing.T) {
	response := get(t, "/image/avif")
	if os.Getenv("EXPECT_AVIF") == "" {
		if response.StatusCode != http.StatusNotFound {
			t.Errorf("GET /image/avif: status %d, want 404: this release does not promise AVIF", response.StatusCode)
		}
		return
	}
	if got := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || got != "image/avif" {
		t.Fatalf("GET /image/avif: status %d, content type %q, want 200 and image/avif", response.StatusCode, got)
	}
	// An ISO media file starts with the box "ftyp" and its brand.
	image, err := io.ReadAll(response.Body)
	if err != nil || len(image) < 12 || string(image[4:12]) != "ftypavif" {
		t.Errorf("the %d bytes of /image/avif are no AVIF image (%v)", len(image), err)
	}
}

// get asks the service; the answer is closed when the test ends.
func get(t *testing.T, path string) *http.Response {
	t.Helper()
	response, err := http.Get(service + path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

func getJSON(t *testing.T, path string, into any) {
	t.Helper()
	response := get(t, path)
	if response.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: status %d, want 200", path, response.StatusCode)
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatalf("GET %s: %v", path, err)
	}
}
