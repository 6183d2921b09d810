package btyd_test

import (
	"fmt"
	"log"

	"loyaltymcp/stats/btyd"
)

// counted is what a database returns: repeat purchases, middle of the quarter of
// the last one in weeks, weeks observed, members.
var counted = [][4]float64{
	{0, 0, 26, 1654}, {0, 0, 52, 1433},
	{1, 6.5, 26, 385}, {1, 45.5, 52, 82}, {1, 19.5, 52, 125}, {1, 32.5, 52, 101}, {1, 19.5, 26, 246}, {1, 6.5, 52, 262},
	{2, 19.5, 52, 102}, {2, 6.5, 26, 139}, {2, 32.5, 52, 65}, {2, 45.5, 52, 92}, {2, 19.5, 26, 168}, {2, 6.5, 52, 75},
	{3, 45.5, 52, 84}, {3, 19.5, 26, 132}, {3, 19.5, 52, 56}, {3, 6.5, 52, 19}, {3, 6.5, 26, 36}, {3, 32.5, 52, 52},
	{4, 19.5, 26, 101}, {4, 45.5, 52, 81}, {4, 6.5, 26, 15}, {4, 32.5, 52, 33}, {4, 19.5, 52, 20}, {4, 6.5, 52, 7},
	{5, 6.5, 26, 6}, {5, 45.5, 52, 46}, {5, 32.5, 52, 24}, {5, 19.5, 52, 14}, {5, 19.5, 26, 32}, {5, 6.5, 52, 1},
	{6, 45.5, 52, 53}, {6, 19.5, 26, 38}, {6, 32.5, 52, 17}, {6, 6.5, 26, 3}, {6, 19.5, 52, 4},
	{7, 19.5, 52, 6}, {7, 19.5, 26, 15}, {7, 45.5, 52, 26}, {7, 32.5, 52, 6},
}

func example() *btyd.Data {
	var h []btyd.History
	var members []float64
	for _, c := range counted {
		h = append(h, btyd.History{X: int(c[0]), TX: c[1], T: c[2]})
		members = append(members, c[3])
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

	recent := btyd.History{X: 3, TX: 50, T: 52}
	silent := btyd.History{X: 3, TX: 13, T: 52}
	for _, h := range []btyd.History{recent, silent, {T: 52}} {
		fmt.Printf("%d purchases, the last in week %2.0f of %.0f: alive %.2f, next half year %.2f\n",
			h.X, h.TX, h.T, fit.Model.PAlive(h), fit.Model.Expected(h, 26))
	}
	// Output:
}

// The value of a member over the next year, with an interval.
func ExampleCLV() {
	purchases, err := btyd.Fit(btyd.MBGNBD{}, example())
	if err != nil {
		log.Fatal(err)
	}
	year := btyd.Valuation{Periods: 12, Length: 52. / 12, Discount: 0.01, Margin: 0.3}
	h := btyd.History{X: 3, TX: 50, T: 52}
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
