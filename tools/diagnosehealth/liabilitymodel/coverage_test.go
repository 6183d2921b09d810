package liabilitymodel

import (
	"math"
	"os"
	"testing"
)

// The intervals hold what was redeemed in the end.
func TestCoverage(t *testing.T) {
	programs := 40
	if os.Getenv("LOYALTY_COVERAGE") == "long" {
		programs = 400
	}
	for _, w := range []struct {
		name string
		world
		low, high float64 // of the coverage, at 400 programs
	}{
		{"12 months of life, three years", world{members: 1500, life: 12, months: 36, december: 2, lumps: 60, differ: 0.5}, .93, .99},
		{"18 months of life, four years", world{members: 1500, life: 18, months: 48, december: 2, lumps: 60, differ: 0.5}, .93, .99},
		{"12 months of life, no season", world{members: 1500, life: 12, months: 30, december: 1, lumps: 60, differ: 0.5}, .93, .99},
		{"young", world{members: 1500, life: 12, months: 20, young: true, december: 2, lumps: 60, differ: 0.8}, .93, 1},
	} {
		t.Run(w.name, func(t *testing.T) {
			var held, bias, width float64
			for seed := range programs {
				rows, future := w.run(uint64(seed))
				e, err := New(NewBook(rows, start+w.months, 0))
				if err != nil {
					t.Fatal(err)
				}
				if future >= e.Low && future <= e.High {
					held++
				}
				bias += e.Redeemed/future - 1
				width += (e.High - e.Low) / 2 / e.Redeemed
			}
			n := float64(programs)
			t.Logf("held in %.3f, bias %+.3f, half width %.3f", held/n, bias/n, width/n)
			chance := 3 * math.Sqrt(.05*.95/n)
			if held/n < w.low-chance || held/n > w.high+chance {
				t.Errorf("the 95 %% intervals held the truth in %.3f of %d programs", held/n, programs)
			}
		})
	}
}
