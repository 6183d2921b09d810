package survival_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/survival"
)

// Members with the app and without, in months since they joined. Those who
// joined before the program kept data come under observation late.
func Example() {
	app := survival.Data{
		Start: []float64{0, 0, 0, 0, 2, 3, 0, 0, 6, 0},
		Stop:  []float64{3, 12, 12, 7, 9, 12, 5, 12, 12, 11},
		Event: []int{1, 0, 0, 1, 0, 0, 0, 0, 0, 1},
	}
	none := survival.Data{
		Start: []float64{0, 0, 0, 0, 1, 4, 0, 0, 5, 0},
		Stop:  []float64{2, 4, 12, 1, 6, 12, 8, 3, 9, 12},
		Event: []int{1, 1, 0, 1, 1, 0, 0, 1, 1, 0},
	}
	a, err := survival.KaplanMeier(app)
	if err != nil {
		fmt.Println(err)
		return
	}
	b, err := survival.KaplanMeier(none)
	if err != nil {
		fmt.Println(err)
		return
	}
	e := a.At(6)
	low, high := e.Interval(0.95, survival.LogLog)
	fmt.Printf("with the app %.0f%% are retained for 6 months (%.0f%% to %.0f%%)\n", 100*e.Value, 100*low, 100*high)
	gain, err := survival.RMSTDifference(a, b, 12)
	if err != nil {
		fmt.Println(err)
		return
	}
	low, high = gain.Interval(0.95)
	fmt.Printf("they stay %.1f months longer within a year (%.1f to %.1f)\n", gain.Difference, low, high)
	// Output:
	// with the app 88% are retained for 6 months (39% to 98%)
	// they stay 3.9 months longer within a year (0.2 to 7.5)
}

// Lots of points by their age in months, and what became of them by 12, when
// they expire.
func ExampleAalenJohansen() {
	lots := survival.Data{
		Stop:    []float64{1, 3, 3, 12, 6, 12, 5, 12, 8, 2},
		Event:   []int{1, 1, 0, 2, 1, 2, 0, 2, 1, 1}, // 1 redeemed, 2 expired
		Weight:  []float64{100, 250, 80, 40, 300, 60, 500, 20, 150, 90},
		Cluster: []int{1, 1, 2, 2, 3, 4, 5, 5, 5, 6}, // the member
	}
	in, err := survival.AalenJohansen(lots, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	redeemed, expired := in.At(1, 12), in.At(2, 12)
	fmt.Printf("redeemed %.1f%% ± %.1f, expired %.1f%% ± %.1f\n", 100*redeemed.Value, 100*redeemed.SE, 100*expired.Value, 100*expired.SE)
	// Output: redeemed 84.8% ± 10.9, expired 15.2% ± 10.9
}

// Months until churn of members by the channel they joined through; the shops were
// part of the program before the app.
func ExampleLogRank() {
	d := survival.Data{
		Stop:    []float64{2, 5, 7, 9, 12, 12, 1, 2, 3, 4, 6, 12, 3, 8, 12, 12, 12, 1, 2, 2, 5, 7},
		Event:   []int{1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0},
		Stratum: []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, // the region
	}
	channel := []int{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1}
	test, err := survival.LogRank(d, channel, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("churned %.0f and %.0f, expected if alike %.1f and %.1f, P %.4f\n", test.Observed[0], test.Observed[1], test.Expected[0], test.Expected[1], test.P)
	// Output: churned 4 and 9, expected if alike 7.9 and 5.1, P 0.0199
}

// Months until the first order, of which the hazard falls: those who have not
// ordered yet seldom will. The model answers beyond the year that was seen.
func ExampleWeibull() {
	d := survival.Data{
		Stop:  []float64{0.2, 0.3, 0.5, 0.5, 0.9, 1.4, 2, 3.1, 4.5, 7, 9.5, 12, 12, 12, 12, 12},
		Event: []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0},
	}
	f, err := survival.Weibull(d, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	km, err := survival.KaplanMeier(d)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("shape %.2f; without order after 6 months %.2f (%.2f seen), after 24 %.2f\n", f.Shape, f.Survival(6), km.At(6).Value, f.Survival(24))
	// Output: shape 0.62; without order after 6 months 0.44 (0.44 seen), after 24 0.15
}

// A promotion that runs in some months: each member-month is a row.
func ExampleCox() {
	d := survival.Data{
		Start:   []float64{0, 1, 2, 0, 1, 0, 1, 2, 0, 1, 2, 3, 0, 0, 1, 0, 1, 2},
		Stop:    []float64{1, 2, 3, 1, 2, 1, 2, 3, 1, 2, 3, 4, 1, 1, 2, 1, 2, 3},
		Event:   []int{0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 0, 0, 1},
		Cluster: []int{0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 5, 5, 6, 6, 6},
	}
	promoted := mat.NewDense(18, 1, []float64{0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1})
	f, err := survival.Cox(d, promoted, survival.Efron)
	if err != nil {
		fmt.Println(err)
		return
	}
	ratio, low, high := f.Ratio(0, f.RobustSE()[0], 0.95)
	fmt.Printf("churn times %.2f in months with the promotion (%.2f to %.2f)\n", ratio, low, high)
	// Output: churn times 0.51 in months with the promotion (0.08 to 3.16)
}
