package coverage

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// recorder records what a gate says of itself.
type recorder struct {
	testing.TB
	errors, logs []any
}

func (r *recorder) Helper()           {}
func (r *recorder) Error(args ...any) { r.errors = append(r.errors, args...) }
func (r *recorder) Log(args ...any)   { r.logs = append(r.logs, args...) }

// The limits are the outermost counts whose tail is not below the chance.
func TestLimits(t *testing.T) {
	t.Parallel()
	for _, n := range []int{6, 100, 4000} {
		for _, p := range []float64{0.01, 0.05, 0.5, 0.95} {
			g := Gate{Nominal: p, Runs: n}
			d := distuv.Binomial{N: float64(n), P: p}
			high, low := math.Round(g.highest()*float64(n)), math.Round(g.lowest()*float64(n))
			// P(X > high) <= chance < P(X > high-1), and the mirror image.
			if above := 1 - d.CDF(high); above > chance*(1+1e-6) {
				t.Errorf("%d runs of %v: %v allowed, and P(X > %v) is %v", n, p, high, high, above)
			}
			if high > 0 && 1-d.CDF(high-1) <= chance*(1-1e-6) {
				t.Errorf("%d runs of %v: %v allowed where %v would do", n, p, high, high-1)
			}
			if low > 0 && d.CDF(low-1) > chance*(1+1e-6) {
				t.Errorf("%d runs of %v: %v is the least, and P(X < %v) is %v", n, p, low, low, d.CDF(low-1))
			}
			if low < float64(n) && d.CDF(low) <= chance*(1-1e-6) {
				t.Errorf("%d runs of %v: %v is the least where %v would do", n, p, low, low+1)
			}
		}
	}
}

func TestGate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		hits                int
		slack               float64
		least, most, within bool // whether the gate passes
	}{
		{950, 0, true, true, true},
		{910, 0, false, true, false},
		{910, 0.02, true, true, true},
		{985, 0, true, false, false},
		{985, 0.02, true, true, true},
	} {
		g := Gate{What: "share", Nominal: 0.95, Slack: tt.slack, Hits: tt.hits, Runs: 1000}
		for name, c := range map[string]struct {
			run  func(testing.TB)
			want bool
		}{"AtLeast": {g.AtLeast, tt.least}, "AtMost": {g.AtMost, tt.most}, "Near": {g.Near, tt.within}} {
			r := &recorder{TB: t}
			c.run(r)
			if got := len(r.errors) == 0; got != c.want || len(r.errors)+len(r.logs) != 1 {
				t.Errorf("%s of %+v: passes %v, want %v, with one line: %v %v", name, g, got, c.want, r.errors, r.logs)
			}
		}
	}
	r := &recorder{TB: t}
	Gate{What: "nothing", Nominal: 0.95}.AtLeast(r)
	if len(r.errors) != 1 {
		t.Error("no runs pass")
	}
}

func TestBias(t *testing.T) {
	t.Parallel()
	for got, pass := range map[float64]bool{1.39: true, 1.41: false, 0.61: true, 0.59: false, math.NaN(): false} {
		r := &recorder{TB: t}
		Bias(r, "mean", got, 1, 0.09, 0.04)
		if len(r.errors) == 0 != pass {
			t.Errorf("%v: passes %v, want %v", got, !pass, pass)
		}
	}
}

func TestRuns(t *testing.T) {
	for v, want := range map[string]int{"": 3, "short": 3, "long": 500} {
		t.Setenv(Variable, v)
		if got := Runs(t, 3, 500); got != want {
			t.Errorf("%q: %d runs, want %d", v, got, want)
		}
	}
	t.Setenv(Variable, "yes")
	r := &fatal{TB: t}
	func() {
		defer func() { _ = recover() }()
		Long(r)
	}()
	if r.said == "" {
		t.Error("another value is accepted")
	}
}

type fatal struct {
	testing.TB
	said string
}

func (f *fatal) Helper() {}
func (f *fatal) Fatalf(format string, args ...any) {
	f.said = fmt.Sprintf(format, args...)
	panic(f.said)
}
