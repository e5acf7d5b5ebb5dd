package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// askEvery is how often each target is asked.
const askEvery = 50 * time.Millisecond

// users asks the targets all the time, as users would.
type users struct {
	cancel  context.CancelFunc
	done    sync.WaitGroup
	tallies tallies
}

func watchTargets(ctx context.Context, targets []target) *users {
	ctx, cancel := context.WithCancel(ctx)
	u := &users{cancel: cancel, tallies: make(tallies, len(targets))}
	for i, t := range targets {
		u.tallies[i].target = t.Name
		u.done.Go(func() { u.tallies[i].follow(ctx, t) })
	}
	return u
}

func (u *users) stop() tallies {
	u.cancel()
	u.done.Wait()
	return u.tallies
}

// tally counts the answers of one target. A target may not answer while it is
// switched from one release to another, and at no other time.
type tally struct {
	target                     string
	answered, switched, failed int

	version, link string // at the last answer
	missing       int    // failures since
	moved         bool   // the current link was seen to move among them
}

func (t *tally) follow(ctx context.Context, target target) {
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			t.failed += t.missing // nobody saw it come back
			return
		case <-tick.C:
			link, _ := os.Readlink(filepath.Join(target.Folder, "current"))
			// The request is not bound to the context: one that is cut off at the
			// end would count as failed.
			t.note(ask(target), link)
		}
	}
}

// note takes in one answer, or none when version is empty.
func (t *tally) note(version, link string) {
	if version == "" {
		t.missing++
		t.moved = t.moved || link != t.link
		return
	}
	t.answered++
	if t.moved || version != t.version || link != t.link {
		t.switched += t.missing
	} else {
		t.failed += t.missing
	}
	t.version, t.link, t.missing, t.moved = version, link, 0, false
}

type tallies []tally

func (ts tallies) String() string {
	var b strings.Builder
	for _, t := range ts {
		fmt.Fprintf(&b, "  %-14s %5d answered, %d unanswered while it was switched, %d unanswered otherwise\n",
			t.target, t.answered, t.switched, t.failed)
	}
	return b.String()
}

// answers are the versions that targets tell.
type answers []struct{ target, version string }

func (as answers) String() string {
	texts := make([]string, len(as))
	for i, a := range as {
		texts[i] = a.version + " on " + a.target
	}
	return strings.Join(texts, ", ")
}

// serving asks each target of an environment which version it serves.
func (s *site) serving(environment string) answers {
	var all answers
	for _, t := range s.in(environment) {
		all = append(all, struct{ target, version string }{t.Name, ask(t)})
	}
	return all
}

// Connections are not kept: each request meets what listens at that moment.
var client = &http.Client{
	Timeout:   time.Second,
	Transport: &http.Transport{DisableKeepAlives: true},
}

// ask gives the version that answers on a target, or "" when none does.
func ask(t target) string {
	response, err := client.Get(t.URL() + "/version")
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	var answer struct{ Version string }
	if json.NewDecoder(response.Body).Decode(&answer) != nil || response.StatusCode != http.StatusOK {
		return ""
	}
	return answer.Version
}
