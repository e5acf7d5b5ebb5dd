package workflows_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"slipway/release"
)

// queue is what an environment has to do, in the plainest way.
type queue struct {
	t       tester
	holder  string
	waiting []string
	gone    map[string]bool
}

func (q *queue) ask(holder string) {
	i := len(q.waiting)
	if holder[0] == 'E' {
		if i = slices.IndexFunc(q.waiting, func(w string) bool { return w[0] != 'E' }); i < 0 {
			i = len(q.waiting)
		}
	}
	q.waiting = slices.Insert(q.waiting, i, holder)
}

func (q *queue) giveBack(holder string) {
	if q.holder == holder {
		q.holder = ""
	}
	q.waiting = slices.DeleteFunc(q.waiting, func(w string) bool { return w == holder })
}

// granted checks that it was free, and that it was the turn of this one.
func (q *queue) granted(holder string) {
	assert.True(q.t, q.holder == "" || q.gone[q.holder], "%s gets it while %s has it", holder, q.holder)
	alive := q.alive()
	if assert.NotEmpty(q.t, alive, "%s gets it and did not ask", holder) {
		assert.Equal(q.t, alive[0], holder)
	}
	q.giveBack(holder)
	q.holder = holder
}

func (q *queue) alive() []string {
	return slices.DeleteFunc(slices.Clone(q.waiting), func(w string) bool { return q.gone[w] })
}

func TestAnEnvironmentServesEverybodyOneByOneWhateverHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := &queue{t: t, gone: map[string]bool{}}
		l := newLender(t)
		l.queue = q
		state := release.EnvironmentStatus{Name: "staging"}
		var holders []string
		for range rapid.IntRange(0, 2).Draw(t, "times that it continues as new") {
			holders = act(t, l, holders)
			l.continueAsNew()
			var again bool
			state, again = l.run(state)
			require.True(t, again)
			l.renew()
		}
		act(t, l, holders)
		state, _ = l.run(state)

		if len(q.alive()) > 0 {
			require.NotNil(t, state.Holder, "%v wait for nobody", q.alive())
			assert.False(t, q.gone[state.Holder.Holder], "%v wait for one that is gone", q.alive())
		}
		if q.holder != "" && !q.gone[q.holder] {
			assert.Equal(t, q.holder, state.Holder.Holder)
		}
	})
}

// act lets random things happen to an environment.
func act(t *rapid.T, l *lender, holders []string) []string {
	for range rapid.IntRange(1, 12).Draw(t, "things that happen") {
		what := rapid.SampledFrom([]string{"ask", "ask", "give back", "vanish", "wait"}).Draw(t, "what")
		if len(holders) == 0 {
			what = "ask"
		}
		switch what {
		case "ask":
			holder := fmt.Sprintf("%s%d", rapid.SampledFrom([]string{"d", "d", "E"}).Draw(t, "who"), len(holders))
			holders = append(holders, holder)
			l.ask(holder)
		case "give back":
			l.giveBack(rapid.SampledFrom(holders).Draw(t, "who"))
		case "vanish":
			l.vanish(rapid.SampledFrom(holders).Draw(t, "who"))
		case "wait":
			l.then(time.Duration(rapid.IntRange(1, 50).Draw(t, "seconds"))*time.Second, func() {})
		}
	}
	return holders
}
