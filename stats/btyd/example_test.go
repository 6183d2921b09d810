package btyd_test

import (
	"fmt"
	"log"

	"loyaltymcp/stats/btyd"
)

// counted is what a database returns for members who enrolled 48 weeks ago:
// repeat purchases, week of the last one (middle of four), members.
var counted = [][3]float64{
	{0, 0, 4779},
	{1, 2, 297}, {1, 6, 284}, {1, 10, 213}, {1, 14, 191}, {1, 18, 174}, {1, 22, 174}, {1, 26, 150}, {1, 30, 143}, {1, 34, 116}, {1, 38, 138}, {1, 42, 134}, {1, 46, 122},
	{2, 2, 14}, {2, 6, 48}, {2, 10, 61}, {2, 14, 63}, {2, 18, 67}, {2, 22, 78}, {2, 26, 109}, {2, 30, 89}, {2, 34, 109}, {2, 38, 105}, {2, 42, 109}, {2, 46, 127},
	{3, 6, 7}, {3, 10, 18}, {3, 14, 17}, {3, 18, 30}, {3, 22, 28}, {3, 26, 29}, {3, 30, 49}, {3, 34, 55}, {3, 38, 85}, {3, 42, 76}, {3, 46, 107},
	{4, 6, 1}, {4, 10, 2}, {4, 14, 8}, {4, 18, 6}, {4, 22, 14}, {4, 26, 18}, {4, 30, 28}, {4, 34, 34}, {4, 38, 42}, {4, 42, 52}, {4, 46, 72},
	{5, 14, 2}, {5, 18, 5}, {5, 22, 6}, {5, 26, 9}, {5, 30, 13}, {5, 34, 12}, {5, 38, 28}, {5, 42, 35}, {5, 46, 48},
	{6, 18, 1}, {6, 22, 2}, {6, 26, 6}, {6, 30, 4}, {6, 34, 5}, {6, 38, 10}, {6, 42, 15}, {6, 46, 31},
	{7, 22, 2}, {7, 30, 1}, {7, 34, 5}, {7, 38, 7}, {7, 42, 12}, {7, 46, 16},
	{8, 22, 1}, {8, 26, 1}, {8, 30, 1}, {8, 34, 2}, {8, 38, 5}, {8, 42, 7}, {8, 46, 7},
	{9, 34, 2}, {9, 38, 1}, {9, 42, 4}, {9, 46, 4},
	{10, 38, 2}, {10, 42, 3}, {10, 46, 5},
	{11, 46, 4},
	{13, 46, 1},
	{14, 46, 1},
	{15, 46, 1},
	{17, 46, 1},
}

func example() *btyd.Data {
	var h []btyd.History
	var members []float64
	for _, c := range counted {
		h = append(h, btyd.History{X: int(c[0]), TX: c[1], T: 48})
		members = append(members, c[2])
	}
	d, err := btyd.NewData(h, members)
	if err != nil {
		log.Fatal(err)
	}
	return d
}

// Fit a model to counts and ask about members.
func ExampleFit() {
	fit, err := btyd.Fit(btyd.MBGNBD{}, example())
	if err != nil {
		log.Fatal(err)
	}
	for i, name := range fit.Names {
		fmt.Printf("%-5s %6.2f (%.2f)\n", name, fit.Params[i], fit.SE[i])
	}
	fmt.Printf("converged: %v, limits: %q\n", fit.Converged, fit.Boundary)

	recent := btyd.History{X: 3, TX: 46, T: 48}
	silent := btyd.History{X: 3, TX: 10, T: 48}
	for _, h := range []btyd.History{recent, silent, {T: 48}} {
		fmt.Printf("%d purchases, the last in week %2.0f of %.0f: alive %.2f, next half year %.2f\n",
			h.X, h.TX, h.T, fit.Model.PAlive(h), fit.Model.Expected(h, 26))
	}
	// Output:
	// r       1.41 (0.18)
	// alpha  34.68 (3.38)
	// a       0.80 (0.10)
	// b       1.57 (0.32)
	// converged: true, limits: ""
	// 3 purchases, the last in week 46 of 48: alive 0.84, next half year 1.05
	// 3 purchases, the last in week 10 of 48: alive 0.28, next half year 0.35
	// 0 purchases, the last in week  0 of 48: alive 0.37, next half year 0.15
}

// The value of a member over the next year, with an interval.
func ExampleCLV() {
	purchases, err := btyd.Fit(btyd.MBGNBD{}, example())
	if err != nil {
		log.Fatal(err)
	}
	year := btyd.Valuation{Periods: 12, Length: 52. / 12, Discount: 0.01, Margin: 0.3}
	h := btyd.History{X: 3, TX: 46, T: 48}
	const spend = 40
	draws, err := purchases.Draw(200, 1)
	if err != nil {
		log.Fatal(err)
	}
	low, high := btyd.Interval(draws, 0.95, func(m btyd.MBGNBD) float64 {
		return btyd.CLV(m, h, spend, year)
	})
	fmt.Printf("%.1f, 95%% interval %.1f to %.1f\n", btyd.CLV(purchases.Model, h, spend, year), low, high)
	// Output:
	// 21.9, 95% interval 21.2 to 23.1
}

// From a log of purchases to histories.
func ExampleSummarize() {
	purchases := []btyd.Purchase{
		{Member: "ann", Day: 3, Value: 20},
		{Member: "ann", Day: 17, Value: 30},
		{Member: "ann", Day: 17, Value: 5},
		{Member: "ann", Day: 66, Value: 25},
		{Member: "bob", Day: 45, Value: 80},
	}
	for _, s := range btyd.Summarize(purchases, 59, 90, 7) {
		fmt.Printf("%s: %d repeat purchases in %.1f weeks, the last in week %.1f, mean %.0f; later %d\n",
			s.Member, s.History.X, s.History.T, s.History.TX, s.Spend.Mean, s.Later)
	}
	// Output:
	// ann: 1 repeat purchases in 8.0 weeks, the last in week 2.0, mean 35; later 1
	// bob: 0 repeat purchases in 2.0 weeks, the last in week 0.0, mean 0; later 0
}
