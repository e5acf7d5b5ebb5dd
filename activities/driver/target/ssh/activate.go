package ssh

import (
	"context"
	"errors"
	"fmt"
	"path"

	"github.com/pkg/sftp"

	"slipway/activities/driver/target"
	"slipway/release"
)

// nextLink is the link current before it is renamed.
const nextLink = ".current.next"

// activate switches the target to the release, in one atomic move, after its files
// were read again there and found to be those of the package. What was current before
// is written down first.
func (p place) activate(ctx context.Context) error {
	c, err := p.contents.of(ctx, p.o.Package)
	if err != nil {
		return err
	}
	if err := p.verify(p.files(), c); err != nil {
		return err
	}
	link, err := p.current()
	if err != nil || link == p.link() {
		return err
	}
	held, err := p.held(ctx)
	if err != nil {
		return err
	}
	if err := p.write(p.previous(), target.Previous{Link: link, Held: held}); err != nil {
		return err
	}
	return p.pointTo(p.link())
}

// deactivate is the inverse of activate: when the release is current, the target goes
// back to what was current before, if that is whole.
func (p place) deactivate(ctx context.Context) error {
	link, err := p.current()
	if err != nil || link != p.link() {
		return err
	}
	var before target.Previous
	found, err := p.read(p.previous(), &before)
	switch {
	case errors.Is(err, errCut):
		return err
	case err != nil || !found:
		return fmt.Errorf("%w: what was current before is not known: %w", target.ErrNoWayBack, err)
	}
	if err := p.whole(ctx, before); err != nil {
		return err
	}
	if err := p.pointTo(before.Link); err != nil {
		return err
	}
	_, err = p.ask("rm", "-f", p.previous())
	return err
}

// whole tells whether the target can go back to what it held. What was not intact
// then, or was put there by no release, only has to exist.
func (p place) whole(ctx context.Context, before target.Previous) error {
	if before.Link == "" {
		return nil
	}
	folder := p.resolve(before.Link)
	if !before.Held.Intact {
		_, err := p.ask("usable", folder)
		return noWayBack(before.Link, err)
	}
	c, err := p.contents.of(ctx, release.Package{Digest: before.Held.Package, Content: before.Held.Content})
	if err != nil {
		return noWayBack(before.Link, fmt.Errorf("whether it is whole cannot be told: %w", err))
	}
	return noWayBack(before.Link, p.verify(folder, c))
}

func noWayBack(link string, err error) error {
	if err == nil || errors.Is(err, errCut) {
		return err
	}
	return fmt.Errorf("%w: %s: %w", target.ErrNoWayBack, link, err)
}

// pointTo makes current point to link, or removes it when link is empty.
func (p place) pointTo(link string) error {
	if link == "" {
		_, err := p.ask("bare", p.folder)
		return err
	}
	if _, err := p.ask("aim", p.folder, link); err != nil {
		return err
	}
	if err := p.rename(path.Join(p.folder, nextLink), path.Join(p.folder, target.CurrentLink)); err != nil {
		return err
	}
	_, err := p.ask("flush", p.folder)
	return err
}

// rename replaces one file by another, which mv cannot do where the old one is a link
// to a folder. When the connection is cut, nobody knows whether it did.
func (p place) rename(from, to string) error {
	client, err := sftp.NewClient(p.connection.client)
	if err != nil {
		return fmt.Errorf("%w: its sshd has no sftp: %w", target.ErrUnusable, err)
	}
	defer client.Close()
	if err := client.PosixRename(from, to); err != nil {
		if _, cut := p.ask("true"); cut != nil {
			return cut
		}
		return fmt.Errorf("%w: %w", target.ErrUnusable, err)
	}
	return nil
}
