package drivers_test

import (
	"math"
	"strings"
	"testing"

	"loyaltymcp/tools/drivers"
)

// What can't be split is refused with what is wrong and where.
func TestRefusals(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	one, good := []string{"tier"}, cell("a", 1, 2, 1, 2)
	for name, c := range map[string]struct {
		dimensions []string
		cells      []drivers.Cell
		want       string
	}{
		"no cell":                {one, nil, "no cell of tier"},
		"no dimension":           {nil, []drivers.Cell{{}}, "no dimension"},
		"too many dimensions":    {make([]string, drivers.MaxDimensions+1), []drivers.Cell{good}, "at most 4"},
		"a label too few":        {[]string{"tier", "region"}, []drivers.Cell{good}, `["a"] has 1 labels for 2 dimensions (tier, region)`},
		"a cell twice":           {one, []drivers.Cell{good, good}, `["a"] stands twice`},
		"unknown numerator":      {one, []drivers.Cell{good, cell("b", nan, 1, 1, 1)}, `numerator of cell ["b"] before is NaN`},
		"infinite numerator":     {one, []drivers.Cell{good, cell("b", 1, 1, -inf, 1)}, `numerator of cell ["b"] now is -Inf`},
		"unknown denominator":    {one, []drivers.Cell{good, cell("b", 1, nan, 1, 1)}, `denominator of cell ["b"] before is NaN`},
		"negative denominator":   {one, []drivers.Cell{good, cell("b", 1, 1, 1, -1)}, `denominator of cell ["b"] now is -1`},
		"no denominator before":  {one, []drivers.Cell{cell("a", 1, 0, 1, 2)}, "no cell has a denominator before"},
		"no denominator now":     {one, []drivers.Cell{cell("a", 1, 2, 1, 0)}, "no cell has a denominator now"},
		"a rate that overflows":  {one, []drivers.Cell{good, cell("b", 1e300, 1e-300, 1, 1)}, `the rate of cell ["b"] before`},
		"sums that overflow":     {one, []drivers.Cell{cell("a", 1e308, 1, 1, 1), cell("b", 1e308, 1, 1, 1)}, "finite"},
		"denominators overflow":  {one, []drivers.Cell{cell("a", 1, 1e308, 1, 1), cell("b", 1, 1e308, 1, 1)}, "too many"},
		"overflow with two ways": {[]string{"x", "y"}, []drivers.Cell{{Labels: []string{"a", "b"}, Before: drivers.Part{Numerator: 1e308, Denominator: 1}, Now: drivers.Part{Numerator: 1e308, Denominator: .1}}}, "too large"},
	} {
		_, err := drivers.Ratio(c.dimensions, c.cells)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.want)
		}
	}
	if _, err := drivers.Sum(one, []drivers.Cell{good}); err == nil || !strings.Contains(err.Error(), "has a denominator") {
		t.Errorf("a sum with a denominator: error %v", err)
	}
	if _, err := drivers.Sum(one, nil); err == nil {
		t.Error("a sum of no cells: no error")
	}
	if _, err := drivers.Sum(one, []drivers.Cell{cell("a", 1.7e308, 0, -1.7e308, 0)}); err == nil || !strings.Contains(err.Error(), "finite") {
		t.Errorf("a difference that overflows: error %v", err)
	}
	for name, factors := range map[string][]drivers.Factor{
		"no factor":       nil,
		"unknown factor":  {{Name: "members", Before: 1, Now: nan}},
		"infinite factor": {{Name: "members", Before: inf, Now: 1}},
		"overflow":        {{Name: "members", Before: 1e200, Now: 1}, {Name: "orders", Before: 1, Now: 1e200}},
		"too many":        make([]drivers.Factor, 21),
	} {
		if _, err := drivers.Product(factors); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
