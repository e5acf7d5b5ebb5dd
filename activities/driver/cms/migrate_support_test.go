package cms_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// recordsOfBefore is what a CMS held before early life support was recorded in full.
const recordsOfBefore = `
	INSERT INTO releases (release, started, key, at, service, version, model, requester, manager, phase, outcome, risk, closed) VALUES
		('httpbin@2.25.0', '2026-01-01T09:00:00.000000Z', 'k0', '2026-01-03T09:00:00.000000Z', 'httpbin', '2.25.0', 'normal', 'rita', 'max',
		'closed', 'completed', 9, '2026-01-03T09:00:00.000000Z');
	INSERT INTO release_items VALUES ('httpbin@2.25.0', '2026-01-01T09:00:00.000000Z', 1, 'web');
	INSERT INTO incidents (release, environment, incident, opened, key, at, severity, item, summary, person, unrelated, resolved, resolved_by, workaround) VALUES
		('httpbin@2.25.0', 'production', 'INC-1', '2026-01-02T09:00:00.000000Z', 'k1', '2026-01-02T10:00:00.000000Z', 3, 'web', 'slow', 'uwe', 0,
		'2026-01-02T10:00:00.000000Z', 'olga', 'restart');
	INSERT INTO calls (key, at, release, environment, called, item, person, summary) VALUES
		('httpbin@2.25.0:production:els/run/call/1', '2026-01-02T09:05:00.000000Z', 'httpbin@2.25.0', 'production', '2026-01-02T09:04:00.000000Z', 'web', 'uwe', 'is it slow?'),
		('httpbin@2.25.0:production:els/run/call/2', '2026-01-02T09:06:00.000000Z', 'httpbin@2.25.0', 'production', NULL, NULL, 'uwe', 'hello?');
	INSERT INTO services VALUES ('httpbin@2.25.0', 'production', 'sha256:aa', 'k2', '2026-01-03T09:00:00.000000Z', 'httpbin', 'an echo', NULL, 'rita', 'max', 2);
	INSERT INTO service_known_errors VALUES ('httpbin@2.25.0', 'production', 'sha256:aa', 1, 'KE-1', 'loud', 'turn it down')`

func TestRecordsFromBeforeSupportInFullAreKept(t *testing.T) {
	p := place{backends[0], "sqlite:" + filepath.Join(t.TempDir(), "cms.db")}
	before(t, p, "00007", strings.Split(recordsOfBefore, ";")...)
	store := p.open(t)
	assert.Equal(t, []string{"httpbin@2.25.0|completed|0"}, p.rows(t, "SELECT release, outcome, emergency FROM releases"))
	assert.Equal(t, []string{"INC-1|slow|restart||||"},
		p.rows(t, "SELECT incident, summary, workaround, defect, assignee, known_error, rfc FROM incidents"))
	assert.Equal(t, []string{
		"httpbin@2.25.0:production:els/run/call/1|2026-01-02T09:04:00.000000Z|web|uwe|is it slow?|",
		"httpbin@2.25.0:production:els/run/call/2|2026-01-02T09:06:00.000000Z||uwe|hello?|",
	}, p.rows(t, "SELECT call, called, item, person, summary, resolved FROM calls ORDER BY call"), "a call without a time has that of its record")
	assert.Equal(t, []string{"httpbin|production|httpbin@2.25.0|KE-1|loud|turn it down|max|"},
		p.rows(t, "SELECT service, environment, release, known_error, summary, workaround, person, resolved FROM known_errors"))
	write(t, store, wholeRelease(httpbin("2.26.0"))...)
}

func TestKnownErrorsAreThoseThatWereShippedAndThoseThatWereFoundEachOnce(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		id := httpbin("2.26.0")
		again := wholeService(id, "production")[1] // as the service catalogue has it after early life support
		again.At, again.Service.KnownErrors = at(50), append(again.Service.KnownErrors, wholeSupport(id, "production")[3].KnownError.Error.KnownError)
		write(t, p.open(t), append(wholeRelease(id), again)...)
		assert.Equal(t, []string{
			"KE-1|slow|wait||max|2026-03-01T09:50:00.000000Z|",
			"KE-2|loud|||max|2026-03-01T09:50:00.000000Z|",
			"KE-3|slow under load|restart|INC-1|olga|2026-03-01T09:09:00.000000Z|2.27.0",
		}, p.rows(t, "SELECT known_error, summary, workaround, incident, person, found, resolution FROM known_errors ORDER BY known_error"))
	})
}

func TestRelationshipsAreTheEdgesBetweenAllThatIsRecorded(t *testing.T) {
	onEach(t, func(t *testing.T, p place) {
		id := httpbin("2.26.0")
		write(t, p.open(t), wholeRelease(id)...)
		pkg, incident := string(pack(id).Digest), id+"/production/INC-1"
		assert.ElementsMatch(t, []string{
			"release|" + id + "|of|service|httpbin",
			"release|" + id + "|made|package|" + pkg,
			"package|" + pkg + "|contains|component|httpbin",
			"release|" + id + "|changes|ci|web",
			"release|" + id + "|changes|ci|cache",
			"release|" + id + "|goes to|environment|staging",
			"release|" + id + "|goes to|environment|production",
			"release|" + id + "|carries out|rfc|RFC-7",
			"release|" + id + "|runs in|environment|production",
			"package|" + pkg + "|runs in|environment|production",
			"service|httpbin|runs in|environment|production",
			"incident|" + incident + "|of|release|" + id,
			"incident|" + incident + "|in|environment|production",
			"incident|" + incident + "|about|ci|web",
			"incident|" + incident + "|led to|rfc|RFC-8",
			"incident|" + incident + "|known as|known-error|httpbin/KE-3",
			"rfc|RFC-8|raised by|release|" + id,
			"rfc|RFC-8|about|ci|web",
			"known-error|httpbin/KE-1|of|service|httpbin",
			"known-error|httpbin/KE-2|of|service|httpbin",
			"known-error|httpbin/KE-3|of|service|httpbin",
			"known-error|httpbin/KE-1|known in|release|" + id,
			"known-error|httpbin/KE-2|known in|release|" + id,
			"known-error|httpbin/KE-3|known in|release|" + id,
		}, p.rows(t, "SELECT * FROM relationships"))
	})
}
