package abtest_test

import (
	"fmt"

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
