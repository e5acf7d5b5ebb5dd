package cms

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"slipway/release"
	"slipway/release/records"
)

// Ask answers a question about what is recorded. Names that are not recorded are
// refused (release.Refusal) with those that may be meant; of environments those given
// are known too, whether anything was recorded of them or not.
func (s *Store) Ask(ctx context.Context, r records.Request, environments []string) (records.Answer, error) {
	if err := r.Check(); err != nil {
		return records.Answer{}, err
	}
	a := &asker{Page: r.Page, environments: environments}
	a.Limit = cmp.Or(a.Limit, records.DefaultRows)
	err := s.view(ctx, func(tx *sql.Tx) error {
		a.tx = tx
		return a.ask(ctx, r)
	})
	var refused release.Refusal
	if err != nil && !errors.As(err, &refused) {
		err = fmt.Errorf("cms: ask: %w", err)
	}
	return a.answer, err
}

// asker answers one question, in one transaction.
type asker struct {
	records.Page
	tx           *sql.Tx
	environments []string
	answer       records.Answer
}

func (a *asker) ask(ctx context.Context, r records.Request) error {
	switch {
	case r.Releases != nil:
		return a.releases(ctx, *r.Releases)
	case r.Items != nil:
		return a.items(ctx, *r.Items)
	case r.Item != nil:
		return a.item(ctx, *r.Item)
	case r.Baselines != nil:
		return a.baselines(ctx, *r.Baselines)
	case r.Incidents != nil:
		return a.incidents(ctx, *r.Incidents)
	case r.KnownErrors != nil:
		return a.knownErrors(ctx, *r.KnownErrors)
	}
	return a.relations(ctx, *r.Relations)
}

// filter is conditions that all have to hold, with their arguments.
type filter struct {
	conditions []string
	args       []any
}

// add adds a condition, in which each ? stands for the next of its arguments.
func (f *filter) add(condition string, args ...any) {
	for _, arg := range args {
		condition = strings.Replace(condition, "?", f.arg(arg), 1)
	}
	f.conditions = append(f.conditions, condition)
}

// optional adds a condition on a text, unless that is empty.
func (f *filter) optional(condition, text string) {
	if text != "" {
		f.add(condition, text)
	}
}

// arg adds an argument, and gives how SQL names it.
func (f *filter) arg(value any) string {
	f.args = append(f.args, value)
	return "$" + strconv.Itoa(len(f.args))
}

func (f *filter) where() string {
	if len(f.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(f.conditions, " AND ")
}

// containing is the pattern for LIKE … ESCAPE '\' of texts in lower case that have a
// word in them.
func containing(word string) string { return "%" + verbatim(strings.ToLower(word)) + "%" }

// verbatim is a text as a pattern has it.
func verbatim(text string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text)
}

// page cuts a list, of which one more than wanted was read, to what is wanted, and
// notes where the next page begins. What it gives is never nil.
func page[T any](a *asker, list []T, cursor func(last T) string) []T {
	if len(list) <= a.Limit {
		return append([]T{}, list...)
	}
	list = list[:a.Limit]
	a.answer.Next = cursor(list[a.Limit-1])
	return list
}

// between stands between the parts of a cursor.
const between = ","

// cursor gives the parts of what an answer gave as Next; none when this is the first
// page.
func (a *asker) cursor(parts int) ([]string, error) {
	if a.After == "" {
		return nil, nil
	}
	list := strings.SplitN(a.After, between, parts)
	if len(list) != parts {
		return nil, a.noCursor()
	}
	return list, nil
}

// timed is a cursor that begins with a time, which comes as it is stored.
func (a *asker) timed(parts int) ([]any, error) {
	list, err := a.cursor(parts)
	if list == nil {
		return nil, err
	}
	at, err := time.Parse(timeForm, list[0])
	if err != nil {
		return nil, a.noCursor()
	}
	values := []any{stamp(at)}
	for _, part := range list[1:] {
		values = append(values, part)
	}
	return values, nil
}

func (a *asker) noCursor() error {
	return release.Refusef("%q is not where an answer to this question ended: leave it out to begin at the start", a.After)
}
