package e2e_test

import (
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"slipway/release"
	"slipway/starter"
	"slipway/worker/library"
)

// service is what runs on a target, and can be killed.
type service struct {
	t       *testing.T
	address string
	handler http.Handler
	server  *http.Server
}

// killable puts a service of its own on the target in staging.
func (s *site) killable() *service {
	s.t.Helper()
	target := &s.config.Organization.Environments[0].Targets[0]
	v := &service{t: s.t, address: "127.0.0.1:0", handler: s.answer(target.Name)}
	v.start()
	s.t.Cleanup(v.kill)
	target.URL = "http://" + v.address
	return v
}

func (v *service) start() {
	v.t.Helper()
	var listener net.Listener
	require.Eventually(v.t, func() (listens bool) {
		var err error
		listener, err = net.Listen("tcp", v.address)
		return err == nil
	}, patience, 10*time.Millisecond)
	v.address = listener.Addr().String()
	v.server = &http.Server{Handler: v.handler, ReadHeaderTimeout: patience}
	go func(server *http.Server) { _ = server.Serve(listener) }(v.server)
}

func (v *service) kill() { _ = v.server.Close() }

// between is the time between two probes in these tests.
const between = time.Second

// supported is a release to staging alone, with twenty seconds of early life support.
func (s *site) supported() release.Definition {
	d := s.standard("1.0")
	d.Environments = d.Environments[:1]
	d.EarlyLifeSupport = release.Support{
		Period: release.Duration(20 * time.Second), Interval: release.Duration(between), Window: release.Duration(3 * time.Second),
		Probe: &release.Probe{Path: "/", Timeout: release.Duration(500 * time.Millisecond)},
	}
	return d
}

// watched waits until the probes of early life support have begun.
func (s *site) watched(id string) {
	s.t.Helper()
	s.until(id, "early life support", func(r release.Record) bool { return r.Environments[0].State == release.EnvSupported })
	require.Eventually(s.t, func() bool { return s.probing(id) != "" }, patience, 20*time.Millisecond)
}

// probing gives what the watch that goes on says; empty when none does.
func (s *site) probing(id string) string {
	work, err := s.starter.WorkingOn(s.ctx(), release.Record{ID: id, Environments: []release.EnvironmentRecord{{Name: s.env("staging"), State: release.EnvSupported}}})
	i := slices.IndexFunc(work, func(w starter.Work) bool { return w.Activity == "Watch" })
	if err != nil || i < 0 {
		return ""
	}
	return work[i].Progress.What
}

// events counts those in the histories of an early life support.
func (s *site) events(workflowID string) (count int) {
	history := temporal.GetWorkflowHistory(s.ctx(), workflowID, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		_, err := history.Next()
		require.NoError(s.t, err)
		count++
	}
	return count
}

func TestDowntimeIsToldWithinOneProbeOfTheTruth(t *testing.T) {
	s := plainSite(t)
	v := s.killable()
	s.work()
	id := s.start(s.supported())
	s.watched(id)
	killed := time.Now()
	v.kill()
	require.Eventually(t, func() bool {
		return s.probing(id) == "probes of "+s.env("staging")+" every 1s: 1 target down, staging-1"
	}, patience, 50*time.Millisecond, "what goes on is shown while it does")
	<-time.After(time.Until(killed.Add(5 * time.Second)))
	v.start()
	down := time.Since(killed)
	r := s.ended(id)
	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	support := r.Environments[0].Support
	seen := support.Availability[0]
	require.Len(t, seen.Down, 1, "one downtime, though it goes over windows of time")
	require.InDelta(t, down.Seconds(), seen.Downtime().Std().Seconds(), between.Seconds())
	require.Zero(t, seen.UnobservedTime())
	require.InDelta(t, 20, support.Ended.Sub(support.Started).Seconds(), 3)
	require.GreaterOrEqual(t, len(support.Latency), 6)
	require.Less(t, s.events(release.SupportID(id, s.env("staging"))), 100)
	s.keep(id, "supported")

	require.NotNil(t, support.Document, support.Undocumented)
	held, err := library.Open(s.config.DML, s.config.Registry)
	require.NoError(t, err)
	contents, err := held.Read(s.ctx())
	require.NoError(t, err)
	pkg, err := contents.One(s.ctx(), string(r.Package.Digest))
	require.NoError(t, err)
	shown, err := contents.Show(s.ctx(), pkg)
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(shown.Referred, func(r library.Referrer) bool {
		return r.Kind == library.KindSupport && r.Says == support.Says()
	}), "%+v", shown.Referred)
}

func TestTimeWithoutAWorkerIsUnobservedAndNotDown(t *testing.T) {
	s := plainSite(t)
	v := s.killable()
	first := s.workApart()
	s.served()
	id := s.start(s.supported())
	s.watched(id)
	require.NoError(t, first.Process.Kill())
	killed := time.Now()
	v.kill() // nobody sees it
	<-time.After(3 * time.Second)
	v.start()
	s.workApart()
	r := s.ended(id)
	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	support := r.Environments[0].Support
	seen := support.Availability[0]
	require.Zero(t, seen.Downtime(), "%+v", seen)
	require.NotEmpty(t, seen.Unobserved)
	gap := seen.Unobserved[0]
	require.WithinDuration(t, killed, gap.From, 2*between+time.Second)
	require.Greater(t, gap.Length().Std(), 3*time.Second)
	require.Positive(t, seen.Probes-seen.Failed)
	require.Equal(t, 0, seen.Failed)
}

func TestDecisionsAboutEarlyLifeSupportAreRefusedWithTheReason(t *testing.T) {
	s := newSite(t)
	d := s.supported()
	d.EarlyLifeSupport.Period, d.EarlyLifeSupport.Minimum = release.Duration(time.Hour), release.Duration(4*time.Second)
	d.EarlyLifeSupport.Window = 0
	d.EarlyLifeSupport.Exit.Knowledge = true
	id := s.start(d)
	s.watched(id)
	end, extend, confirm := release.EndSupport{Reason: "enough"}, release.ExtendSupport{Reason: "more"}, release.Confirm{Item: release.KnowledgeItem}
	end.By, extend.By, confirm.By = "olga", "olga", "uwe"
	_, err := s.starter.EndSupport(s.ctx(), id, end)
	require.ErrorContains(t, err, "refused: it lasts until ")
	extend.Until = time.Now().Add(-time.Hour)
	_, err = s.starter.ExtendSupport(s.ctx(), id, extend)
	require.ErrorContains(t, err, " is past: give a time that is still to come")
	extend.Until, extend.Period, extend.By = time.Time{}, release.Duration(time.Hour), "uwe"
	_, err = s.starter.ExtendSupport(s.ctx(), id, extend)
	require.ErrorContains(t, err, "uwe may not extend-els: model standard leaves it to marc (release manager)")
	_, err = s.starter.Confirm(s.ctx(), id, confirm)
	require.ErrorContains(t, err, "uwe may not confirm that knowledge was transferred")
	require.NotEmpty(t, s.until(id, "its criteria", func(r release.Record) bool { return r.Environments[0].Support != nil }).Environments[0].Support.Unmet)
	confirm.By = "olga"
	_, err = s.starter.Confirm(s.ctx(), id, confirm)
	require.NoError(t, err)
	status, err := s.starter.Status(s.ctx(), id)
	require.NoError(t, err)
	require.Equal(t, "olga", status.Environments[0].Support.Knowledge.By)
	require.Eventually(t, func() bool {
		_, err := s.starter.EndSupport(s.ctx(), id, end)
		return err == nil
	}, patience, 200*time.Millisecond)
	r := s.ended(id)
	require.Equal(t, release.Completed, r.Outcome, r.Reason)
	require.Equal(t, "enough", r.Environments[0].Support.EndedBy.Summary)
	s.keep(id, "ended-early")
}
