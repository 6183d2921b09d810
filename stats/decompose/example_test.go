package decompose_test

import (
	"fmt"

	"loyaltymcp/stats/decompose"
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

// Redemption rate by channel and tier: members moved to the app, and up.
func ExampleCrossClassified() {
	s, err := decompose.CrossClassified([]decompose.Cell{
		{Levels: []string{"shop", "basic"}, Size0: 5000, Size1: 3500, Rate0: 0.05, Rate1: 0.05},
		{Levels: []string{"shop", "gold"}, Size0: 1000, Size1: 1000, Rate0: 0.20, Rate1: 0.19},
		{Levels: []string{"app", "basic"}, Size0: 3000, Size1: 4000, Rate0: 0.12, Rate1: 0.13},
		{Levels: []string{"app", "gold"}, Size0: 1000, Size1: 2000, Rate0: 0.30, Rate1: 0.31},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f to %.4f: channel %+.4f, tier %+.4f, rates %+.4f\n", s.Before, s.After, s.Dimensions[0].Effect(), s.Dimensions[1].Effect(), s.Rate.Effect())
	// Output: 0.1110 to 0.1433: channel +0.0152, tier +0.0132, rates +0.0039
}

// Revenue missed its forecast by 9 %. Which of the elements of which dimension?
func ExampleAdtributor() {
	candidates, err := decompose.Adtributor([]decompose.Dimension{
		{Name: "country", Elements: []decompose.Element{
			{Name: "AT", Forecast: 20, Real: 18.5}, {Name: "CH", Forecast: 30, Real: 27.3}, {Name: "DE", Forecast: 50, Real: 45.2}}},
		{Name: "channel", Elements: []decompose.Element{
			{Name: "app", Forecast: 25, Real: 16.2}, {Name: "shop", Forecast: 60, Real: 59.9}, {Name: "web", Forecast: 15, Real: 14.9}}},
	}, decompose.Thresholds{Element: 0.1, Dimension: 0.67})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range candidates {
		fmt.Printf("%s:", c.Dimension)
		for _, e := range c.Elements {
			fmt.Printf(" %s", e.Name)
		}
		fmt.Printf(" explain %.0f %% of it, with %.0f %% of the elements\n", 100*c.Power, 100*c.Share)
	}
	// Output:
	// channel: app explain 98 % of it, with 33 % of the elements
	// country: AT DE explain 70 % of it, with 67 % of the elements
}

// A return on points: its value redeemed by its cost, whose parts moved together.
func ExampleDasGupta() {
	margin := func(x []float64) float64 { return x[0] * x[1] / x[2] } // members, value each, cost
	parts, err := decompose.DasGupta([]float64{1000, 12, 8000}, []float64{1200, 13, 9500}, margin)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, name := range []string{"members", "value", "cost"} {
		fmt.Printf("%s: %.3f to %.3f, %+.3f\n", name, parts[i].Before, parts[i].After, parts[i].Effect())
	}
	// Output:
	// members: 1.438 to 1.725, +0.287
	// value: 1.516 to 1.642, +0.126
	// cost: 1.721 to 1.449, -0.272
}
