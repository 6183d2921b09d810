package reserve

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestNewTriangleErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		rows [][]float64
		want string
	}{
		{"none", nil, "0 origins"},
		{"one origin", [][]float64{{1, 2}}, "1 origins"},
		{"empty origin", [][]float64{{1}, {}}, "origin 1 is empty"},
		{"a step of two", [][]float64{{1, 2, 3}, {1}}, "origin 1 has 1 ages"},
		{"a longer origin", [][]float64{{1, 2}, {1, 2, 3}}, "origin 1 has 3 ages"},
		{"equal ages but not complete", [][]float64{{1, 2, 3}, {1, 2}, {1, 2}}, "origin 2 has 2 ages"},
		{"NaN", [][]float64{{1, math.NaN()}, {1}}, "origin 0, age 1"},
		{"infinite", [][]float64{{1, 2}, {math.Inf(1)}}, "origin 1, age 0"},
		{"negative", [][]float64{{1, 2}, {-1}}, "origin 1, age 0"},
	} {
		if _, err := NewTriangle(tt.rows); !errors.Is(err, ErrTriangle) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one of %q", tt.name, err, tt.want)
		}
	}
}

// Where points expire the oldest origins are complete: they add to the factors
// and need no reserve.
func TestTrapezoid(t *testing.T) {
	t.Parallel()
	tri := triangle(t, [][]float64{{10, 20, 30, 36}, {12, 20, 32, 40}, {10, 24, 33, 39}, {11, 21, 30}, {10, 22}, {12}})
	f, err := tri.Factors(Volume, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{107.0 / 53, 125.0 / 85, 115.0 / 95}
	for j := range want {
		if math.Abs(f[j]-want[j]) > 1e-15 {
			t.Errorf("factor %d: %g, want %g", j, f[j], want[j])
		}
	}
	m, err := Mack(tri, MackOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range m.Origins {
		if complete := i < 3; complete != (o.Reserve == 0) || complete != (o.SE == 0) {
			t.Errorf("origin %d: %+v", i, o)
		}
	}
	y, err := MerzWuthrich(tri, MinRule)
	if err != nil {
		t.Fatal(err)
	}
	// The origin that is complete within a year has its whole error in it.
	if math.Abs(y.Origins[3]-m.Origins[3].SE) > 1e-12 || y.Total >= m.Total.SE {
		t.Errorf("one year %v of %g, to the end %g", y.Origins, y.Total, m.Total.SE)
	}
	if _, err := ODP(tri); err != nil {
		t.Error(err)
	}
}

func TestTriangleMethodErrors(t *testing.T) {
	t.Parallel()
	late := triangle(t, [][]float64{{5, 9, 10, 11}, {0, 8, 9}, {4, 8}, {5}})
	nothing := triangle(t, [][]float64{{0, 9, 10, 11}, {0, 8, 9}, {0, 8}, {0}})
	tiny := triangle(t, [][]float64{{5, 9, 10}, {6, 8}, {4}})
	flat := triangle(t, [][]float64{{5, 5, 5, 5}, {6, 6, 6}, {4, 4}, {7}})
	back := triangle(t, [][]float64{{5, 9, 0, 0}, {6, 8, 0}, {4, 7}, {6}})
	for _, tt := range []struct {
		name string
		run  func() error
		want string
	}{
		{"Mack, nothing yet", func() error { _, err := Mack(late, MackOptions{}); return err }, "origin 1 has nothing redeemed at age 0"},
		{"factors of nothing", func() error { _, err := nothing.Factors(Volume, 0); return err }, "nothing was redeemed by age 0"},
		{"Mack, 3 ages", func() error { _, err := Mack(tiny, MackOptions{}); return err }, "4 are needed"},
		{"Mack, no variance", func() error { _, err := Mack(flat, MackOptions{Sigma: LogLinear}); return err }, "too few for a regression"},
		{"Mack, bad tail", func() error {
			_, err := Mack(flat, MackOptions{Tail: TailFactor{Factor: 1.1, SE: -1}})
			return err
		}, "the tail needs"},
		{"Merz and Wüthrich", func() error { _, err := MerzWuthrich(back, MinRule); return err }, ""},
		{"ODP, age without redemptions", func() error { _, err := ODP(flat); return err }, "age 1 has no redemptions"},
		{"Clark, one age", func() error { _, err := Clark(flat, ClarkOptions{}); return err }, "too few for a growth curve"},
		{"Clark, limit", func() error { _, err := Clark(late, ClarkOptions{Limit: 2}); return err }, "below the 4"},
		{"calendar, nothing yet", func() error { _, err := CalendarTest(late); return err }, "origin 1 has nothing redeemed at age 0"},
		{"calendar, all alike", func() error { _, err := CalendarTest(flat); return err }, "too few different factors"},
		{"correlation", func() error { _, err := CorrelationTest(tiny); return err }, "too few"},
		{"tail, no growth", func() error { _, err := Tail([]float64{1, 1, 1}, Exponential); return err }, "2 factors above 1"},
		{"tail, NaN", func() error { _, err := Tail([]float64{2, 1.5, math.NaN(), 1.1}, Exponential); return err }, "factor 2 is NaN"},
		{"tail, growing", func() error { _, err := Tail([]float64{1.1, 1.2, 1.3}, InversePower); return err }, "do not fall"},
		{"Cape Cod, no exposure", func() error {
			_, err := flat.CapeCod([]float64{1, 1, 1, 1}, make([]float64, 4), 1)
			return err
		}, "not above 0"},
		{"Cape Cod, all taken back", func() error {
			_, err := flat.CapeCod([]float64{0, 1, 1, 1}, []float64{9, 9, 9, 9}, 1)
			return err
		}, "age 0 is 0"},
		{"Cape Cod, decay", func() error {
			_, err := flat.CapeCod([]float64{1, 1, 1, 1}, []float64{9, 9, 9, 9}, 1.1)
			return err
		}, "the decay is 1.1"},
	} {
		if err := tt.run(); !errors.Is(err, ErrTriangle) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one of %q", tt.name, err, tt.want)
		}
	}
	// Without variance every error is 0.
	if m, err := Mack(flat, MackOptions{}); err != nil || m.Total.SE != 0 || m.Total.Reserve != 0 {
		t.Errorf("nothing moves: %+v, %v", m.Total, err)
	}
}

func TestClarkLimit(t *testing.T) {
	t.Parallel()
	tri := triangle(t, raa)
	open, err := Clark(tri, ClarkOptions{})
	if err != nil {
		t.Fatal(err)
	}
	limited, err := Clark(tri, ClarkOptions{Limit: 20})
	if err != nil {
		t.Fatal(err)
	}
	far, err := Clark(tri, ClarkOptions{Limit: 1e7})
	if err != nil {
		t.Fatal(err)
	}
	// Clark (2003) truncates at 20 years, of which the average age is 19.5.
	g, _, _ := LogLogistic.at(19.5, open.Omega, open.Theta)
	want := 0.0
	for i, o := range open.Origins {
		at, _, _ := LogLogistic.at(float64(tri.Age(i))+0.5, open.Omega, open.Theta)
		want += o.Ultimate * (g - at)
	}
	if math.Abs(limited.Total.Reserve-want) > 1e-6*want || math.Abs(far.Total.Reserve-open.Total.Reserve) > 1e-6*open.Total.Reserve {
		t.Errorf("%g to age 20, %g without end, %g to an age far off, want %g for the first", limited.Total.Reserve, open.Total.Reserve, far.Total.Reserve, want)
	}
}

func TestLengthsPanic(t *testing.T) {
	t.Parallel()
	tri := triangle(t, raa)
	for name, f := range map[string]func(){
		"chain ladder": func() { tri.ChainLadder([]float64{1}) },
		"expected":     func() { tri.BornhuetterFerguson(make([]float64, 10), []float64{1}, nil, 1) },
		"Cape Cod":     func() { _, _ = tri.CapeCod([]float64{1}, nil, 1) },
		"Clark":        func() { _, _ = Clark(tri, ClarkOptions{Exposure: []float64{1}}) },
		"times":        func() { _, _ = CompetingRisks(nil, []float64{2, 1}) },
		"NaN time":     func() { _, _ = CompetingRisks(nil, []float64{math.NaN()}) },
		"prior":        func() { _, _ = Bornhuetter(tri, BornhuetterOptions{Exposure: []float64{1}}) },
		"level":        func() { (&Projection{}).Interval(1.5) },
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
