package release

import "slices"

// stages lists what the release will go through, with the planned durations.
func (p *Plan) stages() []PlannedStage {
	list := []StageName{StagePlan, StagePlanGate, StagePrepare}
	if !p.Model.MergeBuildGate {
		list = append(list, StageBuildGate)
	}
	list = append(list, StageBuild, StageTest)
	for _, e := range p.Environments {
		in := []StageName{StageDeployGate, StageReady, StageDeploy, StageVerify}
		if p.Definition.SupportIn(e.Name).Period > 0 {
			in = append(in, StageSupport)
		}
		if slices.Contains(p.Model.HandOverIn, e.Purpose) {
			in = append(in, StageHandOver)
		}
		for _, stage := range in {
			list = append(list, StageIn(stage, e.Name))
		}
	}
	list = append(list, StageReview)
	planned := make([]PlannedStage, len(list))
	for i, name := range list {
		planned[i] = PlannedStage{Name: name, Expected: p.expected(name)}
	}
	return planned
}

// expected is how long a stage is planned to take: as the definition says, or else
// the model; early life support takes its period.
func (p *Plan) expected(name StageName) Duration {
	if d, said := p.Definition.Expected[name]; said {
		return d
	}
	stem, environment := name.Split()
	if d, said := p.Model.Expected[stem]; said {
		return d
	}
	if stem == StageSupport {
		return p.Definition.SupportIn(environment).Period
	}
	return 0
}
