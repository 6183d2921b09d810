package reserve

import (
	"fmt"
	"math"
	"testing"
)

func ExampleLiability() {
	l := Liability{Points: 2_000_000, Rate: 0.70, Cost: 0.008}
	fmt.Printf("%.0f, se %.0f\n", l.Value(), l.SE(40_000, 0.0002))
	for _, s := range l.Sensitivities() {
		fmt.Printf("%-24s %+.0f\n", s.What, s.Change)
	}
	// Output:
	// 11200, se 425
	// redemption rate +1 point +160
	// redemption rate -1 point -160
	// redemption rate +10%     +1120
	// redemption rate -10%     -1120
	// breakage +10%            -480
	// breakage -10%            +480
	// cost per point +5%       +560
	// cost per point -5%       -560
}

func ExampleExplain() {
	points := RollForward[int64]{Opening: 2_000_000, Issued: 500_000, Redeemed: 400_000, Expired: 100_000, Closing: 2_000_000}
	m := Explain(points,
		Liability{Points: 2_000_000, Rate: 0.70, Cost: 0.0080},
		Liability{Points: 2_000_000, Rate: 0.72, Cost: 0.0082}, 1)
	fmt.Printf("opening %.0f, issued %+.0f, redeemed %+.0f, expired %+.0f, rate %+.0f, cost %+.0f, closing %.0f\n",
		m.Opening, m.Issued, m.Redeemed, m.Expired, m.Rate, m.Cost, m.Closing)
	fmt.Println(math.Abs(m.Unexplained()) < 1e-9)
	// Output:
	// opening 11200, issued +2800, redeemed -2240, expired -560, rate +320, cost +288, closing 11808
	// true
}

func TestSensitivitiesWithinReason(t *testing.T) {
	t.Parallel()
	l := Liability{Points: 100, Rate: 0.995, Cost: 1}
	if got := l.Sensitivities()[0].Change; math.Abs(got-0.5) > 1e-12 {
		t.Errorf("a rate of 0.995 and a point more: %g, want 0.5, no rate being above 1", got)
	}
	if got := (Liability{}).Value(); got != 0 {
		t.Errorf("nothing is worth %g", got)
	}
}
