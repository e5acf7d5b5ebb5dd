// Package release is the domain of Slipway: release and deployment management
// as ITIL 4 and ISO/IEC 20000-1 (clause 8.5.3) describe it, as plain values and
// pure decisions. It knows no clock, no file, no network and no workflow engine:
// time comes in as an argument, what the world holds comes in as facts, and what
// is to be done goes out as a value.
//
// The road of a release, and where each step's words and rules live:
//
//	plan                 Definition, Organization, Model -> Plan      definition.go, organization.go, model.go, plan.go
//	plan gate            Gate, Vote                                  gate.go, vote.go
//	build, package       BuildRecord, Package                        build.go
//	test                 Evidence                                    build.go
//	deployment gate      Gate over plan, package and evidence        gate.go
//	window, freeze       Calendar                                    calendar.go
//	deploy, back out     Step, Wave, TargetResult, UndoStack         step.go, deployment.go
//	verify, support      Probe, Incident, Availability               probe.go, support.go
//	review and close     Record, Outcome                             record.go, outcome.go
package release
