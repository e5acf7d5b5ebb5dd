package activities

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"slipway/release/records"
)

// answerLimit is how large an answer may be, in bytes: the server takes no more than
// twice as much.
const answerLimit = 1 << 20

// AskRecords answers a question about what the CMS holds. An answer that would be too
// large has fewer rows than asked for, and says where the next one begins.
func (a *Activities) AskRecords(ctx context.Context, in records.Request) (records.Answer, error) {
	environments := a.Organization().EnvironmentNames()
	for limit := cmp.Or(in.Limit, records.DefaultRows); ; limit /= 2 {
		in.Limit = limit
		answer, err := answered(a.Store.Ask(ctx, in, environments))
		if err != nil {
			return answer, err
		}
		data, err := json.Marshal(answer)
		switch {
		case err != nil:
			return answer, unfit(fmt.Errorf("records: %w", err))
		case len(data) <= answerLimit:
			return answer, nil
		case limit == 1:
			return answer, unfit(fmt.Errorf("records: one row has %d bytes, more than fit into an answer", len(data)))
		}
	}
}
