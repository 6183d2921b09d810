package diagnosehealth

import (
	"context"
	"fmt"
	"strings"

	"loyaltymcp/tools/run"
)

// churn tells who has left, in three ways: by the program's lapse definition,
// by a model of purchases, and by who cancelled.
func (d *doctor) churn(ctx context.Context) error {
	c := &d.result.Churn
	c.LapseDays = d.desk.Config.Definitions.LapseDays
	var reasons []string
	for _, part := range []struct {
		name string
		tell func(context.Context) (string, error)
	}{{"lapse", d.lapses}, {"model of purchases", d.risk}, {"retention", d.retention}} {
		reason, err := part.tell(ctx)
		if err != nil {
			return err
		}
		if reason != "" {
			reasons = append(reasons, part.name+": "+reason)
		}
	}
	c.Reason = strings.Join(reasons, "; ")
	switch len(reasons) {
	case 0:
		c.Status = ok
	case 3:
		c.Status = unavailable
	default:
		c.Status = partial
	}
	d.judgeChurn()
	return nil
}

// judgeChurn takes the verdict: by how many of the going members lapse, and by
// how much is at risk. Where one of the two is unknown the other decides, but a
// model that failed its backtest is a reason to look: members don't buy as they
// used to.
func (d *doctor) judgeChurn() {
	c, lines := &d.result.Churn, d.desk.Config.Health.Churn
	lapsing, risk := c.figure(PointNewlyLapsed), c.figure(PointAtRiskShare)
	var rules, says, because []string
	act, watch := false, false
	if lapsing != nil && lapsing.Value != nil {
		monthly := *lapsing.Value * 30 / float64(d.run.Window.Days())
		act, watch = monthly > lines.NewlyLapsed.Act, monthly > lines.NewlyLapsed.Watch
		rules = append(rules, fmt.Sprintf("going members who lapse in 30 days: watch above %s, act above %s", percent(lines.NewlyLapsed.Watch), percent(lines.NewlyLapsed.Act)))
		says = append(says, fmt.Sprintf("%s of going members lapsed in 30 days", percent(monthly)))
		because = append(because, PointNewlyLapsed)
	}
	if risk != nil && risk.Value != nil {
		act, watch = act || *risk.Value > lines.AtRisk.Act, watch || *risk.Value > lines.AtRisk.Watch
		rules = append(rules, fmt.Sprintf("revenue at risk, of what all open members would bring: watch above %s, act above %s", percent(lines.AtRisk.Watch), percent(lines.AtRisk.Act)))
		says = append(says, fmt.Sprintf("%s of the revenue of the next %d days is at risk", percent(*risk.Value), lines.HorizonDays))
		because = append(because, PointAtRiskShare, PointAtRisk)
	}
	if len(rules) == 0 {
		return
	}
	if c.Backtest != nil && !c.Backtest.Passed {
		watch = true
		rules = append(rules, "a model of purchases that fails its backtest: watch")
		says = append(says, "members don't buy as the model expected")
		because = append(because, pointBacktestRatio)
	}
	c.decide(sentence(strings.Join(rules, "; ")), sentence(strings.Join(says, "; ")), act, watch, because...)
}

// figure returns the plain figure with the point id, or nil.
func (c *Churn) figure(point string) *run.Figure {
	for i := range c.Figures {
		if c.Figures[i].Point == point {
			return &c.Figures[i]
		}
	}
	return nil
}

func percent(share float64) string { return fmt.Sprintf("%.3g %%", 100*share) }

// sentence makes clauses a sentence.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] + "." }
