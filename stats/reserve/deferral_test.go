package reserve

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"loyaltymcp/stats/internal/golden"
)

// Example 52 of IFRS 15: goods of 100,000 earn 10,000 points worth 1 each, of
// which 9,500 are expected to be redeemed.
func ExampleDeferral() {
	goods, points, _ := Allocate(100_000, 100_000, 10_000*1*0.95)
	d := Deferral{Allocated: points}
	first, _ := d.Close(4_500, 9_500)
	fmt.Printf("goods %.0f, points %.0f\n", goods, points)
	fmt.Printf("year 1: revenue %.0f, liability %.0f\n", first.Recognised, d.Liability())
	second, _ := d.Close(8_500, 9_700)
	fmt.Printf("year 2: revenue %.0f, liability %.0f\n", second.Recognised, d.Liability())
	// Output:
	// goods 91324, points 8676
	// year 1: revenue 4110, liability 4566
	// year 2: revenue 3493, liability 1073
}

// Examples 10A and 10B of KPMG's handbook on revenue: 9,000 is allocated to
// points of which 4,500 are redeemed in the first year and 8,500 by the second.
func TestPublishedDeferral(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ expected, second float64 }{{9_900, 3_552}, {9_200, 4_140}} {
		d := Deferral{Allocated: 9_000}
		first, err := d.Close(4_500, 9_700)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(first.Recognised-4_175) > 0.5 {
			t.Errorf("year 1: %g, want 4175", first.Recognised)
		}
		second, err := d.Close(8_500, tt.expected)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(second.Recognised-tt.second) > 1 {
			t.Errorf("expected %g: year 2: %g, want %g", tt.expected, second.Recognised, tt.second)
		}
	}
}

func TestGoldenIFRS15(t *testing.T) {
	t.Parallel()
	var in struct {
		Price    float64 `json:"transaction_price"`
		Goods    float64 `json:"standalone_goods"`
		Points   float64
		Value    float64 `json:"value_per_point"`
		Expected float64 `json:"expected_redemption_rate"`
	}
	var want struct {
		Tolerance struct{ Rel, Abs float64 }
		Points    float64 `json:"allocated_to_points"`
		Goods     float64 `json:"allocated_to_goods"`
		Years     []struct {
			Redeemed  float64 `json:"cumulative_redeemed"`
			Expected  float64 `json:"expected_total"`
			Revenue   float64
			Liability float64 `json:"contract_liability"`
		}
	}
	golden.Load(t, &in, "liability", "ifrs15_example_52", "input.json")
	golden.Load(t, &want, "liability", "ifrs15_example_52", "expected.json")
	tol := golden.Tolerance{Rel: want.Tolerance.Rel, Abs: want.Tolerance.Abs}
	var w golden.Worst
	goods, points, err := Allocate(in.Price, in.Goods, in.Points*in.Value*in.Expected)
	if err != nil {
		t.Fatal(err)
	}
	w.Check(t, "goods", goods, want.Goods, tol)
	w.Check(t, "points", points, want.Points, tol)
	d := Deferral{Allocated: points}
	for _, y := range want.Years {
		r, err := d.Close(y.Redeemed, y.Expected)
		if err != nil {
			t.Fatal(err)
		}
		w.Check(t, "revenue", r.Recognised, y.Revenue, tol)
		w.Check(t, "liability", d.Liability(), y.Liability, tol)
	}
	w.Log(t)
}

func TestGoldenDeferredRollForward(t *testing.T) {
	t.Parallel()
	const name = "ifrs15_rollforward_change_of_estimate"
	var in struct {
		Cohorts []struct {
			Cohort        int
			Price, Points float64
			Value         float64   `json:"value_per_point"`
			Rates         []float64 `json:"urr_estimate_by_quarter"`
			Redeemed      []float64 `json:"redeemed_cumulative"`
		}
	}
	var want struct {
		Tolerance struct{ Rel, Abs float64 }
		Cohorts   []struct {
			Allocated float64
			Series    []struct {
				Quarter            int
				Revenue, Liability float64
				Change             float64 `json:"of_which_change_of_estimate"`
			}
		}
		RollForward []struct {
			Opening, Allocated, Closing float64
			AtPrevious                  float64 `json:"revenue_at_previous_estimate"`
			Change                      float64 `json:"change_of_estimate"`
		} `json:"roll_forward"`
	}
	golden.Load(t, &in, "liability", name, "input.json")
	golden.Load(t, &want, "liability", name, "expected.json")
	tol := golden.Tolerance{Rel: want.Tolerance.Rel, Abs: want.Tolerance.Abs}
	// Rates are by quarter, and a cohort starts in the quarter of its number. A
	// change of 0 is a difference of revenues of some thousands.
	change := golden.Tolerance{Rel: tol.Rel, Abs: 1e-11}
	var w golden.Worst
	movements := make([]DeferredRevenue, len(want.RollForward))
	for i, c := range in.Cohorts {
		_, points, err := Allocate(c.Price, c.Price, c.Points*c.Value*c.Rates[c.Cohort])
		if err != nil {
			t.Fatal(err)
		}
		w.Check(t, "allocated", points, want.Cohorts[i].Allocated, tol)
		d := Deferral{Allocated: points}
		for k, redeemed := range c.Redeemed {
			expect := want.Cohorts[i].Series[k]
			opening, allocated := d.Liability(), 0.0
			if k == 0 {
				opening, allocated = 0, points
			}
			r, err := d.Close(redeemed, c.Points*c.Rates[expect.Quarter])
			if err != nil {
				t.Fatal(err)
			}
			w.Check(t, "revenue", r.Recognised, expect.Revenue, tol)
			w.Check(t, "liability", d.Liability(), expect.Liability, tol)
			w.Check(t, "change", r.Change, expect.Change, change)
			movements[expect.Quarter].Add(opening, allocated, r, d.Liability())
		}
	}
	for q, expect := range want.RollForward {
		m := movements[q]
		w.Check(t, "opening", m.Opening, expect.Opening, tol)
		w.Check(t, "allocated", m.Allocated, expect.Allocated, tol)
		w.Check(t, "at previous", m.AtPrevious, expect.AtPrevious, tol)
		w.Check(t, "change", m.Change, expect.Change, change)
		w.Check(t, "closing", m.Closing, expect.Closing, tol)
		if u := m.Unexplained(); math.Abs(u) > 1e-9 {
			t.Errorf("quarter %d: %g unexplained", q, u)
		}
	}
	w.Log(t)
}

func TestDeferralErrors(t *testing.T) {
	t.Parallel()
	if _, _, err := Allocate(100, 0, 0); !errors.Is(err, ErrDeferral) {
		t.Errorf("no prices: error %v", err)
	}
	if _, _, err := Allocate(-1, 1, 1); !errors.Is(err, ErrDeferral) {
		t.Errorf("negative price: error %v", err)
	}
	d := Deferral{Allocated: 100}
	if _, err := d.Close(10, 5); !errors.Is(err, ErrDeferral) {
		t.Errorf("fewer expected than redeemed: error %v", err)
	}
	if _, err := d.Close(10, 50); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Close(math.NaN(), 50); !errors.Is(err, ErrDeferral) {
		t.Errorf("NaN: error %v", err)
	}
	if _, err := d.Close(30, 30); err != nil || d.Liability() != 0 {
		t.Errorf("all redeemed: liability %g, %v, want 0", d.Liability(), err)
	}
	none := Deferral{Allocated: 100}
	if r, err := none.Close(0, 0); err != nil || r.Recognised != 100 {
		t.Errorf("nothing will be redeemed: %+v, %v, want all recognised", r, err)
	}
}

// A month of more reversals than redemptions is closed with negative revenue,
// and what is expected again after all was given up is a change of estimate.
func TestDeferralReversals(t *testing.T) {
	t.Parallel()
	d := Deferral{Allocated: 1000}
	var m DeferredRevenue
	for i, tt := range []struct {
		redeemed, expected float64
		want               Revenue
	}{
		{50, 100, Revenue{500, 500, 0}}, {45, 100, Revenue{-50, -50, 0}}, {0, 0, Revenue{550, -450, 1000}},
		{10, 100, Revenue{-900, 0, -900}}, {0, 100, Revenue{-100, -100, 0}},
	} {
		opening, allocated := d.Liability(), 0.0
		if i == 0 {
			opening, allocated = 0, d.Allocated
		}
		r, err := d.Close(tt.redeemed, tt.expected)
		if err != nil || math.Abs(r.Recognised-tt.want.Recognised)+math.Abs(r.AtPrevious-tt.want.AtPrevious)+math.Abs(r.Change-tt.want.Change) > 1e-9 {
			t.Errorf("period %d: %+v, %v, want %+v", i, r, err, tt.want)
		}
		m.Add(opening, allocated, r, d.Liability())
	}
	// Each period's closing is the next one's opening, so the sums close as well.
	if u := m.Unexplained(); math.Abs(u) > 1e-9 {
		t.Errorf("%g unexplained", u)
	}
	nan := math.NaN()
	for _, tt := range []struct {
		d                  Deferral
		redeemed, expected float64
	}{{d, nan, 100}, {d, 10, nan}, {d, -1, 100}, {Deferral{Allocated: nan}, 1, 2}, {Deferral{Allocated: 1, Recognised: nan}, 1, 2}, {Deferral{Allocated: 1, Expected: nan}, 1, 2}} {
		if r, err := tt.d.Close(tt.redeemed, tt.expected); !errors.Is(err, ErrDeferral) {
			t.Errorf("%+v: %+v, %v, want an error", tt, r, err)
		}
	}
}
