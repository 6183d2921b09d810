package drivers_test

import (
	"fmt"

	"loyaltymcp/tools/drivers"
)

func ExampleRatio() {
	// Points redeemed over points issued, by tier.
	d, err := drivers.Ratio([]string{"tier"}, []drivers.Cell{
		{Labels: []string{"gold"}, Before: drivers.Part{Numerator: 800, Denominator: 2000}, Now: drivers.Part{Numerator: 1520, Denominator: 4000}},
		{Labels: []string{"basic"}, Before: drivers.Part{Numerator: 800, Denominator: 8000}, Now: drivers.Part{Numerator: 540, Denominator: 6000}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f to %.3f: mix %+.4f, rate %+.4f\n", d.Before, d.Now, d.Mix, d.Rate)
	for _, c := range d.Drivers {
		fmt.Printf("%s: mix %+.4f, rate %+.4f, %.0f%% of the change\n", c.Labels[0], c.Mix, c.Rate, 100**c.Share)
	}
	if r := d.Reversal; r != nil {
		fmt.Printf("rates fell in %d cells with %.0f%% of the points issued, yet the whole rose\n", len(r.Against), 100*r.Weight)
	}
	// Output:
	// 0.160 to 0.206: mix +0.0590, rate -0.0130
	// gold: mix +0.0414, rate -0.0060, 77% of the change
	// basic: mix +0.0176, rate -0.0070, 23% of the change
	// rates fell in 2 cells with 100% of the points issued, yet the whole rose
}

func ExampleRatio_dimensions() {
	// Buyers per member by channel and tier; the app is new.
	d, err := drivers.Ratio([]string{"channel", "tier"}, []drivers.Cell{
		{Labels: []string{"shop", "gold"}, Before: drivers.Part{Numerator: 40, Denominator: 100}, Now: drivers.Part{Numerator: 28, Denominator: 80}},
		{Labels: []string{"shop", "basic"}, Before: drivers.Part{Numerator: 30, Denominator: 300}, Now: drivers.Part{Numerator: 24, Denominator: 240}},
		{Labels: []string{"app", "gold"}, Now: drivers.Part{Numerator: 25, Denominator: 50}},
		{Labels: []string{"app", "basic"}, Now: drivers.Part{Numerator: 6, Denominator: 30}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%+.4f by %s\n", d.Change, d.Method)
	for _, s := range d.Structure {
		fmt.Printf("%s: %+.4f\n", s.Dimension, s.Mix)
	}
	fmt.Printf("rates: %+.4f\n", d.Rate)
	// Output:
	// +0.0325 by shapley
	// channel: +0.0327
	// tier: +0.0110
	// rates: -0.0113
}

func ExampleSum() {
	d, err := drivers.Sum([]string{"region"}, []drivers.Cell{
		{Labels: []string{"north"}, Before: drivers.Part{Numerator: 500}, Now: drivers.Part{Numerator: 420}},
		{Labels: []string{"south"}, Before: drivers.Part{Numerator: 300}, Now: drivers.Part{Numerator: 320}},
		{Labels: []string{"(other)"}, Before: drivers.Part{Numerator: 40}, Now: drivers.Part{Numerator: 20}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%+.0f\n", d.Change)
	for _, c := range d.Drivers {
		fmt.Printf("%s %+.0f (%.0f%%)\n", c.Labels[0], c.Total, 100**c.Share)
	}
	// Output:
	// -80
	// north -80 (100%)
	// (other) -20 (25%)
	// south +20 (-25%)
}

func ExampleProduct() {
	d, err := drivers.Product([]drivers.Factor{
		{Name: "open members", Before: 1000, Now: 1100},
		{Name: "orders per member", Before: 2, Now: 1.8},
		{Name: "net per order", Before: 30, Now: 33},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f to %.0f\n", d.Before, d.Now)
	for _, f := range d.Drivers {
		fmt.Printf("%s %+.0f\n", f.Labels[0], f.Total)
	}
	// Output:
	// 60000 to 65340
	// orders per member -6620
	// net per order +5980
	// open members +5980
}

func ExampleRank() {
	cell := func(label string, before, now float64) drivers.Cell {
		return drivers.Cell{Labels: []string{label}, Before: drivers.Part{Numerator: before}, Now: drivers.Part{Numerator: now}}
	}
	var splits []drivers.Decomposition
	for dimension, cells := range map[string][]drivers.Cell{
		"region":  {cell("north", 50, 45), cell("south", 50, 45)},
		"channel": {cell("app", 20, 10), cell("shop", 80, 80)},
	} {
		d, err := drivers.Sum([]string{dimension}, cells)
		if err != nil {
			fmt.Println(err)
			return
		}
		splits = append(splits, d)
	}
	ranked, err := drivers.Rank(splits)
	if err != nil {
		fmt.Println(err)
		return
	}
	best := ranked[0]
	fmt.Printf("%s: %s, %.0f%% of the whole, explains %.0f%%\n", best.Dimensions[0], best.Cells[0].Labels[0], 100*best.Weight, 100*best.Explained)
	// Output: channel: app, 16% of the whole, explains 100%
}
