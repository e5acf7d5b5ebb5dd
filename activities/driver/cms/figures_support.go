package cms

import "slipway/release/figures"

func (r *factReader) incidents() error {
	var x figures.Incident
	return r.each(`
		SELECT w.n, t.environment, t.severity, coalesce(t.defect, ''), t.opened, t.resolved, t.unrelated
		FROM wanted AS w JOIN incidents`+byTime+` ORDER BY w.n, t.opened, t.incident`,
		func(f *figures.Fact) { f.Incidents = append(f.Incidents, x) },
		&x.Environment, &x.Severity, &x.Defect, stored{&x.Opened}, stored{&x.Resolved}, &x.Unrelated)
}

func (r *factReader) calls() error {
	var x figures.Call
	return r.each(`
		SELECT w.n, t.environment, t.called FROM wanted AS w JOIN calls`+byTime+` ORDER BY w.n, t.called, t.call`,
		func(f *figures.Fact) { f.Calls = append(f.Calls, x) }, &x.Environment, stored{&x.At})
}

// supports reads early life supports with the target that was down longest.
func (r *factReader) supports() error {
	var (
		x        figures.Support
		observed int64
	)
	return r.each(`
		SELECT w.n, t.environment, t.began, t.ended, coalesce(max(s.observed_ms), 0), max(s.down_ms)
		FROM wanted AS w JOIN supports`+byTime+`
		LEFT JOIN support_targets AS s ON s.release = t.release AND s.environment = t.environment AND s.began = t.began
		GROUP BY w.n, t.environment, t.began, t.ended ORDER BY w.n, t.began, t.environment`,
		func(f *figures.Fact) {
			x.Observed = observed > 0
			f.Supports = append(f.Supports, x)
		}, &x.Environment, stored{&x.Began}, stored{&x.Ended}, &observed, span{&x.Down})
}

// audits reads each audit with what it found, a row a target.
func (r *factReader) audits() error {
	var (
		x                 figures.Audit
		key, last, target string
	)
	return r.each(`
		SELECT w.n, t.key, t.environment, coalesce(t.audited, t.at), t.occasion, t.unlisted, coalesce(d.target, '')
		FROM wanted AS w JOIN audits`+byTime+` LEFT JOIN discrepancies AS d ON d.key = t.key
		ORDER BY w.n, t.at, t.key, d.position`,
		func(f *figures.Fact) {
			if key != last {
				f.Audits = append(f.Audits, x)
			}
			if last = key; target != "" {
				audit := &f.Audits[len(f.Audits)-1]
				audit.Targets = append(audit.Targets, target)
			}
		},
		&key, &x.Environment, stored{&x.At}, &x.Occasion, &x.Unlisted, &target)
}

func (r *factReader) assets() error {
	var x figures.AssetCount
	return r.each(`
		SELECT w.n, t.environment, t.at, c.kind, coalesce(c.introduced, 0), coalesce(c.changed, 0), coalesce(c.retired, 0)
		FROM wanted AS w JOIN asset_reports`+byTime+` JOIN asset_counts AS c ON c.key = t.key
		WHERE c.introduced IS NOT NULL OR c.changed IS NOT NULL OR c.retired IS NOT NULL
		ORDER BY w.n, t.at, t.key, c.position`,
		func(f *figures.Fact) { f.Assets = append(f.Assets, x) },
		&x.Environment, stored{&x.At}, &x.Kind, &x.Introduced, &x.Changed, &x.Retired)
}
