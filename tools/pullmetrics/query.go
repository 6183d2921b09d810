package pullmetrics

import (
	"slices"
	"time"

	"loyaltymcp/tools/breakdown"
)

// query is what the template of a source reads.
type query struct {
	breakdown.Query // periods, and the events that make a member active

	Feed    string          // on which the source stands
	Person  bool            // one row a member and period
	Columns []column        // of the rows
	Joins   map[string]bool // parts of the query that the columns come from
	Doings  []string        // feeds of what members do, as far as it is asked
	Sums    []sum           // by row, to be summed by member
	Outputs []output        // over members

	Split         []dimension // by which rows are split or filtered
	Parts         []int       // 0 is the whole
	First, Second []cellOf    // which dimension is a part's first cell, and its second
	Filters       []filter

	Horizon int       // days of a cohort
	Lapse   int       // days without an event after which a member has lapsed
	Known   time.Time // exclusive end of what is known
	Within  []within  // of lots
	Flat    bool      // rows are summed without a step by member
	Step    int       // 0: rows are by period; else by so many days
	Anchor  int       // the day, since 1970, on which steps of several days start
}

type column struct{ Name, SQL string }

// sum is what rows add up to by member. Where Real is set it is there as a float too,
// by its own name with an f in front.
type sum struct {
	Name, SQL string
	Real      bool
}

// Float is the name of the sum as a float.
func (s sum) Float() string { return "f" + s.Name[1:] }

// output is a figure of a place; exact where it is not real.
type output struct {
	Name, SQL string
	Real      bool
}

// dimension is one by which rows are split: the column of dt or dm, or cohort.
type dimension struct {
	Name   string
	Column string
}

// cellOf says that a part's cell is that of the dimension with the index.
type cellOf struct{ Part, Index int }

type filter struct {
	Index  int // of the dimension
	Values []string
}

type within struct {
	Days int
	By   time.Time
}

// Joined reports whether a part of the source's query is needed.
func (q query) Joined(part string) bool { return q.Joins[part] }

// Flags are what a member may have done, as the events of the block "doings" tell,
// as far as the columns ask for it.
func (q query) Flags() []string {
	return slices.DeleteFunc([]string{"active", "earned", "redeemed", "ordered", "logged_in"}, func(flag string) bool {
		return !slices.ContainsFunc(q.Columns, func(c column) bool { return c.Name == flag })
	})
}

// History reports whether a dimension is what members were at the time.
func (q query) History() bool {
	return slices.ContainsFunc(q.Split, func(d dimension) bool { return d.Column == "dt.tier" })
}

// Traits reports whether a dimension is what members are.
func (q query) Traits() bool {
	return slices.ContainsFunc(q.Split, func(d dimension) bool { return d.Column != "dt.tier" })
}

// Merges reports whether a member may have rows in several cells, which a
// coarser part then holds together.
func (q query) Merges() bool { return !q.Person && q.History() }

// Ordinal is the place of a dimension's cell in level one.
func (q query) Ordinal(i int) int { return i + 3 }

// Line returns the moment since when who had no event has lapsed at t.
func (q query) Line(t time.Time) time.Time { return t.AddDate(0, 0, -q.Lapse) }

// pass is one scan of a feed.
type pass struct {
	breakdown.Pass
	Step, Anchor int
}

// Passes returns the scans that the periods take.
func (q query) Passes() []pass {
	var out []pass
	for _, p := range q.Query.Passes() {
		out = append(out, pass{p, q.Step, q.Anchor})
	}
	return out
}

// Of returns the pass over rows that have their time in the column.
func (p pass) Of(column string) pass {
	p.Pass = p.Pass.Of(column)
	return p
}

// Earliest returns the start of the pass's earliest period.
func (p pass) Earliest() time.Time {
	earliest := p.Steps[0].Start
	for _, s := range p.Steps {
		if s.Start.Before(earliest) {
			earliest = s.Start
		}
	}
	return earliest
}
