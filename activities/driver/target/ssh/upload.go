package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/pkg/sftp"

	"slipway/activities/driver/archive"
	"slipway/activities/driver/target"
)

// window is how many packets may be under way.
const window = 64

// upload appends to the file there what it lacks of the package's tar. It gives how
// many bytes were there before. The error is target.ErrUnusable when the disk is too
// small, and then the file is gone.
func (p place) upload(ctx context.Context, c *content, part string) (before int64, err error) {
	text, err := p.ask("size", part)
	if err != nil {
		return 0, err
	}
	before, err = strconv.ParseInt(text, 10, 64)
	if err != nil || before > c.size {
		if _, err := p.ask("rm", "-f", part); err != nil {
			return 0, err
		}
		before = 0
	}
	if err := p.full(c.size - before + c.unpacked); err != nil {
		_, swept := p.ask("rm", "-f", part)
		return before, errors.Join(err, swept)
	}
	err = p.send(ctx, c, part, before)
	if err == nil {
		return before, nil
	}
	// Only the shell can tell a cut connection from a full disk.
	if short := p.full(c.unpacked); short != nil {
		_, swept := p.ask("rm", "-f", part)
		return before, errors.Join(short, swept)
	}
	return before, fmt.Errorf("%w: write %s: %w", target.ErrUnusable, part, err)
}

// send writes the tar from an offset on. OpenSSH's server writes in the order in
// which it is asked to, so that a file that was broken off has no holes.
func (p place) send(ctx context.Context, c *content, part string, offset int64) error {
	client, err := sftp.NewClient(p.connection.client, sftp.MaxConcurrentRequestsPerFile(window))
	if err != nil {
		return err
	}
	defer client.Close()
	defer context.AfterFunc(ctx, func() { _ = client.Close() })()
	file, err := client.OpenFile(part, os.O_WRONLY|os.O_CREATE)
	if err != nil {
		return err
	}
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return err
	}
	from, to := io.Pipe()
	defer from.Close()
	go func() {
		_, err := archive.Write(ctx, to, c.folder)
		_ = to.CloseWithError(err)
	}()
	if _, err := io.CopyN(io.Discard, from, offset); err != nil {
		return err
	}
	sent := &progress{tell: p.o.Progress, name: p.name, done: offset, whole: c.size}
	if _, err := file.ReadFromWithConcurrency(io.TeeReader(from, sent), window); err != nil {
		return err
	}
	return file.Close()
}

// full is target.ErrUnusable when so many bytes have no room there.
func (p place) full(needed int64) error {
	text, err := p.ask("room", p.folder)
	if err != nil {
		return err
	}
	free, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("%w: df says %q: %w", target.ErrUnusable, text, err)
	}
	if free *= 1024; free < needed {
		return fmt.Errorf("%w: disk full: %s needs %s more, and %s are free: make room there",
			target.ErrUnusable, p.name, bytesText(needed), bytesText(free))
	}
	return nil
}

// progress tells how far the transfer is, at most a hundred times.
type progress struct {
	tell        func(line string)
	name        string
	done, whole int64
	told        int64
}

func (w *progress) Write(b []byte) (int, error) {
	w.done += int64(len(b))
	if w.tell != nil && (w.done-w.told >= w.whole/100 || w.done == w.whole) {
		w.told = w.done
		w.tell(fmt.Sprintf("transfers %s: %s of %s", w.name, bytesText(w.done), bytesText(w.whole)))
	}
	return len(b), nil
}

func bytesText(n int64) string {
	switch {
	case n >= 10e6:
		return fmt.Sprintf("%d MB", n/1e6)
	case n >= 10e3:
		return fmt.Sprintf("%d kB", n/1e3)
	}
	return fmt.Sprintf("%d bytes", n)
}
