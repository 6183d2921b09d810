package breakdown_test

import (
	"slices"
	"testing"

	"loyaltymcp/tools/breakdown"
)

func TestSuppress(t *testing.T) {
	cases := []struct {
		name string
		n    []float64
		want []bool
	}{
		{"all large", []float64{50, 60, 70}, []bool{false, false, false}},
		{"one small cell takes the next smallest with it", []float64{4, 60, 50}, []bool{true, false, true}},
		{"two small cells that together are large", []float64{6, 7, 80}, []bool{true, true, false}},
		{"two small cells that together are still small", []float64{3, 4, 80, 90}, []bool{true, true, true, false}},
		{"empty cells hide nothing", []float64{0, 40, 50}, []bool{false, false, false}},
		{"an only cell is the total", []float64{4}, []bool{true}},
	}
	for _, c := range cases {
		cells := make([]breakdown.Cell, len(c.n))
		for i, n := range c.n {
			cells[i].N = n
		}
		if got := breakdown.Suppress(cells, 10); !slices.Equal(got, c.want) {
			t.Errorf("%s: Suppress(%v) = %v, want %v", c.name, c.n, got, c.want)
		}
	}
}

func TestClear(t *testing.T) {
	for _, c := range []struct {
		n    []float64
		want bool
	}{{nil, true}, {[]float64{0, 10, 0}, true}, {[]float64{10, 1}, false}, {[]float64{9}, false}} {
		cells := make([]breakdown.Cell, len(c.n))
		for i, n := range c.n {
			cells[i].N = n
		}
		if got := breakdown.Clear(cells, minimum); got != c.want {
			t.Errorf("Clear(%v) = %v, want %v", c.n, got, c.want)
		}
	}
}
