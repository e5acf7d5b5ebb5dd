package attest_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	intoto "github.com/in-toto/attestation/go/v1"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
	"google.golang.org/protobuf/encoding/protojson"

	"slipway/activities/driver/attest"
	"slipway/release"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 123456789, time.UTC)

// attestation has what is easily lost on the way: big numbers, fine times, angle
// brackets, empty lists and maps.
func attestation() release.Attestation {
	pkg := release.Package{Digest: release.DigestOfBytes([]byte("package")), Tag: "httpbin-2.26.0-b1", Size: 1<<53 + 1, Files: 7}
	return release.Attestation{
		Release: "httpbin@2.26.0", Started: noon, Closed: noon.Add(time.Hour), Outcome: release.Completed, Reason: "a < b & c > d \u2028 é",
		Plan:    release.Plan{Digest: release.DigestOfBytes([]byte("plan")), Gates: map[string]release.GatePolicy{}},
		Package: &pkg,
		Gates: []release.Gate{{
			Name: "plan", Policy: release.GatePolicy{Votes: map[string]int{"cab": 2, "audit": 1}, Deadline: release.Duration(36 * time.Hour)},
			Votes: []release.Vote{{At: noon, By: "ana", Decision: release.Authorize, Seats: []release.Seat{{Person: "ana"}}}},
		}},
		Ledger: release.Ledger{Release: "httpbin@2.26.0", Started: noon},
	}
}

func signer(t *testing.T) *attest.Signer {
	t.Helper()
	s, err := attest.LoadOrCreate(t.TempDir() + "/slipway.key")
	require.NoError(t, err)
	return s
}

func trust(s *attest.Signer) []release.Signer {
	return []release.Signer{{Name: "build-1", Key: release.Key{Line: s.PublicKey()}}}
}

func sealed(t *testing.T, s *attest.Signer, a release.Attestation) []byte {
	t.Helper()
	envelope, err := s.Envelope(context.Background(), a)
	require.NoError(t, err)
	return envelope
}

// signed puts any statement into an envelope, as a worker of another mind would.
func signed(t *testing.T, s *attest.Signer, payloadType string, body []byte) []byte {
	t.Helper()
	es, err := dsse.NewEnvelopeSigner(s)
	require.NoError(t, err)
	e, err := es.SignPayload(context.Background(), payloadType, body)
	require.NoError(t, err)
	text, err := json.Marshal(e)
	require.NoError(t, err)
	return text
}

// body gives what an envelope holds.
func body(t *testing.T, envelope []byte) []byte {
	t.Helper()
	var e dsse.Envelope
	require.NoError(t, json.Unmarshal(envelope, &e))
	payload, err := base64.StdEncoding.DecodeString(e.Payload)
	require.NoError(t, err)
	return payload
}

func TestWhatIsSignedComesBackToTheLastDigit(t *testing.T) {
	s, a := signer(t), attestation()
	opened, err := attest.Open(sealed(t, s, a), trust(s))
	require.NoError(t, err)
	want, err := release.DigestOf(a)
	require.NoError(t, err)
	got, err := release.DigestOf(opened.Attestation)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.Equal(t, int64(1<<53+1), opened.Attestation.Package.Size)
	assert.Equal(t, "build-1", opened.Worker)
	assert.Equal(t, sealed(t, s, a), sealed(t, s, a), "the same gives the same")
}

func TestOtherToolsReadTheStatementAndVerifyTheSignature(t *testing.T) {
	s, a := signer(t), attestation()
	envelope := sealed(t, s, a)
	var statement intoto.Statement
	require.NoError(t, protojson.Unmarshal(body(t, envelope), &statement))
	require.NoError(t, statement.Validate())
	assert.Equal(t, "httpbin-2.26.0-b1", statement.GetSubject()[0].GetName())
	assert.Equal(t, "sha256:"+statement.GetSubject()[0].GetDigest()["sha256"], string(a.Package.Digest))
	assert.Equal(t, release.AttestationType, statement.GetPredicateType())

	var e dsse.Envelope
	require.NoError(t, json.Unmarshal(envelope, &e))
	public, _, _, _, err := ssh.ParseAuthorizedKey([]byte(s.PublicKey()))
	require.NoError(t, err)
	signature, err := base64.StdEncoding.DecodeString(e.Signatures[0].Sig)
	require.NoError(t, err)
	raw, is := public.(ssh.CryptoPublicKey).CryptoPublicKey().(ed25519.PublicKey)
	require.True(t, is)
	assert.True(t, ed25519.Verify(raw, dsse.PAE("application/vnd.in-toto+json", body(t, envelope)), signature))
	assert.Equal(t, ssh.FingerprintSHA256(public), e.Signatures[0].KeyID)
}

func TestWithoutAPackageItIsAboutThePlan(t *testing.T) {
	s, a := signer(t), attestation()
	a.Package = nil
	var statement intoto.Statement
	require.NoError(t, protojson.Unmarshal(body(t, sealed(t, s, a)), &statement))
	require.NoError(t, statement.Validate())
	assert.Equal(t, "plan", statement.GetSubject()[0].GetName())
	assert.Equal(t, "sha256:"+statement.GetSubject()[0].GetDigest()["sha256"], string(a.Plan.Digest))
	a.Plan.Digest = ""
	_, err := s.Envelope(context.Background(), a)
	require.ErrorContains(t, err, "a release without a plan has nothing that could be attested")
}

func TestWhatATrustedWorkerDidNotSignIsNotOpened(t *testing.T) {
	s, a := signer(t), attestation()
	envelope, other := sealed(t, s, a), signer(t)
	fingerprint, _ := s.KeyID()
	revoked := func(at time.Time) []release.Signer {
		list := trust(s)
		list[0].Revoked, list[0].Reason = at, "stolen"
		return list
	}
	var e dsse.Envelope
	require.NoError(t, json.Unmarshal(envelope, &e))
	twice := e
	twice.Signatures = append(twice.Signatures, e.Signatures[0])
	changed := e
	changed.Payload = base64.StdEncoding.EncodeToString(bytes.Replace(body(t, envelope), []byte("completed"), []byte("backed-out"), 1))
	for name, c := range map[string]struct {
		envelope []byte
		trusted  []release.Signer
		says     string
	}{
		"unknown key": {envelope, trust(other), `it is signed with key "` + fingerprint + `", which is no worker's on the roster: if it is one of yours, ` +
			"add the line of its .pub file to organization.workers, else trust nothing in it"},
		"nobody is trusted": {envelope, nil, "no worker's on the roster"},
		"changed":           {must(json.Marshal(changed)), trust(s), "the signature with key " + fingerprint + " of worker build-1 does not fit: one of them was changed"},
		"revoked when it was closed": {envelope, revoked(a.Closed), "it is signed with key " + fingerprint +
			" of worker build-1, which was revoked on 2026-03-04T13:00:00Z (stolen), before the release was closed at 2026-03-04T13:00:00Z"},
		"revoked and listed again": {envelope, append(trust(s), revoked(noon)...), "which was revoked on 2026-03-04T12:00:00Z"},
		"two signatures":           {must(json.Marshal(twice)), trust(s), "with 2 signatures"},
		"other payload":            {signed(t, s, "text/plain", body(t, envelope)), trust(s), `it holds "text/plain" with 1 signatures, expected "application/vnd.in-toto+json" with one`},
		"no envelope":              {[]byte("hello"), trust(s), "it is no DSSE envelope"},
		"something behind":         {append(bytes.Clone(envelope), '1'), trust(s), "something stands behind it"},
		"unknown field":            {bytes.Replace(envelope, []byte("{"), []byte(`{"colour":"red",`), 1), trust(s), "unknown field"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := attest.Open(c.envelope, c.trusted)
			require.ErrorContains(t, err, c.says)
		})
	}
	_, err := attest.Open(envelope, revoked(a.Closed.Add(time.Second)))
	require.NoError(t, err, "it was good when it was made")
}

func TestNothingInAStatementIsPassedOver(t *testing.T) {
	s := signer(t)
	good := body(t, sealed(t, s, attestation()))
	for name, c := range map[string]struct{ old, with, says string }{
		"unknown field":   {`"predicate":{`, `"predicate":{"colour":"red",`, "it states more than this program understands"},
		"field twice":     {`"predicate":{`, `"predicate":{"release":"other@1",`, "it states more than"},
		"other case":      {`"outcome"`, `"Outcome"`, "it states more than"},
		"other subject":   {`"name":"httpbin-2.26.0-b1"`, `"name":"httpbin-2.27.0-b1"`, "it states more than"},
		"other digest":    {`"sha256":"`, `"sha256":"00`, "it states more than"},
		"other statement": {"Statement/v1", "Statement/v2", "it states more than"},
		"other predicate": {release.AttestationType, "https://slsa.dev/provenance/v1", `it states "https://slsa.dev/provenance/v1", expected `},
		"wrong type":      {`"outcome":"completed"`, `"outcome":7`, "the statement cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, string(good), c.old)
			changed := bytes.Replace(good, []byte(c.old), []byte(c.with), 1)
			_, err := attest.Open(signed(t, s, "application/vnd.in-toto+json", changed), trust(s))
			require.ErrorContains(t, err, c.says)
		})
	}
}

func must(text []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return text
}
