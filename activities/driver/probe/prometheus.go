package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"slipway/release"
)

// instant is what Prometheus answers to an instant query.
type instant struct {
	Status string `json:"status"`
	Error  string `json:"error"`
	Data   struct {
		ResultType string          `json:"resultType"`
		Result     json.RawMessage `json:"result"`
	} `json:"data"`
}

// sample is one value of the answer: a time, and a number as a text.
type sample struct {
	Metric map[string]string  `json:"metric"`
	Value  [2]json.RawMessage `json:"value"`
}

// query asks a Prometheus server now, and gives what is wrong with the answer: every
// value in it has to be within the thresholds, and there has to be one.
func (p *Prober) query(ctx context.Context, about Subject, probe release.Probe) (reason string) {
	timeout := timeoutOf(probe)
	at := strings.TrimRight(probe.Server, "/") + "/api/v1/query?" + url.Values{"query": {about.fill(probe.Query)}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return plainly(err, timeout)
	}
	request.Header.Set("User-Agent", userAgent)
	client := http.Client{Transport: p.transport, CheckRedirect: redirectsFor(http.StatusOK)}
	answer, err := client.Do(request)
	if err != nil {
		return "Prometheus: " + plainly(err, timeout)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxBody))
	if err != nil {
		return "Prometheus: " + plainly(err, timeout)
	}
	var said instant
	switch err := json.Unmarshal(body, &said); {
	case err == nil && said.Error != "":
		return "Prometheus refuses the query: " + said.Error
	case answer.StatusCode != http.StatusOK:
		return fmt.Sprintf("Prometheus answers with status %d", answer.StatusCode)
	case err != nil || said.Status != "success":
		return fmt.Sprintf("no answer of Prometheus: it begins %q", clip(string(body), maxQuoted))
	}
	samples, err := said.samples()
	if err != nil {
		return err.Error()
	}
	return judge(samples, probe)
}

// samples gives the values of a vector or of a scalar.
func (i instant) samples() (samples []sample, err error) {
	switch i.Data.ResultType {
	case "vector":
		err = json.Unmarshal(i.Data.Result, &samples)
	case "scalar":
		samples = make([]sample, 1)
		err = json.Unmarshal(i.Data.Result, &samples[0].Value)
	default:
		return nil, fmt.Errorf("the query gives a %s: it has to give numbers of one moment, a vector or a scalar", i.Data.ResultType)
	}
	if err != nil {
		return nil, fmt.Errorf("the answer of Prometheus cannot be read: %w", err)
	}
	return samples, nil
}

// judge gives the first value that is not as it should be.
func judge(samples []sample, probe release.Probe) (reason string) {
	if len(samples) == 0 {
		return "no data: the query finds nothing"
	}
	for _, s := range samples {
		var text string
		if err := json.Unmarshal(s.Value[1], &text); err != nil {
			return fmt.Sprintf("%s is %q, which is no number", s.title(), clip(string(s.Value[1]), maxQuoted))
		}
		value, err := strconv.ParseFloat(text, 64)
		switch {
		case err != nil:
			return fmt.Sprintf("%s is %q, which is no number", s.title(), clip(text, maxQuoted))
		case math.IsNaN(value):
			return s.title() + " is not a number (NaN): the query divides nothing by nothing, perhaps"
		case probe.Above != nil && value <= *probe.Above:
			return fmt.Sprintf("%s is %s, wanted above %v", s.title(), text, *probe.Above)
		case probe.Below != nil && value >= *probe.Below:
			return fmt.Sprintf("%s is %s, wanted below %v", s.title(), text, *probe.Below)
		}
	}
	return ""
}

// title names a series as Prometheus does.
func (s sample) title() string {
	var labels []string
	for _, name := range slices.Sorted(maps.Keys(s.Metric)) {
		if name != "__name__" {
			labels = append(labels, fmt.Sprintf("%s=%q", name, s.Metric[name]))
		}
	}
	title := s.Metric["__name__"]
	if len(labels) > 0 {
		title += "{" + strings.Join(labels, ",") + "}"
	}
	if title == "" {
		return "the value"
	}
	return clip(title, 2*maxQuoted)
}
