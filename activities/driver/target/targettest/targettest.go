// Package targettest is the conformance suite of the drivers of targets: what holds
// for every kind of target.
package targettest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"slipway/activities/driver/archive"
	"slipway/activities/driver/target"
	"slipway/release"
)

// Rig is what the suite needs of a kind of target. Scripts have to run on this
// machine, for they leave traces in folders of the test.
type Rig struct {
	// Driver makes the driver, which takes its packages from there. It is asked for
	// once per test, and again for a second one that knows nothing of the first, as
	// that of another worker. A secret is read on this machine.
	Driver func(t *testing.T, packages target.Packages) target.Driver
	// Target makes a fresh target that holds nothing.
	Target func(t *testing.T) release.Target
	// Current gives what a file of the package holds that the target runs, as whoever
	// uses the target would read it; empty when it runs nothing.
	Current func(t *testing.T, on release.Target, file string) string
	// Tamper changes a byte of the file of a package that lies on the target.
	Tamper func(t *testing.T, on release.Target, version string, p release.Package, file string)
	// Once says that the driver also carries out steps that have no target.
	Once bool
}

// Conform puts a driver through all that has to hold, on several targets at the same
// time.
func Conform(t *testing.T, rig Rig) {
	tests := []struct {
		name string
		test func(t *testing.T, s *site)
	}{
		{"AFreshTargetHoldsNothing", freshHoldsNothing},
		{"AReleaseIsTransferredAndActivatedAndTakenBack", thereAndBack},
		{"WhatIsDoneIsLeftAlone", againChangesNothing},
		{"TheInverseOfWhatNeverHappenedIsFine", inverseOfNothing},
		{"WhatIsCurrentOrNeededIsNotRemoved", removeKeepsWhatIsNeeded},
		{"TheSameVersionOfAnotherBuildIsAnotherRelease", sameVersionOtherDigest},
		{"WhatWasTamperedWithIsNeverActivated", tamperedIsNotActivated},
		{"WhatWasTamperedWithIsSeen", tamperedIsSeen},
		{"APackageOfOtherContentIsNotTaken", otherContentIsRefused},
		{"AnEndedContextLeavesOpenWhatHappened", endedContext},
		{"AScriptKnowsAndTells", scriptKnowsAndTells},
		{"AScriptThatFailsIsAProblem", scriptFails},
		{"AScriptEndsWithItsTime", scriptTimesOut},
		{"SecretsAreMasked", secretsAreMasked},
		{"ASecretThatIsNotThereKeepsTheScriptFromBeginning", secretMissing},
		{"OutputsHaveAForm", outputsHaveAForm},
		{"AMarkIsThereBeforeTheScriptAndAfterIt", markBeforeAndAfter},
		{"AnAttemptThatIsDoneDoesNotRunAgain", doneDoesNotRunAgain},
		{"AScriptThatIsBrokenOffLeavesAMarkWithoutEnd", brokenOff},
		{"OneTargetTakesOneOperationAtATime", oneAtATime},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, newSite(t, rig))
		})
	}
	if rig.Once {
		t.Run("AStepWithoutTargetRunsAndLeavesItsMark", func(t *testing.T) { onceRuns(t, newSite(t, rig)) })
	}
}

// site is one target with its driver and some packages.
type site struct {
	Rig
	ctx      context.Context
	driver   target.Driver
	on       release.Target
	packages shelf
	old, new version
}

// version is a release as the library has it.
type version struct {
	name string
	p    release.Package
}

// shelf holds the content of packages.
type shelf map[release.Digest]string

// Folder gives a package's content.
func (s shelf) Folder(_ context.Context, p release.Package) (string, error) { return s[p.Digest], nil }

func newSite(t *testing.T, rig Rig) *site {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	s := &site{Rig: rig, ctx: ctx, packages: shelf{}}
	s.old, s.new = s.pack(t, "1.0.0", "one"), s.pack(t, "2.0.0", "two")
	s.driver, s.on = rig.Driver(t, s.packages), rig.Target(t)
	return s
}

// pack makes a package whose file VERSION says what it is.
func (s *site) pack(t *testing.T, name, says string) version {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "package")
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "bin"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "VERSION"), []byte(says), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "bin", "serve"), bytes.Repeat([]byte("#!/bin/sh\necho "+says+"\n"), 1000), 0o755))
	require.NoError(t, os.Symlink("serve", filepath.Join(folder, "bin", "server")))
	content, err := archive.Digest(s.ctx, folder)
	require.NoError(t, err)
	p := release.Package{Digest: release.DigestOfBytes([]byte(name + says)), Content: content, Tag: name, Files: 3}
	s.packages[p.Digest] = folder
	return version{name, p}
}

func (v version) operation(kind target.Kind) target.Operation {
	return target.Operation{Kind: kind, Attempt: string(kind) + v.name, Release: release.ID("shop", v.name), Version: v.name, Package: v.p}
}

// try carries an operation out that nobody doubts, and gives its problem.
func (s *site) try(t *testing.T, v version, kind target.Kind) string {
	t.Helper()
	out, err := s.driver.Do(s.ctx, s.on, v.operation(kind))
	require.NoError(t, err)
	return out.Problem
}

// do carries operations out that have to be done.
func (s *site) do(t *testing.T, v version, kinds ...target.Kind) {
	t.Helper()
	for _, kind := range kinds {
		require.Empty(t, s.try(t, v, kind), "%s %s", kind, v.name)
	}
}

func (s *site) observe(t *testing.T, attempt string) target.Observation {
	t.Helper()
	seen, err := s.driver.Observe(s.ctx, s.on, attempt)
	require.NoError(t, err)
	return seen
}

// holds checks that the target runs a version, whole; nil stands for nothing.
func (s *site) holds(t *testing.T, v *version) {
	t.Helper()
	held := s.observe(t, "").Held
	if v == nil {
		require.Equal(t, release.Held{}, held)
		require.Empty(t, s.Current(t, s.on, "VERSION"))
		return
	}
	held.Folder = ""
	require.Equal(t, release.Held{
		Release: release.ID("shop", v.name), Version: v.name, Package: v.p.Digest, Content: v.p.Content, Intact: true,
	}, held)
	says, err := os.ReadFile(filepath.Join(s.packages[v.p.Digest], "VERSION"))
	require.NoError(t, err)
	require.Equal(t, string(says), s.Current(t, s.on, "VERSION"))
}

// script is the operation that runs a script.
func (s *site) script(attempt, text string) target.Operation {
	o := s.new.operation(target.Run)
	o.Attempt, o.Step, o.Script, o.Timeout, o.Log = attempt, "migrate", text, 30*time.Second, &bytes.Buffer{}
	return o
}

// run runs a script that nobody doubts.
func (s *site) run(t *testing.T, o target.Operation) (out target.Outcome, log string) {
	t.Helper()
	out, err := s.driver.Do(s.ctx, s.on, o)
	require.NoError(t, err)
	return out, o.Log.(*bytes.Buffer).String()
}
