package decompose_test

import (
	"math"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"loyaltymcp/stats/decompose"
)

// table4 holds sizes and rates before and after.
type table4 struct{ n0, r0, n1, r1 []float64 }

func (t table4) split() (decompose.Split, error) {
	return decompose.Kitagawa(t.n0, t.r0, t.n1, t.r1)
}

// back swaps the periods.
func (t table4) back() table4 { return table4{t.n1, t.r1, t.n0, t.r0} }

// table draws segments, some of them new or gone.
func drawTable(t *rapid.T) table4 {
	k := rapid.IntRange(1, 8).Draw(t, "segments")
	size := rapid.OneOf(rapid.Float64Range(0.01, 1e4), rapid.Just(0.0))
	var d table4
	for range k {
		d.n0, d.n1 = append(d.n0, size.Draw(t, "n0")), append(d.n1, size.Draw(t, "n1"))
		d.r0, d.r1 = append(d.r0, rapid.Float64Range(-1, 5).Draw(t, "r0")), append(d.r1, rapid.Float64Range(-1, 5).Draw(t, "r1"))
	}
	return d
}

// near9 is near for sums of many terms.
func near9(a, b float64) bool {
	return math.Abs(a-b) <= 1e-9*math.Max(1, math.Max(math.Abs(a), math.Abs(b)))
}

// Effects sum to the change; they swap sign with time; the order of segments, the
// unit of sizes and a level of the rates change nothing, and a unit of the rates
// that factor alone.
func TestSplitsKeepTheirSums(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawTable(t)
		s, err := d.split()
		if err != nil {
			return // no units on a side
		}
		mix, centred, rate := 0.0, 0.0, 0.0
		for _, e := range s.Segments {
			mix, centred, rate = mix+e.Mix, centred+e.MixCentered, rate+e.Rate
		}
		if !near9(s.Mix+s.Rate, s.Delta()) || !near9(centred, s.Mix) || !near9(mix, s.Mix) || !near9(rate, s.Rate) {
			t.Fatalf("effects %v and %v (centred %v) don't sum to %v", s.Mix, s.Rate, centred, s.Delta())
		}
		same := func(what string, other table4, mix, rate float64) {
			t.Helper()
			o, err := other.split()
			if err != nil || !near9(o.Mix, mix) || !near9(o.Rate, rate) {
				t.Fatalf("%s: %v and %v, %v; want %v and %v", what, o.Mix, o.Rate, err, mix, rate)
			}
		}
		same("backwards", d.back(), -s.Mix, -s.Rate)
		times := func(x []float64, by, shift float64) []float64 {
			out := make([]float64, len(x))
			for i, v := range x {
				out[i] = by*v + shift
			}
			return out
		}
		same("sizes in another unit", table4{times(d.n0, 7, 0), d.r0, times(d.n1, 0.3, 0), d.r1}, s.Mix, s.Rate)
		same("rates in another unit", table4{d.n0, times(d.r0, 100, 0), d.n1, times(d.r1, 100, 0)}, 100*s.Mix, 100*s.Rate)
		same("rates a level up", table4{d.n0, times(d.r0, 1, 3), d.n1, times(d.r1, 1, 3)}, s.Mix, s.Rate)
		var other table4
		places := make([]int, len(d.n0))
		for i := range places {
			places[i] = i
		}
		for _, i := range rapid.Permutation(places).Draw(t, "order") {
			other = table4{append(other.n0, d.n0[i]), append(other.r0, d.r0[i]), append(other.n1, d.n1[i]), append(other.r1, d.r1[i])}
		}
		same("in another order", other, s.Mix, s.Rate)
		a, b, c, err := decompose.ThreeFold(d.n0, d.r0, d.n1, d.r1)
		if err != nil || !near9(a+b+c, s.Delta()) || !near9(a+c/2, s.Rate) || !near9(b+c/2, s.Mix) {
			t.Fatalf("three-fold %v, %v, %v, %v; want half of the interaction each in %v and %v", a, b, c, err, s.Rate, s.Mix)
		}
	})
}

// A segment cut into parts that move alike is one: grouping what has the same
// rates and keeps its proportions changes nothing.
func TestGroupingOfLikeSegments(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawTable(t)
		s, err := d.split()
		if err != nil {
			return
		}
		share := rapid.Float64Range(0.1, 0.9).Draw(t, "share")
		last := len(d.n0) - 1
		cut := table4{slices.Clone(d.n0), slices.Clone(d.r0), slices.Clone(d.n1), slices.Clone(d.r1)}
		cut.n0[last], cut.n1[last] = share*d.n0[last], share*d.n1[last]
		cut.n0, cut.n1 = append(cut.n0, (1-share)*d.n0[last]), append(cut.n1, (1-share)*d.n1[last])
		cut.r0, cut.r1 = append(cut.r0, d.r0[last]), append(cut.r1, d.r1[last])
		o, err := cut.split()
		if err != nil || !near9(o.Mix, s.Mix) || !near9(o.Rate, s.Rate) {
			t.Fatalf("cut %v and %v, %v; want %v and %v", o.Mix, o.Rate, err, s.Mix, s.Rate)
		}
		if whole := o.Segments[last].Mix + o.Segments[last+1].Mix; !near9(whole, s.Segments[last].Mix) {
			t.Fatalf("mix of the parts %v, of the whole %v", whole, s.Segments[last].Mix)
		}
	})
}

// What Shapley's value is defined by: effects sum to the change; who changes
// nothing has none; who stands apart has its own change; those alike have the same;
// the order of factors and of time does not matter.
func TestShapleysAxioms(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 6).Draw(t, "factors")
		before := rapid.SliceOfN(rapid.Float64Range(-3, 3), k, k).Draw(t, "before")
		after := rapid.SliceOfN(rapid.Float64Range(-3, 3), k, k).Draw(t, "after")
		idle := rapid.IntRange(0, k-1).Draw(t, "idle")
		order := make([]int, k)
		for i := range order {
			order[i] = i
		}
		order = rapid.Permutation(order).Draw(t, "order")
		f := func(x []float64) float64 {
			p := 1.0
			for i, v := range x {
				if i != idle {
					p *= v
				}
			}
			return p + math.Sin(x[(idle+1)%k])
		}
		effects, err := decompose.Shapley(before, after, f)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, e := range effects {
			sum += e
		}
		if !near9(sum, f(after)-f(before)) || effects[idle] != 0 {
			t.Fatalf("effects %v sum to %v, want %v, and none of factor %d", effects, sum, f(after)-f(before), idle)
		}
		back, err := decompose.Shapley(after, before, f)
		if err != nil {
			t.Fatal(err)
		}
		move := func(x []float64) []float64 {
			out := make([]float64, k)
			for place, i := range order {
				out[place] = x[i]
			}
			return out
		}
		moved, err := decompose.Shapley(move(before), move(after), func(x []float64) float64 {
			y := make([]float64, k)
			for place, i := range order {
				y[i] = x[place]
			}
			return f(y)
		})
		if err != nil {
			t.Fatal(err)
		}
		for place, i := range order {
			if !near9(moved[place], effects[i]) || !near9(back[i], -effects[i]) {
				t.Fatalf("effects %v, in the order %v %v, backwards %v", effects, order, moved, back)
			}
		}
		apart, err := decompose.Shapley(before, after, func(x []float64) float64 { return x[0] + product(x[1:]) })
		if err != nil || !near9(apart[0], after[0]-before[0]) {
			t.Fatalf("effect of a term of its own %v, %v; want %v", apart[0], err, after[0]-before[0])
		}
		before[1], after[1] = before[0], after[0]
		alike, err := decompose.Shapley(before, after, product)
		if err != nil || !near9(alike[0], alike[1]) {
			t.Fatalf("effects of factors alike %v, %v", alike, err)
		}
	})
}

// The effects of a table sum to the change, whatever cells are empty, and do not
// depend on the order of cells or dimensions; its rate effect is Kitagawa's over
// the cells.
func TestCrossClassifiedSums(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, 3).Draw(t, "dimensions")
		var cells []decompose.Cell
		var d table4
		for i := range 1 << k {
			c := decompose.Cell{Levels: make([]string, k)}
			for j := range c.Levels {
				c.Levels[j] = strconv.Itoa(i >> j & 1)
			}
			c.Size0, c.Size1 = float64(rapid.IntRange(0, 9).Draw(t, "n0")), float64(rapid.IntRange(0, 9).Draw(t, "n1"))
			c.Rate0, c.Rate1 = rapid.Float64Range(0, 1).Draw(t, "r0"), rapid.Float64Range(0, 1).Draw(t, "r1")
			if c.Size0 == 0 {
				c.Rate0 = math.NaN()
			}
			if c.Size1 == 0 {
				c.Rate1 = math.NaN()
			}
			cells = append(cells, c)
			d = table4{append(d.n0, c.Size0), append(d.r0, c.Rate0), append(d.n1, c.Size1), append(d.r1, c.Rate1)}
		}
		s, err := decompose.CrossClassified(cells)
		whole, other := d.split()
		if (err == nil) != (other == nil) {
			t.Fatalf("%v, of the cells %v", err, other)
		}
		if err != nil {
			return
		}
		mix := 0.0
		for _, dim := range s.Dimensions {
			mix += dim.Effect()
		}
		if !near9(mix, whole.Mix) || !near9(s.Rate.Effect(), whole.Rate) || !near9(mix+s.Rate.Effect(), s.After-s.Before) {
			t.Fatalf("structure %v and rate %v; over the cells %v and %v", mix, s.Rate.Effect(), whole.Mix, whole.Rate)
		}
		turned := rapid.Permutation(cells).Draw(t, "order")
		for i := range turned {
			turned[i].Levels = slices.Clone(turned[i].Levels)
			slices.Reverse(turned[i].Levels)
		}
		again, err := decompose.CrossClassified(turned)
		if err != nil {
			t.Fatal(err)
		}
		for j := range s.Dimensions {
			if !near9(again.Dimensions[k-1-j].Effect(), s.Dimensions[j].Effect()) {
				t.Fatalf("effects %+v, in another order %+v", s, again)
			}
		}
	})
}

// Powers sum to 1, surprises are not negative, and neither depends on the unit, the
// order of elements, or whether a denominator is the same for all.
func TestAdtributorsShares(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, 8).Draw(t, "elements")
		d := decompose.Dimension{Name: "d"}
		for i := range k {
			d.Elements = append(d.Elements, decompose.Element{Name: strconv.Itoa(i),
				Forecast: rapid.Float64Range(0.1, 100).Draw(t, "forecast"), Real: rapid.Float64Range(0, 100).Draw(t, "real")})
		}
		if rapid.Bool().Draw(t, "ratio") {
			for i := range d.Elements {
				d.Elements[i].ForecastDenominator = rapid.Float64Range(1, 100).Draw(t, "below")
				d.Elements[i].RealDenominator = rapid.Float64Range(1, 100).Draw(t, "real below")
			}
		}
		got, err := decompose.Explain(d)
		if err != nil {
			return
		}
		sum := 0.0
		for _, e := range got {
			sum += e.Power
			if e.Surprise < -1e-15 || e.Surprise > 2*math.Ln2 {
				t.Fatalf("surprise of %+v", e)
			}
		}
		if math.Abs(sum-1) > 1e-6*(1+largestPower(got)) {
			t.Fatalf("powers of %+v sum to %v", got, sum)
		}
		other := decompose.Dimension{Name: "d", Elements: rapid.Permutation(d.Elements).Draw(t, "order")}
		for i := range other.Elements {
			other.Elements[i].Forecast *= 1000
			other.Elements[i].Real *= 1000
		}
		again, err := decompose.Explain(other)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range again {
			j, _ := strconv.Atoi(e.Name)
			if math.Abs(e.Power-got[j].Power) > 1e-6*(1+largestPower(got)) || !near9(e.Surprise, got[j].Surprise) {
				t.Fatalf("element %d %+v, in another order and unit %+v", j, got[j], again[i])
			}
		}
	})
}

func largestPower(e []decompose.Explained) float64 {
	most := 0.0
	for _, x := range e {
		most = math.Max(most, math.Abs(x.Power))
	}
	return most
}
