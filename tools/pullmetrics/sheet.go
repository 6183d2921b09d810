package pullmetrics

import (
	"fmt"
	"slices"

	"loyaltymcp/tools/metric"
	"loyaltymcp/warehouse"
)

// span is over which times a metric looks, where not over the windows
// themselves.
type span struct {
	horizon  int // days by which the windows lie earlier, so that each row is watched for so long
	lookback int // days before the end that are looked at instead
}

func spanOf(d metric.Definition) span { return span{horizon: d.Horizon, lookback: d.Lookback} }

// sheet gathers what is asked of one source over one span, so that one query
// answers it.
type sheet struct {
	source   metric.Source
	span     span
	measures []metric.Measure
	products [][2]metric.Measure // whose products by member are summed, for intervals
}

// sheets lines up the queries that the definitions take.
func sheets(definitions []metric.Definition, sources metric.Sources) []*sheet {
	var out []*sheet
	at := func(m metric.Measure, s span) *sheet {
		i := slices.IndexFunc(out, func(x *sheet) bool { return x.source.Name == m.Source && x.span == s })
		if i < 0 {
			source, _ := sources.Find(m.Source)
			i, out = len(out), append(out, &sheet{source: source, span: s})
		}
		return out[i]
	}
	for _, d := range definitions {
		for _, m := range d.Measures() {
			sheet := at(m, spanOf(d))
			sheet.want(m)
			if m.Aggregate == metric.CountRows && !sheet.source.Person {
				sheet.want(anyRow(m.Source)) // who may be behind a count
			}
		}
		if d.Interval != metric.Delta {
			continue
		}
		all := append(d.Top().Measures(), d.Bottom().Measures()...)
		for i, a := range all {
			for _, b := range all[i:] {
				if a.Source == b.Source {
					at(a, spanOf(d)).wantProduct(a, b)
				}
			}
		}
	}
	return out
}

// anyRow counts the members with any row of a source.
func anyRow(source string) metric.Measure {
	return metric.Measure{Aggregate: metric.CountMembers, Source: source, AtLeast: 1}
}

func (s *sheet) want(m metric.Measure) {
	if !slices.ContainsFunc(s.measures, func(o metric.Measure) bool { return o.String() == m.String() }) {
		s.measures = append(s.measures, m)
	}
}

func (s *sheet) wantProduct(a, b metric.Measure) {
	if a.String() > b.String() {
		a, b = b, a
	}
	if !slices.ContainsFunc(s.products, func(o [2]metric.Measure) bool { return o[0].String() == a.String() && o[1].String() == b.String() }) {
		s.products = append(s.products, [2]metric.Measure{a, b})
	}
}

// columns fills in the rows' columns, and the parts of the query that they
// come from.
func (s *sheet) columns(q *query) {
	q.Joins = map[string]bool{}
	for _, m := range s.measures {
		for _, name := range m.Columns() {
			c, _ := s.source.Column(name)
			sql := c.SQL[q.Feed]
			if sql == mine || slices.ContainsFunc(q.Columns, func(o column) bool { return o.Name == name }) {
				continue
			}
			if c.Kind == metric.Flag { // true or false, never unknown
				sql = "coalesce(" + sql + ", false)"
			}
			q.Columns = append(q.Columns, column{name, sql})
			if c.Join != "" {
				q.Joins[c.Join] = true
			}
		}
	}
}

// mine stands for the condition that a row is a member's, which every row
// knows.
const mine = "@mine"

// sums fills in the sums by member, and the outputs over members: for each
// measure its value and the members behind it, then the products.
func (s *sheet) sums(q *query) {
	names := map[string]string{} // of the sums, by what they add up
	value := map[string]string{} // a member's value of a measure, by measure
	for _, m := range s.measures {
		row := s.row(m)
		name, ok := names[row]
		if !ok {
			name = fmt.Sprintf("c%d", len(names))
			names[row] = name
			q.Sums = append(q.Sums, sum{Name: name, SQL: row})
		}
		total, behind := "sum(x."+name+")", "count(CASE WHEN x.mine = 1 AND x."+name+" <> 0 THEN 1 END)"
		value[m.String()] = "x.f" + name[1:]
		if m.Aggregate == metric.CountMembers {
			total = fmt.Sprintf("count(CASE WHEN x.%s >= %d THEN 1 END)", name, m.AtLeast)
			value[m.String()] = fmt.Sprintf("CASE WHEN x.%s >= %d THEN %s ELSE %s END", name, m.AtLeast, oneReal, noReal)
		}
		i := len(q.Outputs) / 2
		q.Outputs = append(q.Outputs, output{Name: fmt.Sprintf("v%d", i), SQL: total}, output{Name: fmt.Sprintf("n%d", i), SQL: behind})
	}
	// A member's value is made a float once, not in every product that it is in:
	// some servers take longer for that than for all else they do with it.
	for i := range q.Sums {
		c := &q.Sums[i]
		c.Real = slices.ContainsFunc(s.products, func(pair [2]metric.Measure) bool {
			return value[pair[0].String()] == "x.f"+c.Name[1:] || value[pair[1].String()] == "x.f"+c.Name[1:]
		})
	}
	for i, pair := range s.products {
		q.Outputs = append(q.Outputs, output{Name: fmt.Sprintf("p%d", i), Real: true,
			SQL: "coalesce(sum(" + value[pair[0].String()] + " * " + value[pair[1].String()] + "), 0)"})
	}
}

// The floats 1 and 0, of their type to begin with.
const oneReal, noReal = "CAST(1 AS double precision)", "CAST(0 AS double precision)"

// flat fills in the outputs of a series: for each measure its value and the
// rows behind it, or the members whom it counts.
func (s *sheet) flat(q *query) {
	q.Flat = true
	for i, m := range s.measures {
		row := s.row(m)
		total, behind := "sum("+row+")", "count("+row+")"
		switch {
		case m.Aggregate == metric.CountMembers:
			total = "count(DISTINCT CASE WHEN " + row + " > 0 THEN e.member_id END)"
			behind = total
		case m.Aggregate == metric.CountRows:
			behind = total
		}
		q.Outputs = append(q.Outputs, output{Name: fmt.Sprintf("v%d", i), SQL: total}, output{Name: fmt.Sprintf("n%d", i), SQL: behind})
	}
}

// row returns what a row adds to a measure: its column's value, or 1.
func (s *sheet) row(m metric.Measure) string {
	also := ""
	if m.Aggregate == metric.CountMembers && s.source.Strangers {
		also = "e.mine = 1"
	}
	return m.Row("e", warehouse.Literal, s.mine, also)
}

// mine returns the condition that stands for a column that no row has.
func (s *sheet) mine(name string) string {
	if c, _ := s.source.Column(name); len(c.SQL) > 0 {
		for _, sql := range c.SQL {
			if sql == mine {
				return "e.mine = 1"
			}
		}
	}
	return ""
}
