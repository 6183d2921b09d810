package churnmodel_test

import (
	"os"
	"testing"

	"loyaltymcp/tools/diagnosehealth/churnmodel"
)

// The intervals hold what they claim: in seeded programs drawn from the model,
// that of the revenue at risk what the members who are truly gone would have
// brought, and that of P(alive) the share truly alive. In the long form, by
//
//	LOYALTY_COVERAGE=long go test ./tools/diagnosehealth/churnmodel -run Coverage -v -timeout 60m
//
// in 93 to 97 of 100; in 87 or more where the interval of P(alive) is so wide that
// the diagnosis warns of it. The short form allows for the chance of few programs.
func TestCoverageOfRevenueAtRisk(t *testing.T) {
	runs, low, high := 12, 0.75, 1.0
	if os.Getenv("LOYALTY_COVERAGE") == "long" {
		runs, low, high = 600, 0.93, 0.97
	}
	for name, w := range map[string]world{"demo-like": demoLike, "one-timers": oneTimers} {
		low := low
		if name == "one-timers" {
			low = min(low, 0.87)
		}
		var risk, alive, below int
		for k := range runs {
			p := w.draw(uint64(100+k), 0)
			fits := fitAll(t, p.rows)
			total := churnmodel.NewValuer(fits[0], churnmodel.NewSpend(p.spends), 365, 0).Sum(p.rows)
			if e := total.AtRisk(); e.Low <= p.atRisk && p.atRisk <= e.High {
				risk++
			} else if p.atRisk < e.Low {
				below++
			}
			if e := total.Alive(); e.Low*total.Members <= p.alive && p.alive <= e.High*total.Members {
				alive++
			}
		}
		for what, held := range map[string]int{"revenue at risk": risk, "P(alive)": alive} {
			got := float64(held) / float64(runs)
			t.Logf("%s: %s in its 95 %% interval in %.4f of %d programs, allowed %.2f to %.2f", name, what, got, runs, low, high)
			if !(got >= low && got <= high) {
				t.Errorf("%s: the interval of %s holds in %.4f of programs, allowed %.2f to %.2f", name, what, got, low, high)
			}
		}
		t.Logf("%s: the truth lay below the interval of revenue at risk %d times, above it %d", name, below, runs-risk-below)
	}
}
