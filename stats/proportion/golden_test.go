package proportion

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"loyaltymcp/stats/internal/golden"
	"loyaltymcp/stats/internal/special"
)

func TestGoldenOneSample(t *testing.T) {
	t.Parallel()
	var in []Count
	golden.Load(t, &in, "proportions", "one_sample_intervals", "input.json")
	var want struct {
		Tolerance golden.Tolerance
		Conf      map[string]map[string][][2]float64
	}
	golden.Load(t, &want, "proportions", "one_sample_intervals", "expected.json")
	methods := map[string]func(Count, float64) (Interval, error){
		"normal": Wald, "wilson": Wilson, "agresti_coull": AgrestiCoull, "beta": ClopperPearson, "jeffreys": Jeffreys,
	}
	var w golden.Worst
	for conf, byMethod := range want.Conf {
		confidence, err := strconv.ParseFloat(conf, 64)
		if err != nil {
			t.Fatal(err)
		}
		for name, limits := range byMethod {
			for i, c := range in {
				got, err := methods[name](c, confidence)
				if err != nil {
					t.Fatal(err)
				}
				if name == "jeffreys" && (c.Successes == 0 || c.Successes == c.N) {
					got = quantilesAtEnds(t, c, confidence, got)
				}
				w.Check(t, fmt.Sprintf("%s %v at %s, low", name, c, conf), got.Low, limits[i][0], want.Tolerance)
				w.Check(t, fmt.Sprintf("%s %v at %s, high", name, c, conf), got.High, limits[i][1], want.Tolerance)
			}
		}
	}
	w.Log(t)
}

// quantilesAtEnds puts back the quantile that the reference takes for Jeffreys
// without successes or without failures, where the interval's source, and so
// ours, has 0 or 1.
func quantilesAtEnds(t *testing.T, c Count, confidence float64, got Interval) Interval {
	t.Helper()
	x, y := float64(c.Successes)+0.5, float64(c.N-c.Successes)+0.5
	if c.Successes == 0 {
		if got.Low != 0 {
			t.Errorf("Jeffreys of %v: low %v, want 0", c, got.Low)
		}
		got.Low = special.BetaQuantile((1-confidence)/2, x, y)
	} else {
		if got.High != 1 {
			t.Errorf("Jeffreys of %v: high %v, want 1", c, got.High)
		}
		got.High = special.BetaQuantile((1+confidence)/2, x, y)
	}
	return got
}

func TestGoldenTwoSample(t *testing.T) {
	t.Parallel()
	var in []struct{ X1, N1, X2, N2 int64 }
	golden.Load(t, &in, "proportions", "two_sample_intervals_tests", "input.json")
	var want struct {
		Tolerance golden.Tolerance
		Cases     map[string]map[string]any
	}
	golden.Load(t, &want, "proportions", "two_sample_intervals_tests", "expected.json")
	var w golden.Worst
	unmatched := 0
	for i, c := range in {
		treatment, control := Count{c.X1, c.N1}, Count{c.X2, c.N2}
		for key, v := range want.Cases[strconv.Itoa(i)] {
			name := fmt.Sprintf("case %d %s", i, key)
			if number, ok := v.(float64); ok {
				var e Exact
				var err error
				tol := want.Tolerance
				switch key {
				case "fisher_exact":
					e, err = Fisher(control, treatment)
				case "barnard":
					e, err = Barnard(control, treatment)
				case "boschloo":
					e, err = Boschloo(control, treatment)
				default:
					t.Fatalf("%s: unknown entry", name)
				}
				if err != nil {
					t.Fatal(err)
				}
				w.Check(t, name, e.TwoSided, number, tol)
				continue
			}
			entry, ok := v.(map[string]any)
			if !ok || entry["error"] != nil {
				continue // the reference has no value
			}
			parts := strings.Split(key, ",")
			switch parts[0] {
			case "diff", "ratio", "odds-ratio":
				ci, ok := entry["ci"].([]any)
				if !ok {
					t.Fatalf("%s: no limits", name)
				}
				low, lok := ci[0].(float64)
				high, hok := ci[1].(float64)
				if !lok || !hok {
					continue
				}
				got, err := interval(parts, control, treatment)
				if err != nil && !errors.Is(err, ErrNoEvents) {
					t.Fatal(err)
				}
				// The reference finds its score limits with a wrong constrained
				// estimate (statsmodels issue 10269), except for odds ratios;
				// TestDiff and TestRatio check the definition.
				if key == "diff,score" || key == "ratio,score" {
					if !want.Tolerance.Within(got.Low, low) || !want.Tolerance.Within(got.High, high) {
						unmatched++
						t.Logf("%s: got %v, reference %v", name, got, ci)
					}
					continue
				}
				if strings.HasSuffix(parts[1], "-adjusted") && got.Estimate == 0 {
					// The reference leaves the ratio observed, 0, outside.
					if got.Low != 0 {
						t.Errorf("%s: low %v, want 0", name, got.Low)
					}
					got.Low = adjustedLow(parts[0], control, treatment)
				}
				w.Check(t, name+" low", got.Low, low, want.Tolerance)
				w.Check(t, name+" high", got.High, high, want.Tolerance)
			case "test":
				null, err := strconv.ParseFloat(strings.TrimPrefix(parts[3], "null="), 64)
				if err != nil {
					t.Fatal(err)
				}
				if parts[1] == "score" && null != 0 {
					unmatched++
					continue // as above; its tests carry the factor N/(N-1)
				}
				test := map[string]func(Count, Count, float64) (Test, error){
					"wald": WaldTest, "agresti-caffo": AgrestiCaffoTest, "score": ScoreTest,
				}[parts[1]]
				got, err := test(control, treatment, null)
				if err != nil {
					t.Fatal(err)
				}
				p := got.P
				switch parts[2] {
				case "larger":
					p = special.NormalSurvival(got.Z)
				case "smaller":
					p = special.NormalSurvival(-got.Z)
				}
				statistic, ok := entry["statistic"].(float64)
				if !ok {
					t.Logf("%s: reference %v, got %v", name, entry, got)
					continue
				}
				w.Check(t, name+" statistic", got.Z, statistic, want.Tolerance)
				w.Check(t, name+" p", p, entry["pvalue"].(float64), want.Tolerance)
			}
		}
	}
	t.Logf("%d score entries of the reference not matched", unmatched)
	w.Log(t)
}

// adjustedLow is the lower limit with half an event added, as it stands.
func adjustedLow(of string, control, treatment Count) float64 {
	xc, nc := float64(control.Successes)+0.5, float64(control.N)+0.5
	xt, nt := float64(treatment.Successes)+0.5, float64(treatment.N)+0.5
	z := criticalValue(0.95)
	if of == "ratio" {
		return xt / nt * nc / xc * math.Exp(-z*math.Sqrt(1/xt-1/nt+1/xc-1/nc))
	}
	yc, yt := nc+0.5-xc, nt+0.5-xt
	return xt * yc / (yt * xc) * math.Exp(-z*math.Sqrt(1/xc+1/yc+1/xt+1/yt))
}

func interval(parts []string, control, treatment Count) (Interval, error) {
	if parts[0] == "diff" {
		method := map[string]Method{"newcomb": Newcombe, "wald": WaldDifference, "agresti-caffo": AgrestiCaffo, "score": MiettinenNurminen}[parts[1]]
		return Diff(control, treatment, 0.95, method)
	}
	method := map[string]RatioMethod{
		"log": RatioLog, "log-adjusted": RatioLogAdjusted, "score": RatioScore,
		"logit": RatioLog, "logit-adjusted": RatioLogAdjusted,
	}[parts[1]]
	if parts[0] == "ratio" {
		return Ratio(control, treatment, 0.95, method)
	}
	return OddsRatio(control, treatment, 0.95, method)
}
