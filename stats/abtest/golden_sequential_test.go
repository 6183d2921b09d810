package abtest

import (
	"fmt"
	"math"
	"testing"

	"loyaltymcp/stats/internal/golden"
	"loyaltymcp/stats/internal/special"
)

func TestGoldenBounds(t *testing.T) {
	t.Parallel()
	var w golden.Worst
	{
		var in []struct {
			Information []float64
			Alpha       float64
			Sides       int
		}
		golden.Load(t, &in, "experiments_decision", "spotify_group_sequential_bounds", "input.json")
		var want struct {
			Tolerance golden.Tolerance
			Bounds    []struct {
				Z     []float64 `json:"z_bounds"`
				Spent []float64 `json:"alpha_spent"`
			}
		}
		golden.Load(t, &want, "experiments_decision", "spotify_group_sequential_bounds", "expected.json")
		for i, c := range in {
			looks := must[[]Look](t)(Bounds(c.Information, c.Alpha, c.Sides == 2, PowerSpending(2)))
			for k, l := range looks {
				name := fmt.Sprintf("case %d look %d", i, k)
				if i == 7 && k == 1 {
					// The grid of the reference is too coarse for this small step of
					// information: its bound leaves 3.527e-5 to spend, not 3.520e-5.
					checkSecondLook(t, looks)
					continue
				}
				w.Check(t, name+" z", l.Z, want.Bounds[i].Z[k], want.Tolerance)
				w.Check(t, name+" spent", l.Spent/float64(c.Sides), want.Bounds[i].Spent[k], want.Tolerance)
			}
		}
	}
	{
		var in struct {
			Information []float64
			Alpha       float64 `json:"alpha_two_sided"`
		}
		golden.Load(t, &in, "experiments_advanced", "group_sequential_ldbounds", "input.json")
		type bounds struct{ Upper, Exit []float64 }
		var want struct {
			Tolerance golden.Tolerance
			OBF       bounds `json:"obrien_fleming_spending"`
			Pocock    bounds `json:"pocock_spending"`
			Power     bounds `json:"power_family_phi2"`
		}
		golden.Load(t, &want, "experiments_advanced", "group_sequential_ldbounds", "expected.json")
		for _, c := range []struct {
			name  string
			spend Spending
			want  bounds
		}{{"O'Brien-Fleming", OBrienFleming, want.OBF}, {"Pocock", Pocock, want.Pocock}, {"power", PowerSpending(2), want.Power}} {
			looks := must[[]Look](t)(Bounds(in.Information, in.Alpha, true, c.spend))
			for k, l := range looks {
				w.Check(t, fmt.Sprint(c.name, " z ", k), l.Z, c.want.Upper[k], want.Tolerance)
				w.Check(t, fmt.Sprint(c.name, " spent ", k), l.Spent, c.want.Exit[k], want.Tolerance)
			}
		}
	}
	w.Log(t)
}

// checkSecondLook integrates the exit probability of the second look of a
// one-sided test by Simpson's rule.
func checkSecondLook(t *testing.T, looks []Look) {
	t.Helper()
	t1, t2 := looks[0].Information, looks[1].Information
	low, high, s := -8*math.Sqrt(t1), looks[0].Z*math.Sqrt(t1), math.Sqrt(t2-t1)
	const n = 20000
	var sum float64
	for i := range n + 1 {
		x := low + (high-low)*float64(i)/n
		weight := float64(2 + 2*(i%2))
		if i == 0 || i == n {
			weight = 1
		}
		sum += weight * math.Exp(-x*x/2/t1) * special.NormalSurvival((looks[1].Z*math.Sqrt(t2)-x)/s)
	}
	got := sum * (high - low) / n / 3 / math.Sqrt(2*math.Pi*t1)
	if want := looks[1].Spent - looks[0].Spent; math.Abs(got-want) > 1e-9*want {
		t.Errorf("exit probability %v, want %v", got, want)
	}
}

func TestGoldenSequentialDays(t *testing.T) {
	t.Parallel()
	var want struct {
		Tolerance golden.Tolerance
		Days      []struct {
			Difference   float64
			Low          float64 `json:"ci_lower"`
			High         float64 `json:"ci_upper"`
			AdjustedLow  float64 `json:"adjusted ci_lower"`
			AdjustedHigh float64 `json:"adjusted ci_upper"`
			Significant  bool    `json:"is_significant"`
		} `json:"by_day"`
	}
	golden.Load(t, &want, "experiments_decision", "spotify_sequential_days", "expected.json")
	rows := readCSV(t, "experiments_decision", "spotify_sequential_days", "cumulative.csv")
	var information []float64
	var days []Effect
	for i := 0; i < len(rows); i += 2 {
		var s [2]Sample
		for k := range s {
			r := rows[i+k]
			s[k] = must[Sample](t)(FromSums(int64(number(t, r, "den")), number(t, r, "num"), number(t, r, "num_sumsq")))
		}
		e := must[Effect](t)(Compare(s[0], s[1]))
		days = append(days, e)
		information = append(information, float64(e.N)/number(t, rows[i], "final_expected_sample_size"))
	}
	looks := must[[]Look](t)(Bounds(information, 0.05, true, PowerSpending(2)))
	var w golden.Worst
	for i, e := range days {
		name := fmt.Sprint("day ", i+1)
		r := want.Days[i]
		d := e.TestLook(looks[i].Z)
		w.Check(t, name+" difference", d.Estimate, r.Difference, want.Tolerance)
		w.Check(t, name+" low", d.Low, r.AdjustedLow, want.Tolerance)
		w.Check(t, name+" high", d.High, r.AdjustedHigh, want.Tolerance)
		if significant := d.Low > 0 || d.High < 0; significant != r.Significant {
			t.Errorf("%s: significant %v, want %v", name, significant, r.Significant)
		}
		single := e.TestLook(quantileZ)
		w.Check(t, name+" single low", single.Low, r.Low, want.Tolerance)
		w.Check(t, name+" single high", single.High, r.High, want.Tolerance)
	}
	w.Log(t)
}

func TestGoldenLiftAnytime(t *testing.T) {
	t.Parallel()
	type arm struct {
		N              int64
		Mean, Variance float64
	}
	var in []struct {
		Control, Treatment arm
		Alpha, Tuning      float64
	}
	golden.Load(t, &in, "experiments_advanced", "fieller_confidence_sequence", "input.json")
	var want struct {
		Tolerance golden.Tolerance
		Rows      []struct {
			Multiplier float64
			Diff       float64 `json:"abs_diff"`
			HalfWidth  float64 `json:"abs_halfwidth"`
			G          float64
			P          float64       `json:"always_valid_p_abs"`
			Low        golden.Number `json:"lift_lower"`
			High       golden.Number `json:"lift_upper"`
			Unbounded  bool
		}
	}
	golden.Load(t, &want, "experiments_advanced", "fieller_confidence_sequence", "expected.json")
	sample := func(a arm) Sample { return Sample{N: a.N, Mean: a.Mean, M2: a.Variance * float64(a.N-1)} }
	var w golden.Worst
	for i, c := range in {
		name, r := fmt.Sprint("row ", i), want.Rows[i]
		e := must[Effect](t)(Compare(sample(c.Control), sample(c.Treatment)))
		w.Check(t, name+" multiplier", Multiplier(e.N, 1-c.Alpha, c.Tuning), r.Multiplier, want.Tolerance)
		d := e.TestAnytime(1-c.Alpha, c.Tuning)
		w.Check(t, name+" difference", d.Estimate, r.Diff, want.Tolerance)
		w.Check(t, name+" half width", (d.High-d.Low)/2, r.HalfWidth, want.Tolerance)
		// Relative only, so that small tails are compared too.
		w.Check(t, name+" p", d.P, r.P, golden.Tolerance{Rel: want.Tolerance.Rel})
		l := must[Lift](t)(e.LiftAnytime(1-c.Alpha, c.Tuning))
		w.Check(t, name+" g", l.G, r.G, want.Tolerance)
		if l.Bounded == r.Unbounded {
			t.Errorf("%s: bounded %v, want %v", name, l.Bounded, !r.Unbounded)
		}
		if l.Bounded || !math.IsNaN(float64(r.Low)) {
			w.Check(t, name+" low", l.Low, float64(r.Low), want.Tolerance)
			w.Check(t, name+" high", l.High, float64(r.High), want.Tolerance)
		}
	}
	w.Log(t)
}
