package migration

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/internal/special"
)

// Test is a likelihood-ratio test.
type Test struct {
	G2 float64 // twice the gain in log-likelihood
	DF int     // degrees of freedom, of what was observed
	P  float64 // upper tail of the chi-squared distribution
}

// OrderTest tests whether where members go next depends, given where they are,
// on where they came from: pairs[i] counts the next two states of those who
// came from state i (see [CountPairs]). A small P says that the chain has more
// memory than one step.
//
// G2 = 2 Σ n_ijk ln(p_ijk / p_jk) over the rows and columns observed. The
// chi-squared law needs counts of about 5 in most cells; with many small ones
// the test rejects too often.
//
// It returns an error when no state was entered from two others with two ways
// on, so that there is nothing to compare.
//
// Source: Anderson and Goodman (1957), section 4.
func OrderTest(pairs []*mat.Dense) (Test, error) {
	// For each present state, the rows are where members came from.
	return compare(len(pairs), len(pairs), func(present, from, next int) float64 { return pairs[from].At(present, next) }, pairs)
}

// HomogeneityTest tests whether the transition probabilities were the same in
// all periods, whose counts are given in any order. A small P says that the
// calendar matters: an average matrix then stands for no period.
//
// Source: Anderson and Goodman (1957), section 3.1.
func HomogeneityTest(periods []*mat.Dense) (Test, error) {
	if len(periods) == 0 {
		return Test{}, errors.New("migration: no periods")
	}
	n, _ := periods[0].Dims()
	return compare(n, len(periods), func(from, period, to int) float64 { return periods[period].At(from, to) }, periods)
}

// compare tests, within each stratum, whether rows have the same
// distribution over columns.
func compare(strata, rows int, at func(stratum, row, column int) float64, all []*mat.Dense) (Test, error) {
	columns := 0
	for _, m := range all {
		n, err := check(m)
		if err != nil {
			return Test{}, err
		}
		if columns != 0 && n != columns {
			panic("migration: matrices of differing sizes")
		}
		columns = n
	}
	if strata != columns {
		panic("migration: one matrix a state is needed")
	}
	var t Test
	moves := 0.0
	for s := range strata {
		total, byColumn, byRow := 0.0, make([]float64, columns), make([]float64, rows)
		for r := range rows {
			for c := range columns {
				v := at(s, r, c)
				total, byColumn[c], byRow[r] = total+v, byColumn[c]+v, byRow[r]+v
			}
		}
		for r := range rows {
			for c := range columns {
				if v := at(s, r, c); v >= smallest {
					t.G2 += 2 * v * (math.Log(v/byRow[r]) - math.Log(byColumn[c]/total))
				}
			}
		}
		moves += total
		if total > 0 {
			t.DF += (positive(byRow) - 1) * (positive(byColumn) - 1)
		}
	}
	if t.DF == 0 {
		return Test{}, errors.New("migration: nothing to compare: each state was reached in one way only, or led to one state only")
	}
	if t.G2 < 0x1p-49*moves {
		t.G2 = 0 // the rounding of so many moves
	}
	t.P = special.ChiSquareSurvival(t.G2, float64(t.DF))
	return t, nil
}

func positive(values []float64) int {
	n := 0
	for _, v := range values {
		if v >= smallest {
			n++
		}
	}
	return n
}
