package abtest_test

import (
	"fmt"
	"math"

	"loyaltymcp/stats/abtest"
)

// Extra hours of sleep of ten patients on each of two drugs (Student, 1908).
var (
	drug1 = abtest.FromValues([]float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0})
	drug2 = abtest.FromValues([]float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4})
)

func ExampleWelch() {
	d, err := abtest.Welch(drug1, drug2, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f, 95%% interval %.2f to %.2f, t = %.4f on %.3f, p = %.4f\n", d.Estimate, d.Low, d.High, d.T, d.DF, d.P)
	// Output:
	// 1.58, 95% interval -0.21 to 3.37, t = 1.8608 on 17.776, p = 0.0794
}

func ExampleSRM() {
	// A 50/50 split of 1.6 million members looks balanced and is not.
	r, err := abtest.SRM([]int64{821588, 815482}, []float64{1, 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("chi-square %.2f on %d, p = %.2g\n", r.ChiSquare, r.DF, r.P)
	// Output:
	// chi-square 22.77 on 1, p = 1.8e-06
}

func ExampleFieller() {
	control := abtest.Sample{N: 700, Mean: 49.6, M2: 699 * 5000}
	treatment := abtest.Sample{N: 720, Mean: 54.2, M2: 719 * 5400}
	l, err := abtest.Fieller(control, treatment, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("lift %+.1f%%, 95%% interval %+.1f%% to %+.1f%%\n", 100*l.Estimate, 100*l.Low, 100*l.High)

	// A control mean that cannot be told from 0.
	l, err = abtest.Fieller(drug1, drug2, 0.95)
	fmt.Println(l.Bounded, l.G >= 1, err)
	// Output:
	// lift +9.3%, 95% interval -5.5% to +26.5%
	// false true <nil>
}

func ExampleHolm() {
	for _, p := range abtest.Holm([]float64{0.01, 0.04, 0.03, 0.005}) {
		fmt.Printf("%.2f ", p)
	}
	// Output:
	// 0.03 0.06 0.06 0.02
}

func ExampleRequiredN() {
	n, err := abtest.RequiredN(64, 3.2, 0.05, 0.8)
	fmt.Println(n, err)
	// Output:
	// 6280 <nil>
}

// Spend per member of a points-multiplier test, control and treatment.
var (
	spendControl   = abtest.Sample{N: 7000, Mean: 49.63, M2: 6999 * 4951}
	spendTreatment = abtest.Sample{N: 7200, Mean: 52.20, M2: 7199 * 5374}
)

func ExampleCompare() {
	e, err := abtest.Compare(spendControl, spendTreatment)
	if err != nil {
		fmt.Println(err)
		return
	}
	d := e.Test(0.95)
	l, err := e.Lift(0.95)
	fmt.Printf("%+.2f per member, %+.2f to %+.2f, p = %.3f\n", d.Estimate, d.Low, d.High, d.P)
	fmt.Printf("lift %+.1f%%, %+.1f%% to %+.1f%% %v\n", 100*l.Estimate, 100*l.Low, 100*l.High, err)
	// Output:
	// +2.57 per member, +0.21 to +4.93, p = 0.033
	// lift +5.2%, +0.4% to +10.2% <nil>
}

// A dashboard that is looked at every day.
func ExampleEffect_TestAnytime() {
	e, err := abtest.Compare(spendControl, spendTreatment)
	if err != nil {
		fmt.Println(err)
		return
	}
	d := e.TestAnytime(0.95, abtest.DefaultTuning)
	fmt.Printf("%+.2f, at all looks %+.2f to %+.2f, always-valid p = %.2f\n", d.Estimate, d.Low, d.High, d.P)
	// Output:
	// +2.57, at all looks -1.16 to +6.30, always-valid p = 0.55
}

func ExampleRatio() {
	// Orders (X) and spend (Y) of every member: spend per order.
	control := abtest.PairFromValues([]float64{1, 2, 0, 3, 1}, []float64{20, 55, 0, 70, 31})
	s, err := abtest.Ratio(control)
	fmt.Printf("%.2f per order, standard error %.2f, %v\n", s.Mean, math.Sqrt(s.Variance()/float64(s.N)), err)
	// Output:
	// 25.14 per order, standard error 1.69, <nil>
}

func ExampleCUPED() {
	// Spend before (X) and during the test (Y), as centred moments of each arm.
	control := abtest.Pair{N: 700, MeanX: 36.1, MeanY: 49.6, M2X: 1.59e6, M2Y: 3.46e6, CXY: 0.94e6}
	treatment := abtest.Pair{N: 720, MeanX: 38.4, MeanY: 54.2, M2X: 1.77e6, M2Y: 3.86e6, CXY: 1.25e6}
	e, theta, err := abtest.CUPED(control, treatment)
	if err != nil {
		fmt.Println(err)
		return
	}
	d := e.Test(0.95)
	fmt.Printf("theta %.2f, %+.2f, %+.2f to %+.2f\n", theta, d.Estimate, d.Low, d.High)
	// Output:
	// theta 0.65, +3.10, -3.61 to +9.81
}

func ExampleBounds() {
	looks, err := abtest.Bounds([]float64{0.25, 0.5, 0.75, 1}, 0.05, true, abtest.OBrienFleming)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range looks {
		fmt.Printf("%.0f%%: |z| > %.2f\n", 100*l.Information, l.Z)
	}
	// Output:
	// 25%: |z| > 4.33
	// 50%: |z| > 2.96
	// 75%: |z| > 2.36
	// 100%: |z| > 2.01
}

func ExampleDesign_Runtime() {
	// 21% of members redeem. One point more is to be found, with a tenth of the
	// members held out as control and 30,000 joining a week.
	d := abtest.Design{Control: 0.1, Treatment: 0.9, Mean: 0.21, Variance: 0.21 * 0.79, Binary: true, Alpha: 0.05}
	weeks, err := d.Runtime(0.01, 0.8, 30_000)
	fmt.Println(weeks, err)
	// Output:
	// 5 <nil>
}

func ExampleShip() {
	effect := func(difference, se float64) abtest.Effect {
		return abtest.Effect{N: 20000, Difference: difference, Variance: se * se, DF: 19998, Control: 40, ControlVariance: se * se / 2, Covariance: -se * se / 2}
	}
	d, err := abtest.Ship([]abtest.Metric{
		{Effect: effect(1.9, 0.6)}, // spend
		{Effect: effect(0.1, 0.4), Guardrail: true, Margin: 0.03, Relative: true}, // margin after rewards
	}, abtest.Rule{Alpha: 0.05, Harm: 0.01, Arms: 1}, true)
	fmt.Println(d.Ship, d.Better, d.Safe, d.Harmed, err)
	// Output:
	// true true true false <nil>
}

func ExampleMeta_Shrink() {
	// Lifts of past tests: the last was the best.
	past := []abtest.Study{{0.012, 0.016}, {-0.016, 0.010}, {0.031, 0.022}, {-0.001, 0.008}, {0.051, 0.026}}
	m, err := abtest.MetaAnalysis(past, abtest.REML, true, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("measured %+.1f%%, to expect %+.1f%%\n", 100*past[4].Estimate, 100*m.Shrink(nil, past)[4])
	// Output:
	// measured +5.1%, to expect +2.0%
}
