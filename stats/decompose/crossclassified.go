package decompose

import (
	"fmt"
	"math"
	"math/bits"
)

// Cell is one cell of a table of several dimensions, such as channel by tier,
// in two periods.
type Cell struct {
	Levels       []string // its level of each dimension, in their order
	Size0, Size1 float64  // units before and after; not negative
	Rate0, Rate1 float64  // ignored where there are no units
}

// CrossSplit is a change of a rate over the cells of a table.
type CrossSplit struct {
	Before, After float64        // the overall rates
	Dimensions    []Standardised // the effect of each dimension's structure
	Rate          Standardised   // the effect of the cells' own rates
}

// CrossClassified splits the change of a rate over the cells of a table of
// several dimensions into one structure effect a dimension and the effect of
// the rates. The effects sum to the change.
//
// The share of a cell is written as a product of one term a dimension, each
// the geometric mean, over all orders in which the dimensions can be looked
// at, of the share of its level given the levels looked at before. The rates'
// effect is Kitagawa's, at the mean shares of the cells; the structure effects
// split Kitagawa's mix, at the mean rates, with the terms as factors. A cell
// that is empty on one side counts as structure: it takes its rate from the
// other.
//
// It panics when cells have differing numbers of levels; it returns an error
// for no dimensions or too many, for a cell that stands twice, and for what
// [Kitagawa] returns errors for.
//
// Source: P. Das Gupta (1993), Standardization and Decomposition of Rates, US
// Bureau of the Census P23-186, chapter 5.
func CrossClassified(cells []Cell) (CrossSplit, error) {
	if len(cells) == 0 {
		return CrossSplit{}, fmt.Errorf("decompose: no cells")
	}
	k := len(cells[0].Levels)
	if k < 1 || k > MaxFactors {
		return CrossSplit{}, fmt.Errorf("decompose: %d dimensions; between 1 and %d can be decomposed", k, MaxFactors)
	}
	sizes := [2][]float64{make([]float64, len(cells)), make([]float64, len(cells))}
	seen := map[string]bool{}
	for i, c := range cells {
		if len(c.Levels) != k {
			panic("decompose: cells of differing dimensions")
		}
		key := margin(c.Levels, 1<<k-1)
		if seen[key] {
			return CrossSplit{}, fmt.Errorf("decompose: the cell %q stands twice", c.Levels)
		}
		seen[key] = true
		sizes[0][i], sizes[1][i] = c.Size0, c.Size1
	}
	w0, err := shares(sizes[0], "before")
	if err != nil {
		return CrossSplit{}, err
	}
	w1, err := shares(sizes[1], "after")
	if err != nil {
		return CrossSplit{}, err
	}
	rates := make([][2]float64, len(cells))
	for i, c := range cells {
		if rates[i], err = bothRates(i, w0[i], c.Rate0, w1[i], c.Rate1); err != nil {
			return CrossSplit{}, err
		}
	}
	terms := [2][][]float64{structure(cells, w0), structure(cells, w1)}
	split := CrossSplit{}
	for i := range cells {
		mean := (w0[i] + w1[i]) / 2
		split.Before += w0[i] * rates[i][0]
		split.After += w1[i] * rates[i][1]
		split.Rate.Before += mean * rates[i][0]
		split.Rate.After += mean * rates[i][1]
	}
	split.Dimensions, err = substitute(k, func(moved uint) float64 {
		sum := 0.0
		for i := range cells {
			product := (rates[i][0] + rates[i][1]) / 2
			for d := range k {
				product *= terms[moved>>d&1][i][d]
			}
			sum += product
		}
		return sum
	})
	return split, err
}

// structure returns, for each cell, the terms of its share by dimension: the
// Shapley split of its logarithm.
func structure(cells []Cell, w []float64) [][]float64 {
	k := len(cells[0].Levels)
	all := uint(1)<<k - 1
	marginals := make([]map[string]float64, all+1)
	for subset := range marginals {
		sums := map[string]float64{}
		for i, c := range cells {
			sums[margin(c.Levels, uint(subset))] += w[i]
		}
		marginals[subset] = sums
	}
	weight := weights(k)
	terms := make([][]float64, len(cells))
	for i, c := range cells {
		terms[i] = make([]float64, k)
		if w[i] == 0 {
			continue // the share is 0, whatever its terms
		}
		for d := range k {
			log := 0.0
			for others := range all + 1 {
				if others>>d&1 == 1 {
					continue
				}
				joint := marginals[others|1<<d][margin(c.Levels, others|1<<d)]
				log += weight[bits.OnesCount(others)] * math.Log(joint/marginals[others][margin(c.Levels, others)])
			}
			terms[i][d] = math.Exp(log)
		}
	}
	return terms
}

// margin names a cell's levels of the dimensions in the subset.
func margin(levels []string, subset uint) string {
	key := ""
	for d, level := range levels {
		if subset>>d&1 == 1 {
			key += fmt.Sprintf("%d:%s|", len(level), level)
		}
	}
	return key
}
