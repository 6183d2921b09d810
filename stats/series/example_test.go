package series_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"loyaltymcp/stats/series"
)

// Ten weeks of daily redemptions, with a day on which something happened.
func ExampleSTL() {
	y := week(70, 3)
	y[40] += 150
	d, err := series.STL(y, 7, series.STLOptions{Robust: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	z, err := series.Scores(d.Remainder)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, score := range z {
		if math.Abs(score) > 5 {
			fmt.Printf("day %d is odd, z = %.0f\n", i, score)
		}
	}
	// Output: day 40 is odd, z = 19
}

// Weekly minutes until a complaint is answered: calibrated on the first twelve
// weeks, which were normal, and watched from then on.
func ExampleProcess_XmR() {
	minutes := []float64{31, 28, 33, 30, 29, 32, 27, 31, 30, 33, 28, 30, 31, 34, 42, 30, 33, 34, 33, 35, 34, 33, 35, 34}
	p, err := series.Calibrate(minutes[:12])
	if err != nil {
		fmt.Println(err)
		return
	}
	l, err := p.XmR(minutes, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("in control between %.1f and %.1f minutes; beyond: weeks %v\n", l.Low[0], l.High[0], l.Beyond)
	runs, err := p.RunRules(minutes)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range runs {
		if r.Rule == 4 {
			fmt.Printf("week %d is the eighth in a row on one side\n", r.End)
			break
		}
	}
	// Output:
	// in control between 21.7 and 38.6 minutes; beyond: weeks [14]
	// week 23 is the eighth in a row on one side
}

// A rise by one standard deviation, too little for any single day to show: CUSUM
// and EWMA add it up.
func ExampleProcess_CUSUM() {
	rng := rand.New(rand.NewPCG(4, 1))
	orders := make([]float64, 60)
	for i := range orders {
		orders[i] = 500 + 20*rng.NormFloat64()
		if i >= 40 {
			orders[i] += 20
		}
	}
	p := series.Process{Center: 500, SD: 20}
	single, err := p.XmR(orders, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	sums, err := p.CUSUM(orders, 1, 5)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, means, err := p.EWMA(orders, 0.2, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("single days beyond: %d; the shift of day 40 found on day %d by CUSUM, %d by EWMA\n", len(single.Beyond), sums.BeyondUp[0], means.Beyond[0])
	// Output: single days beyond: 0; the shift of day 40 found on day 45 by CUSUM, 50 by EWMA
}

// The share of a day's members who redeem. With so many members days differ by
// more than chance, and plain limits would call many of them odd.
func ExamplePChart() {
	rng := rand.New(rand.NewPCG(9, 1))
	var redeemed, members []float64
	for day := range 60 {
		n := 20000 + math.Round(2000*rng.NormFloat64())
		share := 0.04 + 0.004*rng.NormFloat64()
		if day == 50 {
			share = 0.06
		}
		members, redeemed = append(members, n), append(redeemed, math.Round(share*n))
	}
	widen, err := series.Laney(redeemed[:40], members[:40])
	if err != nil {
		fmt.Println(err)
		return
	}
	_, plain, err := series.PChart(redeemed, members, 40, 3, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	center, wide, err := series.PChart(redeemed, members, 40, 3, widen)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.1f %% redeem; %d of 60 days are beyond plain limits\n", 100*center, len(plain.Beyond))
	fmt.Printf("limits %.1f times as wide leave %v\n", widen, wide.Beyond)
	// Output:
	// 3.9 % redeem; 17 of 60 days are beyond plain limits
	// limits 2.6 times as wide leave [50]
}

// Five years of monthly active members. In month 31 the program changed.
func ExampleBreakpoints() {
	rng := rand.New(rand.NewPCG(3, 1))
	active := make([]float64, 60)
	for i := range active {
		active[i] = 20000 + 100*float64(i) + 300*rng.NormFloat64()
		if i >= 31 {
			active[i] -= 2500
		}
	}
	_, p, err := series.CUSUMTest(active)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("one line may hold all along: %t\n", p > 0.01)
	b, err := series.Breakpoints(active, 12)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("breaks at months %v\n", b.At)
	// Output:
	// one line may hold all along: false
	// breaks at months [31]
}

// Churn in percent by month: a trend that one odd month does not bend.
func ExampleTheilSen() {
	churn := []float64{2.1, 2.2, 2.2, 2.4, 2.3, 9.0, 2.5, 2.6, 2.6, 2.8, 2.7, 2.9}
	slope, err := series.TheilSen(churn)
	if err != nil {
		fmt.Println(err)
		return
	}
	tau, p, err := series.MannKendall(churn)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%+.2f points a month, tau %.2f, P %.4f\n", slope, tau, p)
	// Output: +0.07 points a month, tau 0.74, P 0.0012
}

// Half a year of days, and the week after it.
func ExampleETS() {
	y := week(189, 8)
	e, err := series.ETS(y[:182], 7)
	if err != nil {
		fmt.Println(err)
		return
	}
	off := 0.0
	for h, forecast := range e.Forecast(7) {
		off += math.Abs(y[182+h]-forecast) / 7
	}
	fmt.Printf("the next week is off by %.0f a day, at a level of %.0f\n", off, y[182])
	// Output: the next week is off by 10 a day, at a level of 1181
}
