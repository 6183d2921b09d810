package uplift_test

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/uplift"
)

// campaign returns a win-back offer sent at random to half of the members, and
// a score that is right about whom it brings back.
func campaign(n int, seed uint64) uplift.Trial {
	rng := rand.New(rand.NewPCG(seed, 1))
	var t uplift.Trial
	for range n {
		effect := 0.3 * rng.Float64()
		treated := rng.IntN(2) == 1
		p := 0.2
		if treated {
			p += effect
		}
		outcome := 0.0
		if rng.Float64() < p {
			outcome = 1
		}
		t.Score, t.Treated, t.Outcome = append(t.Score, effect), append(t.Treated, treated), append(t.Outcome, outcome)
	}
	return t
}

func Example() {
	t := campaign(6000, 3)
	groups, err := t.Groups(3)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range groups {
		low, high := g.Interval(0.95)
		fmt.Printf("returned %.2f with the offer, %.2f without: %.2f more (%.2f to %.2f)\n", g.TreatedMean, g.ControlMean, g.Uplift, low, high)
	}
	_, qini, err := t.Interval(0.95, 200, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("the score ranks better than chance: %t\n", qini.Low > 0)
	// Output:
	// returned 0.45 with the offer, 0.19 without: 0.25 more (0.22 to 0.29)
	// returned 0.32 with the offer, 0.19 without: 0.13 more (0.09 to 0.17)
	// returned 0.27 with the offer, 0.18 without: 0.09 more (0.05 to 0.12)
	// the score ranks better than chance: true
}

// Does a priority find whom the offer moves, and does the effect depend on it as it
// says?
func ExampleAUTOC() {
	t := campaign(6000, 3)
	n := uplift.Nuisance{Control: make([]float64, 6000), Treated: make([]float64, 6000), Propensity: make([]float64, 6000)}
	for i := range n.Propensity {
		n.Control[i], n.Treated[i], n.Propensity[i] = 0.2, 0.35, 0.5 // the same for all: only noisier than good ones
	}
	scores, err := uplift.Scores(t.Outcome, t.Treated, n)
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := uplift.AUTOC(scores, t.Score, 200, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		fmt.Println(err)
		return
	}
	line, err := uplift.Projection(scores, mat.NewDense(6000, 1, t.Score))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("AUTOC %.3f ± %.3f\n", e.Value, e.SE)
	fmt.Printf("effect %.2f ± %.2f, and %.2f ± %.2f more for each point of the score\n", line[0].Value, line[0].SE, line[1].Value, line[1].SE)
	// Output:
	// AUTOC 0.072 ± 0.010
	// effect 0.03 ± 0.02, and 0.89 ± 0.13 more for each point of the score
}

// An offer that costs 4 and a return that is worth 25.
func ExamplePolicy() {
	t := campaign(6000, 3)
	x, fold := mat.NewDense(6000, 1, t.Score), make([]int, 6000)
	propensity, value := make([]float64, 6000), make([]float64, 6000)
	for i := range fold {
		fold[i], propensity[i], value[i] = i%5, 0.5, 25*t.Outcome[i]
	}
	n, err := uplift.CrossFit(t.Outcome, t.Treated, x, fold, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	n.Propensity = propensity
	for i := range value {
		n.Control[i], n.Treated[i] = 25*n.Control[i], 25*n.Treated[i]
	}
	scores, err := uplift.Scores(value, t.Treated, n)
	if err != nil {
		fmt.Println(err)
		return
	}
	all, some := make([]bool, 6000), make([]bool, 6000)
	for i, s := range t.Score {
		all[i], some[i] = true, 25*s > 4
	}
	a, b := uplift.Policy(scores, all, 4), uplift.Policy(scores, some, 4)
	fmt.Printf("to all: %.2f ± %.2f a member\n", a.Value, a.SE)
	fmt.Printf("to those it should pay for: %.2f ± %.2f a member\n", b.Value, b.SE)
	// Output:
	// to all: -0.05 ± 0.28 a member
	// to those it should pay for: 0.87 ± 0.20 a member
}
