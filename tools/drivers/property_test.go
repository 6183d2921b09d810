package drivers_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"loyaltymcp/tools/drivers"
)

// addsUp fails the test unless the effects sum to what they are parts of.
func addsUp(t *rapid.T, d drivers.Decomposition) {
	t.Helper()
	size := largest(d)
	var mix, rate, total, share, weight, structure float64
	for i, c := range d.Drivers {
		mix += c.Mix
		rate += c.Rate
		total += c.Total
		weight += c.Weight
		if c.Share != nil {
			share += *c.Share
			closeTo(t, "share of a cell", *c.Share*d.Change, c.Total, size)
		}
		if i > 0 && math.Abs(c.Total) > math.Abs(d.Drivers[i-1].Total) {
			t.Fatalf("driver %d is larger than the one before", i)
		}
	}
	closeTo(t, "totals", total, d.Change, size)
	closeTo(t, "now less before", d.Now-d.Before, d.Change, size)
	if d.Drivers[0].Share != nil {
		closeTo(t, "shares", share*d.Change, d.Change, size)
	}
	switch d.Method {
	case drivers.Difference:
		if weight != 0 {
			closeTo(t, "weights", weight, 1, 1)
		}
	case drivers.Kitagawa, drivers.DasGupta, drivers.Shapley:
		for _, s := range d.Structure {
			structure += s.Mix
		}
		closeTo(t, "mixes", mix, d.Mix, size)
		closeTo(t, "rates", rate, d.Rate, size)
		closeTo(t, "mix and rate", d.Mix+d.Rate, d.Change, size)
		closeTo(t, "structure", structure, d.Mix, size)
		closeTo(t, "weights", weight, 1, 1)
	}
}

func TestEffectsAddUp(t *testing.T) {
	methods := map[drivers.Method]int{}
	rapid.Check(t, func(t *rapid.T) {
		dimensions, cells := table(t, true)
		d, err := drivers.Ratio(dimensions, cells)
		if err != nil {
			t.Fatal(err)
		}
		methods[d.Method]++
		addsUp(t, d)
		numerator, denominator := [2]float64{}, [2]float64{}
		for _, c := range cells {
			numerator[0] += c.Before.Numerator
			numerator[1] += c.Now.Numerator
			denominator[0] += c.Before.Denominator
			denominator[1] += c.Now.Denominator
		}
		closeTo(t, "before", d.Before, numerator[0]/denominator[0], largest(d))
		closeTo(t, "now", d.Now, numerator[1]/denominator[1], largest(d))
	})
	for _, m := range []drivers.Method{drivers.Kitagawa, drivers.DasGupta, drivers.Shapley} {
		if methods[m] == 0 {
			t.Errorf("no table was split by %s", m)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		dimensions, cells := table(t, false)
		d, err := drivers.Sum(dimensions, cells)
		if err != nil {
			t.Fatal(err)
		}
		addsUp(t, d)
	})
	rapid.Check(t, func(t *rapid.T) {
		var factors []drivers.Factor
		for i := range rapid.IntRange(1, 6).Draw(t, "factors") {
			draw := func(when string) float64 {
				return float64(rapid.IntRange(-10, 10_000).Draw(t, fmt.Sprint(i, when))) / 100
			}
			factors = append(factors, drivers.Factor{Name: fmt.Sprint(i), Before: draw("before"), Now: draw("now")})
		}
		d, err := drivers.Product(factors)
		if err != nil {
			t.Fatal(err)
		}
		addsUp(t, d)
	})
}

// Neither the order of cells, nor that of dimensions, nor the unit matters,
// and reversing time changes nothing but signs.
func TestNothingButSignsDependsOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dimensions, cells := table(t, true)
		d, err := drivers.Ratio(dimensions, cells)
		if err != nil {
			t.Fatal(err)
		}
		size := largest(d)
		const unit = 4
		other := rapid.Permutation(cells).Draw(t, "order")
		places := []int{0, 1, 2}[:len(dimensions)]
		turn := rapid.Permutation(places).Draw(t, "dimensions' order")
		var turned []string
		for _, p := range turn {
			turned = append(turned, dimensions[p])
		}
		for i, c := range other {
			var labels []string
			for _, p := range turn {
				labels = append(labels, c.Labels[p])
			}
			c.Before.Numerator *= unit
			c.Now.Numerator *= unit
			other[i] = drivers.Cell{Labels: labels, Before: c.Now, Now: c.Before}
		}
		back, err := drivers.Ratio(turned, other)
		if err != nil {
			t.Fatal(err)
		}
		closeTo(t, "mix", back.Mix, -unit*d.Mix, unit*size)
		closeTo(t, "rate", back.Rate, -unit*d.Rate, unit*size)
		for i, p := range turn {
			closeTo(t, dimensions[p], back.Structure[i].Mix, -unit*d.Structure[p].Mix, unit*size)
		}
		for _, c := range d.Drivers {
			var labels []string
			for _, p := range turn {
				labels = append(labels, c.Labels[p])
			}
			i := slices.IndexFunc(back.Drivers, func(c drivers.Driver) bool { return slices.Equal(c.Labels, labels) })
			closeTo(t, fmt.Sprint(c.Labels, " mix"), back.Drivers[i].Mix, -unit*c.Mix, unit*size)
			closeTo(t, fmt.Sprint(c.Labels, " rate"), back.Drivers[i].Rate, -unit*c.Rate, unit*size)
		}
		// At a threshold, or at a change of rounding, rounding may decide.
		if d.Drivers[0].Share != nil && math.Abs(d.Change) > 1e-9*size && math.Abs(d.Mix/d.Change-0.5) > 1e-9 && d.MostlyMix != back.MostlyMix {
			t.Fatalf("mostly mix %t, and %t backwards", d.MostlyMix, back.MostlyMix)
		}
	})
}

// Of a share and of its complement the effects are each other's negatives. Not
// so the effects of Das Gupta's structures: they depend on where rates have
// their zero.
func TestComplementHasTheNegatives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dimensions, cells := table(t, true)
		var complement []drivers.Cell
		for i := range cells {
			c := &cells[i]
			if c.Before.Denominator == 0 {
				c.Before.Numerator = 0
			}
			if c.Now.Denominator == 0 {
				c.Now.Numerator = 0
			}
			other := *c
			other.Before.Numerator = c.Before.Denominator - c.Before.Numerator
			other.Now.Numerator = c.Now.Denominator - c.Now.Numerator
			complement = append(complement, other)
		}
		d, err := drivers.Ratio(dimensions, cells)
		if err != nil {
			t.Fatal(err)
		}
		o, err := drivers.Ratio(dimensions, complement)
		if err != nil {
			t.Fatal(err)
		}
		size := 1 + largest(d)
		closeTo(t, "mix", o.Mix, -d.Mix, size)
		closeTo(t, "rate", o.Rate, -d.Rate, size)
		if d.Method != drivers.DasGupta {
			for i, s := range d.Structure {
				closeTo(t, s.Dimension, o.Structure[i].Mix, -s.Mix, size)
			}
		}
		for _, c := range d.Drivers {
			i := slices.IndexFunc(o.Drivers, func(o drivers.Driver) bool { return slices.Equal(o.Labels, c.Labels) })
			closeTo(t, fmt.Sprint(c.Labels, " mix"), o.Drivers[i].Mix, -c.Mix, size)
			closeTo(t, fmt.Sprint(c.Labels, " rate"), o.Drivers[i].Rate, -c.Rate, size)
		}
	})
}

// A cell divided into two that are alike has their effects.
func TestDividingACellChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, cells := table(t, true)
		if len(cells[0].Labels) > 1 {
			t.Skip("two halves of one cell make one dimension")
		}
		d, err := drivers.Ratio(names[:1], cells)
		if err != nil {
			t.Fatal(err)
		}
		whole := cells[0]
		part := float64(rapid.IntRange(1, 7).Draw(t, "eighths")) / 8
		scaled := func(name string, f float64) drivers.Cell {
			return drivers.Cell{Labels: []string{name},
				Before: drivers.Part{Numerator: f * whole.Before.Numerator, Denominator: f * whole.Before.Denominator},
				Now:    drivers.Part{Numerator: f * whole.Now.Numerator, Denominator: f * whole.Now.Denominator}}
		}
		divided, err := drivers.Ratio(names[:1], append([]drivers.Cell{scaled("one", part), scaled("two", 1-part)}, cells[1:]...))
		if err != nil {
			t.Fatal(err)
		}
		size := largest(d)
		closeTo(t, "mix", divided.Mix, d.Mix, size)
		closeTo(t, "rate", divided.Rate, d.Rate, size)
		find := func(d drivers.Decomposition, label string) drivers.Driver {
			return d.Drivers[slices.IndexFunc(d.Drivers, func(c drivers.Driver) bool { return c.Labels[0] == label })]
		}
		all, one, two := find(d, whole.Labels[0]), find(divided, "one"), find(divided, "two")
		closeTo(t, "mixes of the halves", one.Mix+two.Mix, all.Mix, size)
		closeTo(t, "rates of the halves", one.Rate+two.Rate, all.Rate, size)
	})
}

// Values of any size give finite figures or an error.
func TestFiniteOrAnError(t *testing.T) {
	passed := 0
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, 1, math.SmallestNonzeroFloat64, math.MaxFloat64, -math.MaxFloat64, math.NaN(), math.Inf(1)}))
		var cells []drivers.Cell
		for i := range rapid.IntRange(1, 4).Draw(t, "cells") {
			draw := func(what string) float64 { return value.Draw(t, fmt.Sprint(i, what)) }
			cells = append(cells, drivers.Cell{Labels: []string{fmt.Sprint(i / 2), fmt.Sprint(i % 2)},
				Before: drivers.Part{Numerator: draw("before"), Denominator: math.Abs(draw("of before"))},
				Now:    drivers.Part{Numerator: draw("now"), Denominator: math.Abs(draw("of now"))}})
		}
		d, err := drivers.Ratio(names[:2], cells)
		if err != nil {
			return
		}
		passed++
		figures := []float64{d.Before, d.Now, d.Change, d.Mix, d.Rate}
		for _, s := range d.Structure {
			figures = append(figures, s.Mix)
		}
		for _, c := range d.Drivers {
			figures = append(figures, c.Mix, c.Rate, c.Total, c.Weight)
			if c.Share != nil {
				figures = append(figures, *c.Share)
			}
		}
		for _, v := range figures {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Fatalf("%v among %v", v, figures)
			}
		}
	})
	if passed == 0 {
		t.Error("no table had finite figures")
	}
}
