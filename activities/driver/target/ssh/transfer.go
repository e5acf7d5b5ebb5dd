package ssh

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"slipway/activities/driver/target"
)

// transfer brings the package to the target: as one tar beside the releases, unpacked
// there, checked, and renamed into its place. A package that is there and whole is
// left alone, one that is broken is replaced unless it is current.
func (p place) transfer(ctx context.Context) error {
	c, err := p.contents.of(ctx, p.o.Package)
	if err != nil {
		return err
	}
	// The name says what it holds: what another attempt left of it is of use.
	part := path.Join(p.releases(), target.Unfinished+strings.TrimPrefix(string(p.o.Package.Content), "sha256:")+".tar")
	if _, err := p.ask("sweep", p.folder, part); err != nil {
		return err
	}
	switch err := p.verify(p.files(), c); {
	case err == nil:
		return p.note()
	case !errors.Is(err, target.ErrNotAuthorized):
		return err
	default:
		link, linkErr := p.current()
		if linkErr != nil {
			return linkErr
		}
		if link == p.link() {
			return fmt.Errorf("broken while it is current: %w", err)
		}
	}
	if err := p.fetch(ctx, c, part); err != nil {
		return err
	}
	return p.unpack(c, part)
}

// fetch has the whole tar there in the end. What was there of it before and turns out
// to be something else is sent anew, once.
func (p place) fetch(ctx context.Context, c *content, part string) error {
	for again := false; ; again = true {
		before, err := p.upload(ctx, c, part)
		if err != nil {
			return err
		}
		_, err = p.ask("sum", part, strings.TrimPrefix(string(p.o.Package.Content), "sha256:"))
		if err == nil || errors.Is(err, errCut) {
			return err
		}
		if _, err := p.ask("rm", "-f", part); err != nil {
			return err
		}
		if again || before == 0 {
			return fmt.Errorf("%w: what arrived is not what was sent: see to its disk", target.ErrUnusable)
		}
	}
}

// unpack makes a release of the tar. Whatever fails, the target is as it was.
func (p place) unpack(c *content, part string) error {
	temp := path.Join(p.releases(), target.Unfinished+p.name)
	err := p.arrange(c, part, temp)
	if err == nil || errors.Is(err, errCut) {
		return err
	}
	short := p.full(c.unpacked)
	if _, err := p.ask("sweep", p.folder, ""); err != nil {
		return err
	}
	return errors.Join(short, err)
}

func (p place) arrange(c *content, part, temp string) error {
	arrived := path.Join(temp, "content")
	if _, err := p.ask("unpack", part, temp); err != nil {
		return err
	}
	if err := p.verify(arrived, c); err != nil {
		return err
	}
	if err := p.note(); err != nil {
		return err
	}
	if _, err := p.ask("settle", temp, p.files()); err != nil {
		return err
	}
	_, err := p.ask("rm", "-f", part)
	return err
}

// note writes the marker, unless it is there.
func (p place) note() error {
	m := target.Marker{Release: p.o.Release, Version: p.o.Version, Package: p.o.Package.Digest, Content: p.o.Package.Content}
	var there target.Marker
	if _, err := p.read(p.marker(), &there); err == nil && there == m || errors.Is(err, errCut) {
		return err
	}
	return p.write(p.marker(), m)
}

// remove is the inverse of transfer. What is current stays, and so does what another
// release would go back to.
func (p place) remove() error {
	if _, err := p.ask("sweep", p.folder, ""); err != nil {
		return err
	}
	needed, err := p.needed()
	if err != nil || needed {
		return err
	}
	_, err = p.ask("discard", p.releases(), p.name)
	return err
}

func (p place) needed() (bool, error) {
	link, err := p.current()
	if err != nil || link == p.link() {
		return true, err
	}
	ways, err := p.texts(target.PreviousSuffix)
	if err != nil {
		return true, err
	}
	for _, way := range ways {
		if way.name == path.Base(p.previous()) {
			continue
		}
		var back target.Previous
		if err := json.Unmarshal([]byte(way.body), &back); err != nil {
			return true, fmt.Errorf("%w: %s: %w", target.ErrUnusable, way.name, err)
		}
		if back.Link == p.link() {
			return true, nil
		}
	}
	return false, nil
}
