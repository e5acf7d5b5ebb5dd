package e2e_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"

	"slipway/release"
)

// atPlanGate gives a release that waits at its plan gate, and a browser that shows
// its page.
func atPlanGate(t *testing.T) (s *site, b *browser, waiting release.Awaiting) {
	t.Helper()
	s = newSite(t)
	id := s.start(s.definition("1.0"))
	waiting = s.awaits(id, release.GatePlan).Awaiting[0]
	b = newBrowser(t)
	query := fmt.Sprintf(`%s = %q AND %s = %q`, release.AttributeAwaiting, release.GatePlan, release.AttributeService, s.name)
	require.Equal(t, []string{id}, b.finds(query))
	b.open(id)
	return s, b, waiting
}

// pasting gives what a person pastes: the line that the page shows, with their id.
func pasting(waiting release.Awaiting) (payload func(by string) string) {
	return func(by string) string { return strings.Replace(waiting.Payload, release.YourID, by, 1) }
}

// line gives a vote as the line that "starter authorize --print" writes.
func line(t *testing.T, vote release.Authorization) string {
	t.Helper()
	data, err := json.Marshal(vote)
	require.NoError(t, err)
	return string(data)
}

func TestAnApproverAuthorizesThroughTheWebUIAndTheReleaseGoesOn(t *testing.T) {
	s, b, waiting := atPlanGate(t)
	id, staging, production := release.ID(s.name, "1.0"), release.DeployGate(s.env("staging")), release.DeployGate(s.env("production"))
	page := b.reads("waits for authorization of its plan")
	require.Contains(t, page, waiting.Digest.Short())
	require.Contains(t, page, waiting.Payload)
	b.sends(release.ActAuthorize, pasting(waiting)("ana"))
	b.reads("ana: authorize")
	b.sends(release.ActAuthorize, line(t, signed(t, s.awaits(id, release.GatePlan), release.GatePlan, release.Authorize, "ben")))
	b.reads("ben: authorize, signed")
	s.authorize(id, staging, "ana")

	record := s.awaits(id, production)
	page = b.reads("waits for authorization to deploy to " + s.env("production"))
	require.Contains(t, page, "Waiting for 2 more of group cab (ana, ben, eva), signed")
	require.Contains(t, page, record.Awaiting[0].Command)
	require.NotContains(t, page, waiting.Payload)
	unsigned := signed(t, record, production, release.Authorize, "ana")
	unsigned.Signature = ""
	b.sends(release.ActAuthorize, line(t, unsigned))
	require.Contains(t, b.reads("wants signed votes"), "Waiting for 2 more of group cab", "the release does not wait at its gate")
	for _, by := range []string{"ana", "ben"} {
		b.sends(release.ActAuthorize, line(t, signed(t, record, production, release.Authorize, by)))
		b.reads(by + ": authorize, signed")
	}
	s.accept(id)
	s.takeOver(id)
	require.Equal(t, release.Completed, s.ended(id).Outcome)
	s.serves("production", "1.0")
}

func TestWhatCannotCountIsRefusedInTheWebUIAndTheReleaseWaitsOn(t *testing.T) {
	s, b, waiting := atPlanGate(t)
	payload := pasting(waiting)
	refused := func(reason string) {
		t.Helper()
		require.Contains(t, b.reads(reason), waiting.Payload, "the release does not wait at its gate")
	}
	for _, sent := range []struct{ payload, reason string }{
		{waiting.Payload, "put your own id in place of YOUR-ID"},
		{"", "the signal came without its payload"},
		{payload("mallory"), "mallory is not on the roster"},
		{strings.Replace(payload("ana"), waiting.Digest.Short(), "0123456789ab", 1), "0123456789ab is not what gate plan shows"},
		{`42`, "it is a number"},
		{`["authorize"]`, "it is a list"},
		{`"{by: ana"`, "it is a text"},
		{`"` + strings.Repeat("authorize ", 100_000) + `"`, "the payload has 1000002 bytes"},
	} {
		b.sends(release.ActAuthorize, sent.payload)
		refused(sent.reason)
	}

	// The UI sends no broken JSON; the command line does when it is told that it
	// is plain bytes.
	broken := `{"by":"ana","gate":`
	require.Contains(t, b.cannotSend(release.ActAuthorize, broken), "Input must be valid JSON")
	require.NoError(t, temporal.SignalWorkflow(s.ctx(), release.ID(s.name, "1.0"), "", string(release.ActAuthorize),
		converter.NewRawValue(&commonpb.Payload{
			Metadata: map[string][]byte{converter.MetadataEncoding: []byte(converter.MetadataEncodingBinary)}, Data: []byte(broken),
		})))
	refused("it ends too early")
}
