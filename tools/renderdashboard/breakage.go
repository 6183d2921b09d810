package renderdashboard

import (
	"fmt"
	"strconv"
	"strings"

	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// breakage is the share of points that nobody redeems, by month of issue.
func (p *painter) breakage() section {
	s := section{ID: "breakage", Title: "Redemption rate by cohort and breakage"}
	if p.health == nil {
		s.Missing = missing(run.DiagnoseHealth)
		return s
	}
	b := p.health.Breakage
	if !diagnosis(&s, b.Diagnosis) {
		return s
	}
	grid := block{Grid: true}
	if len(b.Cohorts) > 0 {
		grid.Blocks = append(grid.Blocks, block{Title: "Ultimate redemption rate by month of issue", Chart: p.cohorts(b.Cohorts)})
	}
	grid.Blocks = append(grid.Blocks, block{Title: "Figures of the breakage", Table: p.figures("Figures of the breakage", "", b.Figures)})
	s.Blocks = append(s.Blocks, grid)
	return s
}

func (p *painter) cohorts(cohorts []diagnosehealth.Cohort) *chart {
	t := p.table("Points by month of issue", text("Issued in"), number("Points"), number("Redeemed"), number("Expired"), number("Open"), number("Redeemed in the end"), number("95 % interval"))
	var rows []span
	for _, c := range cohorts {
		i := cell{}
		s := span{Name: c.Issued, Value: c.Rate, Says: fmt.Sprintf("Issued in %s: %s will be redeemed", c.Issued, p.show(c.Rate, metric.Share))}
		if c.Interval != nil {
			i.Text = p.interval(c.Interval, metric.Share)
			s.Low, s.High, s.Says = &c.Interval[0], &c.Interval[1], s.Says+" ("+i.Text+")"
		}
		t.Rows = append(t.Rows, row{Head: c.Issued, Cells: []cell{p.value(c.Points, metric.Points, ""), p.value(c.Redeemed, metric.Points, ""), p.value(c.Expired, metric.Points, ""), p.value(c.Open, metric.Points, ""), p.value(c.Rate, metric.Share, "not known"), i}})
		rows = append(rows, s)
	}
	rows = rows[max(0, len(rows)-36):]
	return p.draw("Ultimate redemption rate by month of issue", "Of the points issued in each month, the share that is or will be redeemed, with its interval of 95 %. Months without whiskers are settled.", rowsHigh(len(rows)), nil,
		t.keep(manyRows, p.whole()), spans(rows, nil, metric.Share))
}

// retention is how long members stay, and who is at risk.
func (p *painter) retention() section {
	s := section{ID: "retention", Title: "Retention and churn"}
	if p.health == nil {
		s.Missing = missing(run.DiagnoseHealth)
		return s
	}
	c := p.health.Churn
	if !diagnosis(&s, c.Diagnosis) {
		return s
	}
	s.Lead = fmt.Sprintf("A member has lapsed after %d days without a qualifying event.", c.LapseDays)
	grid := block{Grid: true}
	if r := c.Retention; r != nil && len(r.Cohorts) > 0 {
		grid.Blocks = append(grid.Blocks, block{Title: "Members who stay", Chart: p.curves(r), Text: []string{r.Basis + "."}})
	}
	grid.Blocks = append(grid.Blocks, block{Title: "Figures of churn", Table: p.figures("Figures of churn", "", c.Figures)})
	s.Blocks = append(s.Blocks, grid)
	s.Blocks = append(s.Blocks, p.healthBreakdowns("health/churn/")...)
	if b := c.Backtest; b != nil {
		s.Blocks = append(s.Blocks, p.backtest(b))
	}
	return s
}

// healthBreakdowns are the figures under a prefix by dimension, folded.
func (p *painter) healthBreakdowns(prefix string) []block {
	fold := block{Fold: "By dimension", Grid: true}
	for _, b := range p.health.Breakdowns {
		if strings.HasPrefix(b.Figure, prefix) {
			fold.Blocks = append(fold.Blocks, block{Table: p.healthBreakdown(b)})
		}
	}
	if len(fold.Blocks) == 0 {
		return nil
	}
	return []block{fold}
}

// healthBreakdown is a figure of the diagnostics by a dimension.
func (p *painter) healthBreakdown(b diagnosehealth.Breakdown) *table {
	name := b.Figure
	if f := p.health.Figure(b.Figure); f != nil {
		name = f.Label
	}
	t := p.table(name+" by "+b.Dimension, text(b.Dimension), number("Value"), number("95 % interval"), number("n"))
	for _, c := range b.Cells {
		i, n := cell{}, cell{}
		if c.Interval != nil {
			i.Text = p.interval(c.Interval, b.Unit)
		}
		if c.N != nil {
			n.Text = num(*c.N)
		}
		v := p.value(c.Value, b.Unit, "not known")
		if c.Suppressed {
			v, i, n = hidden(), cell{}, cell{}
		}
		t.Rows = append(t.Rows, row{Head: c.Cell, Cells: []cell{v, i, n}})
	}
	t.keep(someRows, p.whole())
	p.room -= cost(t)
	return t
}

func (p *painter) curves(r *diagnosehealth.Retention) *chart {
	t := p.table("Members who have not cancelled", text("Enrolled"), number("Members"), number("Cancelled"))
	t.Fixed = true
	for _, a := range r.Cohorts[0].At {
		t.Columns = append(t.Columns, number(fmt.Sprintf("after %d days", a.Days)))
	}
	ticks := []float64{0}
	var lines []curve
	var legends []legend
	one := 1.0
	for n, c := range r.Cohorts {
		out := row{Head: c.Cohort, Cells: []cell{plain(num(c.Members)), plain(num(c.Cancelled))}}
		line := curve{Class: fmt.Sprintf("l%d", n%8), X: []float64{0}, Y: []*float64{&one}, Says: []string{c.Cohort + ": all at the start"}}
		if n == 0 {
			line.Low, line.High = []*float64{&one}, []*float64{&one}
		}
		for i := range t.Columns[3:] {
			if i >= len(c.At) || c.Suppressed {
				out.Cells = append(out.Cells, hidden())
				continue
			}
			a := c.At[i]
			v := p.value(a.Value, metric.Share, a.Reason)
			if a.Interval != nil {
				v.Note = "95 %: " + p.interval(a.Interval, metric.Share)
				if n == 0 {
					line.Low, line.High = append(line.Low, &a.Interval[0]), append(line.High, &a.Interval[1])
				}
			}
			out.Cells = append(out.Cells, v)
			if a.Value != nil {
				line.X, line.Y = append(line.X, float64(a.Days)), append(line.Y, a.Value)
				line.Says = append(line.Says, fmt.Sprintf("%s: %s are still members after %d days", c.Cohort, p.show(a.Value, metric.Share), a.Days))
				if n == 0 {
					ticks = append(ticks, float64(a.Days))
				}
			}
		}
		t.Rows = append(t.Rows, out)
		if n < 8 && len(line.X) > 1 {
			lines, legends = append(lines, line), append(legends, legend{line.Class, c.Cohort})
		}
	}
	return p.draw("Members who have not cancelled, by days since enrolment", "Share of members who stay, by cohort of enrolment; thin lines bound the interval of 95 % of all.", tall-4, legends,
		t.keep(manyRows, p.whole()), curves(lines, ticks, metric.Share, func(x float64) string {
			return strconv.Itoa(int(x)) + " d"
		}))
}

func (p *painter) backtest(b *diagnosehealth.Backtest) block {
	words := "did not pass"
	if b.Passed {
		words = "passed"
	}
	t := p.table("Predicted and actual, by how likely members were to buy", text("Band"), number("Members"), number("Predicted to buy"), number("Bought"))
	t.Fixed = true
	for i, x := range b.Bands {
		t.Rows = append(t.Rows, row{Head: strconv.Itoa(i + 1), Cells: []cell{plain(num(x.Members)), p.value(x.Predicted, metric.Share, ""), p.value(x.Active, metric.Share, "")}})
	}
	actual := b.Actual
	return block{Fold: "Backtest of the churn model", Blocks: []block{{Text: []string{fmt.Sprintf("%s %s its test on the %d days from %s: %s purchases expected, %s made.",
		b.Model, words, b.Days, b.From, p.show(b.Expected, metric.Count), p.show(&actual, metric.Count))}}, {Table: t}}}
}
