package reserve

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// wuthrichMerz is example 2.7 of Wüthrich and Merz (2008), used by Alai, Merz and
// Wüthrich (2009, 2010), with the priors they take for the ultimates.
var (
	wuthrichMerz = [][]float64{
		{5946975, 9668212, 10563929, 10771690, 10978394, 11040518, 11106331, 11121181, 11132310, 11148124},
		{6346756, 9593162, 10316383, 10468180, 10536004, 10572608, 10625360, 10636546, 10648192},
		{6269090, 9245313, 10092366, 10355134, 10507837, 10573282, 10626827, 10635751},
		{5863015, 8546239, 9268771, 9459424, 9592399, 9680740, 9724068},
		{5778885, 8524114, 9178009, 9451404, 9681692, 9786916},
		{6184793, 9013132, 9585897, 9830796, 9935753},
		{5600184, 8493391, 9056505, 9282022},
		{5288066, 7728169, 8256211},
		{5290793, 7648729},
		{5675568},
	}
	wuthrichMerzPrior = []float64{11653101, 11367306, 10962965, 10616762, 11044881, 11480700, 11413572, 11126527, 10986548, 11618437}
)

// The published table, of which the triangle is rounded: CL reserve 6,047,061 with
// Mack's 462,960 and the Poisson model's 429,891 from a dispersion of 14,714; BF
// reserve 7,356,580, process 329,007, and 471,971 with priors of which the coefficient
// of variation is 5%.
func TestPublishedBornhuetter(t *testing.T) {
	t.Parallel()
	tri := triangle(t, wuthrichMerz)
	m, err := Mack(tri, MackOptions{})
	if err != nil {
		t.Fatal(err)
	}
	o, err := ODP(tri)
	if err != nil {
		t.Fatal(err)
	}
	one, se := slices.Repeat([]float64{1}, 10), slices.Repeat([]float64{0.05}, 10)
	b, err := Bornhuetter(tri, BornhuetterOptions{Exposure: wuthrichMerzPrior, Rate: one, RateSE: se})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name      string
		got, want float64
	}{
		{"chain ladder", m.Total.Reserve, 6_047_061},
		{"Mack's error", m.Total.SE, 462_960},
		{"Poisson error", o.Total.SE, 429_891},
		{"dispersion", b.Dispersion, 14_714},
		{"reserve", b.Total.Reserve, 7_356_580},
		{"process error", b.Total.Process, 329_007},
		{"error", b.Total.SE, 471_971},
	} {
		if math.Abs(tt.got-tt.want) > 5 {
			t.Errorf("%s: got %.0f, want %.0f", tt.name, tt.got, tt.want)
		}
	}
}

// The reserves are those of the two methods without errors; with the levels the
// triangle has, the errors of the pattern and the level together are those of ODP.
func TestBornhuetterAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tri := drawTriangle(t)
		odp, err := ODP(tri)
		if err != nil {
			t.Skip("no pattern")
		}
		f, err := tri.Factors(Volume, 0)
		if err != nil {
			t.Fatal(err)
		}
		cdf := ToUltimate(f, 1)
		exposure, rate := make([]float64, tri.Origins()), make([]float64, tri.Origins())
		for i := range rate {
			exposure[i] = rapid.Float64Range(1000, 5000).Draw(t, "exposure")
			rate[i] = rapid.Float64Range(0.1, 1).Draw(t, "rate")
		}
		decay := rapid.Float64Range(0.2, 1).Draw(t, "decay")
		cape, err := tri.CapeCod(cdf, exposure, decay)
		if err != nil {
			t.Fatal(err)
		}
		for name, o := range map[string]struct {
			options BornhuetterOptions
			rate    []float64
		}{
			"given":    {BornhuetterOptions{Exposure: exposure, Rate: rate}, rate},
			"Cape Cod": {BornhuetterOptions{Exposure: exposure, Decay: decay}, cape},
		} {
			fit, err := Bornhuetter(tri, o.options)
			if err != nil {
				t.Fatal(err)
			}
			if cells := len(slices.Concat(tri.cum...)); fit.DF != cells-tri.Origins()-tri.Ages()+1 {
				t.Fatalf("%s: %d degrees of freedom of %d cells", name, fit.DF, cells)
			}
			if !near(fit.Dispersion, odp.Dispersion, 1e-9) {
				t.Fatalf("%s: dispersion %g, want %g", name, fit.Dispersion, odp.Dispersion)
			}
			var sum float64
			for i, u := range tri.BornhuetterFerguson(cdf, exposure, o.rate, 1) {
				r := fit.Origins[i]
				sum += r.Reserve
				if math.Abs(r.Ultimate-u) > 1e-9*u || fit.Rate[i] != o.rate[i] {
					t.Fatalf("%s, origin %d: ultimate %g at the rate %g, want %g at %g", name, i, r.Ultimate, fit.Rate[i], u, o.rate[i])
				}
				if r.SE < r.Process || r.SE < r.Parameter || r.SE > r.Process+r.Parameter {
					t.Fatalf("%s, origin %d: %+v", name, i, r)
				}
			}
			if math.Abs(sum-fit.Total.Reserve) > 1e-9*fit.Total.Ultimate {
				t.Fatalf("%s: total %g of %g", name, fit.Total.Reserve, sum)
			}
		}
		// With decay next to nothing an origin has its own rate, and the model is
		// that of ODP.
		own, err := Bornhuetter(tri, BornhuetterOptions{Exposure: exposure, Decay: 1e-12})
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range odp.Origins {
			if !near(own.Origins[i].SE, r.SE, 1e-6) && math.Abs(own.Origins[i].SE-r.SE) > 1e-9*r.Ultimate {
				t.Fatalf("origin %d: error %g, want %g", i, own.Origins[i].SE, r.SE)
			}
		}
		if !near(own.Total.SE, odp.Total.SE, 1e-6) {
			t.Fatalf("total: error %g, want %g", own.Total.SE, odp.Total.SE)
		}
	})
}

// An uncertain prior adds its own error, in the total by how the priors covary.
func TestBornhuetterPrior(t *testing.T) {
	t.Parallel()
	tri := triangle(t, raa)
	exposure, rate := slices.Repeat([]float64{25000}, 10), slices.Repeat([]float64{0.8}, 10)
	fit := func(se, correlation float64) *BornhuetterFit {
		b, err := Bornhuetter(tri, BornhuetterOptions{Exposure: exposure, Rate: rate, RateSE: slices.Repeat([]float64{se}, 10), Correlation: correlation})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	known, independent, common := fit(0, 0), fit(0.1, 0), fit(0.1, 1)
	var sum, squares float64
	for i, r := range independent.Origins {
		own := 0.1 * r.Reserve / 0.8
		sum += own
		squares += own * own
		if want := math.Hypot(known.Origins[i].SE, own); !near(r.SE, want, 1e-12) || common.Origins[i].SE != r.SE {
			t.Errorf("origin %d: error %g, in common %g, want %g", i, r.SE, common.Origins[i].SE, want)
		}
	}
	if want := math.Sqrt(known.Total.SE*known.Total.SE + squares); !near(independent.Total.SE, want, 1e-12) {
		t.Errorf("independent priors: error %g, want %g", independent.Total.SE, want)
	}
	if want := math.Hypot(known.Total.SE, sum); !near(common.Total.SE, want, 1e-12) {
		t.Errorf("one prior: error %g, want %g", common.Total.SE, want)
	}
}

// An origin without redemptions is what the method is for: it adds its reserve and
// changes nothing else.
func TestBornhuetterNothingYet(t *testing.T) {
	t.Parallel()
	rows := [][]float64{{100, 160, 190, 200}, {90, 150, 170}, {110, 170}, {0}}
	tri := triangle(t, rows)
	o := BornhuetterOptions{Exposure: slices.Repeat([]float64{400}, 4), Rate: slices.Repeat([]float64{0.5}, 4)}
	b, err := Bornhuetter(tri, o)
	if err != nil {
		t.Fatal(err)
	}
	if r := b.Origins[3]; !(r.Reserve > 50 && r.SE > 0 && r.SE < r.Reserve) {
		t.Errorf("nothing redeemed so far: %+v", r)
	}
	rows[3][0] = 120 // says as little of the pattern
	c, err := Bornhuetter(triangle(t, rows), o)
	if err != nil {
		t.Fatal(err)
	}
	if c.Origins[3].SE != b.Origins[3].SE || c.Dispersion != b.Dispersion {
		t.Errorf("error %g and dispersion %g of an origin of one age, with nothing redeemed %g and %g", c.Origins[3].SE, c.Dispersion, b.Origins[3].SE, b.Dispersion)
	}
	if _, err := Bornhuetter(tri, BornhuetterOptions{Exposure: o.Exposure}); err != nil {
		t.Errorf("Cape Cod: %v", err)
	}
}

func TestBornhuetterErrors(t *testing.T) {
	t.Parallel()
	tri := triangle(t, raa)
	ten := slices.Repeat([]float64{10}, 10)
	with := func(v float64) []float64 { return append(slices.Repeat([]float64{1}, 9), v) }
	for _, tt := range []struct {
		name string
		t    *Triangle
		o    BornhuetterOptions
		want string
	}{
		{"exposure", tri, BornhuetterOptions{Exposure: with(0)}, "the exposure of origin 9 is 0"},
		{"rate", tri, BornhuetterOptions{Exposure: ten, Rate: with(math.NaN())}, "the rate of origin 9 is NaN"},
		{"error", tri, BornhuetterOptions{Exposure: ten, Rate: ten, RateSE: with(-1)}, "standard error of the rate of origin 9 is -1"},
		{"correlation", tri, BornhuetterOptions{Exposure: ten, Rate: ten, Correlation: 2}, "the correlation of the rates is 2"},
		{"error without a rate", tri, BornhuetterOptions{Exposure: ten, RateSE: ten}, "without the rates"},
		{"decay", tri, BornhuetterOptions{Exposure: ten, Decay: -1}, "the decay is -1"},
		{"an age without redemptions", triangle(t, [][]float64{{5, 5, 5, 5}, {6, 6, 6}, {4, 4}, {7}}), BornhuetterOptions{Exposure: ten[:4], Rate: ten[:4]}, "age 1 has no redemptions"},
		{"too small", triangle(t, [][]float64{{5, 9}, {6}}), BornhuetterOptions{Exposure: ten[:2], Rate: ten[:2]}, "too few"},
	} {
		if _, err := Bornhuetter(tt.t, tt.o); !errors.Is(err, ErrTriangle) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one of %q", tt.name, err, tt.want)
		}
	}
}

func ExampleBornhuetter() {
	t, _ := NewTriangle([][]float64{
		{1200, 3100, 4000, 4400, 4550},
		{1300, 3300, 4350, 4800},
		{1150, 3050, 3900},
		{1400, 3600},
		{400}, // a month that is hardly known
	})
	issued := []float64{6000, 6500, 5900, 7000, 6300}
	// The rates of a hazard fitted to other data, and of the triangle itself.
	given := BornhuetterOptions{Exposure: issued, Rate: []float64{0.75, 0.75, 0.75, 0.75, 0.75}, RateSE: []float64{0.02, 0.02, 0.02, 0.02, 0.02}, Correlation: 1}
	for _, o := range []BornhuetterOptions{given, {Exposure: issued}} {
		b, err := Bornhuetter(t, o)
		fmt.Printf("rate %.3f ± %.3f, %.0f to come, se %.0f %v\n", b.Rate[4], b.RateSE[4], b.Total.Reserve, b.Total.SE, err)
	}
	// Output:
	// rate 0.750 ± 0.020, 5884 to come, se 195 <nil>
	// rate 0.723 ± 0.007, 5674 to come, se 136 <nil>
}
