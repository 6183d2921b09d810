package classify_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/classify"
)

// members returns days since the last order, orders in a year and whether they
// churned, of simulated members.
func members(n int, seed uint64) (*mat.Dense, []float64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	x, churned := mat.NewDense(n, 2, nil), make([]float64, n)
	for i := range n {
		days, orders := 120*rng.Float64(), float64(rng.IntN(12))
		x.SetRow(i, []float64{days, orders})
		if rng.Float64() < 1/(1+math.Exp(1.5-0.03*days+0.15*orders)) {
			churned[i] = 1
		}
	}
	return x, churned
}

// Which of two scores finds those who churn: days since the last order, or few
// orders? And what a score of days is worth as a probability.
func ExampleAUCDifference() {
	x, churned := members(2000, 4)
	days, few := mat.Col(nil, 0, x), mat.Col(nil, 1, x)
	for i := range few {
		few[i] = -few[i]
	}
	difference, se, p, err := classify.AUCDifference(days, few, churned)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("AUC %+.2f ± %.2f, days are better: %t\n", difference, se, difference > 0 && p < 0.01)
	probability, err := classify.Isotonic(days[:1000], churned[:1000])
	if err != nil {
		fmt.Println(err)
		return
	}
	// Judged on the members it was not fitted to.
	p90 := make([]float64, 1000)
	for i := range p90 {
		p90[i] = probability.At(days[1000+i])
	}
	brier, err := classify.Brier(p90, churned[1000:])
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("after 10 days %.2f churn, after 100 %.2f; Brier score %.2f\n", probability.At(10), probability.At(100), brier.Value)
	// Output:
	// AUC +0.13 ± 0.02, days are better: true
	// after 10 days 0.07 churn, after 100 0.65; Brier score 0.19
}

func Example() {
	x, churned := members(4000, 1)
	m, err := classify.Fit(churned, x, classify.FitOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("a day more without order: odds times %.3f ± %.3f\n", math.Exp(m.Coef[1]), math.Exp(m.Coef[1])*m.SE()[1])

	// Judged on members the model has not seen.
	later, happened := members(2000, 2)
	p := make([]float64, len(happened))
	for i := range p {
		p[i] = m.Predict(later.RawRowView(i)...)
	}
	auc, err := classify.AUC(p, happened)
	if err != nil {
		fmt.Println(err)
		return
	}
	low, high := auc.Interval(0.95)
	fmt.Printf("AUC %.2f (%.2f to %.2f)\n", auc.Value, low, high)
	bins, err := classify.Calibration(p, happened, 4)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range bins {
		fmt.Printf("predicted %.2f, observed %.2f (%.2f to %.2f)\n", b.Predicted, b.Observed, b.Low, b.High)
	}
	// Output:
	// a day more without order: odds times 1.032 ± 0.001
	// AUC 0.77 (0.75 to 0.79)
	// predicted 0.74, observed 0.72 (0.68 to 0.76)
	// predicted 0.49, observed 0.47 (0.43 to 0.52)
	// predicted 0.27, observed 0.28 (0.25 to 0.33)
	// predicted 0.12, observed 0.14 (0.11 to 0.17)
}
