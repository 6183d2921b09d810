package pullmetrics

import (
	"context"
	"slices"
	"time"

	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/trend"
)

// historyDays is how long before the window series start: three years, and the
// weeks before the first of them.
const historyDays = 3*366 + 8*7

// dated are the sources whose rows each have a day of their own.
var dated = []string{"enrolled", "cancelled", "orders", "first_orders", "points", "redemptions", "engagement", "activity", "surveys"}

// course is how a metric is followed from day to day.
type course struct {
	definition             metric.Definition
	numerator, denominator metric.Expression
	stock                  *metric.Definition // whose level is the denominator
}

// courses returns how the definitions are followed, of those that can be.
func courses(definitions []metric.Definition) []course {
	var out []course
	follows := func(x metric.Expression) bool {
		// Who has several rows in a window may have one on each of its days.
		return !slices.ContainsFunc(x, func(t metric.Term) bool {
			return !slices.Contains(dated, t.Measure.Source) || t.Measure.AtLeast > 1
		})
	}
	for _, d := range definitions {
		numerator, denominator, stock, ok := d.ByDay()
		if !ok || !follows(numerator) || !follows(denominator) {
			continue
		}
		c := course{definition: d, numerator: numerator, denominator: denominator}
		if stock != "" {
			i := slices.IndexFunc(definitions, func(o metric.Definition) bool { return o.ID == stock })
			if i < 0 || !follows(definitions[i].Moves()) {
				continue
			}
			c.stock = &definitions[i]
		}
		out = append(out, c)
	}
	return out
}

// expressions returns all that a course reads.
func (c course) expressions() []metric.Expression {
	out := []metric.Expression{c.numerator, c.denominator}
	if c.stock != nil {
		out = append(out, c.stock.Moves())
	}
	if c.definition.Daily == nil && c.definition.Kind != metric.Stock {
		out = append(out, c.definition.Behind())
	}
	return out
}

// days are the findings by day, as days since 1970.
type days struct {
	first, last int // the window ends with last
	found       map[int]*found
}

// follow gathers the measures of the courses by day.
func (g *gatherer) follow(ctx context.Context, all []course) (days, error) {
	end := g.run.Window.End
	from := g.run.Window.Start.AddDate(0, 0, -historyDays)
	out := days{first: run.DayNumber(from), last: run.DayNumber(end) - 1, found: map[int]*found{}}
	var asked []*sheet
	for _, c := range all {
		for _, x := range c.expressions() {
			for _, m := range x.Measures() {
				i := slices.IndexFunc(asked, func(s *sheet) bool { return s.source.Name == m.Source })
				if i < 0 {
					source, _ := g.sources.Find(m.Source)
					i, asked = len(asked), append(asked, &sheet{source: source})
				}
				asked[i].want(m)
			}
		}
	}
	for _, s := range asked {
		q := g.base(s)
		s.flat(&q)
		q.Step = 1
		q.Periods = []breakdown.Period{{Start: from, End: end}}
		err := g.read(ctx, s, q, func(day int64, _ int, _, _ string, f *found) {
			out.found[int(day)] = out.found[int(day)].merge(f)
		})
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// on adds up an expression on a day, and counts the units behind it.
func (d days) on(day int, x metric.Expression) (value, units float64) {
	f := d.found[day]
	if f == nil {
		return 0, 0
	}
	for i, t := range x {
		v := f.tallies[t.Measure.String()]
		value += t.Factor * v.value.Float()
		if i == 0 {
			if units = v.value.Float(); t.Measure.Aggregate == metric.SumColumn {
				units = v.behind.Float()
			}
		}
	}
	return value, units
}

// buckets returns a course day by day, and the index at which the window
// starts. Days before a feed that it reads are unknown.
func (e evaluator) buckets(c course, d days) ([]trend.Bucket, int) {
	start := run.DayNumber(e.windows[current].Start)
	first := d.first
	for _, x := range c.expressions() {
		for _, m := range x.Measures() {
			for _, feed := range e.feeds(m) {
				if f := e.run.Feed(feed); f != nil && f.First != nil && feed != "members" {
					first = max(first, run.DayNumber(f.First.In(e.windows[current].Start.Location())))
				}
			}
		}
	}
	if first >= start {
		first = start
	}
	zone := e.windows[current].Start.Location()
	out := make([]trend.Bucket, d.last-first+1)
	level, base := 0.0, 0.0 // of the metric, if it is a stock, and of the one below it
	if c.definition.Kind == metric.Stock {
		level = e.sum(c.definition.Top(), span{}, place{period: current})
	}
	if c.stock != nil {
		base = e.sum(c.stock.Top(), span{}, place{period: current})
	}
	for i := len(out) - 1; i >= 0; i-- {
		day := first + i
		date := time.Unix(int64(day)*86400, 0).UTC()
		b := trend.Bucket{Start: time.Date(date.Year(), date.Month(), date.Day(), 0, 0, 0, 0, zone), Known: true}
		b.Numerator, b.N = d.on(day, c.numerator)
		switch {
		case c.definition.Kind == metric.Stock:
			b.Numerator, b.N, level = level, 0, level-b.Numerator
		case c.stock != nil:
			moved, _ := d.on(day, c.stock.Moves())
			b.Denominator, b.N, base = base, max(0, base), base-moved
		case c.denominator != nil:
			b.Denominator, b.N = d.on(day, c.denominator)
		}
		if c.definition.Daily == nil && c.definition.Behind() != nil && c.definition.Kind != metric.Stock {
			b.N, _ = d.on(day, c.definition.Behind())
		}
		b.N, b.Denominator = max(0, b.N), max(0, b.Denominator)
		out[i] = b
	}
	return out, start - first
}
