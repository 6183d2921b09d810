package demo

import "math"

// overflow is where the identifiers begin of rows that only a fault brought
// about. They lie apart so that every other row keeps its own.
const overflow = 1_000_000_000

// counter hands out the identifiers of a table's rows.
type counter struct {
	last  int64 // handed out
	limit int64 // of last; the rest comes from overflow
	over  int64 // handed out from overflow
}

func unlimited() counter { return counter{limit: math.MaxInt64} }

func (c *counter) next() int64 {
	if c.last >= c.limit {
		c.over++
		return overflow + c.over
	}
	c.last++
	return c.last
}

// take bounds the counter to the identifiers that another one has handed out
// from a mark on.
func (c *counter) take(mark, until int64) { c.last, c.limit = mark, until }
