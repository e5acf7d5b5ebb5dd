package starter

import (
	"context"
	"sync"

	"slipway/release"
)

// Cast is a vote at one of many gates, and what came of it.
type Cast struct {
	AgendaItem
	Receipt release.Receipt
	// Err is why the vote does not count.
	Err error
}

// AuthorizeAll votes at many gates of an agenda at the same time, and tells what came of
// each as soon as that is known, one after the other. A vote is made just before it is
// cast; one that cannot be made is told with the reason.
//
// Nothing is cast when nobody could receive it. When the context ends, or server or workers
// go away meanwhile, the rest is not tried, and the error says why; what was cast by then
// is still waited for and told.
func (c *Client) AuthorizeAll(
	ctx context.Context, agenda []AgendaItem, vote func(AgendaItem) (release.Authorization, error), tell func(Cast),
) error {
	if err := c.needWorkers(ctx, agenda); err != nil {
		return err
	}
	going, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	todo, done := make(chan AgendaItem), make(chan Cast)
	go func() {
		defer close(todo)
		for _, item := range agenda {
			select {
			case todo <- item:
			case <-going.Done():
				return
			}
		}
	}()
	var voters sync.WaitGroup
	for range min(besides, len(agenda)) {
		voters.Go(func() {
			for item := range todo {
				done <- c.cast(context.WithoutCancel(ctx), item, vote)
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
func (c *Client) needWorkers(ctx context.Context, agenda []AgendaItem) error {
	looked := map[string]bool{}
	for _, item := range agenda {
		if looked[item.taskQueue] {
			continue
		}
		looked[item.taskQueue] = true
		if err := c.needWorker(ctx, item.taskQueue); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) cast(ctx context.Context, item AgendaItem, vote func(AgendaItem) (release.Authorization, error)) Cast {
	cast := Cast{AgendaItem: item}
	message, err := vote(item)
	if err == nil {
		cast.Receipt, err = c.send(ctx, item.Release, item.Release, item.taskQueue, release.ActAuthorize, message)
	}
	cast.Err = err
	return cast
}
