package drivers_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"loyaltymcp/stats/decompose"
	"loyaltymcp/tools/drivers"
)

func sum(t *testing.T, dimension string, cells ...drivers.Cell) drivers.Decomposition {
	t.Helper()
	d, err := drivers.Sum([]string{dimension}, cells)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestRankByHand(t *testing.T) {
	got, err := drivers.Rank([]drivers.Decomposition{
		sum(t, "all", cell("all", 200, 0, 180, 0)),
		sum(t, "alike", cell("a", 100, 0, 90, 0), cell("b", 100, 0, 90, 0)),
		// b took back some of what a lost: a explains more than all of it.
		sum(t, "offset", cell("a", 100, 0, 70, 0), cell("b", 100, 0, 110, 0)),
		sum(t, "focused", cell("a", 20, 0, 0, 0), cell("b", 180, 0, 180, 0)),
		sum(t, "too", cell("c", 180, 0, 180, 0), cell("d", 20, 0, 0, 0)),
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		dimension                string
		cells                    int
		explained, weight, focus float64
	}{
		{"focused", 1, 1, 20.0 / 380, 360.0 / 380},
		{"too", 1, 1, 20.0 / 380, 360.0 / 380},
		{"offset", 1, 1.5, 170.0 / 380, 210.0 / 380},
		{"all", 1, 1, 1, 0},
		{"alike", 2, 1, 1, 0},
	} {
		g := got[i]
		if g.Dimensions[0] != want.dimension || len(g.Cells) != want.cells || !near(g.Explained, want.explained) || !near(g.Weight, want.weight) || !near(g.Focus, want.focus) {
			t.Errorf("place %d: %+v, want %+v", i+1, g, want)
		}
	}
}

func TestRankRefuses(t *testing.T) {
	a := sum(t, "tier", cell("a", 100, 0, 90, 0))
	p, err := drivers.Product([]drivers.Factor{{Name: "members", Before: 100, Now: 90}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		splits []drivers.Decomposition
		want   string
	}{
		"a product":       {[]drivers.Decomposition{p}, "a product has factors"},
		"none":            {nil, "no decomposition"},
		"another before":  {[]drivers.Decomposition{a, sum(t, "region", cell("a", 101, 0, 90, 0))}, `["tier"] the KPI goes from 100 to 90, by ["region"] from 101 to 90`},
		"another now":     {[]drivers.Decomposition{a, sum(t, "region", cell("a", 100, 0, 91, 0))}, "only splits of one change"},
		"no change":       {[]drivers.Decomposition{sum(t, "tier", cell("a", 100, 0, 90, 0), cell("b", 90, 0, 100, 0))}, "stayed at 190"},
		"rounding's only": {[]drivers.Decomposition{sum(t, "tier", cell("a", 0.1, 0, 0.3, 0), cell("b", 0.2, 0, 0.2, 0), cell("c", 0.3, 0, 0.1, 0))}, "stayed at"},
	} {
		if _, err := drivers.Rank(c.splits); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.want)
		}
	}
}

// program is a ratio by four dimensions, of which one value of one dimension
// lost a tenth of its rate; shares of the third move at random, among cells of
// one rate.
type program struct {
	culprit int // the dimension
	cells   [4][]drivers.Cell
}

func newProgram(rng *rand.Rand) program {
	sizes := [4]int{3, 6, 12, 4}
	p := program{culprit: rng.IntN(4)}
	value := rng.IntN(sizes[p.culprit])
	var share, rate [4][]float64
	for d, n := range sizes {
		total := 0.0
		for i := range n {
			share[d] = append(share[d], math.Exp(0.8*rng.NormFloat64()))
			rate[d] = append(rate[d], math.Exp(0.2*rng.NormFloat64()))
			total += share[d][i]
			p.cells[d] = append(p.cells[d], drivers.Cell{Labels: []string{strconv.Itoa(i)}})
		}
		for i := range share[d] {
			share[d][i] /= total
		}
	}
	moved := make([]float64, sizes[2])
	for i := range moved {
		moved[i], rate[2][i] = math.Exp(0.3*rng.NormFloat64()), 1
	}
	count := func(mean float64) float64 { return max(0, math.Round(mean+math.Sqrt(mean)*rng.NormFloat64())) }
	for leaf := range sizes[0] * sizes[1] * sizes[2] * sizes[3] {
		units, r := 200_000.0, 0.2
		var at [4]int
		for d, rest := 0, leaf; d < 4; d++ {
			at[d], rest = rest%sizes[d], rest/sizes[d]
			units *= share[d][at[d]]
			r *= rate[d][at[d]]
		}
		before, now := count(units), count(units*moved[at[2]])
		had := count(before * r)
		if at[p.culprit] == value {
			r *= 0.9
		}
		has := count(now * r)
		for d, i := range at {
			c := &p.cells[d][i]
			c.Before.Denominator += before
			c.Before.Numerator += had
			c.Now.Denominator += now
			c.Now.Numerator += has
		}
	}
	return p
}

// The dimension at fault is named first more often than by Adtributor, which
// takes shares that moved for a surprise, whatever they did to the KPI.
func TestRankFindsTheDimensionAtFault(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const programs = 200
	found, theirs := 0, 0
	for range programs {
		p := newProgram(rng)
		var splits []drivers.Decomposition
		var dimensions []decompose.Dimension
		for d, cells := range p.cells {
			name := strconv.Itoa(d)
			split, err := drivers.Ratio([]string{name}, cells)
			if err != nil {
				t.Fatal(err)
			}
			splits = append(splits, split)
			dimension := decompose.Dimension{Name: name}
			for _, c := range cells {
				dimension.Elements = append(dimension.Elements, decompose.Element{Name: c.Labels[0],
					Forecast: c.Before.Numerator, ForecastDenominator: c.Before.Denominator, Real: c.Now.Numerator, RealDenominator: c.Now.Denominator})
			}
			dimensions = append(dimensions, dimension)
		}
		ranked, err := drivers.Rank(splits)
		if err != nil {
			t.Fatal(err)
		}
		culprit := strconv.Itoa(p.culprit)
		if slices.Equal(ranked[0].Dimensions, []string{culprit}) {
			found++
		}
		candidates, err := decompose.Adtributor(dimensions, decompose.Thresholds{Element: 0.1, Dimension: 0.67})
		if err != nil {
			t.Fatal(err)
		}
		if len(candidates) > 0 && candidates[0].Dimension == culprit {
			theirs++
		}
	}
	t.Logf("named first in %d of %d programs, by Adtributor in %d", found, programs, theirs)
	if found < programs*3/4 || found <= theirs {
		t.Errorf("named first in %d of %d programs, by Adtributor in %d; want three quarters, and more", found, programs, theirs)
	}
}
