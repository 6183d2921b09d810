package decompose_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"loyaltymcp/stats/decompose"
	"loyaltymcp/stats/internal/golden"
)

func ExampleKitagawa() {
	// Redemption rate by tier, before and after a campaign that moved members
	// up a tier.
	s, err := decompose.Kitagawa([]float64{8000, 2000}, []float64{0.10, 0.40}, []float64{6000, 4000}, []float64{0.09, 0.38})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f to %.3f: mix %+.3f, rates %+.3f\n", s.Before, s.After, s.Mix, s.Rate)
	// Output: 0.160 to 0.206: mix +0.059, rates -0.013
}

func ExampleShapley() {
	revenue := func(x []float64) float64 { return x[0] * x[1] * x[2] } // members, orders per member, order value
	effects, err := decompose.Shapley([]float64{1000, 2, 30}, []float64{1100, 1.8, 33}, revenue)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f\n", effects)
	// Output: [5980 -6620 5980]
}

// near reports whether two figures agree to rounding.
func near(a, b float64) bool {
	return math.Abs(a-b) <= 1e-12*math.Max(1, math.Max(math.Abs(a), math.Abs(b)))
}

func TestKitagawaByHand(t *testing.T) {
	s, err := decompose.Kitagawa([]float64{1, 1}, []float64{0.2, 0.4}, []float64{1, 3}, []float64{0.3, 0.4})
	if err != nil {
		t.Fatal(err)
	}
	// Shares .5 .5 to .25 .75; before .3, after .375.
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"before", s.Before, 0.3}, {"after", s.After, 0.375}, {"mix", s.Mix, -0.25*0.25 + 0.25*0.4}, {"rate", s.Rate, 0.1 * 0.375},
		{"first mix", s.Segments[0].Mix, -0.0625}, {"centred", s.Segments[0].MixCentered, -0.25 * (0.25 - 0.3375)},
	} {
		if !near(c.got, c.want) {
			t.Errorf("%s = %v, want %v", c.name, c.got, c.want)
		}
	}
	rate, mix, both, err := decompose.ThreeFold([]float64{1, 1}, []float64{0.2, 0.4}, []float64{1, 3}, []float64{0.3, 0.4})
	if err != nil || !near(rate, 0.05) || !near(mix, 0.05) || !near(both, -0.025) {
		t.Errorf("three-fold = %v, %v, %v, %v; want 0.05, 0.05, -0.025", rate, mix, both, err)
	}
}

// A segment that is new or gone has one rate, and all of its effect is mix.
func TestNewAndVanishedSegmentsAreMix(t *testing.T) {
	nan := math.NaN()
	s, err := decompose.Kitagawa([]float64{6, 4, 0, 0}, []float64{0.5, 0.25, nan, nan}, []float64{5, 0, 5, 0}, []float64{0.5, nan, 1, nan})
	if err != nil {
		t.Fatal(err)
	}
	if !near(s.Rate, 0) || !near(s.Mix, s.Delta()) || !near(s.After, 0.75) {
		t.Errorf("%+v, want all of the change as mix", s)
	}
}

func TestKitagawaRefuses(t *testing.T) {
	one, inf := []float64{1, 1}, math.Inf(1)
	for name, args := range map[string][4][]float64{
		"no units before":     {{0, 0}, one, one, one},
		"no units after":      {one, one, {0, 0}, one},
		"negative size":       {{2, -1}, one, one, one},
		"unknown rate":        {one, {1, math.NaN()}, one, one},
		"infinite rate":       {one, one, one, {inf, 1}},
		"infinite size":       {{inf, 1}, one, one, one},
		"sizes that overflow": {{math.MaxFloat64, math.MaxFloat64}, one, one, one},
		"no segments":         {{}, {}, {}, {}},
	} {
		if _, err := decompose.Kitagawa(args[0], args[1], args[2], args[3]); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, _, _, err := decompose.ThreeFold(args[0], args[1], args[2], args[3]); err == nil {
			t.Errorf("%s: no error of ThreeFold", name)
		}
	}
}

// Effects sum to the change, swap sign with time, and don't depend on the
// order of segments or the scale of sizes.
func TestSplitsKeepTheirSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		k := 1 + rng.IntN(6)
		var n0, r0, n1, r1 []float64
		for range k {
			n0, n1 = append(n0, rng.ExpFloat64()+0.01), append(n1, rng.ExpFloat64()+0.01)
			r0, r1 = append(r0, rng.NormFloat64()), append(r1, rng.NormFloat64())
		}
		s, err := decompose.Kitagawa(n0, r0, n1, r1)
		if err != nil {
			t.Fatal(err)
		}
		centred := 0.0
		for _, e := range s.Segments {
			centred += e.MixCentered
		}
		if !near(s.Mix+s.Rate, s.Delta()) || !near(centred, s.Mix) {
			t.Fatalf("effects %v and %v (centred %v) don't sum to %v", s.Mix, s.Rate, centred, s.Delta())
		}
		back, err := decompose.Kitagawa(n1, r1, n0, r0)
		if err != nil || !near(back.Mix, -s.Mix) || !near(back.Rate, -s.Rate) {
			t.Fatalf("reversed in time %v, %v; want %v, %v", back.Mix, back.Rate, -s.Mix, -s.Rate)
		}
		for i := range n0 {
			n0[i] *= 7
		}
		slices.Reverse(n0)
		slices.Reverse(r0)
		slices.Reverse(n1)
		slices.Reverse(r1)
		again, err := decompose.Kitagawa(n0, r0, n1, r1)
		if err != nil || !near(again.Mix, s.Mix) || !near(again.Rate, s.Rate) {
			t.Fatalf("in another order and scale %v, %v; want %v, %v", again.Mix, again.Rate, s.Mix, s.Rate)
		}
		f := func(x []float64) float64 { return x[0]*x[1] + math.Sin(x[2]) }
		a, b := []float64{r0[0], n0[0], 1}, []float64{r1[0], n1[0], 2}
		effects, err := decompose.Shapley(a, b, f)
		if err != nil || !near(effects[0]+effects[1]+effects[2], f(b)-f(a)) {
			t.Fatalf("Shapley effects %v sum to other than %v (%v)", effects, f(b)-f(a), err)
		}
		if want := math.Sin(2) - math.Sin(1); !near(effects[2], want) {
			t.Fatalf("effect of a term of its own = %v, want %v", effects[2], want)
		}
	}
}

func TestShapleyRefuses(t *testing.T) {
	sum := func(x []float64) float64 { return x[0] }
	if _, err := decompose.Shapley(nil, nil, sum); err == nil {
		t.Error("no factors: no error")
	}
	many := make([]float64, decompose.MaxFactors+1)
	if _, err := decompose.Shapley(many, many, sum); err == nil {
		t.Error("too many factors: no error")
	}
	if _, err := decompose.Shapley([]float64{1, 0}, []float64{1, 2}, func(x []float64) float64 { return x[0] / x[1] }); err == nil {
		t.Error("division by zero on the way: no error")
	}
}

// With one dimension a table's structure effect is Kitagawa's mix.
func TestCrossClassifiedOfOneDimension(t *testing.T) {
	n0, r0, n1, r1 := []float64{3, 5, 2}, []float64{0.1, 0.2, 0.5}, []float64{4, 1, 5}, []float64{0.2, 0.2, 0.4}
	var cells []decompose.Cell
	for i := range n0 {
		cells = append(cells, decompose.Cell{Levels: []string{strconv.Itoa(i)}, Size0: n0[i], Size1: n1[i], Rate0: r0[i], Rate1: r1[i]})
	}
	got, err := decompose.CrossClassified(cells)
	if err != nil {
		t.Fatal(err)
	}
	want, err := decompose.Kitagawa(n0, r0, n1, r1)
	if err != nil {
		t.Fatal(err)
	}
	if !near(got.Dimensions[0].Effect(), want.Mix) || !near(got.Rate.Effect(), want.Rate) {
		t.Errorf("effects %v and %v, want %v and %v", got.Dimensions[0].Effect(), got.Rate.Effect(), want.Mix, want.Rate)
	}
}

// A cell that is empty on one side keeps the sum, also in three dimensions.
func TestCrossClassifiedSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var cells []decompose.Cell
	for a := range 2 {
		for b := range 3 {
			for c := range 2 {
				cell := decompose.Cell{Levels: []string{strconv.Itoa(a), strconv.Itoa(b), strconv.Itoa(c)},
					Size0: float64(rng.IntN(4)), Size1: float64(1 + rng.IntN(9)), Rate0: rng.Float64(), Rate1: rng.Float64()}
				if cell.Size0 == 0 {
					cell.Rate0 = math.NaN()
				}
				cells = append(cells, cell)
			}
		}
	}
	s, err := decompose.CrossClassified(cells)
	if err != nil {
		t.Fatal(err)
	}
	sum := s.Rate.Effect()
	for _, d := range s.Dimensions {
		sum += d.Effect()
	}
	if !near(sum, s.After-s.Before) {
		t.Errorf("effects sum to %v, want %v", sum, s.After-s.Before)
	}
	if _, err := decompose.CrossClassified(append(cells, cells[0])); err == nil {
		t.Error("a cell twice: no error")
	}
	if _, err := decompose.CrossClassified(nil); err == nil {
		t.Error("no cells: no error")
	}
}

// The one element that moved explains everything, of a sum and of a ratio.
func TestAdtributorNamesTheElementThatMoved(t *testing.T) {
	dimensions := []decompose.Dimension{
		{Name: "region", Elements: []decompose.Element{{Name: "north", Forecast: 50, Real: 45}, {Name: "south", Forecast: 50, Real: 45}}},
		{Name: "channel", Elements: []decompose.Element{{Name: "app", Forecast: 40, Real: 30}, {Name: "shop", Forecast: 60, Real: 60}}},
	}
	got, err := decompose.Adtributor(dimensions, decompose.Thresholds{Element: 0.1, Dimension: 0.67})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Dimension != "channel" || len(got[0].Elements) != 1 || got[0].Elements[0].Name != "app" || got[0].Share != 0.5 || got[1].Share != 1 {
		t.Errorf("candidates %+v, want channel app first, and all of region after", got)
	}
	ratio, err := decompose.Explain(decompose.Dimension{Name: "tier", Elements: []decompose.Element{
		{Name: "gold", Forecast: 10, Real: 5, ForecastDenominator: 100, RealDenominator: 100},
		{Name: "basic", Forecast: 10, Real: 10, ForecastDenominator: 100, RealDenominator: 100}}})
	if err != nil || ratio[0].Power != 1 || ratio[1].Power != 0 {
		t.Errorf("powers of a ratio %+v, %v; want 1 and 0", ratio, err)
	}
	for name, bad := range map[string]decompose.Dimension{
		"no deviation": {Name: "d", Elements: []decompose.Element{{Name: "a", Forecast: 1, Real: 1}}},
		"nothing":      {Name: "d"},
		"not finite":   {Name: "d", Elements: []decompose.Element{{Name: "a", Forecast: math.NaN(), Real: 1}}},
		"no forecast":  {Name: "d", Elements: []decompose.Element{{Name: "a", Real: 1}}},
	} {
		if _, err := decompose.Explain(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestGoldenKitagawa(t *testing.T) {
	var want struct {
		Before float64 `json:"rate_before"`
		After  float64 `json:"rate_after"`
		Delta  float64
		Mix    float64 `json:"mix_effect"`
		Rate   float64 `json:"rate_effect"`
		By     []struct {
			Segment   string
			Mix, Rate float64
			Centred   float64 `json:"mix_centered"`
		} `json:"by_segment"`
		Three struct {
			Rate float64 `json:"rate_effect_at_old_mix"`
			Mix  float64 `json:"mix_effect_at_old_rate"`
			Both float64 `json:"interaction"`
		} `json:"three_fold"`
	}
	golden.Load(t, &want, "decomposition", "kitagawa_two_component", "expected.json")
	n, r := [2][]float64{}, [2][]float64{}
	for _, row := range table(t, "kitagawa_two_component", "segments.csv") {
		p := period(row["pop"])
		n[p], r[p] = append(n[p], number(t, row["members"])), append(r[p], number(t, row["rate"]))
	}
	s, err := decompose.Kitagawa(n[0], r[0], n[1], r[1])
	if err != nil {
		t.Fatal(err)
	}
	tol := golden.Tolerance{Rel: 1e-9, Abs: 1e-12}
	var w golden.Worst
	w.Check(t, "before", s.Before, want.Before, tol)
	w.Check(t, "after", s.After, want.After, tol)
	w.Check(t, "delta", s.Delta(), want.Delta, tol)
	w.Check(t, "mix", s.Mix, want.Mix, tol)
	w.Check(t, "rate", s.Rate, want.Rate, tol)
	for i, b := range want.By {
		w.Check(t, b.Segment+" mix", s.Segments[i].Mix, b.Mix, tol)
		w.Check(t, b.Segment+" rate", s.Segments[i].Rate, b.Rate, tol)
		w.Check(t, b.Segment+" centred", s.Segments[i].MixCentered, b.Centred, tol)
	}
	rate, mix, both, err := decompose.ThreeFold(n[0], r[0], n[1], r[1])
	if err != nil {
		t.Fatal(err)
	}
	w.Check(t, "three-fold rate", rate, want.Three.Rate, tol)
	w.Check(t, "three-fold mix", mix, want.Three.Mix, tol)
	w.Check(t, "interaction", both, want.Three.Both, tol)
	w.Log(t)
}

// standard is a row of the reference's tables.
type standard struct {
	Factor        string
	Before, After float64
	Effect        float64 `json:"effect_after_minus_before"`
}

func (s standard) check(t *testing.T, w *golden.Worst, got decompose.Standardised, tol golden.Tolerance) {
	t.Helper()
	w.Check(t, s.Factor+" before", got.Before, s.Before, tol)
	w.Check(t, s.Factor+" after", got.After, s.After, tol)
	w.Check(t, s.Factor+" effect", got.Effect(), s.Effect, tol)
}

func TestGoldenTree(t *testing.T) {
	var want struct{ DasGupta []standard }
	golden.Load(t, &want, "decomposition", "kpi_tree_shapley", "expected.json")
	factors := []string{"members", "active", "orders_per_active", "aov"}
	x := [2][]float64{}
	for _, row := range table(t, "kpi_tree_shapley", "kpi.csv") {
		for _, f := range factors {
			x[period(row["pop"])] = append(x[period(row["pop"])], number(t, row[f]))
		}
	}
	product := func(x []float64) float64 { return x[0] * x[1] * x[2] * x[3] }
	got, err := decompose.DasGupta(x[0], x[1], product)
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, decompose.Standardised{Before: product(x[0]), After: product(x[1])})
	var w golden.Worst
	for i, s := range want.DasGupta {
		s.check(t, &w, got[i], golden.Tolerance{Rel: 1e-9})
	}
	w.Log(t)
}

func TestGoldenCrossClassified(t *testing.T) {
	var want struct{ DasGupta []standard }
	golden.Load(t, &want, "decomposition", "cross_classified_two_dimensions", "expected.json")
	at := map[[2]string]int{}
	var cells []decompose.Cell
	for _, row := range table(t, "cross_classified_two_dimensions", "cells.csv") {
		key := [2]string{row["channel"], row["tier"]}
		if _, ok := at[key]; !ok {
			at[key] = len(cells)
			cells = append(cells, decompose.Cell{Levels: key[:]})
		}
		c := &cells[at[key]]
		if period(row["pop"]) == 0 {
			c.Size0, c.Rate0 = number(t, row["members"]), number(t, row["rate"])
		} else {
			c.Size1, c.Rate1 = number(t, row["members"]), number(t, row["rate"])
		}
	}
	s, err := decompose.CrossClassified(cells)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]decompose.Standardised{"channel_struct": s.Dimensions[0], "tier_struct": s.Dimensions[1], "rate": s.Rate,
		"crude": {Before: s.Before, After: s.After}}
	var w golden.Worst
	for _, row := range want.DasGupta {
		row.check(t, &w, got[row.Factor], golden.Tolerance{Rel: 1e-8})
	}
	w.Log(t)
}

func TestGoldenAdtributor(t *testing.T) {
	type candidate struct {
		Dimension string
		Elements  []string
		Power     float64 `json:"explanatory_power"`
		Surprise  float64
	}
	var want struct {
		Candidates map[string][]candidate
		Elements   []struct {
			Dimension, Element string
			Predict, Real, EP  float64
			Surprise           float64
		}
	}
	golden.Load(t, &want, "decomposition", "adtributor_root_cause", "expected.json")
	tol := golden.Tolerance{Rel: 1e-8, Abs: 1e-13}
	leaves := table(t, "adtributor_root_cause", "leaves.csv")
	var dimensions []decompose.Dimension
	for _, name := range []string{"country", "tier", "channel"} {
		d := decompose.Dimension{Name: name}
		for _, row := range leaves {
			i := slices.IndexFunc(d.Elements, func(e decompose.Element) bool { return e.Name == row[name] })
			if i < 0 {
				i = len(d.Elements)
				d.Elements = append(d.Elements, decompose.Element{Name: row[name]})
			}
			d.Elements[i].Forecast += number(t, row["predict"])
			d.Elements[i].Real += number(t, row["real"])
		}
		dimensions = append(dimensions, d)
	}
	var w golden.Worst
	for _, e := range want.Elements {
		d := dimensions[slices.IndexFunc(dimensions, func(d decompose.Dimension) bool { return d.Name == e.Dimension })]
		explained, err := decompose.Explain(d)
		if err != nil {
			t.Fatal(err)
		}
		got := explained[slices.IndexFunc(explained, func(x decompose.Explained) bool { return x.Name == e.Element })]
		w.Check(t, e.Element+" power", got.Power, e.EP, tol)
		w.Check(t, e.Element+" surprise", got.Surprise, e.Surprise, tol)
	}
	for key, candidates := range want.Candidates {
		var th decompose.Thresholds
		if _, err := fmt.Sscanf(key, "Teep=%g,Tep=%g", &th.Element, &th.Dimension); err != nil {
			t.Fatal(errors.Join(errors.New(key), err))
		}
		got, err := decompose.Adtributor(dimensions, th)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(candidates) {
			t.Errorf("%s: %d candidates, want %d", key, len(got), len(candidates))
			continue
		}
		for i, c := range candidates {
			var names []string
			for _, e := range got[i].Elements {
				names = append(names, e.Name)
			}
			if got[i].Dimension != c.Dimension || !slices.Equal(names, c.Elements) {
				t.Errorf("%s: candidate %d is %s %v, want %s %v", key, i, got[i].Dimension, names, c.Dimension, c.Elements)
			}
			w.Check(t, key+" power", got[i].Power, c.Power, tol)
			w.Check(t, key+" surprise", got[i].Surprise, c.Surprise, tol)
		}
	}
	w.Log(t)
}

// FuzzKitagawa: any numbers give a split that sums, or an error.
func FuzzKitagawa(f *testing.F) {
	f.Add(1.0, 0.2, 3.0, 0.4, 2.0, 0.1, 0.0, 9.0)
	f.Fuzz(func(t *testing.T, a, ra, b, rb, c, rc, d, rd float64) {
		s, err := decompose.Kitagawa([]float64{a, b}, []float64{ra, rb}, []float64{c, d}, []float64{rc, rd})
		if err != nil {
			return
		}
		scale := math.Abs(ra) + math.Abs(rb) + math.Abs(rc) + math.Abs(rd)
		if scale > 1e150 || math.IsNaN(scale) {
			return // of values that don't count, or too large to be added
		}
		if d := s.Mix + s.Rate - s.Delta(); !(math.Abs(d) <= 1e-12*(1+scale)) {
			t.Errorf("effects %v and %v don't sum to %v", s.Mix, s.Rate, s.Delta())
		}
	})
}

func BenchmarkShapleyTenFactors(b *testing.B) {
	before, after := make([]float64, 10), make([]float64, 10)
	for i := range before {
		before[i], after[i] = float64(i+1), float64(i+2)
	}
	product := func(x []float64) float64 {
		p := 1.0
		for _, v := range x {
			p *= v
		}
		return p
	}
	for b.Loop() {
		if _, err := decompose.Shapley(before, after, product); err != nil {
			b.Fatal(err)
		}
	}
}

func period(pop string) int {
	if pop == "after" {
		return 1
	}
	return 0
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// table reads a CSV file of a case.
func table(t *testing.T, elem ...string) []map[string]string {
	t.Helper()
	file, err := os.Open(golden.Path(t, append([]string{"decomposition"}, elem...)...))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}
