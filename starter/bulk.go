package starter

import (
	"context"
	"slices"
	"sync"

	"slipway/release"
)

// atOnce is how many releases are voted on at the same time.
const atOnce = 32

// Cast is a vote at one of many gates, and what came of it.
type Cast struct {
	Listed
	Vote    release.Authorization
	Receipt release.Receipt
	// Err is why the vote does not count.
	Err error
}

// WaitingAt gives the open releases that wait at a gate, the latest first.
func (c *Client) WaitingAt(ctx context.Context, gate string, f Filter) ([]Listed, error) {
	f.Awaiting, f.Open = gate, true
	list, err := c.List(ctx, f)
	return slices.DeleteFunc(list, func(l Listed) bool { return l.Awaiting != gate }), err
}

// AuthorizeAll votes on many releases at the same time, and tells what came of each as
// soon as that is known, one after the other. The vote on a release is made just before it
// is cast; one that cannot be made is told with the reason.
//
// Nothing is cast when nobody could receive it. When the context ends, or server or workers
// go away meanwhile, the rest is not tried, and the error says why; what was cast by then
// is still waited for and told.
func (c *Client) AuthorizeAll(
	ctx context.Context, releases []Listed, vote func(ctx context.Context, l Listed) (release.Authorization, error), tell func(Cast),
) error {
	if err := c.needWorkers(ctx, releases); err != nil {
		return err
	}
	going, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	todo, done := make(chan Listed), make(chan Cast)
	go func() {
		defer close(todo)
		for _, l := range releases {
			select {
			case todo <- l:
			case <-going.Done():
				return
			}
		}
	}()
	var voters sync.WaitGroup
	for range min(atOnce, len(releases)) {
		voters.Go(func() {
			for l := range todo {
				done <- c.cast(context.WithoutCancel(ctx), l, vote)
			}
		})
	}
	go func() { voters.Wait(); close(done) }()
	for cast := range done {
		if code := CodeOf(cast.Err); code == NoServer || code == NoWorker {
			stop(cast.Err)
		}
		tell(cast)
	}
	return context.Cause(going)
}

// needWorkers gives an error when nobody polls a task queue of the releases.
func (c *Client) needWorkers(ctx context.Context, releases []Listed) error {
	looked := map[string]bool{}
	for _, l := range releases {
		if looked[l.taskQueue] {
			continue
		}
		looked[l.taskQueue] = true
		if err := c.needWorker(ctx, l.taskQueue); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) cast(ctx context.Context, l Listed, vote func(ctx context.Context, l Listed) (release.Authorization, error)) Cast {
	cast := Cast{Listed: l}
	if cast.Vote, cast.Err = vote(ctx, l); cast.Err == nil {
		cast.Receipt, cast.Err = c.send(ctx, l.ID, l.ID, l.taskQueue, release.ActAuthorize, cast.Vote)
	}
	return cast
}
