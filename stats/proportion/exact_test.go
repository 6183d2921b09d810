package proportion

import (
	"errors"
	"fmt"
	"math"
	"testing"
)

func ExampleFisher() {
	// No complaint among 500 members, then 9: a normal test has no variance here.
	e, err := Fisher(Count{0, 500}, Count{9, 500})
	fmt.Printf("p = %.4f, %v\n", e.TwoSided, err)
	// Output:
	// p = 0.0038, <nil>
}

func TestFisher(t *testing.T) {
	t.Parallel()
	// Fisher's tea tasting: 17/70 for three or more right of four.
	e, err := Fisher(Count{1, 4}, Count{3, 4})
	if err != nil || math.Abs(e.Greater-17.0/70) > 1e-14 || math.Abs(e.TwoSided-34.0/70) > 1e-14 || math.Abs(e.Less-69.0/70) > 1e-14 {
		t.Errorf("got %+v, %v", e, err)
	}
	for _, c := range []Count{{0, 5}, {5, 5}} {
		if e, err := Fisher(c, c); err != nil || e != (Exact{1, 1, 1}) {
			t.Errorf("%v: got %+v, %v, want 1", c, e, err)
		}
	}
	if _, err := Fisher(Count{}, Count{1, 2}); !errors.Is(err, ErrNoData) {
		t.Errorf("no control: error %v", err)
	}
}

// The unconditional tests against the sum over all tables.
func TestUnconditional(t *testing.T) {
	t.Parallel()
	const nc, nt = 6, 9
	tables := func(in func(c, t int64) bool) float64 {
		best := 0.0
		for i := 0; i <= 4000; i += 2 {
			pc, pt := make([]float64, nc+1), make([]float64, nt+1)
			binomials(pc, nc, float64(i)/4000)
			binomials(pt, nt, float64(i)/4000)
			var sum float64
			for c := range pc {
				for k := range pt {
					if in(int64(c), int64(k)) {
						sum += pc[c] * pt[k]
					}
				}
			}
			best = math.Max(best, sum)
		}
		return best
	}
	for _, x := range [][2]int64{{0, 5}, {2, 6}, {3, 4}, {5, 1}, {6, 9}, {0, 0}} {
		control, treatment := Count{x[0], nc}, Count{x[1], nt}
		observed := fisherOf(control, treatment).Greater
		want := tables(func(c, k int64) bool {
			return fisherOf(Count{c, nc}, Count{k, nt}).Greater <= observed*(1+1e-7)
		})
		b, err := Boschloo(control, treatment)
		if err != nil || math.Abs(b.Greater-want) > 2e-6 {
			t.Errorf("Boschloo %v: got %v, %v, want %v", x, b.Greater, err, want)
		}
		if b.Greater > observed+1e-9 {
			t.Errorf("Boschloo %v: %v above Fisher's %v", x, b.Greater, observed)
		}
		z := pooledZ(x[0], x[1], nc, nt)
		want = tables(func(c, k int64) bool { return math.Abs(pooledZ(c, k, nc, nt)) >= math.Abs(z)-1e-9 })
		got, err := Barnard(control, treatment)
		if err != nil || math.Abs(got.TwoSided-want) > 2e-6 {
			t.Errorf("Barnard %v: got %v, %v, want %v", x, got.TwoSided, err, want)
		}
		want = tables(func(c, k int64) bool { return pooledZ(c, k, nc, nt) <= z+1e-9 })
		if math.Abs(got.Less-want) > 2e-6 {
			t.Errorf("Barnard %v less: got %v, want %v", x, got.Less, want)
		}
		want = tables(func(c, k int64) bool { return pooledZ(c, k, nc, nt) >= z-1e-9 })
		if math.Abs(got.Greater-want) > 2e-6 {
			t.Errorf("Barnard %v greater: got %v, want %v", x, got.Greater, want)
		}
	}
	if _, err := Boschloo(Count{1, 1e5}, Count{1, 1e5}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("large: error %v, want %v", err, ErrTooLarge)
	}
}

func TestOneSampleEdges(t *testing.T) {
	t.Parallel()
	// Closed forms: without successes the limit has (1-p)^n = α/2.
	iv, err := ClopperPearson(Count{0, 10}, 0.95)
	if want := 1 - math.Pow(0.025, 0.1); err != nil || iv.Low != 0 || math.Abs(iv.High-want) > 1e-12 {
		t.Errorf("got %+v, %v, want 0 to %v", iv, err, want)
	}
	iv, err = ClopperPearson(Count{10, 10}, 0.95)
	if want := math.Pow(0.025, 0.1); err != nil || iv.High != 1 || math.Abs(iv.Low-want) > 1e-12 {
		t.Errorf("got %+v, %v, want %v to 1", iv, err, want)
	}
	// Brown, Cai and DasGupta (2001) give Agresti-Coull as a superset of Wilson,
	// and Clopper-Pearson contains Jeffreys.
	for n := int64(1); n < 60; n += 7 {
		for x := int64(0); x <= n; x++ {
			c := Count{x, n}
			for _, confidence := range []float64{0.8, 0.95, 0.999} {
				w, _ := Wilson(c, confidence)
				ac, _ := AgrestiCoull(c, confidence)
				cp, _ := ClopperPearson(c, confidence)
				j, _ := Jeffreys(c, confidence)
				if ac.Low > w.Low+1e-12 || ac.High < w.High-1e-12 || cp.Low > j.Low+1e-12 || cp.High < j.High-1e-12 {
					t.Errorf("%v at %v: Wilson %v, Agresti-Coull %v, Clopper-Pearson %v, Jeffreys %v", c, confidence, w, ac, cp, j)
				}
			}
		}
	}
}

// At the limits of a score interval the statistic is the normal quantile, and
// swapping the groups inverts the interval.
func TestRatio(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]struct {
		interval func(c, t Count, confidence float64, m RatioMethod) (Interval, error)
		z        func(c, t Count, r float64) float64
	}{"ratio": {Ratio, ratioZ}, "odds ratio": {OddsRatio, oddsZ}} {
		for _, c := range [][2]Count{{{27, 190}, {44, 200}}, {{5, 500}, {0, 500}}, {{1, 8}, {7, 9}}, {{900, 1000}, {700, 800}}} {
			iv, err := f.interval(c[0], c[1], 0.95, RatioScore)
			if err != nil || !(iv.Low <= iv.Estimate && iv.Estimate <= iv.High) {
				t.Errorf("%s %v: got %+v, %v", name, c, iv, err)
				continue
			}
			if got := f.z(c[0], c[1], iv.High); math.Abs(got+1.959963984540054) > 1e-8 {
				t.Errorf("%s %v: statistic %v at %v", name, c, got, iv.High)
			}
			if iv.Low > 0 {
				if got := f.z(c[0], c[1], iv.Low); math.Abs(got-1.959963984540054) > 1e-8 {
					t.Errorf("%s %v: statistic %v at %v", name, c, got, iv.Low)
				}
			}
			swapped, err := f.interval(c[1], c[0], 0.95, RatioScore)
			if c[1].Successes > 0 && (err != nil || math.Abs(swapped.Low*iv.High-1) > 1e-9) {
				t.Errorf("%s %v: swapped %+v, %v, want the inverse of %+v", name, c, swapped, err, iv)
			}
		}
		// No control events: a lower limit remains.
		iv, err := f.interval(Count{0, 50}, Count{9, 50}, 0.95, RatioScore)
		if !errors.Is(err, ErrNoEvents) || !(iv.Low > 1 && iv.Low < 10) || !math.IsInf(iv.High, 1) {
			t.Errorf("%s without control events: got %+v, %v", name, iv, err)
		}
		if got := f.z(Count{0, 50}, Count{9, 50}, iv.Low); math.Abs(got-1.959963984540054) > 1e-8 {
			t.Errorf("%s without control events: statistic %v at %v", name, got, iv.Low)
		}
		if _, err := f.interval(Count{0, 50}, Count{9, 50}, 0.95, RatioLog); !errors.Is(err, ErrNoEvents) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	// By hand: 20/100 against 10/100, variance 1/20-1/100+1/10-1/100 = 0.13.
	iv, err := Ratio(Count{10, 100}, Count{20, 100}, 0.95, RatioLog)
	if err != nil || math.Abs(iv.Estimate-2) > 1e-15 || math.Abs(math.Log(iv.High/2)-1.959963984540054*math.Sqrt(0.13)) > 1e-12 {
		t.Errorf("got %+v, %v", iv, err)
	}
}
