package main

import (
	"bytes"
	"testing"

	"slipway/release"
	"slipway/starter"
)

func TestEnvironmentsView(t *testing.T) {
	var text bytes.Buffer
	a := viewer(&text)
	a.writeEnvironmentList(&text, nil)
	a.writeEnvironmentList(&text, []starter.Environment{
		{EnvironmentStatus: release.EnvironmentStatus{Name: "moon"}, Unknown: "no worker polls"},
		{EnvironmentStatus: release.EnvironmentStatus{
			Name: "production", Holder: &release.Lease{Holder: "httpbin@2.26.0:production", Since: at(-5)},
			Queue: []release.Lease{
				{Holder: "shop@1:production", Emergency: true, Since: at(-1)}, {Holder: "cms@3:production", Since: at(-3)},
			},
			Baselines: []release.Baseline{{Service: "httpbin", Version: "2.25.0", Release: "httpbin@2.25.0", Since: at(-60 * 24)}},
		}},
		{EnvironmentStatus: release.EnvironmentStatus{Name: "staging"}},
	})
	golden(t, "environments", text.String())
}
