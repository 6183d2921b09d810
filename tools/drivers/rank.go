package drivers

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Enough is the share of a change from which a set of cells explains it.
const Enough = 2.0 / 3

// Explanation is how well one way to split a change explains it.
type Explanation struct {
	Dimensions []string
	Cells      []Driver // the fewest that explain enough, largest share first
	Explained  float64  // of the change, by the cells together; it can be above 1
	Weight     float64  // of the cells together
	// Focus is Explained, at most 1, less Weight: near 0 where the cells
	// explain as much as their size would, as when all cells moved alike, and
	// near 1 where a small part of the whole explains all of the change.
	Focus float64
}

// Rank orders decompositions of one change by different dimensions, from
// [Ratio] or [Sum], by how well they explain it, best first.
//
// It asks what Adtributor asks, on the effects that the decompositions already
// have. Explanatory power: the cells with the largest shares of the change are
// taken until together they explain [Enough]. Succinctness: no more cells than
// that. Surprise: they explain more than their weight would let expect, which
// is the score (Focus). Adtributor takes the Jensen-Shannon divergence of
// shares before and now for surprise, which for a ratio also counts shares
// that moved without moving the ratio, and isn't defined for totals that are
// negative. Where shares that moved are what is looked for, however little
// they did to the KPI, it sees them sooner.
//
// It ranks, it does not test: on noise it names a dimension as readily. It
// returns an error for none, for that of a product, where they are not of the
// same change, and where the whole did not move.
//
// Source: after R. Bhagwan et al. (2014), Adtributor: revenue debugging in
// advertising systems, NSDI 14, 43-55, with another measure of surprise.
func Rank(decompositions []Decomposition) ([]Explanation, error) {
	if len(decompositions) == 0 {
		return nil, errors.New("drivers: no decomposition to rank")
	}
	first := decompositions[0]
	var out []Explanation
	for _, d := range decompositions {
		if d.Method == Factorwise {
			return nil, errors.New("drivers: a product has factors, no cells to rank dimensions by; rank what Ratio and Sum return")
		}
		if !same(d.Before, first.Before) || !same(d.Now, first.Now) {
			return nil, fmt.Errorf("drivers: by %q the KPI goes from %v to %v, by %q from %v to %v; only splits of one change can be ranked",
				first.Dimensions, first.Before, first.Now, d.Dimensions, d.Before, d.Now)
		}
		e := Explanation{Dimensions: d.Dimensions}
		cells := slices.Clone(d.Drivers)
		slices.SortStableFunc(cells, func(a, b Driver) int {
			return cmp.Compare(shareOf(b), shareOf(a))
		})
		for _, c := range cells {
			if e.Explained >= Enough {
				break
			}
			if c.Share == nil {
				return nil, fmt.Errorf("drivers: the KPI stayed at %v, there is no change to explain", d.Before)
			}
			e.Cells = append(e.Cells, c)
			e.Explained += *c.Share
			e.Weight += c.Weight
		}
		e.Focus = min(e.Explained, 1) - e.Weight
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(a, b Explanation) int {
		return cmp.Or(cmp.Compare(b.Focus, a.Focus), cmp.Compare(len(a.Cells), len(b.Cells)), slices.Compare(a.Dimensions, b.Dimensions))
	})
	return out, nil
}

func shareOf(d Driver) float64 {
	if d.Share == nil {
		return 0
	}
	return *d.Share
}

// same reports whether two totals are equal but for the order of adding up.
func same(a, b float64) bool {
	return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b))
}
