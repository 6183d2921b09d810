package proportion

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"loyaltymcp/stats/internal/special"
)

func ExampleWilson() {
	// 81 of 263 members redeemed a reward.
	iv, err := Wilson(Count{Successes: 81, N: 263}, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.1f%%, 95%% interval %.1f%% to %.1f%%\n", 100*iv.Estimate, 100*iv.Low, 100*iv.High)
	// Output:
	// 30.8%, 95% interval 25.5% to 36.6%
}

func ExampleDiff() {
	// None of 500 members came back without the offer, 9 of 500 with it.
	iv, err := Diff(Count{Successes: 0, N: 500}, Count{Successes: 9, N: 500}, 0.95, Newcombe)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%+.1f points, 95%% interval %+.2f to %+.2f\n", 100*iv.Estimate, 100*iv.Low, 100*iv.High)
	// Output:
	// +1.8 points, 95% interval +0.66 to +3.39
}

func TestWilson(t *testing.T) {
	t.Parallel()
	// R. G. Newcombe, "Two-sided confidence intervals for the single
	// proportion", Statistics in Medicine 17, 1998, table I, method 3.
	for _, tt := range []struct {
		c         Count
		low, high float64
	}{
		{Count{81, 263}, 0.2553, 0.3662},
		{Count{15, 148}, 0.0624, 0.1605},
		{Count{0, 20}, 0, 0.1611},
		{Count{1, 29}, 0.0061, 0.1718},
	} {
		got, err := Wilson(tt.c, 0.95)
		if err != nil {
			t.Fatalf("Wilson(%v): %v", tt.c, err)
		}
		if math.Abs(got.Low-tt.low) > 5e-5 || math.Abs(got.High-tt.high) > 5e-5 {
			t.Errorf("Wilson(%v) = %v, want %v to %v", tt.c, got, tt.low, tt.high)
		}
	}
}

func TestWilsonEdges(t *testing.T) {
	t.Parallel()
	z := 1.959963984540054
	for _, n := range []int64{1, 10, 1e6, 1e15} {
		low, err := Wilson(Count{0, n}, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		high, err := Wilson(Count{n, n}, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		// With no successes the upper limit is z²/(n+z²).
		if want := z * z / (float64(n) + z*z); low.Low != 0 || math.Abs(low.High-want) > 1e-14*want {
			t.Errorf("none of %d: got %v, want 0 to %v", n, low, want)
		}
		if high.High != 1 || high.Low != 1-low.High {
			t.Errorf("all of %d: got %v, want %v to 1", n, high, 1-low.High)
		}
	}
	// A limit solves (p-p0)² = z² p0 (1-p0)/n to full relative precision.
	got, err := Wilson(Count{1, 1e12}, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	for _, p0 := range []float64{got.Low, got.High} {
		if lhs, rhs := math.Abs(1e-12-p0), z*math.Sqrt(p0*(1-p0)/1e12); math.Abs(lhs-rhs) > 1e-13*rhs {
			t.Errorf("limit %v: distance %v, want %v", p0, lhs, rhs)
		}
	}
	for _, tt := range []struct {
		c    Count
		want error
	}{
		{Count{0, 0}, ErrNoData},
		{Count{1, 0}, ErrCounts},
		{Count{-1, 5}, ErrCounts},
		{Count{6, 5}, ErrCounts},
		{Count{0, -5}, ErrCounts},
	} {
		if _, err := Wilson(tt.c, 0.95); !errors.Is(err, tt.want) {
			t.Errorf("Wilson(%v): error %v, want %v", tt.c, err, tt.want)
		}
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	// R. G. Newcombe, "Interval estimation for the difference between
	// independent proportions", Statistics in Medicine 17, 1998, table II,
	// methods 10 and 6.
	for _, tt := range []struct {
		treatment, control      Count
		newcombeLow, newcombeHi float64
		mnLow, mnHigh           float64
	}{
		{Count{56, 70}, Count{48, 80}, 0.0524, 0.3339, 0.0528, 0.3382},
		{Count{9, 10}, Count{3, 10}, 0.1705, 0.8090, 0.1700, 0.8406},
		{Count{6, 7}, Count{2, 7}, 0.0582, 0.8062, 0.0342, 0.8534},
		{Count{5, 56}, Count{0, 29}, -0.0381, 0.1926, -0.0326, 0.1933},
		{Count{0, 10}, Count{0, 20}, -0.1611, 0.2775, -0.1658, 0.2844},
		{Count{0, 10}, Count{0, 10}, -0.2775, 0.2775, -0.2879, 0.2879},
		{Count{10, 10}, Count{0, 20}, 0.6791, 1, 0.7156, 1},
		{Count{10, 10}, Count{0, 10}, 0.6075, 1, 0.6636, 1},
	} {
		for _, m := range []struct {
			method    Method
			low, high float64
		}{
			{Newcombe, tt.newcombeLow, tt.newcombeHi},
			{MiettinenNurminen, tt.mnLow, tt.mnHigh},
		} {
			got, err := Diff(tt.control, tt.treatment, 0.95, m.method)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(got.Low-m.low) > 5.1e-5 || math.Abs(got.High-m.high) > 5.1e-5 {
				t.Errorf("method %d, %v against %v: got %v, want %v to %v", m.method, tt.treatment, tt.control, got, m.low, m.high)
			}
			swapped, err := Diff(tt.treatment, tt.control, 0.95, m.method)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(swapped.Low+got.High) > 1e-12 || math.Abs(swapped.High+got.Low) > 1e-12 {
				t.Errorf("method %d, groups swapped: got %v, want the mirror image of %v", m.method, swapped, got)
			}
		}
	}
	// Where the reference library finds no bracket; polynomial roots and
	// bisection with mpmath 1.3 at 40 digits.
	for _, tt := range []struct {
		treatment, control Count
		low, high          float64
	}{
		{Count{44, 200}, Count{27, 190}, 0.00119636942881843, 0.15442156272951},
		{Count{3, 40}, Count{9, 38}, -0.330954041782518, -0.000667030146821842},
		{Count{0, 60}, Count{0, 55}, -0.0658198823154073, 0.0606676536075233},
	} {
		got, err := Diff(tt.control, tt.treatment, 0.95, MiettinenNurminen)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got.Low-tt.low) > 1e-13 || math.Abs(got.High-tt.high) > 1e-13 {
			t.Errorf("%v against %v: got %v, want %v to %v", tt.treatment, tt.control, got, tt.low, tt.high)
		}
	}
	for _, m := range []Method{Newcombe, MiettinenNurminen} {
		if _, err := Diff(Count{0, 0}, Count{1, 2}, 0.95, m); !errors.Is(err, ErrNoData) {
			t.Errorf("empty control: error %v, want %v", err, ErrNoData)
		}
		if _, err := Diff(Count{1, 2}, Count{3, 2}, 0.95, m); !errors.Is(err, ErrCounts) {
			t.Errorf("impossible treatment: error %v, want %v", err, ErrCounts)
		}
	}
}

func TestScoreTest(t *testing.T) {
	t.Parallel()
	// The pooled test is (N-1)/N of the Pearson chi-square of the 2x2 table: for
	// 44/200 and 27/190, 389 (44*163-156*27)²/(200*190*71*319).
	want := math.Sqrt(389 * math.Pow(44*163-156*27, 2) / (200 * 190 * 71 * 319))
	got, err := ScoreTest(Count{27, 190}, Count{44, 200}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(got.Z-want) > 1e-13 || math.Abs(got.P-special.ChiSquareSurvival(want*want, 1)) > 1e-14 {
		t.Errorf("got %v, want z %v", got, want)
	}
	if got, err := ScoreTest(Count{0, 55}, Count{0, 60}, 0); err != nil || got.Z != 0 || got.P != 1 {
		t.Errorf("no successes at all: got %v, %v, want z 0 and p 1", got, err)
	}
	if _, err := ScoreTest(Count{0, 0}, Count{0, 60}, 0); !errors.Is(err, ErrNoData) {
		t.Errorf("empty control: error %v, want %v", err, ErrNoData)
	}
	if _, err := ScoreTest(Count{0, 5}, Count{0, 0}, 0); !errors.Is(err, ErrNoData) {
		t.Errorf("empty treatment: error %v, want %v", err, ErrNoData)
	}
	// The limits of the interval are where the test just rejects.
	iv, err := Diff(Count{2, 7}, Count{6, 7}, 0.95, MiettinenNurminen)
	if err != nil {
		t.Fatal(err)
	}
	for _, null := range []float64{iv.Low, iv.High} {
		got, err := ScoreTest(Count{2, 7}, Count{6, 7}, null)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got.P-0.05) > 1e-10 {
			t.Errorf("p at the limit %v is %v, want 0.05", null, got.P)
		}
	}
}

func TestNPS(t *testing.T) {
	t.Parallel()
	got, err := NPS(60, 25, 15, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	// By hand: p-d = 0.45, variance (0.75-0.2025)/100.
	se := 100 * math.Sqrt(0.005475)
	want := Score{Estimate: 45, SE: se, Low: 45 - 1.959963984540054*se, High: 45 + 1.959963984540054*se}
	for i, d := range []float64{got.Estimate - want.Estimate, got.SE - want.SE, got.Low - want.Low, got.High - want.High} {
		if math.Abs(d) > 1e-11 {
			t.Errorf("value %d: got %v, want %v", i, got, want)
		}
	}
	// With no passives the score is 2p-1 of a binomial share.
	got, err = NPS(30, 0, 10, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	if want := 200 * math.Sqrt(0.75*0.25/40); math.Abs(got.SE-want) > 1e-12 {
		t.Errorf("no passives: standard error %v, want %v", got.SE, want)
	}

	low := 10 / (10 + 1.959963984540054*1.959963984540054) // Wilson limit of 10 of 10
	for _, tt := range []struct {
		promoters, passives, detractors int64
		estimate, low, high             float64
	}{
		{10, 0, 0, 100, 100 * (2*low - 1), 100},
		{0, 10, 0, 0, -100 * (1 - low), 100 * (1 - low)},
		{0, 0, 10, -100, -100, 100 * (1 - 2*low)},
	} {
		got, err := NPS(tt.promoters, tt.passives, tt.detractors, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if got.Estimate != tt.estimate || got.SE != 0 || math.Abs(got.Low-tt.low) > 1e-12 || math.Abs(got.High-tt.high) > 1e-12 {
			t.Errorf("%v: got %v", tt, got)
		}
	}
	if got, err := NPS(1, 1, 0, 0.999); err != nil || got.High != 100 {
		t.Errorf("two answers: got %v, %v, want an upper limit of 100", got, err)
	}
	if _, err := NPS(0, 0, 0, 0.95); !errors.Is(err, ErrNoData) {
		t.Errorf("no answers: error %v, want %v", err, ErrNoData)
	}
	if _, err := NPS(5, -1, 0, 0.95); !errors.Is(err, ErrCounts) {
		t.Errorf("negative passives: error %v, want %v", err, ErrCounts)
	}
}

func TestPanics(t *testing.T) {
	t.Parallel()
	c := Count{1, 2}
	for name, f := range map[string]func(){
		"confidence 1":   func() { _, _ = Wilson(c, 1) },
		"confidence NaN": func() { _, _ = NPS(1, 1, 1, math.NaN()) },
		"confidence 95":  func() { _, _ = Diff(c, c, 95, Newcombe) },
		"method":         func() { _, _ = Diff(c, c, 0.95, Method(7)) },
		"null":           func() { _, _ = ScoreTest(c, c, -1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
