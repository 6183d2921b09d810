package drivers_test

import (
	"math"
	"strings"
	"testing"

	"loyaltymcp/tools/drivers"
)

// near reports whether two figures agree to rounding.
func near(a, b float64) bool {
	return math.Abs(a-b) <= 1e-12*max(1, math.Abs(a), math.Abs(b))
}

// cell is a cell of one dimension.
func cell(label string, before, of, now, ofNow float64) drivers.Cell {
	return drivers.Cell{Labels: []string{label},
		Before: drivers.Part{Numerator: before, Denominator: of}, Now: drivers.Part{Numerator: now, Denominator: ofNow}}
}

func ratio(t *testing.T, cells ...drivers.Cell) drivers.Decomposition {
	t.Helper()
	d, err := drivers.Ratio([]string{"tier"}, cells)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEffectsByHand(t *testing.T) {
	for _, c := range []struct {
		name      string
		cells     []drivers.Cell
		mix, rate float64 // of the first cell
	}{
		{"only the rate moved", []drivers.Cell{cell("a", 20, 100, 30, 100), cell("b", 10, 100, 10, 100)}, 0, 0.05},
		{"a cell better than the whole grew", []drivers.Cell{cell("a", 20, 50, 60, 150), cell("b", 15, 150, 5, 50)}, 0.5 * (0.4 - 0.25), 0},
		{"a cell as good as the whole grew", []drivers.Cell{cell("a", 20, 100, 60, 300), cell("b", 10, 100, 10, 100), cell("c", 30, 100, 30, 100)}, 0, 0},
		// Shares 0 to 1/2; the whole goes from 0.1 to 0.3, so 0.2 in the mean.
		{"a new cell", []drivers.Cell{cell("a", 0, 0, 50, 100), cell("b", 10, 100, 10, 100)}, 0.5 * (0.5 - 0.2), 0},
		{"a cell that is gone", []drivers.Cell{cell("a", 50, 100, 0, 0), cell("b", 10, 100, 10, 100)}, -0.5 * (0.5 - 0.2), 0},
		{"a new cell without numerator", []drivers.Cell{cell("a", 0, 0, 0, 100), cell("b", 20, 100, 20, 100)}, 0.5 * (0 - 0.15), 0},
		{"one cell is the whole", []drivers.Cell{cell("a", 10, 100, 30, 200)}, 0, 0.05},
		{"all is in one cell", []drivers.Cell{cell("a", 10, 100, 30, 200), cell("b", 0, 0, 0, 0)}, 0, 0.05},
		{"nothing in it", []drivers.Cell{cell("b", 0, 0, 0, 0), cell("a", 10, 100, 30, 200)}, 0, 0},
		{"no numerator at all", []drivers.Cell{cell("a", 0, 10, 0, 90), cell("b", 0, 50, 0, 50)}, 0, 0},
		// 5 of 100 before, 15 of 200 now: by the mean denominator's inverse
		// +10(1/100+1/200)/2 rate, and 10(1/200-1/100) as the whole grew.
		{"a numerator that never has a denominator", []drivers.Cell{cell("a", 5, 0, 15, 0), cell("b", 10, 100, 20, 200)}, -0.05, 0.075},
		// 30 of 100 before, then 30 of its own 100: 0.3 to 0.15 of the whole,
		// against the whole's mean (0.4+0.2)/2 on half of it.
		{"a denominator that comes later", []drivers.Cell{cell("a", 30, 0, 30, 100), cell("b", 10, 100, 10, 100)}, -0.15 - 0.5*0.3, 0},
		{"a denominator that goes", []drivers.Cell{cell("a", 30, 100, 30, 0), cell("b", 10, 100, 10, 100)}, 0.15 + 0.5*0.3, 0},
	} {
		d := ratio(t, c.cells...)
		got := driver(t, d, c.cells[0].Labels...)
		if !near(got.Mix, c.mix) || !near(got.Rate, c.rate) || !near(got.Total, c.mix+c.rate) {
			t.Errorf("%s: mix %v and rate %v sum to %v, want %v and %v", c.name, got.Mix, got.Rate, got.Total, c.mix, c.rate)
		}
		if !near(d.Mix+d.Rate, d.Change) {
			t.Errorf("%s: mix %v and rate %v of the whole, want the change %v", c.name, d.Mix, d.Rate, d.Change)
		}
	}
}

// What the whole did not do has no shares, and nothing is said of it.
func TestNoChange(t *testing.T) {
	d := ratio(t, cell("a", 10, 100, 30, 100), cell("b", 30, 100, 10, 100))
	if d.Change != 0 || d.MostlyMix || d.Simpson() {
		t.Errorf("change %v, mostly mix %t, Simpson %t; want nothing", d.Change, d.MostlyMix, d.Simpson())
	}
	for _, c := range d.Drivers {
		if c.Share != nil {
			t.Errorf("%s has the share %v of no change", c.Labels, *c.Share)
		}
	}
	if got := driver(t, d, "a").Rate; !near(got, 0.1) {
		t.Errorf("rate effect %v, want 0.1", got)
	}
}

// A change that is but the rounding of sums is none.
func TestRoundingIsNoChange(t *testing.T) {
	cells := []drivers.Cell{cell("a", 0.1, 1, 0.3, 1), cell("b", 0.2, 1, 0.2, 1), cell("c", 0.3, 1, 0.1, 1)}
	d := ratio(t, cells...)
	if d.Change == 0 {
		t.Fatal("these sums are to differ in their last place")
	}
	if d.Drivers[0].Share != nil {
		t.Errorf("share %v of a change of %v", *d.Drivers[0].Share, d.Change)
	}
	s := sum(t, "tier", cell("a", 0.1, 0, 0.3, 0), cell("b", 0.2, 0, 0.2, 0), cell("c", 0.3, 0, 0.1, 0))
	if s.Change == 0 || s.Drivers[0].Share != nil {
		t.Errorf("share %v of a sum's change of %v", s.Drivers[0].Share, s.Change)
	}
}

// A channel that comes with the same tiers as the others is the channel's
// doing alone; that its cells are new is no reason to charge tier with half.
func TestNewLevelIsItsDimensionsDoing(t *testing.T) {
	part := func(n, d float64) drivers.Part { return drivers.Part{Numerator: n, Denominator: d} }
	d, err := drivers.Ratio([]string{"channel", "tier"}, []drivers.Cell{
		{Labels: []string{"shop", "gold"}, Before: part(40, 100), Now: part(32, 80)},
		{Labels: []string{"shop", "basic"}, Before: part(30, 300), Now: part(24, 240)},
		{Labels: []string{"app", "gold"}, Now: part(10, 20)},
		{Labels: []string{"app", "basic"}, Now: part(15, 60)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if d.Method != drivers.Shapley || !strings.Contains(d.Why, `["app" "gold"]`) {
		t.Errorf("method %s (%s), want Shapley's because of the cell that came", d.Method, d.Why)
	}
	if !near(d.Structure[0].Mix, d.Change) || !near(d.Structure[1].Mix, 0) || !near(d.Rate, 0) {
		t.Errorf("channel %v, tier %v, rate %v; want %v, 0, 0", d.Structure[0].Mix, d.Structure[1].Mix, d.Rate, d.Change)
	}
}
