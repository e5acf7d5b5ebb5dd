package release

import "strings"

// Outcome is how a release ended. It is a result, not an error: a rejected or
// backed-out release ended as the process provides.
type Outcome string

// The outcomes. Empty means that the release is still open.
const (
	Completed           Outcome = "completed"
	CompletedWithIssues Outcome = "completed-with-issues"
	Rejected            Outcome = "rejected"
	Expired             Outcome = "expired"
	Withdrawn           Outcome = "withdrawn"
	BackedOut           Outcome = "backed-out"
	Superseded          Outcome = "superseded"
	Cancelled           Outcome = "cancelled"
	Failed              Outcome = "failed"
)

// Outcomes lists them.
var Outcomes = []Outcome{
	Completed, CompletedWithIssues, Rejected, Expired, Withdrawn, BackedOut, Superseded, Cancelled, Failed,
}

// StageName names a stage of a release. Stages that are gone through once per
// environment carry its name after a colon, as in "deploy:production".
type StageName string

// The stages in the order of the process.
const (
	StagePlan       StageName = "plan"
	StagePlanGate   StageName = "plan-gate"
	StagePrepare    StageName = "prepare"
	StageBuildGate  StageName = "build-gate"
	StageBuild      StageName = "build"
	StageTest       StageName = "test"
	StageDeployGate StageName = "deploy-gate"
	StageReady      StageName = "prepare-deployment"
	StageDeploy     StageName = "deploy"
	StageVerify     StageName = "verify"
	StageBackOut    StageName = "back-out"
	StageSupport    StageName = "early-life-support"
	StageHandOver   StageName = "hand-over"
	StageReview     StageName = "review"
	StageClosed     StageName = "closed"
)

// Stages lists the stages that can be planned, in the order of the process.
var Stages = []StageName{
	StagePlan, StagePlanGate, StagePrepare, StageBuildGate, StageBuild, StageTest, StageDeployGate, StageReady,
	StageDeploy, StageVerify, StageSupport, StageHandOver, StageReview,
}

// StageIn names the stage in an environment: "deploy:production".
func StageIn(stage StageName, environment string) StageName {
	return stage + ":" + StageName(environment)
}

// Split gives the stage without its environment, and the environment; empty for the whole
// release.
func (s StageName) Split() (stem StageName, environment string) {
	before, after, _ := strings.Cut(string(s), ":")
	return StageName(before), after
}
