package drivers_test

import (
	"testing"

	"loyaltymcp/tools/drivers"
)

// stones are the kidney stones of C. R. Charig et al. (1986), BMJ 292, 879-882:
// successes by size, of open surgery and then of percutaneous treatment, which
// succeeds less often with both sizes and more often in the whole.
var stones = []drivers.Cell{cell("small", 81, 87, 234, 270), cell("large", 192, 263, 55, 80)}

func TestPublishedReversal(t *testing.T) {
	d := ratio(t, stones...)
	if !near(d.Before, 273.0/350) || !near(d.Now, 289.0/350) {
		t.Errorf("%v to %v, want 78 %% to 83 %%", d.Before, d.Now)
	}
	r := d.Reversal
	if r == nil || !d.Simpson() || !r.Full || len(r.Against) != 2 || len(r.Along) != 0 || !near(r.Weight, 1) {
		t.Fatalf("reversal %+v, want a full one of both sizes", r)
	}
	if !(d.Change > 0 && d.Rate < 0 && d.MostlyMix) {
		t.Errorf("change %v, rate %v, mostly mix %t; want a rise in spite of the rates", d.Change, d.Rate, d.MostlyMix)
	}
}

func TestReversalIsDefined(t *testing.T) {
	with := func(more ...drivers.Cell) []drivers.Cell { return append(append([]drivers.Cell{}, stones...), more...) }
	for _, c := range []struct {
		name      string
		cells     []drivers.Cell
		simpson   bool
		full      bool
		along     int
		mostlyMix bool
	}{
		{"a cell too small to count went with the whole", with(cell("tiny", 0, 2, 2, 2)), true, true, 0, true},
		{"a cell of some size went with the whole", with(cell("other", 10, 40, 12, 40)), true, false, 1, true},
		{"a cell that hardly moved has most of it", with(cell("other", 1000, 4000, 1001, 4000)), false, false, 0, true},
		{"a cell that stood still", with(cell("other", 10, 40, 10, 40)), true, false, 0, true},
		{"a new cell has no rate to move", with(cell("new", 0, 0, 30, 40)), true, true, 0, true},
		{"all moved with the whole", []drivers.Cell{cell("a", 10, 100, 20, 100), cell("b", 20, 100, 30, 100)}, false, false, 0, false},
		{"only shares moved", []drivers.Cell{cell("a", 10, 100, 20, 200), cell("b", 80, 200, 40, 100)}, false, false, 0, true},
		// Most members' rate fell a little, and others' rose much: rates moved
		// the whole, not mix.
		{"the majority fell, the rates together rose", []drivers.Cell{cell("a", 30, 300, 29, 300), cell("b", 20, 200, 80, 200)}, false, false, 0, false},
		{"nearly all is gone", []drivers.Cell{cell("a", 50, 100, 51, 100), cell("b", 1900, 2000, 0, 0)}, false, false, 0, true},
		{"nearly all is new", []drivers.Cell{cell("a", 50, 100, 49, 100), cell("b", 0, 0, 1900, 2000)}, false, false, 0, true},
	} {
		d := ratio(t, c.cells...)
		if d.Simpson() != c.simpson || d.MostlyMix != c.mostlyMix {
			t.Errorf("%s: Simpson %t, mostly mix %t; want %t, %t (%+v)", c.name, d.Simpson(), d.MostlyMix, c.simpson, c.mostlyMix, d)
			continue
		}
		if r := d.Reversal; r != nil && (r.Full != c.full || len(r.Along) != c.along) {
			t.Errorf("%s: full %t with %d along, want %t with %d", c.name, r.Full, len(r.Along), c.full, c.along)
		}
	}
}

func TestSumsHaveNoReversal(t *testing.T) {
	d, err := drivers.Sum([]string{"tier"}, []drivers.Cell{cell("a", 5, 0, 4, 0), cell("b", 5, 0, 9, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if d.Simpson() || d.MostlyMix || d.Structure != nil || d.Drivers[0].Total != 4 || *d.Drivers[1].Share != -1.0/3 {
		t.Errorf("%+v, want b's 4 of 3 and no more", d)
	}
}
