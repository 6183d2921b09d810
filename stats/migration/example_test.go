package migration_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/migration"
)

func Example() {
	// Members of basic, gold and lapsed, and where they were a year later.
	counts := mat.NewDense(3, 3, []float64{700, 100, 200, 60, 120, 20, 0, 0, 0})
	e, err := migration.Fit(counts, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	low, high := e.Interval(1, 2, 0.95)
	fmt.Printf("gold lapses with %.2f (%.3f to %.3f)\n", e.P.At(1, 2), low, high)
	// Output:
	// gold lapses with 0.10 (0.066 to 0.149)
}

// Where 1,000 basic and 200 gold members will be in two years. The errors are
// those of the matrix; members who join are not in it.
func ExampleEstimate_Project() {
	counts := mat.NewDense(3, 3, []float64{700, 100, 200, 60, 120, 20, 0, 0, 0})
	e, err := migration.Fit(counts, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	next, err := e.Project([]float64{1000, 200, 0}, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, tier := range []string{"basic", "gold", "lapsed"} {
		fmt.Printf("%s %.0f ± %.0f\n", tier, next.Mix[i], next.SE[i])
	}
	// Output:
	// basic 598 ± 22
	// gold 208 ± 17
	// lapsed 394 ± 22
}

// How long members stay from here, and the mix of those who do.
func ExampleAbsorb() {
	p := mat.NewDense(3, 3, []float64{0.7, 0.1, 0.2, 0.3, 0.6, 0.1, 0, 0, 1})
	a, err := migration.Absorb(p, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("years until lapsing, from basic %.1f, from gold %.1f\n", a.Periods[0], a.Periods[1])
	fmt.Printf("of which in gold %.1f and %.1f\n", a.Fundamental.At(0, 1), a.Fundamental.At(1, 1))
	live, err := migration.Live(p, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	mix, err := migration.Stationary(live)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("members who never lapse are basic %.0f%% of the time, gold %.0f%%\n", 100*mix[0], 100*mix[1])
	// Output:
	// years until lapsing, from basic 5.6, from gold 6.7
	// of which in gold 1.1 and 3.3
	// members who never lapse are basic 73% of the time, gold 27%
}

// Tiers of members by year, 0 basic and 1 gold: may next year's tier be told from
// this year's alone? Those who were just promoted keep gold; others lose it.
func ExampleOrderTest() {
	var members [][]int
	for range 40 {
		members = append(members, []int{0, 1, 1, 0}, []int{0, 0, 1, 1}, []int{1, 1, 0, 0}, []int{1, 0, 0, 1})
	}
	test, err := migration.OrderTest(migration.CountPairs(2, members...))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("G² %.0f with %d degrees of freedom, memory of more than a year: %t\n", test.G2, test.DF, test.P < 0.01)
	// Output: G² 444 with 2 degrees of freedom, memory of more than a year: true
}

// Moves from basic and gold in an ordinary year, and in one in which the threshold
// for gold was raised.
func ExampleHomogeneityTest() {
	before := mat.NewDense(2, 2, []float64{900, 100, 60, 140})
	after := mat.NewDense(2, 2, []float64{940, 40, 110, 120})
	test, err := migration.HomogeneityTest([]*mat.Dense{before, after})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("G² %.1f with %d degrees of freedom, one matrix for both years: %t\n", test.G2, test.DF, test.P > 0.01)
	// Output: G² 41.6 with 2 degrees of freedom, one matrix for both years: false
}

// Three platinum members were seen, none of whom lapsed. That they never would is
// not what the program's other tiers say.
func ExampleShrink() {
	counts := mat.NewDense(2, 2, []float64{3, 0, 0, 50})
	prior := mat.NewDense(2, 2, []float64{0.9, 0.1, 0, 1}) // platinum, lapsed
	p, err := migration.Shrink(counts, prior, 10)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("platinum lapses with %.3f\n", p.At(0, 1))
	// Output: platinum lapses with 0.077
}
