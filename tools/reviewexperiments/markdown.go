package reviewexperiments

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// Markdown implements tools.View.
func (r *Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**, as of %s. %s\n", run.Cell(r.Program), r.AsOf, r.Verdict)
	for _, x := range r.Experiments {
		fmt.Fprintf(&b, "\n**%s** (%s): **%s**. %s\n", run.Cell(x.Name), x.Status, strings.ReplaceAll(x.Decision, "_", " "), run.Cell(x.Says))
		for _, c := range x.Results {
			if c.Difference == nil {
				fmt.Fprintf(&b, "- %s %s, %s: unknown, %s\n", c.Role, run.Cell(c.Metric), run.Cell(c.Arm), run.Cell(c.Reason))
				continue
			}
			fmt.Fprintf(&b, "- %s\n", run.Cell(c.Line(r.Currency)))
		}
		for _, w := range x.Worth {
			if w.Net != nil {
				fmt.Fprintf(&b, "- worth of %s per unit: net %s%s; %s\n", run.Cell(w.Arm), run.Show(w.Net, metric.Money, r.Currency), between(w.NetInterval, metric.Money, r.Currency), w.Moved)
			}
		}
		for _, t := range x.Who {
			fmt.Fprintf(&b, "- by %s: %s\n", run.Cell(t.Trait), run.Cell(t.Says))
		}
		for _, c := range x.Checks {
			fmt.Fprintf(&b, "- check %s: %s. %s\n", c.ID, c.Status, run.Cell(c.Says))
		}
		fmt.Fprintf(&b, "- next: %s\n", run.Cell(x.NextTest.Says))
	}
	for _, u := range r.Unavailable {
		fmt.Fprintf(&b, "\n- %s: %s", run.Cell(u.ID), run.Cell(u.Reason))
	}
	fmt.Fprintf(&b, "\n\n%s\n", r.Next)
	return b.String()
}

func between(i *[2]float64, unit metric.Unit, currency string) string {
	if i == nil {
		return ""
	}
	return fmt.Sprintf(" [%s, %s]", run.Show(&i[0], unit, currency), run.Show(&i[1], unit, currency))
}

// Line says a known comparison in one line.
func (c Comparison) Line(currency string) string {
	text := fmt.Sprintf("%s %s, %s against control: %s against %s, difference %s%s, lift %s", c.Role, c.Metric, c.Arm,
		run.Show(c.Treatment, c.Unit, currency), run.Show(c.Control, c.Unit, currency), apart(c.Difference, c.Unit, currency), apartRange(c.Interval, c.Unit, currency), run.ShowChange(c.Lift))
	if c.LiftRange != nil {
		text += fmt.Sprintf(" [%s, %s]", run.ShowChange(&c.LiftRange[0]), run.ShowChange(&c.LiftRange[1]))
	}
	if c.LiftShrunk != nil {
		text += fmt.Sprintf(" (with past tests in mind %s)", run.ShowChange(c.LiftShrunk))
	}
	if c.Guardrail != "" {
		text += ", " + c.Guardrail
	}
	return text + ", " + c.Label
}

// apart writes a difference for people: of shares in percentage points.
func apart(x *float64, unit metric.Unit, currency string) string {
	if x != nil && unit == metric.Share {
		return run.ShowPoints(*x)
	}
	return run.Show(x, unit, currency)
}

func apartRange(i *[2]float64, unit metric.Unit, currency string) string {
	if i == nil {
		return ""
	}
	return fmt.Sprintf(" [%s, %s]", apart(&i[0], unit, currency), apart(&i[1], unit, currency))
}

// percent writes the size of a relative change: 5 %.
func percent(x float64) string { return strconv.FormatFloat(math.Round(1000*x)/10, 'f', -1, 64) + " %" }
