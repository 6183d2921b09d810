package propose

import (
	"fmt"
	"strings"

	"loyaltymcp/warehouse"
)

// Question asks which values a column of few distinct values has, and with
// which signs an amount stands beside each.
type Question struct {
	Table  int    // index of the table
	Column string // as the engine names it
	Amount string // "" when signs don't matter
}

// The bounds of a question: it reads no more rows, and returns no more values.
const (
	MaxRows   = 1_000_000
	MaxValues = 40
)

// SQL returns the one query that answers the question: value, rows, rows with
// a negative amount, rows with a positive one.
func (q Question) SQL(tables []warehouse.Table) string {
	t := tables[q.Table]
	amount := "0"
	if q.Amount != "" {
		for _, c := range t.Columns {
			if c.Name == q.Amount {
				amount, _ = coerce(warehouse.Quote(c.Name), c.Type, "num")
			}
		}
	}
	return fmt.Sprintf("SELECT coalesce(s.v, ''), CAST(count(*) AS bigint), CAST(count(CASE WHEN s.a < 0 THEN 1 END) AS bigint), CAST(count(CASE WHEN s.a > 0 THEN 1 END) AS bigint) "+
		"FROM (SELECT CAST(%s AS text) AS v, %s AS a FROM %s LIMIT %d) AS s GROUP BY coalesce(s.v, '') ORDER BY 2 DESC, 1 LIMIT %d",
		warehouse.Quote(q.Column), amount, relation(t), MaxRows, MaxValues+1)
}

// Answer is what a column holds.
type Answer struct {
	Values []Value
	Failed bool // the query did: nothing is known
}

// Value is one distinct value.
type Value struct {
	Text                     string // "" is null or empty
	Rows, Negative, Positive int64
}

// Answers are what is known of the data.
type Answers map[Question]Answer

// partial reports whether rows or values were left out.
func (a Answer) partial() bool {
	var rows int64
	for _, v := range a.Values {
		rows += v.Rows
	}
	return rows >= MaxRows || len(a.Values) > MaxValues
}

// distinct returns the values that are not empty.
func (a Answer) distinct() []string {
	var out []string
	for _, v := range a.Values {
		if strings.TrimSpace(v.Text) != "" {
			out = append(out, v.Text)
		}
	}
	return out
}

// asker answers from what is known and notes what isn't.
type asker struct {
	tables  []warehouse.Table
	answers Answers
	open    []Question
}

// ask returns the answer; false when it is not known yet or can't be.
func (a *asker) ask(q Question) (Answer, bool) {
	answer, ok := a.answers[q]
	if !ok {
		for _, open := range a.open {
			if open == q {
				return answer, false
			}
		}
		a.open = append(a.open, q)
	}
	return answer, ok && !answer.Failed
}
