package abtest

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"loyaltymcp/stats/internal/golden"
)

func TestGoldenMultiple(t *testing.T) {
	t.Parallel()
	const alpha = 0.05
	corrections := map[string]Correction{
		"bonferroni": Bonferroni, "sidak": Sidak, "holm": Holm, "holm-sidak": HolmSidak,
		"simes-hochberg": Hochberg, "hommel": Hommel, "fdr_bh": BenjaminiHochberg, "fdr_by": BenjaminiYekutieli,
		"fdr_tsbh":  func(p []float64) []float64 { return TwoStageBH(p, alpha) },
		"fdr_tsbky": func(p []float64) []float64 { return TwoStageBKY(p, alpha) },
	}
	var w golden.Worst
	{
		var in struct{ Families [][]float64 }
		golden.Load(t, &in, "power_multiplicity", "multipletests_statsmodels", "input.json")
		var want struct {
			Tolerance golden.Tolerance
			Families  []map[string]struct {
				Adjusted []float64
				Reject   []bool
			}
		}
		golden.Load(t, &want, "power_multiplicity", "multipletests_statsmodels", "expected.json")
		for i, p := range in.Families {
			for method, v := range want.Families[i] {
				got := corrections[method](p)
				for k := range v.Adjusted {
					name := fmt.Sprintf("family %d %s p-value %d", i, method, k)
					w.Check(t, name, got[k], v.Adjusted[k], want.Tolerance)
					if (got[k] <= alpha) != v.Reject[k] {
						t.Errorf("%s: rejected %v, want %v", name, got[k] <= alpha, v.Reject[k])
					}
				}
			}
		}
	}
	{
		var in struct{ Families []struct{ P []float64 } }
		golden.Load(t, &in, "power_multiplicity", "growthbook_holm_bh_ci", "input.json")
		var want struct {
			Tolerance golden.Tolerance
			Families  []struct{ Holm, BH []float64 }
		}
		golden.Load(t, &want, "power_multiplicity", "growthbook_holm_bh_ci", "expected.json")
		for i, f := range in.Families {
			holm, bh := Holm(f.P), BenjaminiHochberg(f.P)
			for k := range f.P {
				w.Check(t, fmt.Sprintf("second set, family %d holm %d", i, k), holm[k], want.Families[i].Holm[k], want.Tolerance)
				w.Check(t, fmt.Sprintf("second set, family %d bh %d", i, k), bh[k], want.Families[i].BH[k], want.Tolerance)
			}
		}
	}
	w.Log(t)
}

func TestGoldenNonInferiority(t *testing.T) {
	t.Parallel()
	const alpha = 0.05
	type row struct {
		Metric      string
		Arm         string `json:"level_2"`
		Difference  float64
		P           float64        `json:"p-value"`
		Low         golden.Number  `json:"ci_lower"`
		High        golden.Number  `json:"ci_upper"`
		AdjLow      *golden.Number `json:"adjusted ci_lower"`
		AdjHigh     *golden.Number `json:"adjusted ci_upper"`
		AdjP        float64        `json:"adjusted p-value"`
		Significant bool           `json:"is_significant"`
		Null        float64        `json:"null_hypothesis"`
	}
	var want struct {
		Tolerance struct {
			golden.Tolerance
			P float64 `json:"p_abs"`
		}
		Results map[string][]row
	}
	golden.Load(t, &want, "experiments_decision", "spotify_noninferiority_multiple_testing", "expected.json")
	type metric struct {
		samples map[string]Sample
		prefer  Preference
		margin  float64
	}
	metrics := make(map[string]*metric)
	for _, r := range readCSV(t, "experiments_decision", "spotify_noninferiority_multiple_testing", "sufficient_stats.csv") {
		m := metrics[r["metric"]]
		if m == nil {
			m = &metric{samples: make(map[string]Sample), margin: number(t, r, "non_inferiority_margin")}
			if r["preferred_direction"] == "decrease" {
				m.prefer = Decrease
			}
			metrics[r["metric"]] = m
		}
		n, num, sumsq := int64(number(t, r, "den")), number(t, r, "num"), number(t, r, "num_sumsq")
		m.samples[r["group"]] = must[Sample](t)(FromSums(n, num, sumsq))
		if num == sumsq {
			m.samples[r["group"]] = must[Sample](t)(Share(n, int64(num)))
		}
	}
	var w golden.Worst
	tol := want.Tolerance.Tolerance
	ptol := golden.Tolerance{Rel: tol.Rel, Abs: want.Tolerance.P}
	for key, rows := range want.Results {
		method, _, _ := strings.Cut(key, ",absolute=")
		absolute := strings.HasSuffix(key, "True")
		twoSided := method == "spot-1-bonferroni"
		var p, estimates, errors, nulls []float64
		for _, r := range rows {
			m := metrics[r.Metric]
			e := must[Effect](t)(Compare(m.samples["control"], m.samples[r.Arm]))
			e.DF = math.Inf(1) // the reference's tests are normal
			margin := m.margin * e.Control
			scale := 1.0
			if !absolute {
				scale = 1 / e.Control // taken as known by the reference
			}
			name := key + " " + r.Metric + " " + r.Arm
			got := e.NonInferiority(m.prefer, margin, 1-alpha)
			if twoSided {
				// One-sided tests become two-sided at twice the level.
				got.P = 2 * math.Min(got.P, 1-got.P)
				two := e.TestLook(normalCritical(alpha))
				got.Low, got.High = two.Low, two.High
			}
			w.Check(t, name+" difference", got.Estimate*scale, r.Difference, tol)
			w.Check(t, name+" p", got.P, r.P, ptol)
			w.Check(t, name+" low", got.Low*scale, float64(r.Low), tol)
			w.Check(t, name+" high", got.High*scale, float64(r.High), tol)
			sign := 1.0
			if m.prefer == Decrease {
				sign = -1
			}
			w.Check(t, name+" null", -sign*margin*scale, r.Null, tol)
			p = append(p, got.P)
			estimates = append(estimates, sign*e.Difference*scale)
			errors = append(errors, got.SE*scale)
			nulls = append(nulls, -margin*scale)
			// The intervals of Bonferroni; those of Holm follow below.
			switch method {
			case "bonferroni":
				adj := e.NonInferiority(m.prefer, margin, SimultaneousConfidence(1-alpha, len(rows)))
				w.Check(t, name+" adjusted low", adj.Low*scale, float64(*r.AdjLow), tol)
				w.Check(t, name+" adjusted high", adj.High*scale, float64(*r.AdjHigh), tol)
			case "spot-1-bonferroni":
				adj := e.TestLook(normalCritical(alpha / 4)) // four success comparisons
				w.Check(t, name+" adjusted low", adj.Low*scale, float64(*r.AdjLow), tol)
				w.Check(t, name+" adjusted high", adj.High*scale, float64(*r.AdjHigh), tol)
			}
		}
		var adjusted []float64
		level := alpha
		switch method {
		case "bonferroni":
			adjusted = Bonferroni(p)
		case "spot-1-bonferroni":
			level = 2 * alpha
			for _, v := range p {
				adjusted = append(adjusted, math.Min(1, 4*v))
			}
		case "holm", "spot-1-holm":
			adjusted = Holm(p)
		case "hommel":
			adjusted = Hommel(p)
		case "fdr_bh":
			adjusted = BenjaminiHochberg(p)
		default:
			t.Fatalf("unknown method %q", method)
		}
		for i, r := range rows {
			name := key + " " + r.Metric + " " + r.Arm
			w.Check(t, name+" adjusted p", adjusted[i], r.AdjP, ptol)
			if (adjusted[i] <= level) != r.Significant {
				t.Errorf("%s: significant %v, want %v", name, adjusted[i] <= level, r.Significant)
			}
		}
		if method != "holm" && method != "spot-1-holm" {
			continue
		}
		// The limits the reference gives beside Holm and Hommel are those of single
		// tests: that of net_revenue t1 excludes its null although the test does
		// not reject. Ours agree with the tests.
		limits := HolmLimits(estimates, errors, nulls, 1-alpha)
		for i, l := range limits {
			if (l >= nulls[i]) != (adjusted[i] <= alpha) {
				t.Errorf("%s %s: limit %v of null %v, adjusted p %v", key, rows[i].Metric, l, nulls[i], adjusted[i])
			}
		}
		contradicted := false
		for i, r := range rows {
			if r.AdjLow != nil && rows[i].Metric == "net_revenue" && float64(*r.AdjLow) > nulls[i] && adjusted[i] > alpha {
				contradicted = true
			}
		}
		if !contradicted {
			t.Errorf("%s: the limits of the reference agree with its tests: compare them", key)
		}
	}
	w.Log(t)
}

func TestGoldenNonInferiorityLift(t *testing.T) {
	t.Parallel()
	var in map[string][]float64
	golden.Load(t, &in, "experiments_advanced", "fieller_ratio_of_means", "input.json")
	var want struct {
		Tolerance golden.Tolerance
		Result    struct {
			Ratio, P, DF, T float64
			CI              [2]golden.Number
		} `json:"noninferiority_ratio_gt_0.98"`
	}
	golden.Load(t, &want, "experiments_advanced", "fieller_ratio_of_means", "expected.json")
	var w golden.Worst
	e := must[Effect](t)(Compare(FromValues(in["control"]), FromValues(in["treatment"])))
	d := must[Difference](t)(e.NonInferiorityLift(Increase, 0.02, 0.95))
	w.Check(t, "lift", 1+d.Estimate, want.Result.Ratio, want.Tolerance)
	w.Check(t, "low", 1+d.Low, float64(want.Result.CI[0]), want.Tolerance)
	w.Check(t, "df", d.DF, want.Result.DF, want.Tolerance)
	w.Check(t, "t", d.T, want.Result.T, want.Tolerance)
	w.Check(t, "p", d.P, want.Result.P, want.Tolerance)
	w.Log(t)
}
