package drivers

import (
	"fmt"
	"math"

	"loyaltymcp/stats/decompose"
)

// structure fills in what each dimension's shares explain of the mix, of which
// stray is to be divided equally, and by which method.
func (t *table) structure(d *Decomposition, stray float64) error {
	var effects []float64
	var err error
	switch i := t.oneSided(); {
	case len(d.Dimensions) == 1:
		effects = []float64{d.Mix - stray}
	case i < 0:
		d.Method = DasGupta
		effects, err = t.dasGupta()
	default:
		d.Method = Shapley
		d.Why = fmt.Sprintf("cell %q has a denominator in one window only, where Das Gupta's terms of its share do not exist", t.cells[i].Labels)
		effects, err = t.shapley()
	}
	if err != nil {
		return fmt.Errorf("drivers: ratio: %w", err)
	}
	for k, effect := range effects {
		d.Structure = append(d.Structure, Effect{Dimension: d.Dimensions[k], Mix: effect + stray/float64(len(effects))})
	}
	return nil
}

// oneSided returns the first cell that has a share in one window only, or -1.
func (t *table) oneSided() int {
	for i := range t.cells {
		if (t.share[0][i] == 0) != (t.share[1][i] == 0) {
			return i
		}
	}
	return -1
}

func (t *table) dasGupta() ([]float64, error) {
	var cells []decompose.Cell
	for i, c := range t.cells {
		cells = append(cells, decompose.Cell{Levels: c.Labels,
			Size0: t.size[0][i], Size1: t.size[1][i], Rate0: t.rate[0][i], Rate1: t.rate[1][i]})
	}
	split, err := decompose.CrossClassified(cells)
	if err != nil {
		return nil, err
	}
	var effects []float64
	for _, s := range split.Dimensions {
		effects = append(effects, s.Effect())
	}
	return effects, nil
}

// shapley returns each dimension's effect as the mean over all orders in which
// the dimensions can be looked at.
func (t *table) shapley() ([]float64, error) {
	k := len(t.cells[0].Labels)
	effects := make([]float64, k)
	orders := permutations(k)
	for _, order := range orders {
		links, err := t.chain(order)
		if err != nil {
			return nil, err
		}
		for j, effect := range links {
			effects[order[j]] += effect / float64(len(orders))
		}
	}
	return effects, nil
}

// chain returns the effect of each link of the cells' shares, for one order of
// looking at the dimensions.
func (t *table) chain(order []int) ([]float64, error) {
	prefixes := make([][]string, len(t.cells)) // by cell, the keys of its first 0 to k values
	for i, c := range t.cells {
		k := key(nil)
		prefixes[i] = append(prefixes[i], k)
		for _, dimension := range order {
			k += key(c.Labels[dimension : dimension+1])
			prefixes[i] = append(prefixes[i], k)
		}
	}
	links := [2][][]float64{links(t.share[0], prefixes), links(t.share[1], prefixes)}
	for i := range t.cells {
		for j := range order {
			for window := range links {
				if math.IsNaN(links[window][i][j]) {
					links[window][i][j] = links[1-window][i][j]
				}
			}
		}
	}
	return decompose.Shapley(make([]float64, len(order)), ones(len(order)), func(window []float64) float64 {
		sum := 0.0
		for i := range t.cells {
			if t.share[0][i] == 0 && t.share[1][i] == 0 {
				continue
			}
			product := t.meanRate(i)
			for j := range order {
				product *= links[int(window[j])][i][j]
			}
			sum += product
		}
		return sum
	})
}

// links returns, by cell and place in the order of looking, the cell's share
// among the cells that agree with it in the places before; NaN where those have
// none.
func links(share []float64, prefixes [][]string) [][]float64 {
	sums := map[string]float64{}
	for i, w := range share {
		for _, p := range prefixes[i] {
			sums[p] += w
		}
	}
	out := make([][]float64, len(share))
	for i, p := range prefixes {
		for j := range len(p) - 1 {
			out[i] = append(out[i], sums[p[j+1]]/sums[p[j]])
		}
	}
	return out
}

// meanRate returns the mean of the rates of a cell that has one, or the only
// one.
func (t *table) meanRate(i int) float64 {
	switch {
	case t.share[0][i] == 0:
		return t.rate[1][i]
	case t.share[1][i] == 0:
		return t.rate[0][i]
	}
	return (t.rate[0][i] + t.rate[1][i]) / 2
}

func ones(k int) []float64 {
	out := make([]float64, k)
	for i := range out {
		out[i] = 1
	}
	return out
}

// permutations returns all orders of 0 to k-1.
func permutations(k int) [][]int {
	out := [][]int{nil}
	for next := range k {
		var longer [][]int
		for _, p := range out {
			for at := range len(p) + 1 {
				q := append(append(append([]int{}, p[:at]...), next), p[at:]...)
				longer = append(longer, q)
			}
		}
		out = longer
	}
	return out
}
