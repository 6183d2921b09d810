package reserve

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

func ExampleBacktest() {
	months, err := Backtest(exampleCells(), 12*2026+3, HazardOptions{})
	for _, m := range months {
		fmt.Printf("%d-%02d: expected %.0f, redeemed %.0f\n", m.Month/12, m.Month%12+1, m.Expected, m.Actual)
	}
	fmt.Println(err)
	// Output:
	// 2026-04: expected 5117, redeemed 5111
	// 2026-05: expected 3365, redeemed 3364
	// 2026-06: expected 2497, redeemed 2489
	// <nil>
}

func TestBacktest(t *testing.T) {
	t.Parallel()
	cells, _, _, _, _, month := worlds[2].run(rand.New(rand.NewPCG(5, 8)))
	months, err := Backtest(cells, month-6, HazardOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var expected, actual float64
	for _, m := range months {
		expected += m.Expected
		actual += m.Actual
	}
	if len(months) != 6 || months[0].Month != month-6 || expected < 0.9*actual || expected > 1.1*actual {
		t.Errorf("%d months, expected %.0f, actual %.0f, want 6 months and the two alike", len(months), expected, actual)
	}
	if _, err := Backtest(cells, month+5, HazardOptions{}); !errors.Is(err, ErrHazard) {
		t.Errorf("a month after the data: error %v", err)
	}
}
