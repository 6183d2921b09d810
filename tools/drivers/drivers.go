// Package drivers explains why one KPI moved between two windows, from the
// cells of its breakdown in both.
//
// [Ratio] takes KPIs that are a sum over a sum (redemption rate, order value,
// buyers per member): how much of the change is mix, the denominator moving
// between cells, and how much is rate, the cells' own ratios moving? [Sum]
// takes flows and stocks (orders, open members), of which each cell
// contributes its difference. [Product] takes a figure that is the product of
// factors. [Rank] says which of several dimensions explains a change best.
//
// Effects sum to the change, to rounding, whatever the cells: new ones and
// vanished ones, empty ones, and the pool of those too small to be shown,
// which is a cell like any other. Nothing depends on the order of cells,
// dimensions or factors, and reversing time changes nothing but signs.
//
// All of it is accounting. An effect is not a cause, and a cell so small that
// its rate is noise has a rate effect that is noise: nothing here tests for
// it. Don't read mix or rate where the definition of a cell, or of the KPI,
// changed between the windows.
package drivers

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Part is what one cell holds in one window.
type Part struct {
	Numerator   float64 // the value itself where the KPI has no denominator
	Denominator float64 // not negative; 0 where the KPI has none
}

// Rate returns the numerator over the denominator, and false where there is
// no denominator.
func (p Part) Rate() (float64, bool) {
	if p.Denominator == 0 {
		return 0, false
	}
	return p.Numerator / p.Denominator, true
}

// Cell is one cell of a breakdown in two windows.
type Cell struct {
	Labels      []string // its value of each dimension, in their order
	Before, Now Part
}

// Method names how a change was split.
type Method string

// The methods. Each is described where it is used: see [Ratio], [Sum] and
// [Product].
const (
	Kitagawa   Method = "kitagawa"   // of a ratio, one dimension
	DasGupta   Method = "das_gupta"  // of a ratio, several dimensions
	Shapley    Method = "shapley"    // the same where Das Gupta's shares are not defined
	Difference Method = "difference" // of a sum
	Factorwise Method = "product"    // of a product
)

// Driver is one cell's, or one factor's, part of a change.
type Driver struct {
	Labels      []string // of the cell; for a product, the factor's name
	Before, Now Part
	// Weight is how large the cell is: the mean of its shares of the
	// denominator in the two windows; for a sum, its share of the absolute
	// values of both windows; 0 for a factor. Weights sum to 1.
	Weight float64
	// Mix is the part of Total that the cell's share explains: positive where
	// a cell better than the whole grew, or one worse shrank. It is 0 for sums
	// and products.
	Mix float64
	// Rate is the part of Total that the cell's own rate explains. It is 0 for
	// sums and products.
	Rate  float64
	Total float64 // in the KPI's unit
	// Share is Total over the change: it can be negative or above 1. It is nil
	// where the whole did not move.
	Share *float64
}

// Effect is what the shares of one dimension's values explain of a change.
type Effect struct {
	Dimension string
	Mix       float64
	Share     *float64 // of the change; nil where the whole did not move
}

// Decomposition is a change of a KPI, split.
type Decomposition struct {
	Dimensions []string // none for a product
	Method     Method
	// Why says why the method is Shapley's and not Das Gupta's; it is empty
	// otherwise.
	Why                 string
	Before, Now, Change float64  // of the whole, in the KPI's unit
	Mix, Rate           float64  // of a ratio; they sum to Change
	Structure           []Effect // of a ratio, by dimension; they sum to Mix
	// Drivers are the cells or factors by descending absolute Total, equal
	// ones by label. Their totals sum to Change, of a ratio their mixes to Mix
	// and their rates to Rate.
	Drivers []Driver
	// MostlyMix says that mix explains over half of the change of a ratio: the
	// whole moved mainly since cells grew and shrank, not since they changed.
	MostlyMix bool
	// Reversal is set where a Simpson's reversal is to be called out.
	Reversal *Reversal
}

// Simpson reports whether the change is a Simpson's reversal; see [Reversal].
func (d Decomposition) Simpson() bool { return d.Reversal != nil }

// rounding is how large a change may be, relative to what was added up for
// it, and still be the rounding of sums.
const rounding = 1e-12

// moved reports whether the change is more than the rounding of sums of the
// scale.
func moved(change, scale float64) bool { return math.Abs(change) > rounding*scale }

// finish ranks the drivers and fills in what follows from the effects. It
// returns an error where a figure overflows.
func (d *Decomposition) finish(scale float64) error {
	figures := []float64{d.Before, d.Now, d.Change, d.Mix, d.Rate}
	share := func(effect float64) *float64 {
		if !moved(d.Change, scale) {
			return nil
		}
		s := effect / d.Change
		figures = append(figures, s)
		return &s
	}
	for i := range d.Drivers {
		r := &d.Drivers[i]
		r.Share = share(r.Total)
		figures = append(figures, r.Weight, r.Mix, r.Rate, r.Total)
	}
	for i := range d.Structure {
		e := &d.Structure[i]
		e.Share = share(e.Mix)
		figures = append(figures, e.Mix)
	}
	for _, v := range figures {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("drivers: the values are too large or too far apart for effects to be finite (one is %v); give them in a larger unit", v)
		}
	}
	slices.SortStableFunc(d.Drivers, func(a, b Driver) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Total), math.Abs(a.Total)), slices.Compare(a.Labels, b.Labels))
	})
	return nil
}
