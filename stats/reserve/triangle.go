package reserve

import (
	"errors"
	"fmt"
	"math"
)

// ErrTriangle is the class of errors of a triangle that a method can't be used
// on; errors.Is finds it.
var ErrTriangle = errors.New("reserve: triangle")

func triangleError(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrTriangle, fmt.Sprintf(format, args...))
}

// Triangle is what cohorts have redeemed, cumulated over their age: row i is the
// origin (the month the points were issued), column j the age in whole periods,
// so that C[i][j] is redeemed from the issue to the end of the period of age j.
// All cohorts are seen at one date, which is the last entry of every row.
//
// The oldest rows may be complete, as they are where points expire: then the
// shape is a trapezoid.
type Triangle struct {
	cum [][]float64
}

// NewTriangle returns the triangle of cumulative rows, oldest origin first.
// Every row must be as long as the one above or shorter by one, the last of
// length 1 or more; entries must be finite and not negative. The rows are not
// copied.
func NewTriangle(cumulative [][]float64) (*Triangle, error) {
	if len(cumulative) < 2 {
		return nil, triangleError("%d origins, at least 2 are needed", len(cumulative))
	}
	for i, row := range cumulative {
		if len(row) == 0 {
			return nil, triangleError("origin %d is empty", i)
		}
		if i == 0 {
			continue
		}
		before, complete := len(cumulative[i-1]), len(cumulative[0])
		if len(row) != before-1 && !(len(row) == before && before == complete) {
			return nil, triangleError("origin %d has %d ages after %d of the origin before; it must have one less, or all %d", i, len(row), before, complete)
		}
	}
	for i, row := range cumulative {
		for j, c := range row {
			if !(c >= 0) || math.IsInf(c, 1) {
				return nil, triangleError("origin %d, age %d is %g; it must be finite and not negative", i, j, c)
			}
		}
	}
	return &Triangle{cum: cumulative}, nil
}

// FromIncrements returns the triangle of what was redeemed in each period.
// Negative increments, reversals above redemptions, are allowed as long as no
// cumulative amount is negative.
func FromIncrements(rows [][]float64) (*Triangle, error) {
	cum := make([][]float64, len(rows))
	for i, row := range rows {
		cum[i] = make([]float64, len(row))
		var sum float64
		for j, v := range row {
			sum += v
			cum[i][j] = sum
		}
	}
	return NewTriangle(cum)
}

// Origins returns the number of cohorts.
func (t *Triangle) Origins() int { return len(t.cum) }

// Ages returns the number of ages of the oldest cohort.
func (t *Triangle) Ages() int { return len(t.cum[0]) }

// Latest returns what every cohort has redeemed to date.
func (t *Triangle) Latest() []float64 {
	out := make([]float64, len(t.cum))
	for i, row := range t.cum {
		out[i] = row[len(row)-1]
	}
	return out
}

// Age returns the age of origin i to date, the index of its last column.
func (t *Triangle) Age(i int) int { return len(t.cum[i]) - 1 }

// At returns the cumulative amount of origin i at age j, which must be known.
func (t *Triangle) At(i, j int) float64 { return t.cum[i][j] }

// reaching returns the number of origins known at age j; they are the first.
func (t *Triangle) reaching(j int) int {
	n := len(t.cum)
	for n > 0 && len(t.cum[n-1]) <= j {
		n--
	}
	return n
}
