package renderdashboard

import (
	"fmt"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/run"
)

// mostExperiments is how many experiments have a card; the rest stand in a table.
const mostExperiments = 30

// readouts is a card for every experiment.
func (p *painter) readouts() section {
	s := section{ID: "experiments", Title: "Experiments"}
	if p.experiments == nil {
		s.Missing = missing(run.ReviewExperiments)
		return s
	}
	r := p.experiments
	s.Lead = r.Verdict
	for i, x := range r.Experiments {
		if i == mostExperiments {
			break
		}
		s.Blocks = append(s.Blocks, p.readout(x))
	}
	if more := len(r.Experiments) - mostExperiments; more > 0 {
		t := p.table("Further experiments", text("Experiment"), text("Decision"), text("Why"))
		for _, x := range r.Experiments[mostExperiments:] {
			t.Rows = append(t.Rows, row{Head: x.Name, Cells: []cell{plain(words(x.Decision)), plain(x.Says)}})
		}
		s.Blocks = append(s.Blocks, block{Title: num(more) + " further experiments", Table: t.keep(200, "run://"+p.run.ID+"/"+run.ReviewExperiments)})
	}
	if past := r.Past; past != nil && past.Tests > 0 {
		s.Blocks = append(s.Blocks, block{Text: []string{fmt.Sprintf("%d past tests of %s showed a mean lift of %s.", past.Tests, past.Metric, p.moves(past.Mean, metric.Share))}})
	}
	if len(r.Unavailable) > 0 {
		t := p.table("What could not be read", text("Experiment or feed"), text("Why"))
		for _, u := range r.Unavailable {
			t.Rows = append(t.Rows, row{Head: u.ID, Cells: []cell{plain(u.Reason)}})
		}
		s.Blocks = append(s.Blocks, block{Title: "What could not be read", Table: t.keep(manyRows, "run://"+p.run.ID+"/"+run.ReviewExperiments)})
	}
	if len(r.Experiments) == 0 {
		if len(r.Unavailable) > 0 {
			s.Missing = "No experiment could be read; why stands in the result of review_experiments."
			for _, u := range r.Unavailable[:1] {
				s.Missing = "No experiment could be read: " + u.Reason
			}
		} else {
			s.Missing = "The program has no experiment in its data."
		}
		s.Blocks = nil
	}
	return s
}

// words writes an identifier for people.
func words(id string) string { return strings.ReplaceAll(id, "_", " ") }

// decided is the badge of a decision.
func decided(decision string) *badge {
	class := "mute"
	switch decision {
	case reviewexperiments.Ship:
		class = "ok"
	case reviewexperiments.RollBack, reviewexperiments.DontTrust:
		class = "crit"
	case reviewexperiments.KeepRunning, reviewexperiments.Inconclusive, reviewexperiments.ByDesign, reviewexperiments.Observational:
		class = "warn"
	}
	return &badge{class, words(decision)}
}

func (p *painter) readout(x reviewexperiments.Readout) block {
	b := block{Title: x.Name, Badge: decided(x.Decision), Box: true, Text: []string{x.Says}}
	basis := x.Assignment
	if x.Analysis != nil {
		basis += "; outcomes count " + x.Analysis.Counted + "; " + x.Analysis.Method
	}
	b.Tip = p.tips.add("experiments/"+x.ID, x.Name, orElse(x.Hypothesis, "No hypothesis was recorded.")+" "+basis+". Lift: difference to control, relative to control.")
	b.Facts = append(b.Facts, fact{Name: "Status", Value: x.Status}, fact{Name: "Assignment", Value: x.Assignment})
	if x.Started != "" {
		b.Facts = append(b.Facts, fact{Name: "Ran", Value: x.Started + " to " + orElse(x.Ended, "now")})
	}
	if x.Owner != "" {
		b.Facts = append(b.Facts, fact{Name: "Owner", Value: x.Owner})
	}
	for _, a := range x.Arms {
		b.Facts = append(b.Facts, fact{Name: "Units in " + a.Arm, Value: num(a.Units)})
	}
	grid := block{Grid: true}
	if len(x.Results) > 0 {
		grid.Blocks = append(grid.Blocks, block{Chart: p.forest(x)})
	}
	if len(x.Weeks) > 1 {
		grid.Blocks = append(grid.Blocks, block{Chart: p.weeks(x)})
	}
	if len(grid.Blocks) > 0 {
		b.Blocks = append(b.Blocks, grid)
	}
	next := []string{x.NextTest.Says}
	if x.NextTest.Hypothesis != "" {
		next = append(next, "Hypothesis: "+x.NextTest.Hypothesis)
	}
	if x.NextTest.Units != nil {
		next = append(next, fmt.Sprintf("%s units per arm to find %s.", num(*x.NextTest.Units), p.moves(x.NextTest.Effect, metric.Share)))
	}
	b.Blocks = append(b.Blocks, block{Fold: "Next test: " + cut(x.NextTest.Says, 90), Blocks: []block{{Text: next}}})
	if len(x.Checks) > 0 {
		t := p.table("Validity checks of "+x.Name, text("Check"), text("Status"), text("What was found"))
		open := 0
		for _, c := range x.Checks {
			class := map[string]string{"ok": "ok", "warning": "warn", "failed": "crit"}[c.Status]
			if c.Status != "ok" {
				open++
			}
			t.Rows = append(t.Rows, row{Head: words(c.ID), Cells: []cell{{Text: c.Status, Class: class}, plain(c.Says)}})
		}
		b.Blocks = append(b.Blocks, block{Fold: fmt.Sprintf("Validity checks: %d of %d ok", len(x.Checks)-open, len(x.Checks)), Blocks: []block{{Table: t}}})
	}
	if len(x.Worth) > 0 {
		b.Blocks = append(b.Blocks, block{Fold: "What an arm brings and costs, per unit", Blocks: []block{{Table: p.worth(x)}}})
	}
	for _, t := range x.Who {
		b.Blocks = append(b.Blocks, block{Fold: fmt.Sprintf("For whom it works, by %s (arm %s)", t.Trait, t.Arm), Blocks: []block{p.who(x, t)}})
	}
	return b
}

// forest is the lift of every metric and arm with its interval.
func (p *painter) forest(x reviewexperiments.Readout) *chart {
	t := p.table("Results of "+x.Name, text("Metric"), text("Role"), text("Arm"), number("Control"), number("Treatment"), number("Difference"), number("95 % interval"), number("Lift"), number("Lift, 95 %"), number("p"), text("Guardrail"))
	t.Fixed = true
	var rows []span
	trusted := x.Decision != reviewexperiments.DontTrust
	for _, c := range x.Results {
		name := words(c.Metric)
		pv := cell{Text: "n/a", Class: "na", Note: c.Reason}
		if c.P != nil {
			pv = plain(fmt.Sprintf("%.3g", *c.P))
		}
		guard := cell{Text: c.Guardrail}
		if c.Guardrail == "harmed" {
			guard.Class = "crit"
		}
		t.Rows = append(t.Rows, row{Head: name, Cells: []cell{plain(c.Role), plain(c.Arm), p.value(c.Control, c.Unit, c.Reason), p.value(c.Treatment, c.Unit, c.Reason),
			p.difference(c.Difference, c.Unit, c.Reason), plain(p.interval(c.Interval, c.Unit)), p.lift(c.Lift, c.Reason), plain(p.lifts(c.LiftRange)), pv, guard}})
		s := span{Name: name + forArm(x, c.Arm), Value: c.Lift, Says: fmt.Sprintf("%s, %s, arm %s: lift %s (%s)", c.Role, name, c.Arm, p.lift(c.Lift, "").Text, p.lifts(c.LiftRange))}
		if c.LiftRange != nil {
			s.Low, s.High = &c.LiftRange[0], &c.LiftRange[1]
			better := c.LiftRange[0] > 0
			worse := c.LiftRange[1] < 0
			if c.Better == "lower" {
				better, worse = worse, better
			}
			switch {
			case better && trusted:
				s.Class = "good"
			case worse && trusted:
				s.Class = "bad"
			}
		}
		rows = append(rows, s)
	}
	zero := 0.0
	title := "Lift against control, 95 % intervals"
	if x.Assignment == reviewexperiments.Observational {
		title += " (observational)"
	}
	return p.draw(title, "Relative difference of each metric to control in "+x.Name+". An interval that spans zero shows nothing yet.", rowsHigh(min(len(rows), 24)),
		[]legend{{"good", "better"}, {"bad", "worse"}, {"neutral", "not told apart"}}, t.keep(manyRows, "run://"+p.run.ID+"/"+run.ReviewExperiments), spans(rows[:min(len(rows), 24)], &zero, metric.Share))
}

func forArm(x reviewexperiments.Readout, arm string) string {
	if len(x.Arms) <= 2 {
		return ""
	}
	return ", " + arm
}

func (p *painter) difference(v *float64, unit metric.Unit, reason string) cell {
	if v == nil {
		return p.value(nil, unit, reason)
	}
	return plain(p.moves(v, unit))
}

// lift is a relative difference: +11.5 %.
func (p *painter) lift(v *float64, reason string) cell {
	if v == nil {
		return p.value(nil, metric.Share, reason)
	}
	return plain(run.ShowChange(v))
}

func (p *painter) lifts(i *[2]float64) string {
	if i == nil {
		return "n/a"
	}
	return run.ShowChange(&i[0]) + " to " + run.ShowChange(&i[1])
}
