package writeplan

import (
	"fmt"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/surfaceinsights"
)

// draft makes the backlog that the run's findings call for: one item an alert,
// a segment and a finished experiment.
func (b *builder) draft() []Item {
	var out []Item
	if b.metrics != nil {
		for _, a := range b.metrics.Alerts {
			out = append(out, b.forAlert(a))
		}
	}
	if b.insights != nil {
		for _, s := range b.insights.Segments {
			if item, ok := b.forSegment(s); ok {
				out = append(out, item)
			}
		}
	}
	if b.experiments != nil {
		for _, x := range b.experiments.Experiments {
			if item, ok := b.forExperiment(x); ok {
				out = append(out, item)
			}
		}
	}
	return out
}

// cite returns evidence for the points that the run has.
func (b *builder) cite(ids ...string) []Evidence {
	out := []Evidence{}
	for _, id := range ids {
		if p, ok := b.points[id]; ok {
			out = append(out, Evidence{Point: id, Value: p.Value, Cited: plain(p.Value), Unit: p.Unit})
		}
	}
	return out
}

// typeOfGroup is the kind of action that moves a metric of each group.
var typeOfGroup = map[string]string{"membership": "journey", "engagement": "messaging", "points": "rewards",
	"satisfaction": "journey", "revenue": "journey", "tiers": "journey"}

func (b *builder) forAlert(a pullmetrics.Alert) Item {
	definition, _ := b.desk.Metrics.Find(a.KPI)
	kind := typeOfGroup[definition.Group]
	ids := []string{"metrics/" + a.KPI, "metrics/" + a.KPI + "/previous", "metrics/" + a.KPI + "/change"}
	// The cell that lies furthest to the wrong side says where to look.
	if worst := b.worstCell(definition); worst != "" {
		ids = append(ids, worst)
	}
	return Item{Expected: Expected{Reason: "what brings it back is not known before its cause is"},
		Type: kind, Title: fmt.Sprintf("Bring %s back out of its %s band", definition.Label, a.Severity),
		Why:      fmt.Sprintf("%s is in the band %s set by the %s.", definition.Label, a.Band, a.Source),
		Evidence: b.cite(ids...), Owner: b.owner(kind), Metric: a.KPI, Confidence: "medium", Effort: "medium",
		Urgency: map[string]string{"critical": "high", "warning": "medium"}[a.Severity], Source: "server"}
}

// worstCell returns the point of the breakdown cell that is worst for a ratio.
func (b *builder) worstCell(d metric.Definition) string {
	if d.Kind != metric.Ratio || d.Better == "neutral" {
		return ""
	}
	worst, at := 0.0, ""
	for _, breakdown := range b.metrics.Breakdowns {
		if breakdown.KPI != d.ID {
			continue
		}
		for _, c := range breakdown.Cells {
			if c.Value == nil {
				continue
			}
			if v := *c.Value; at == "" || (d.Better == "higher") == (v < worst) && v != worst {
				worst, at = v, fmt.Sprintf("metrics/%s{%s=%s}", d.ID, breakdown.Dimension, c.Cell)
			}
		}
	}
	return at
}

// forPlay says, by the play of a segment, the kind of item and the effort. Who is
// left out needs no item of its own.
var forPlay = map[string]struct{ kind, effort string }{
	surfaceinsights.Protect: {"journey", "medium"},
	surfaceinsights.WinBack: {"journey", "medium"},
	surfaceinsights.Upgrade: {"journey", "low"},
	surfaceinsights.Nudge:   {"messaging", "low"},
}

func (b *builder) forSegment(s surfaceinsights.Segment) (Item, bool) {
	play, ok := forPlay[s.Play]
	if !ok || s.Members == nil || *s.Members == 0 {
		return Item{}, false
	}
	if s.Owner == b.desk.Config.Owners.Rewards {
		play.kind, play.effort = "rewards", "medium"
	}
	base := "insights/" + s.ID + "/"
	return Item{Type: play.kind, Title: s.Label + ": " + s.Action, Why: s.Trigger, Evidence: b.cite(base+"members", base+"value"),
		Owner: s.Owner, Metric: s.Metric, Confidence: "low", Effort: play.effort, Urgency: s.Urgency, Source: "server",
		Expected: expectedOf(s), Proof: proofOf(s)}, true
}

func (b *builder) forExperiment(x reviewexperiments.Readout) (Item, bool) {
	title, confidence, urgency := "", "high", "medium"
	switch x.Decision {
	case reviewexperiments.Ship:
		title = "Ship " + x.Arm + " of " + x.Name + " with a holdout kept"
	case reviewexperiments.RollBack:
		title, urgency = "Roll back "+x.Name, "high"
	case reviewexperiments.DontTrust:
		title, confidence = "Repair and repeat "+x.Name, "medium"
	default:
		return Item{}, false
	}
	var ids []string
	for _, c := range x.Results {
		if c.Difference != nil && (c.Role == "primary" || c.Role == "guardrail") && (x.Arm == "" || c.Arm == x.Arm) {
			ids = append(ids, c.PointOf("difference"), c.PointOf("lift"))
		}
	}
	if x.Decision == reviewexperiments.DontTrust {
		// Its results are no evidence; the sizes of its arms are.
		ids = nil
		for _, a := range x.Arms {
			ids = append(ids, x.UnitsPoint(a.Arm))
		}
	}
	evidence := b.cite(ids...)
	if len(evidence) == 0 {
		return Item{}, false
	}
	return Item{Type: "journey", Title: title, Why: x.Says, Evidence: evidence, Owner: orElse(x.Owner, b.desk.Config.Owners.Journey),
		Metric: moves[primaryOf(x)], Confidence: confidence, Effort: "low", Urgency: urgency, Source: "server",
		Expected: worthOf(x), Proof: proofNext(x)}, true
}

// moves maps an experiment's metric to the KPI that shipping it should move.
var moves = map[string]string{"revenue_per_member": "revenue", "orders_per_member": "orders", "conversion": "active_rate",
	"order_value": "average_order_value", "margin_per_member": "member_margin", "active": "active_rate", "cancelled": "churn_explicit", "csat_score": "csat", "unsubscribed": "unsubscribe_rate",
	"redeemed_rate": "redeemer_rate", "points_redeemed_per_member": "points_redeemed", "points_earned_per_member": "points_issued"}

// primaryOf returns the name of an experiment's primary metric.
func primaryOf(x reviewexperiments.Readout) string {
	for _, c := range x.Results {
		if c.Role == "primary" {
			return c.Metric
		}
	}
	return ""
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
