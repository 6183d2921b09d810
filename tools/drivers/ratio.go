package drivers

import (
	"fmt"
	"math"

	"loyaltymcp/stats/decompose"
)

// Ratio splits the change of a KPI that is a sum over a sum over the cells of
// its breakdown by one or more dimensions.
//
// Where w is a cell's share of the denominator, r its rate, and R the rate of
// the whole, each as the mean of both windows where it isn't a change, a cell
// has
//
//	rate effect = w × change of r
//	mix effect  = (r - R) × change of w
//
// Measuring the mix effect against R is a convention, as shares sum to one: it
// leaves the sum of the mix effects as it is, and gives a cell of average rate
// none when it grows. Rules for cells without a denominator:
//
//   - In one window only: the cell has no rate there, so all of its effect is
//     mix: it came, or went, with the rate it has. What it holds of the
//     numerator in the window without a denominator goes into its mix too.
//   - In both windows: the cell counts as one with the same, vanishing
//     denominator in both. Its rate effect is what its numerator's change
//     adds, its mix what the change of the whole denominator makes of it.
//
// Over several dimensions the mix is also split into what the shares of each
// dimension's values explain (Structure), by Das Gupta's terms: see
// [decompose.CrossClassified]. These don't sum to one while dimensions move
// one at a time, so their effects depend on where rates have their zero: a
// share and its complement are not split alike. They don't exist where a cell
// has a denominator in one window only, since they are geometric means of
// shares.
//
// For such tables the method is Shapley's: a cell's share is the chain of
// shares of its values, each among the cells that agree in the dimensions
// looked at before; every link is let move from before to now, and what that
// changes is averaged over the orders of moving and the orders of looking. A
// link that has no share in one window, as nothing is there to have a share
// of, keeps that of the other: a channel that comes with the same tiers as the
// others is the channel's doing alone. A mix from numerators without
// denominators belongs to no dimension's shares and is divided equally.
//
// It returns an error for no cell or dimension, for more than
// [MaxDimensions], for a cell that stands twice or has a wrong number of
// labels, for a value that is not finite, a negative denominator, and a window
// that has no denominator at all.
//
// Sources: E. M. Kitagawa (1955), Components of a difference between two
// rates, JASA 50, 1168-1194; for the mix against the mean of the whole and for
// cells that come and go, Z. Griliches and H. Regev (1995), Firm productivity
// in Israeli industry 1979-1988, Journal of Econometrics 65, 175-203; P. Das
// Gupta (1993), Standardization and Decomposition of Rates, US Bureau of the
// Census P23-186; L. S. Shapley (1953), A value for n-person games.
func Ratio(dimensions []string, cells []Cell) (Decomposition, error) {
	if err := check(dimensions, cells); err != nil {
		return Decomposition{}, err
	}
	t, err := newTable(cells)
	if err != nil {
		return Decomposition{}, err
	}
	split, err := decompose.Kitagawa(t.size[0], t.rate[0], t.size[1], t.rate[1])
	if err != nil {
		return Decomposition{}, fmt.Errorf("drivers: ratio: %w", err)
	}
	d := Decomposition{Dimensions: dimensions, Method: Kitagawa, Before: t.whole[0], Now: t.whole[1], Change: t.whole[1] - t.whole[0]}
	centre := t.whole[0]/2 + t.whole[1]/2
	stray := 0.0
	for i, c := range cells {
		grown := t.share[1][i] - t.share[0][i]
		mix, rate := t.stray(i)
		stray += mix
		r := Driver{Labels: c.Labels, Before: c.Before, Now: c.Now,
			Weight: (t.share[0][i] + t.share[1][i]) / 2,
			Mix:    split.Segments[i].Mix - grown*centre + mix,
			Rate:   split.Segments[i].Rate + rate,
		}
		r.Total = r.Mix + r.Rate
		d.Mix += r.Mix
		d.Rate += r.Rate
		d.Drivers = append(d.Drivers, r)
	}
	if err := t.structure(&d, stray); err != nil {
		return Decomposition{}, err
	}
	if err := d.finish(t.scale); err != nil {
		return Decomposition{}, err
	}
	if moved(d.Change, t.scale) {
		d.MostlyMix = d.Mix/d.Change > 0.5
		d.Reversal = reversal(d)
	}
	return d, nil
}

// table holds the cells of a ratio; its slices are by window, then by cell.
type table struct {
	cells             []Cell
	size, share, rate [2][]float64 // a cell without a share has no rate
	total             [2]float64   // the whole denominator
	whole             [2]float64   // the KPI
	scale             float64      // of what was added up for the KPI
}

func newTable(cells []Cell) (*table, error) {
	t := &table{cells: cells}
	for window, name := range []string{"before", "now"} {
		numerator, gross := 0.0, 0.0
		for _, c := range cells {
			p := c.in(window)
			numerator += p.Numerator
			gross += math.Abs(p.Numerator)
			t.total[window] += p.Denominator
			t.size[window] = append(t.size[window], p.Denominator)
		}
		if t.total[window] == 0 {
			return nil, fmt.Errorf("drivers: no cell has a denominator %s, so there is no ratio %s and no change to split", name, name)
		}
		for _, c := range cells {
			p := c.in(window)
			share, rate := p.Denominator/t.total[window], math.NaN()
			if share > 0 {
				rate = p.Numerator / p.Denominator
				if math.IsInf(rate, 0) {
					return nil, fmt.Errorf("drivers: the rate of cell %q %s, %v over %v, is too large to be a number", c.Labels, name, p.Numerator, p.Denominator)
				}
			}
			t.share[window], t.rate[window] = append(t.share[window], share), append(t.rate[window], rate)
		}
		t.whole[window] = numerator / t.total[window]
		t.scale = max(t.scale, gross/t.total[window])
	}
	return t, nil
}

// stray returns the effects of what the cell has of the numerator where it has
// no share of the denominator.
func (t *table) stray(i int) (mix, rate float64) {
	// at is what the numerator of one window adds to the KPI when divided by
	// the denominator of another.
	at := func(numerator, denominator int) float64 {
		return t.cells[i].in(numerator).Numerator / t.total[denominator]
	}
	none := [2]bool{t.share[0][i] == 0, t.share[1][i] == 0}
	switch {
	case none[0] && none[1]:
		return (at(0, 1) + at(1, 1) - at(0, 0) - at(1, 0)) / 2, (at(1, 0) + at(1, 1) - at(0, 0) - at(0, 1)) / 2
	case none[0]:
		return -at(0, 0), 0
	case none[1]:
		return at(1, 1), 0
	}
	return 0, 0
}
