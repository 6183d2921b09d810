package pullmetrics

import (
	"fmt"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// text says how far a KPI is from what was expected of it.
func (t Trend) text(unit metric.Unit, currency string) string {
	if t.Recent != nil && !t.Anomaly {
		out := fmt.Sprintf("%s in the last 7 days against an expected %s", run.Show(t.Recent.Value, unit, currency), run.Show(t.Recent.Expected, unit, currency))
		if t.Recent.Since != "" {
			out += ", since " + t.Recent.Since
		}
		return out
	}
	out := fmt.Sprintf("expected %s", run.Show(t.Expected, unit, currency))
	if t.Daily != "" {
		out = fmt.Sprintf("%s (%s) against an expected %s", run.Show(t.Value, unit, currency), t.Daily, run.Show(t.Expected, unit, currency))
	}
	if t.Score != nil {
		out += fmt.Sprintf(", %+.1f robust standard deviations off", *t.Score)
	}
	if t.Since != "" {
		out += ", since " + t.Since
	}
	return out
}

// text says what drove a change: the largest effects, or a reversal.
func (d Driver) text(k *KPI, currency string) string {
	var parts []string
	for _, c := range d.Cells[:min(3, len(d.Cells))] {
		place := c.Cell
		if c.Second != "" {
			place += " / " + c.Second
		}
		part := place + " " + effect(c.Total, k.Unit, currency)
		if c.Share != nil {
			part += fmt.Sprintf(" (%.0f %%)", *c.Share*100)
		}
		parts = append(parts, part)
	}
	out := fmt.Sprintf("%s moved by %s; by %s: %s", k.Label, effect(d.Change, k.Unit, currency), strings.ReplaceAll(d.Dimension, ",", " and "), strings.Join(parts, ", "))
	if d.Mix != nil && d.Rate != nil {
		out += fmt.Sprintf("; mix %s, rate %s", effect(*d.Mix, k.Unit, currency), effect(*d.Rate, k.Unit, currency))
	}
	if d.Simpson != "" {
		out += ". " + d.Simpson
	}
	return out
}

// effect writes a part of a change, with its sign; of a share in percentage
// points.
func effect(x float64, unit metric.Unit, currency string) string {
	if unit == metric.Share {
		return run.ShowPoints(x)
	}
	sign := "+"
	if x < 0 {
		sign, x = "-", -x
	}
	return sign + run.Show(&x, unit, currency)
}
