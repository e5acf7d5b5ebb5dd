package ssh

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"slipway/activities/driver/target"
	"slipway/release"
)

// place is a target with a shell on it, and what is to be done there.
type place struct {
	*far
	contents *contents
	on       release.Target
	o        target.Operation
	// name is that of the release in the folder of releases.
	name string
}

func (p place) releases() string { return path.Join(p.folder, target.ReleasesFolder) }
func (p place) files() string    { return path.Join(p.releases(), p.name) }
func (p place) marker() string   { return p.files() + target.MarkerSuffix }
func (p place) previous() string { return p.files() + target.PreviousSuffix }

// link is what current says when it points to the release.
func (p place) link() string { return path.Join(target.ReleasesFolder, p.name) }

// current gives where the link current points, as it is written there; empty when
// there is none.
func (p place) current() (string, error) {
	link, err := p.ask("current", p.folder)
	if err != nil || link == "" {
		return "", err
	}
	return path.Clean(link), nil
}

// resolve gives the path that a link in the target's folder leads to.
func (p place) resolve(link string) string {
	if path.IsAbs(link) {
		return link
	}
	return path.Join(p.folder, link)
}

// verify is target.ErrNotAuthorized unless the folder there holds exactly that.
func (p place) verify(folder string, c *content) error {
	there, err := p.ask("manifest", folder)
	if err != nil {
		return err
	}
	if err := c.differs(there); err != nil {
		return fmt.Errorf("%s: %w", folder, err)
	}
	return nil
}

// held gives what is current. It is intact when the package that it claims to be can
// be had, and has the same files: no digest that is written there is believed.
func (p place) held(ctx context.Context) (release.Held, error) {
	link, err := p.current()
	if err != nil || link == "" {
		return release.Held{}, err
	}
	held := release.Held{Folder: p.resolve(link)}
	var m target.Marker
	if found, err := p.read(held.Folder+target.MarkerSuffix, &m); err != nil || !found {
		if errors.Is(err, errCut) {
			return held, err
		}
		return held, nil // Nobody wrote down what it is: that is what is seen.
	}
	held.Release, held.Version, held.Package, held.Content = m.Release, m.Version, m.Package, m.Content
	c, err := p.contents.of(ctx, release.Package{Digest: m.Package, Content: m.Content})
	if err != nil {
		return held, ctx.Err()
	}
	switch err := p.verify(held.Folder, c); {
	case err == nil:
		held.Intact = true
	case !errors.Is(err, target.ErrNotAuthorized):
		return held, err
	}
	return held, nil
}

// packages lists the packages that lie there.
func (p place) packages() ([]release.Digest, error) {
	markers, err := p.texts(target.MarkerSuffix)
	if err != nil {
		return nil, err
	}
	var found []release.Digest
	for _, text := range markers {
		var m target.Marker
		if json.Unmarshal([]byte(text.body), &m) == nil {
			found = append(found, m.Package)
		}
	}
	return found, nil
}

// read reads a JSON file there, if there is one.
func (p place) read(file string, value any) (found bool, err error) {
	text, err := p.ask("text", file)
	if err != nil || text == "" {
		return false, err
	}
	if err := json.Unmarshal([]byte(text), value); err != nil {
		return true, fmt.Errorf("%w: %s: %w", target.ErrUnusable, file, err)
	}
	return true, nil
}

// write puts a JSON file there, in one move.
func (p place) write(file string, value any) error {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	_, err = p.ask("write", file, string(data))
	return err
}

// file is a file of the folder of releases.
type file struct{ name, body string }

// texts reads the files there whose names end so.
func (p place) texts(suffix string) ([]file, error) {
	all, err := p.ask("texts", p.folder, suffix)
	if err != nil {
		return nil, err
	}
	var found []file
	for one := range strings.SplitSeq(all, "\036") {
		if name, body, ok := strings.Cut(one, "\n"); ok {
			found = append(found, file{name, body})
		}
	}
	return found, nil
}
