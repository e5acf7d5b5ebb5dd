package activities

import (
	"context"
	"time"

	"slipway/activities/driver/notify"
	"slipway/release"
)

// Notifier tells people something through their contact.
type Notifier interface {
	Send(ctx context.Context, contact string, m notify.Message) error
}

// NotifyInput says who is to be told what.
type NotifyInput struct {
	To      []string `json:"to"`
	Subject string   `json:"subject"`
	Text    string   `json:"text"`
}

// NotifyResult lists who was to be told, delegates too, and says by person who could
// not be, and why.
type NotifyResult struct {
	To        []string          `json:"to"`
	Unreached map[string]string `json:"unreached,omitempty"`
}

// Notify tells people something, and with them whoever votes in their place just
// now. That somebody cannot be reached is a result: it goes into the records, and
// nobody is told twice because of it.
func (a *Activities) Notify(ctx context.Context, in NotifyInput) (NotifyResult, error) {
	const patience = 15 * time.Second
	beater := beat(ctx, release.Progress{What: "telling people", Since: time.Now().UTC()})
	defer beater.end()
	o := a.Organization()
	found := NotifyResult{To: o.WithDelegates(in.To, time.Now()), Unreached: map[string]string{}}
	for _, id := range found.To {
		person, known := o.Person(id)
		switch {
		case !known:
			found.Unreached[id] = "not on the roster any more"
			continue
		case person.Contact == "":
			found.Unreached[id] = "no contact on the roster"
			continue
		}
		within, cancel := context.WithTimeout(ctx, patience)
		if err := a.Notifier.Send(within, person.Contact, notify.Message{Subject: in.Subject, Text: in.Text}); err != nil {
			found.Unreached[id] = err.Error()
		}
		cancel()
	}
	return found, ctx.Err()
}
