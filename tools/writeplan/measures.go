package writeplan

import (
	"slices"

	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/run"
)

// measures states the four success metrics as far as the run knows them. The
// baseline is what stood at the start: the first plan takes it from its data, and
// later ones carry it on as long as the figure means the same.
func (b *builder) measures(earlier *Plan) SuccessMetrics {
	point := func(id, unit string, target *float64, missing string) Measure {
		m := Measure{Unit: unit, Target: target, Reason: missing}
		if p, ok := b.points[id]; ok {
			value := p.Value
			m.Actual, m.Point, m.Reason = &value, id, ""
		}
		if before, ok := b.points[id+"/previous"]; ok {
			value := before.Value
			m.Baseline, m.BaselineAsOf = &value, run.Day(b.run.Window.Start)
		}
		return m
	}
	target := func(kpi string) *float64 {
		if t, ok := b.desk.Config.Targets[kpi]; ok {
			return &t
		}
		return nil
	}
	retention := point("metrics/retention_rate", "ratio", target("retention_rate"), "retention is unknown in this window")
	if churn := target("churn_explicit"); retention.Target == nil && churn != nil {
		retention.Target = run.Round(1 - *churn)
	}
	lift := Measure{Unit: "ratio", Reason: "no finished, valid experiment shows a lift"}
	if b.experiments != nil {
		for _, x := range b.experiments.Experiments {
			if x.Decision != reviewexperiments.Ship {
				continue
			}
			i := slices.IndexFunc(x.Results, func(c reviewexperiments.Comparison) bool {
				return c.Role == "primary" && c.Arm == x.Arm && c.Lift != nil
			})
			if i >= 0 && lift.Actual == nil {
				lift.Actual, lift.Reason = x.Results[i].Lift, ""
				lift.Point = x.Results[i].PointOf("lift")
			}
		}
	}
	liability := point("health/liability/gross", b.run.Currency, nil, "the gross liability is unknown")
	if opening, ok := b.points["health/liability/roll_forward/opening"]; ok && b.desk.Config.Program.PointValue != nil {
		liability.Baseline, liability.BaselineAsOf = run.Round(opening.Value**b.desk.Config.Program.PointValue), run.Day(b.run.Window.Start)
	}
	if earlier != nil {
		then := earlier.SuccessMetrics
		if retained, ok := b.desk.Metrics.Find("retention_rate"); ok && earlier.Definitions["retention_rate"] == retained.Hash() {
			retention.carry(then.Retention, earlier.Run.AsOf)
		}
		if b.basis != nil && earlier.Basis != nil && b.basis.Choices["program.point_value"] == earlier.Basis.Choices["program.point_value"] {
			liability.carry(then.Liability, earlier.Run.AsOf)
		}
		lift.carry(then.EngagementLift, earlier.Run.AsOf)
	}
	return SuccessMetrics{
		Retention:       retention,
		Liability:       liability,
		EngagementLift:  lift,
		RemediationTime: Measure{Unit: "days", Reason: "no alert of an earlier plan has been closed"},
	}
}

// carry takes the baseline of an earlier plan over, or else what was actual then.
func (m *Measure) carry(then Measure, asOf string) {
	switch {
	case then.Unit != m.Unit:
	case then.Baseline != nil:
		m.Baseline, m.BaselineAsOf = then.Baseline, then.BaselineAsOf
	case then.Actual != nil:
		m.Baseline, m.BaselineAsOf = then.Actual, asOf
	}
}

// growth returns the liability's growth in the window if the run knows it.
func (b *builder) growth() (run.Point, bool) {
	p, ok := b.points["health/liability/growth"]
	return p, ok
}
