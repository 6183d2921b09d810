package metric

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Expression is a weighted sum of measures, such as
//
//	sum(points.redeemed)
//	count(enrolled) - count(cancelled)
//	100 * count(surveys where promoter) - 100 * count(surveys where detractor)
//
// Its grammar is in Parse.
type Expression []Term

// Term is one measure of an expression and what it is multiplied by.
type Term struct {
	Factor  float64
	Measure Measure
}

// Aggregate is how a measure reduces the rows of its source.
type Aggregate string

// The aggregates.
const (
	CountRows    Aggregate = "count"   // rows
	SumColumn    Aggregate = "sum"     // of a column's values
	CountMembers Aggregate = "members" // members with at least so many rows
)

// Measure is one figure taken from the rows of a source in a window.
type Measure struct {
	Aggregate Aggregate
	Source    string
	Column    string     // of SumColumn
	Where     *Condition // nil for all rows
	AtLeast   int        // of CountMembers: rows that a member must have, at least 1
}

// String writes the measure in its one form, by which it is also identified.
func (m Measure) String() string {
	var b strings.Builder
	b.WriteString(string(m.Aggregate) + "(" + m.Source)
	if m.Column != "" {
		b.WriteString("." + m.Column)
	}
	if m.Where != nil {
		b.WriteString(" where " + m.Where.String())
	}
	if m.AtLeast > 1 {
		fmt.Fprintf(&b, " at least %d", m.AtLeast)
	}
	b.WriteString(")")
	return b.String()
}

// Columns returns the columns of the source that the measure reads.
func (m Measure) Columns() []string {
	var out []string
	if m.Column != "" {
		out = append(out, m.Column)
	}
	return append(out, m.Where.columns()...)
}

// String writes the expression in its one form.
func (e Expression) String() string {
	var b strings.Builder
	for i, t := range e {
		factor := t.Factor
		switch {
		case i == 0 && factor < 0:
			b.WriteString("-")
			factor = -factor
		case i > 0 && factor < 0:
			b.WriteString(" - ")
			factor = -factor
		case i > 0:
			b.WriteString(" + ")
		}
		if factor != 1 {
			b.WriteString(number(factor) + " * ")
		}
		b.WriteString(t.Measure.String())
	}
	return b.String()
}

// Measures returns the expression's measures.
func (e Expression) Measures() []Measure {
	out := make([]Measure, len(e))
	for i, t := range e {
		out[i] = t.Measure
	}
	return out
}

// Condition selects rows. As in SQL, what is compared with an unknown value is
// neither true nor false, and only rows for which the whole is true count.
type Condition struct {
	Op     string      // and, or, not; in; =, !=, <, <=, >, >=; known, unknown; flag
	Parts  []Condition // of and, or, not
	Column string      // of the rest
	Words  []string    // of in, = and != on words
	Number float64     // of comparisons of numbers
	onWord bool        // = and != compare words
}

// String writes the condition in its one form.
func (c *Condition) String() string {
	switch c.Op {
	case "and", "or":
		parts := make([]string, len(c.Parts))
		for i := range c.Parts {
			if parts[i] = c.Parts[i].String(); c.Parts[i].Op == "or" {
				parts[i] = "(" + parts[i] + ")"
			}
		}
		return strings.Join(parts, " "+c.Op+" ")
	case "not":
		if inner := &c.Parts[0]; inner.Op != "and" && inner.Op != "or" {
			return "not " + inner.String()
		}
		return "not (" + c.Parts[0].String() + ")"
	case "flag":
		return c.Column
	case "known", "unknown":
		return c.Column + " is " + c.Op
	case "in":
		return c.Column + " in (" + strings.Join(quoted(c.Words), ", ") + ")"
	}
	if c.onWord {
		return c.Column + " " + c.Op + " " + quoted(c.Words)[0]
	}
	return c.Column + " " + c.Op + " " + number(c.Number)
}

// number writes a number as an expression has it: without an exponent.
func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// quoted writes words as an expression has them: bare where they can be.
func quoted(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		if out[i] = w; !isName(w) || slices.Contains(keywords, w) {
			out[i] = "'" + strings.ReplaceAll(w, "'", "''") + "'"
		}
	}
	return out
}

func (c *Condition) columns() []string {
	if c == nil {
		return nil
	}
	var out []string
	if c.Column != "" {
		out = append(out, c.Column)
	}
	for i := range c.Parts {
		out = append(out, c.Parts[i].columns()...)
	}
	return out
}
