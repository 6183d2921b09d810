package reviewexperiments

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/metric"
	"loyaltymcp/warehouse"
)

// question is what the templates read: an experiment, the times that count, and
// what is asked of its units.
type question struct {
	breakdown.Query // the events that make a member active

	ID                  string
	Started, End, Known time.Time // of the experiment, of the assignments, of the data
	Exposure            bool      // units start with their exposure
	Dated               bool      // only units whose start is known
	Window              int       // days for which a unit counts; 0 until End
	Tier, Traits        bool      // what units were is looked up

	Stratum string
	Dims    [3]string
	Sources []*source
	Vars    []column
	Outputs []column

	From, Until time.Time // between which rows may count
	Horizon     int       // days in whose halves the change of a unit is told

	PerWidth float64 // one over the width of bins
	Bins     int     // on each side of zero
	Wanted   []wanted
	Source   *source // of weeks and channels
	Weekly   string

	catalog *warehouse.Catalog
}

type column struct{ Name, SQL string }

// wanted is a bin of an arm.
type wanted struct {
	Arm string
	Bin int64
}

// source is the rows of a source of metrics, and what is summed of them by unit.
type source struct {
	*question
	Name    string
	Alias   string
	At      string // the column of the time
	Columns []column
	Joins   map[string]bool
	Sums    []column

	of   metric.Source
	sums map[string]string // the names of sums, by what they add up
}

// On returns the source with its time in the column.
func (s source) On(at string) source {
	s.At = at
	return s
}

// phase is a span of time around a unit's start.
type phase struct {
	name string
	when string // SQL over rows r
}

// phases are the spans in which what units do is added up.
type phases struct {
	during phase // start to end
	before phase // the days before the start
	early  phase // the first half of the days that most units have
	late   phase // the second half of them
	after  phase // after the end
}

// spans lays the phases: pre days before the start, halves of a horizon of days
// after it, and after days after the end.
func spans(pre, horizon, after int) phases {
	return phases{
		during: phase{"c", "r.t >= r.starts_at AND r.t < r.ends_at"},
		before: phase{"p", fmt.Sprintf("r.t < r.starts_at AND r.t >= r.starts_at - INTERVAL '%d days'", pre)},
		early:  phase{"e", fmt.Sprintf("r.t >= r.starts_at AND r.t < r.starts_at + INTERVAL '%d days'", horizon/2)},
		late:   phase{"l", fmt.Sprintf("r.t >= r.starts_at + INTERVAL '%d days' AND r.t < r.starts_at + INTERVAL '%d days'", horizon/2, horizon)},
		after:  phase{"q", fmt.Sprintf("r.t >= r.ends_at AND r.t < r.ends_at + INTERVAL '%d days'", after)},
	}
}

// always is the phase of queries whose rows are all in it.
var always = phase{"w", ""}

// writer writes what a question asks of units.
type writer struct {
	q        *question
	supply   metric.Supply
	vars     map[string]string // names of variables by their SQL
	products map[string]int    // places of outputs by their SQL
}

func newWriter(q *question, supply metric.Supply) *writer {
	return &writer{q: q, supply: supply, vars: map[string]string{}, products: map[string]int{}}
}

// source returns the source of the name, adding it.
func (w *writer) source(name string) *source {
	for _, s := range w.q.Sources {
		if s.Name == name {
			return s
		}
	}
	of, _ := w.supply.Sources.Find(name)
	s := &source{question: w.q, Name: name, Alias: fmt.Sprintf("s%d", len(w.q.Sources)), Joins: map[string]bool{}, of: of, sums: map[string]string{}}
	w.q.Sources = append(w.q.Sources, s)
	return s
}

// mine stands for the condition that a row is a member's, as those of units are.
const mine = "@mine"

// want adds the columns that a measure reads.
func (s *source) want(m metric.Measure, feed string) {
	for _, name := range m.Columns() {
		c, _ := s.of.Column(name)
		sql := c.SQL[feed]
		if sql == mine {
			continue
		}
		if c.Kind == metric.Flag {
			sql = "coalesce(" + sql + ", false)"
		}
		s.add(column{name, sql})
		if c.Join != "" {
			s.Joins[c.Join] = true
		}
	}
}

func (s *source) add(c column) {
	for _, have := range s.Columns {
		if have.Name == c.Name {
			return
		}
	}
	s.Columns = append(s.Columns, c)
}

// sum returns the name of the sum by unit of what rows add to a measure within a
// phase.
func (s *source) sum(m metric.Measure, p phase) string {
	s.want(m, s.of.Feed(s.catalog()))
	row := m.Row("r", warehouse.Literal, func(name string) string {
		if c, _ := s.of.Column(name); len(c.SQL) > 0 {
			for _, sql := range c.SQL {
				if sql == mine {
					return "1 = 1"
				}
			}
		}
		return ""
	}, "")
	if p.when != "" {
		row = "CASE WHEN " + p.when + " THEN " + row + " END"
	}
	name, ok := s.sums[row]
	if !ok {
		name = fmt.Sprintf("%s%d", p.name, len(s.sums))
		s.sums[row] = name
		s.Sums = append(s.Sums, column{name, "sum(" + row + ")"})
	}
	return name
}

func (s *source) catalog() *warehouse.Catalog { return s.question.catalog }

// value is a unit's value of a measure within a phase, as SQL over the joined
// sums.
func (w *writer) value(m metric.Measure, p phase) string {
	s := w.source(m.Source)
	return counted(m, fmt.Sprintf("coalesce(%s.%s, 0)", s.Alias, s.sum(m, p)))
}

// counted turns the rows of a unit into whether there are enough of them, of a
// measure that counts members.
func counted(m metric.Measure, rows string) string {
	if m.Aggregate == metric.CountMembers {
		return fmt.Sprintf("CASE WHEN %s >= %d THEN 1 ELSE 0 END", rows, max(1, m.AtLeast))
	}
	return rows
}

// amount is a unit's value of an expression within a phase.
func (w *writer) amount(e metric.Expression, p phase) string {
	return weighed(e, func(m metric.Measure) string { return w.value(m, p) })
}

func weighed(e metric.Expression, value func(metric.Measure) string) string {
	parts := make([]string, len(e))
	for i, t := range e {
		if parts[i] = value(t.Measure); t.Factor != 1 {
			parts[i] = strconv.FormatFloat(t.Factor, 'f', -1, 64) + " * (" + parts[i] + ")"
		}
	}
	return strings.Join(parts, " + ")
}

// variable names a value of units.
func (w *writer) variable(sql string) string {
	name, ok := w.vars[sql]
	if !ok {
		name = fmt.Sprintf("v%d", len(w.vars))
		w.vars[sql] = name
		w.q.Vars = append(w.q.Vars, column{name, sql})
	}
	return name
}

// output asks for an aggregate over units and returns its place.
func (w *writer) output(sql string) int {
	at, ok := w.products[sql]
	if !ok {
		at = len(w.q.Outputs)
		w.products[sql] = at
		w.q.Outputs = append(w.q.Outputs, column{fmt.Sprintf("o%d", at), sql})
	}
	return at
}

// sum asks for the sum over units of a variable, product for that of a product.
func (w *writer) sum(a string) int { return w.output("coalesce(sum(k." + a + "), 0)") }
func (w *writer) product(a, b string) int {
	if a > b {
		a, b = b, a
	}
	return w.output("coalesce(sum(k." + a + " * k." + b + "), 0)")
}

// watched is the condition that a unit u has been watched for the horizon in whose
// halves its change is told.
func (w *writer) watched() string {
	return fmt.Sprintf("u.starts_at + INTERVAL '%d days' <= u.ends_at", w.q.Horizon)
}
