package release

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// probeKinds lists the kinds.
var probeKinds = []ProbeKind{ProbeHTTP, ProbeTCP, ProbeExec, ProbePrometheus}

// check notes what is wrong with a probe, and what it has that its kind does not use.
func (p Probe) check(at string, problems *Problems) {
	kind := p.Asks()
	if !slices.Contains(probeKinds, kind) {
		problems.add(at+".kind", "%q is not a kind of probe: use %s", kind, names(probeKinds, func(k ProbeKind) string { return string(k) }))
		return
	}
	for _, f := range p.fields() {
		if f.given && !slices.Contains(f.of, kind) {
			problems.add(at+"."+f.name, "a probe of kind %s does not use it: it is for %s", kind,
				names(f.of, func(k ProbeKind) string { return string(k) }))
		}
	}
	switch kind {
	case ProbeHTTP:
		p.checkHTTP(at, problems)
	case ProbeTCP:
		p.checkTCP(at, problems)
	case ProbeExec:
		if strings.TrimSpace(p.Run) == "" {
			problems.add(at+".run", "there is nothing to run")
		}
	case ProbePrometheus:
		p.checkPrometheus(at, problems)
	}
}

// probeField is a field that only some kinds of probe use.
type probeField struct {
	name  string
	given bool
	of    []ProbeKind
}

func (p Probe) fields() []probeField {
	http, tcp, exec, prometheus := []ProbeKind{ProbeHTTP}, []ProbeKind{ProbeTCP}, []ProbeKind{ProbeExec}, []ProbeKind{ProbePrometheus}
	return []probeField{
		{"path", p.Path != "", http},
		{"status", p.Status != 0, http},
		{"latencyBelow", p.LatencyBelow != 0, http},
		{"contains", p.Contains != "", append(http, tcp...)},
		{"address", p.Address != "", tcp},
		{"run", p.Run != "", exec},
		{"server", p.Server != "", prometheus},
		{"query", p.Query != "", prometheus},
		{"above", p.Above != nil, prometheus},
		{"below", p.Below != nil, prometheus},
	}
}

func (p Probe) checkHTTP(at string, problems *Problems) {
	if !strings.HasPrefix(p.Path, "/") {
		problems.add(at+".path", "%q is not a path: it starts with /", p.Path)
	}
	if p.Status != 0 && (p.Status < 200 || p.Status > 599) {
		problems.add(at+".status", "%d is not the status of an answer: use 200 to 599", p.Status)
	}
	if p.Timeout > 0 && p.LatencyBelow > p.Timeout {
		problems.add(at+".latencyBelow", "%s is longer than the probe waits for an answer: use less than its timeout, %s", p.LatencyBelow, p.Timeout)
	}
}

func (p Probe) checkTCP(at string, problems *Problems) {
	if p.Address == "" {
		return
	}
	_, port, err := net.SplitHostPort(p.Address)
	number, notNumber := strconv.Atoi(port)
	if err != nil || notNumber != nil || number < 1 || number > 65535 {
		problems.add(at+".address", "%q is not an address: use HOST:PORT, or :PORT for the host of the target's URL", p.Address)
	}
}

func (p Probe) checkPrometheus(at string, problems *Problems) {
	server, err := url.Parse(p.Server)
	if err != nil || server.Host == "" || server.Scheme != "http" && server.Scheme != "https" {
		problems.add(at+".server", "%q is not the URL of a Prometheus server, as in http://prometheus:9090", p.Server)
	} else if server.User != nil {
		problems.add(at+".server", "a URL in a definition must not hold a user or password")
	}
	if strings.TrimSpace(p.Query) == "" {
		problems.add(at+".query", "there is nothing to ask: write a PromQL expression")
	}
	switch {
	case p.Above == nil && p.Below == nil:
		problems.add(at, "say what the value has to be: above, below, or both")
	case p.Above != nil && p.Below != nil && *p.Above >= *p.Below:
		problems.add(at+".below", "nothing is above %v and below %v", *p.Above, *p.Below)
	}
}

// check notes what is wrong with a verification.
func (v Verification) check(at string, problems *Problems) {
	for i, p := range v.Probes {
		p.check(at+".probes["+strconv.Itoa(i)+"]", problems)
	}
	switch {
	case len(v.Probes) == 0 && v.Hold > 0:
		problems.add(at+".hold", "there is no probe that could hold")
	case v.Failures < 0:
		problems.add(at+".failures", "%d: use 0 or more", v.Failures)
	case v.Failures > 0 && v.Hold == 0:
		problems.add(at+".failures", "failures are tolerated while the probes have to hold: say for how long, as in hold: 5m")
	}
}
