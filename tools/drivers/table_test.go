package drivers_test

import (
	"fmt"
	"math"

	"pgregory.net/rapid"

	"loyaltymcp/tools/drivers"
)

var names = []string{"tier", "region", "channel"}

// table draws a table of up to three dimensions in which anything can be
// absent: cells, a window of one, numerators, denominators; but not the whole
// denominator of a window. Without ratio it has no denominators.
func table(t *rapid.T, ratio bool) ([]string, []drivers.Cell) {
	k := rapid.IntRange(1, 3).Draw(t, "dimensions")
	sparse := rapid.Bool().Draw(t, "sparse")
	part := func(name string) drivers.Part {
		var p drivers.Part
		if ratio && (!sparse || rapid.IntRange(0, 3).Draw(t, name+" has a denominator") > 0) {
			p.Denominator = float64(rapid.IntRange(1, 1_000_000).Draw(t, name+" denominator")) / 100
		}
		// Now and then a numerator stands alone, and refunds outweigh sales.
		if p.Denominator > 0 || !ratio || rapid.IntRange(0, 9).Draw(t, name+" stands alone") == 0 {
			p.Numerator = float64(rapid.IntRange(-10_000, 1_000_000).Draw(t, name+" numerator")) / 100
		}
		return p
	}
	labels := rapid.SliceOfNDistinct(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "(other)"}), k, k), 1, -1,
		func(l []string) string { return fmt.Sprint(l) }).Draw(t, "labels")
	var cells []drivers.Cell
	for i, l := range labels {
		cells = append(cells, drivers.Cell{Labels: l, Before: part(fmt.Sprint(i, " before")), Now: part(fmt.Sprint(i, " now"))})
	}
	if ratio {
		cells[0].Before.Denominator = max(cells[0].Before.Denominator, 1)
		last := &cells[len(cells)-1]
		last.Now.Denominator = max(last.Now.Denominator, 1)
	}
	return names[:k], cells
}

// closeTo fails the test unless got is want, to 1e-9 of want and to the rounding
// of figures of the size.
func closeTo(t *rapid.T, what string, got, want, size float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*math.Abs(want)+1e-12*size) {
		t.Fatalf("%s: %v, want %v (among figures of up to %v)", what, got, want, size)
	}
}

// largest returns the size of the largest figure that is added up.
func largest(d drivers.Decomposition) float64 {
	size := max(math.Abs(d.Before), math.Abs(d.Now))
	for _, c := range d.Drivers {
		size = max(size, math.Abs(c.Mix), math.Abs(c.Rate), math.Abs(c.Total))
		if d.Method != drivers.Factorwise {
			// Effects are differences of rates that can be larger than they.
			for _, p := range []drivers.Part{c.Before, c.Now} {
				rate, _ := p.Rate()
				size = max(size, math.Abs(rate))
			}
		}
	}
	return size
}
