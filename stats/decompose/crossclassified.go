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
// The work doubles with each dimension and grows with the cells. It panics when
// cells have differing numbers of levels; it returns an error for no dimensions or
// too many, also by the number of cells, for a cell that stands twice, and for
// what [Kitagawa] returns errors for.
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
	if work := math.Ldexp(float64(len(cells)), k); work > 1e7 {
		return CrossSplit{}, fmt.Errorf("decompose: %d cells of %d dimensions take too long; merge small cells, or look at fewer dimensions at a time", len(cells), k)
	}
	sizes := [2][]float64{make([]float64, len(cells)), make([]float64, len(cells))}
	for i, c := range cells {
		if len(c.Levels) != k {
			panic("decompose: cells of differing dimensions")
		}
		sizes[0][i], sizes[1][i] = c.Size0, c.Size1
	}
	groups := margins(cells)
	seen := make([]bool, len(cells))
	for i, group := range groups[len(groups)-1] {
		if seen[group] {
			return CrossSplit{}, fmt.Errorf("decompose: the cell %q stands twice", cells[i].Levels)
		}
		seen[group] = true
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
	terms := [2][][]float64{structure(groups, k, w0), structure(groups, k, w1)}
	split := CrossSplit{}
	for i := range cells {
		mean := (w0[i] + w1[i]) / 2
		split.Before += w0[i] * rates[i][0]
		split.After += w1[i] * rates[i][1]
		split.Rate.Before += mean * rates[i][0]
		split.Rate.After += mean * rates[i][1]
	}
	if err := computed(split.Before, split.After, split.Rate.Effect()); err != nil {
		return CrossSplit{}, err
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
	if err != nil {
		return CrossSplit{}, err
	}
	return split, nil
}

// structure returns, for each cell, the terms of its share by dimension: the
// Shapley split of its logarithm.
func structure(groups [][]int, k int, w []float64) [][]float64 {
	sums := make([][]float64, len(groups)) // by subset of dimensions and group
	for subset, group := range groups {
		sums[subset] = make([]float64, len(w))
		for i, g := range group {
			sums[subset][g] += w[i]
		}
	}
	weight := weights(k)
	terms := make([][]float64, len(w))
	for i := range w {
		terms[i] = make([]float64, k)
		if w[i] == 0 {
			continue // the share is 0, whatever its terms
		}
		for d := range k {
			log := 0.0
			for others := range uint(1) << k {
				if others>>d&1 == 1 {
					continue
				}
				joint := others | 1<<d
				log += weight[bits.OnesCount(others)] * math.Log(sums[joint][groups[joint][i]]/sums[others][groups[others][i]])
			}
			terms[i][d] = math.Exp(log)
		}
	}
	return terms
}

// margins returns, for every subset of the dimensions, the group of each cell:
// cells of a group have the same levels of the dimensions in the subset.
func margins(cells []Cell) [][]int {
	k := len(cells[0].Levels)
	groups := make([][]int, 1<<k)
	groups[0] = make([]int, len(cells))
	level := make([]int, len(cells))
	for d := range k {
		number := map[string]int{}
		for i, c := range cells {
			n, ok := number[c.Levels[d]]
			if !ok {
				n = len(number)
				number[c.Levels[d]] = n
			}
			level[i] = n
		}
		for rest := range 1 << d {
			number := map[[2]int]int{}
			group := make([]int, len(cells))
			for i, g := range groups[rest] {
				n, ok := number[[2]int{g, level[i]}]
				if !ok {
					n = len(number)
					number[[2]int{g, level[i]}] = n
				}
				group[i] = n
			}
			groups[rest|1<<d] = group
		}
	}
	return groups
}
