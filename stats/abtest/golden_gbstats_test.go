package abtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"loyaltymcp/stats/internal/golden"
)

// armSums are the plain sums of one arm in the reference cases.
type armSums struct {
	N              int64
	MainSum        float64 `json:"main_sum"`
	MainSS         float64 `json:"main_sum_squares"`
	PreSum         float64 `json:"pre_sum"`
	PreSS          float64 `json:"pre_sum_squares"`
	MainPre        float64 `json:"main_pre_sum_product"`
	DenSum         float64 `json:"den_sum"`
	DenSS          float64 `json:"den_sum_squares"`
	MainDen        float64 `json:"main_den_sum_product"`
	DenPreSum      float64 `json:"den_pre_sum"`
	DenPreSS       float64 `json:"den_pre_sum_squares"`
	DenDenPre      float64 `json:"den_den_pre_sum_product"`
	PreDenPre      float64 `json:"pre_den_pre_sum_product"`
	MainDenPre     float64 `json:"main_den_pre_sum_product"`
	PreDen         float64 `json:"pre_den_sum_product"`
	ConvSum        float64 `json:"conv_sum"`
	PreConvSum     float64 `json:"pre_conv_sum"`
	ConvPreConvSum float64 `json:"conv_pre_conv_sum_product"`
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (a armSums) mean(t testing.TB) Sample {
	return must[Sample](t)(FromSums(a.N, a.MainSum, a.MainSS))
}

func (a armSums) share(t testing.TB) Sample { return must[Sample](t)(Share(a.N, int64(a.ConvSum))) }

// ratio has X = orders and Y = spend.
func (a armSums) ratio(t testing.TB) Pair {
	return must[Pair](t)(PairFromSums(a.N, a.DenSum, a.DenSS, a.MainSum, a.MainSS, a.MainDen))
}

// covariate has X = spend before and Y = spend.
func (a armSums) covariate(t testing.TB) Pair {
	return must[Pair](t)(PairFromSums(a.N, a.PreSum, a.PreSS, a.MainSum, a.MainSS, a.MainPre))
}

// shares has X = redeemed before and Y = redeemed.
func (a armSums) shares(t testing.TB) Pair {
	return must[Pair](t)(PairFromSums(a.N, a.PreConvSum, a.PreConvSum, a.ConvSum, a.ConvSum, a.ConvPreConvSum))
}

// cupedShares has the variance of shares with the divisor n, as the reference.
func cupedShares(t testing.TB, c, v armSums) (Effect, float64) {
	cp, vp := c.shares(t), v.shares(t)
	pooled := cp.Merge(vp)
	theta := slope(pooled.CXY, pooled.M2X)
	for _, p := range []*Pair{&cp, &vp} {
		f := float64(p.N-1) / float64(p.N)
		p.M2X, p.M2Y, p.CXY = p.M2X*f, p.M2Y*f, p.CXY*f
	}
	return must[Effect](t)(cuped(cp, vp, theta)), theta
}

func (a armSums) quad(t testing.TB) Quad {
	return must[Quad](t)(QuadFromSums(a.N, [4]float64{a.MainSum, a.DenSum, a.PreSum, a.DenPreSum}, [4][4]float64{
		{a.MainSS, a.MainDen, a.MainPre, a.MainDenPre},
		{0, a.DenSS, a.PreDen, a.DenDenPre},
		{0, 0, a.PreSS, a.PreDenPre},
		{0, 0, 0, a.DenPreSS},
	}))
}

func loadArms(t *testing.T, folder string) []armSums {
	t.Helper()
	var in struct{ Arms []armSums }
	golden.Load(t, &in, "experiments_gbstats", folder, "input.json")
	return in.Arms
}

// entry is one result of the reference. For the relative scale the reference has
// the delta method; Lift is compared with its own references.
type entry struct {
	Expected golden.Number
	CI       [2]golden.Number
	Uplift   struct{ Mean, SD golden.Number }
	P        *golden.Number `json:"pValue"`
	PExact   *golden.Number `json:"pValue_exact_tail"`
	Theta    *golden.Number
	DF       *golden.Number `json:"dof"`
	SE       *golden.Number `json:"standard_error"`
	T        *golden.Number
	Win      *golden.Number `json:"chanceToWin"`
	Risk     []golden.Number
	Error    *string `json:"errorMessage"`
}

func (o entry) test(t *testing.T, w *golden.Worst, name string, got Difference, tol golden.Tolerance) {
	t.Helper()
	if o.Error != nil {
		t.Errorf("%s: the reference has %s", name, *o.Error)
		return
	}
	w.Check(t, name+" estimate", got.Estimate, float64(o.Expected), tol)
	w.Check(t, name+" low", got.Low, float64(o.CI[0]), tol)
	w.Check(t, name+" high", got.High, float64(o.CI[1]), tol)
	for _, v := range []struct {
		name string
		got  float64
		want *golden.Number
	}{{"df", got.DF, o.DF}, {"se", got.SE, o.SE}, {"t", got.T, o.T}} {
		if v.want != nil {
			w.Check(t, name+" "+v.name, v.got, float64(*v.want), tol)
		}
	}
	switch {
	case o.PExact != nil:
		w.Check(t, name+" p", got.P, float64(*o.PExact), golden.Tolerance{Rel: tol.Rel})
	case o.P != nil:
		w.Check(t, name+" p", got.P, float64(*o.P), tol)
	}
}

func (o entry) posterior(t *testing.T, w *golden.Worst, name string, got Posterior, tol golden.Tolerance, inverse bool) {
	t.Helper()
	w.Check(t, name+" mean", got.Mean, float64(o.Expected), tol)
	w.Check(t, name+" low", got.Low, float64(o.CI[0]), tol)
	w.Check(t, name+" high", got.High, float64(o.CI[1]), tol)
	win, risks := got.Win, [2]float64{got.RiskControl, got.RiskTreatment}
	if inverse { // less is better
		win, risks[0], risks[1] = 1-win, risks[1], risks[0]
	}
	w.Check(t, name+" win", win, float64(*o.Win), tol)
	for i, r := range o.Risk {
		w.Check(t, fmt.Sprintf("%s risk %d", name, i), risks[i], float64(r), tol)
	}
}

type scales struct{ Absolute, Relative entry }

func (s scales) test(t *testing.T, w *golden.Worst, name string, e Effect, tol golden.Tolerance, f func(Effect) Difference) {
	t.Helper()
	s.Absolute.test(t, w, name+" absolute", f(e), tol)
	s.Relative.test(t, w, name+" relative", f(must[Effect](t)(e.DeltaLift())), tol)
}

// cuped is test for an adjusted mean, whose relative form the reference expands
// around the lift without adjustment, its ratio around that with.
func (s scales) cuped(t *testing.T, w *golden.Worst, name string, e, plain Effect, tol golden.Tolerance, f func(Effect) Difference) {
	t.Helper()
	s.Absolute.test(t, w, name+" absolute", f(e), tol)
	s.Relative.test(t, w, name+" relative", f(e.deltaLift(plain.Difference/math.Abs(plain.Control))), tol)
}

func test95(e Effect) Difference { return e.Test(0.95) }

// effects are the comparisons of two arms by the metrics of the reference.
func effects(t *testing.T, c, v armSums) map[string]Effect {
	t.Helper()
	effect := must[Effect](t)
	shares, _ := cupedShares(t, c, v)
	withTheta := func(e Effect, _ float64, err error) Effect { return effect(e, err) }
	return map[string]Effect{
		"spend_mean":   effect(Compare(c.mean(t), v.mean(t))),
		"redeem_rate":  effect(Compare(c.share(t), v.share(t))),
		"aov_ratio":    effect(Compare(must[Sample](t)(Ratio(c.ratio(t))), must[Sample](t)(Ratio(v.ratio(t))))),
		"spend_cuped":  withTheta(CUPED(c.covariate(t), v.covariate(t))),
		"redeem_cuped": shares,
		"aov_cuped":    withTheta(CUPEDRatio(c.quad(t), v.quad(t))),
	}
}

func TestGoldenMetrics(t *testing.T) {
	t.Parallel()
	var want struct {
		Tolerance golden.Tolerance
		Arms      []armSums
		TwoSided  map[string]scales `json:"two_sided"`
	}
	golden.Load(t, &want, "experiments_gbstats", "00_raw_members_all_metrics", "expected.json")
	arms := rawArms(t)
	var w golden.Worst
	all := effects(t, arms[0], arms[1])
	for name, e := range all {
		if plain, ok := map[string]string{"spend_cuped": "spend_mean", "redeem_cuped": "redeem_rate"}[name]; ok {
			want.TwoSided[name].cuped(t, &w, name, e, all[plain], want.Tolerance, test95)
			continue
		}
		want.TwoSided[name].test(t, &w, name, e, want.Tolerance, test95)
	}
	// The same from centred moments of the members, in any grouping.
	c, v := rawMembers(t, 0), rawMembers(t, 1)
	half := len(c) / 3
	q := QuadFromValues(c[:half]).Merge(QuadFromValues(c[half:]))
	e, _, err := CUPEDRatio(q, QuadFromValues(v))
	if err != nil {
		t.Fatal(err)
	}
	want.TwoSided["aov_cuped"].test(t, &w, "merged members", e, want.Tolerance, test95)
	w.Log(t)
}

func TestGoldenMeanAndShare(t *testing.T) {
	t.Parallel()
	var w golden.Worst
	{
		arms := loadArms(t, "01_mean_revenue")
		var want struct {
			Tolerance golden.Tolerance
			TwoSided  struct{ Absolute, Relative map[string]entry } `json:"two_sided"`
			Scipy     struct{ T, P float64 }                        `json:"scipy_welch_absolute"`
		}
		golden.Load(t, &want, "experiments_gbstats", "01_mean_revenue", "expected.json")
		e := must[Effect](t)(Compare(arms[0].mean(t), arms[1].mean(t)))
		for alpha := range want.TwoSided.Absolute {
			a, err := strconv.ParseFloat(alpha, 64)
			if err != nil {
				t.Fatal(err)
			}
			s := scales{want.TwoSided.Absolute[alpha], want.TwoSided.Relative[alpha]}
			s.test(t, &w, "mean at "+alpha, e, want.Tolerance, func(e Effect) Difference { return e.Test(1 - a) })
		}
		w.Check(t, "scipy t", e.Test(0.95).T, want.Scipy.T, want.Tolerance)
		w.Check(t, "scipy p", e.Test(0.95).P, want.Scipy.P, want.Tolerance)
	}
	{
		arms := loadArms(t, "02_proportion")
		var want struct {
			Tolerance golden.Tolerance
			TwoSided  scales                           `json:"two_sided"`
			OneSided  struct{ Greater, Lesser scales } `json:"one_sided"`
		}
		golden.Load(t, &want, "experiments_gbstats", "02_proportion", "expected.json")
		e := must[Effect](t)(Compare(arms[0].share(t), arms[1].share(t)))
		want.TwoSided.test(t, &w, "share", e, want.Tolerance, test95)
		want.OneSided.Greater.test(t, &w, "share greater", e, want.Tolerance, func(e Effect) Difference { return e.TestSide(Greater, 0, 0.95) })
		want.OneSided.Lesser.test(t, &w, "share less", e, want.Tolerance, func(e Effect) Difference { return e.TestSide(Less, 0, 0.95) })
	}
	w.Log(t)
}

func TestGoldenRatio(t *testing.T) {
	t.Parallel()
	arms := loadArms(t, "03_ratio_delta")
	var want struct {
		Tolerance golden.Tolerance
		TwoSided  scales    `json:"two_sided"`
		Variance  []float64 `json:"arm_variance"`
		Mean      []float64 `json:"arm_mean"`
	}
	golden.Load(t, &want, "experiments_gbstats", "03_ratio_delta", "expected.json")
	var w golden.Worst
	var s [2]Sample
	for i := range s {
		s[i] = must[Sample](t)(Ratio(arms[i].ratio(t)))
		w.Check(t, "variance", s[i].Variance(), want.Variance[i], want.Tolerance)
		w.Check(t, "mean", s[i].Mean, want.Mean[i], want.Tolerance)
	}
	want.TwoSided.test(t, &w, "ratio", must[Effect](t)(Compare(s[0], s[1])), want.Tolerance, test95)
	w.Log(t)
}

func TestGoldenCUPED(t *testing.T) {
	t.Parallel()
	var w golden.Worst
	{
		arms := loadArms(t, "04_cuped_mean")
		var want struct {
			Tolerance                    golden.Tolerance
			Mean, Proportion, Unadjusted scales
		}
		golden.Load(t, &want, "experiments_gbstats", "04_cuped_mean", "expected.json")
		all := effects(t, arms[0], arms[1])
		_, theta, err := CUPED(arms[0].covariate(t), arms[1].covariate(t))
		if err != nil {
			t.Fatal(err)
		}
		w.Check(t, "theta", theta, float64(*want.Mean.Absolute.Theta), want.Tolerance)
		want.Mean.cuped(t, &w, "mean", all["spend_cuped"], all["spend_mean"], want.Tolerance, test95)
		e, shareTheta := cupedShares(t, arms[0], arms[1])
		w.Check(t, "theta of shares", shareTheta, float64(*want.Proportion.Absolute.Theta), want.Tolerance)
		want.Proportion.cuped(t, &w, "share", e, all["redeem_rate"], want.Tolerance, test95)
		want.Unadjusted.test(t, &w, "unadjusted", all["spend_mean"], want.Tolerance, test95)
	}
	{
		arms := loadArms(t, "05_cuped_ratio")
		var want struct {
			Tolerance  golden.Tolerance
			TwoSided   scales `json:"two_sided"`
			Unadjusted scales
		}
		golden.Load(t, &want, "experiments_gbstats", "05_cuped_ratio", "expected.json")
		e, theta, err := CUPEDRatio(arms[0].quad(t), arms[1].quad(t))
		if err != nil {
			t.Fatal(err)
		}
		w.Check(t, "theta of ratio", theta, float64(*want.TwoSided.Absolute.Theta), want.Tolerance)
		want.TwoSided.test(t, &w, "ratio", e, want.Tolerance, test95)
		want.Unadjusted.test(t, &w, "unadjusted ratio", effects(t, arms[0], arms[1])["aov_ratio"], want.Tolerance, test95)
	}
	w.Log(t)
}

func TestGoldenAnytime(t *testing.T) {
	t.Parallel()
	arms := loadArms(t, "06_sequential")
	var want struct {
		Tolerance golden.Tolerance
		TwoSided  struct{ Absolute, Relative map[string]entry } `json:"two_sided"`
		Share     scales                                        `json:"two_sided_proportion"`
		CUPED     scales                                        `json:"two_sided_cuped"`
		Less      scales                                        `json:"one_sided_lesser"`
		Greater   scales                                        `json:"one_sided_greater"`
		Rho       map[string]float64
		HalfWidth []struct {
			S2       float64
			N        int64
			Tuning   float64
			Alpha    float64
			TwoSided float64 `json:"two_sided"`
			OneSided float64 `json:"one_sided"`
		} `json:"halfwidth"`
	}
	golden.Load(t, &want, "experiments_gbstats", "06_sequential", "expected.json")
	var w golden.Worst
	all := effects(t, arms[0], arms[1])
	for key := range want.TwoSided.Absolute {
		var alpha, tuning float64
		if _, err := fmt.Sscanf(key, "alpha=%g,N*=%g", &alpha, &tuning); err != nil {
			t.Fatal(err)
		}
		s := scales{want.TwoSided.Absolute[key], want.TwoSided.Relative[key]}
		s.test(t, &w, key, all["spend_mean"], want.Tolerance, func(e Effect) Difference { return e.TestAnytime(1-alpha, tuning) })
	}
	anytime := func(e Effect) Difference { return e.TestAnytime(0.95, DefaultTuning) }
	want.Share.test(t, &w, "share", all["redeem_rate"], want.Tolerance, anytime)
	want.CUPED.cuped(t, &w, "cuped", all["spend_cuped"], all["spend_mean"], want.Tolerance, anytime)
	// The reference's bisection for the one-sided p-value ends at 0.4999 whatever
	// the data; the p-value here is above 1/2, as it should be for |t| of 1.2.
	for side, s := range map[Side]scales{Less: want.Less, Greater: want.Greater} {
		s.Absolute.P, s.Relative.P = nil, nil
		s.test(t, &w, fmt.Sprint("side ", side), all["spend_mean"], want.Tolerance, func(e Effect) Difference {
			d := e.TestAnytimeSide(side, 0, 0.95, DefaultTuning)
			if d.P < 0.5 {
				t.Errorf("side %v: p %v", side, d.P)
			}
			return d
		})
	}
	for key, rho := range want.Rho {
		parts := strings.Split(key, ",")
		alpha := must[float64](t)(strconv.ParseFloat(parts[0], 64))
		tuning := must[float64](t)(strconv.ParseFloat(parts[1], 64))
		if parts[2] == "False" {
			alpha *= 2
		}
		w.Check(t, "rho "+key, math.Sqrt(intrinsic(1, alpha, tuning)), rho, want.Tolerance)
	}
	for _, h := range want.HalfWidth {
		se := math.Sqrt(h.S2 / float64(h.N))
		w.Check(t, fmt.Sprint(h), Multiplier(h.N, 1-h.Alpha, h.Tuning)*se, h.TwoSided, want.Tolerance)
		w.Check(t, fmt.Sprint(h), MultiplierSide(h.N, 1-h.Alpha, h.Tuning)*se, h.OneSided, want.Tolerance)
	}
	w.Log(t)
}

func TestGoldenBayes(t *testing.T) {
	t.Parallel()
	arms := loadArms(t, "07_bayesian")
	var want map[string]json.RawMessage
	golden.Load(t, &want, "experiments_gbstats", "07_bayesian", "expected.json")
	all := effects(t, arms[0], arms[1])
	metrics := map[string]string{"mean": "spend_mean", "proportion": "redeem_rate", "ratio": "aov_ratio", "cuped": "spend_cuped"}
	var tol golden.Tolerance
	if err := json.Unmarshal(want["tolerance"], &tol); err != nil {
		t.Fatal(err)
	}
	var w golden.Worst
	for _, c := range []struct {
		name    string
		prior   Prior
		inverse bool
	}{
		{"flat", Prior{SD: math.Inf(1)}, false},
		{"prior_N(0,0.3)", Prior{0, 0.3}, false},
		{"prior_N(0.02,0.05)", Prior{0.02, 0.05}, false},
		{"inverse_prior_N(0,0.3)", Prior{0, 0.3}, true},
	} {
		var entries map[string]scales
		if err := json.Unmarshal(want[c.name], &entries); err != nil || len(entries) == 0 {
			t.Fatalf("%s: %d entries, %v", c.name, len(entries), err)
		}
		for metric, s := range entries {
			e := all[metrics[metric]]
			p := must[Posterior](t)(e.Posterior(c.prior.Scale(e.Control), 0.95))
			s.Absolute.posterior(t, &w, c.name+" "+metric+" absolute", p, tol, c.inverse)
			lift := must[Effect](t)(e.DeltaLift())
			if metric == "cuped" { // as in scales.cuped
				lift = e.deltaLift(all["spend_mean"].Difference / all["spend_mean"].Control)
			}
			p = must[Posterior](t)(lift.Posterior(c.prior, 0.95))
			s.Relative.posterior(t, &w, c.name+" "+metric+" relative", p, tol, c.inverse)
		}
	}
	w.Log(t)
}

func TestGoldenQuantile(t *testing.T) {
	t.Parallel()
	type arm struct {
		N            int64
		NStar        int64 `json:"n_star"`
		Nu           float64
		Value        float64 `json:"quantile_hat"`
		Low          float64 `json:"quantile_lower"`
		High         float64 `json:"quantile_upper"`
		Clusters     int64   `json:"n_clusters"`
		MainSum      float64 `json:"main_sum"`
		MainSS       float64 `json:"main_sum_squares"`
		DenSum       float64 `json:"denominator_sum"`
		DenSS        float64 `json:"denominator_sum_squares"`
		MainDenCross float64 `json:"main_denominator_sum_product"`
	}
	var in struct {
		Unit      map[string][]arm `json:"unit_level"`
		Clustered []arm            `json:"event_level_clustered"`
	}
	golden.Load(t, &in, "experiments_gbstats", "08_quantile", "input.json")
	var want struct {
		Tolerance         golden.Tolerance
		Unit              map[string]scales    `json:"unit_level"`
		Clustered         scales               `json:"event_level_clustered"`
		VarianceUnit      map[string][]float64 `json:"variance_unit"`
		VarianceClustered []float64            `json:"variance_clustered"`
	}
	golden.Load(t, &want, "experiments_gbstats", "08_quantile", "expected.json")
	var w golden.Worst
	quantile := func(a arm) Quantile {
		m := must[int64](t)(stableSize(a.N))
		if m != a.NStar {
			t.Errorf("stable size of %d: got %d, want %d", a.N, m, a.NStar)
		}
		return Quantile{N: a.N, Nu: a.Nu, Value: a.Value, Low: a.Low, High: a.High}
	}
	for nu, pair := range in.Unit {
		var s [2]Sample
		for i, a := range pair {
			s[i] = must[Sample](t)(quantile(a).Sample())
			w.Check(t, nu, s[i].Variance(), want.VarianceUnit[nu][i], want.Tolerance)
		}
		want.Unit[nu].test(t, &w, nu, must[Effect](t)(Compare(s[0], s[1])), want.Tolerance, test95)
	}
	var s [2]Sample
	for i, a := range in.Clustered {
		p := must[Pair](t)(PairFromSums(a.Clusters, a.DenSum, a.DenSS, a.MainSum, a.MainSS, a.MainDenCross))
		s[i] = must[Sample](t)(quantile(a).Clustered(p))
		w.Check(t, "clustered", s[i].Variance(), want.VarianceClustered[i], want.Tolerance)
	}
	want.Clustered.test(t, &w, "clustered", must[Effect](t)(Compare(s[0], s[1])), want.Tolerance, test95)
	w.Log(t)
}

func TestGoldenEdges(t *testing.T) {
	t.Parallel()
	var in map[string][]struct {
		N          int64
		Sum        float64
		SumSquares float64 `json:"sum_squares"`
		Type       string
	}
	golden.Load(t, &in, "experiments_gbstats", "12_edge_cases", "input.json")
	var want struct {
		Tolerance golden.Tolerance
		Results   map[string]struct{ Frequentist, Bayesian scales }
	}
	golden.Load(t, &want, "experiments_gbstats", "12_edge_cases", "expected.json")
	var w golden.Worst
	for name, pair := range in {
		var s [2]Sample
		for i, a := range pair {
			s[i] = share(a.N, a.Sum)
			if a.Type != "ProportionStatistic" {
				s[i] = must[Sample](t)(FromSums(a.N, a.Sum, a.SumSquares))
			}
		}
		e, err := Compare(s[0], s[1])
		r := want.Results[name]
		if r.Frequentist.Absolute.Error != nil {
			// The reference returns neutral values. One constant arm, or a control
			// mean of 0, still has an answer on the scale of the difference.
			if name == "one_unit" {
				if !errors.Is(err, ErrTooFew) {
					t.Errorf("%s: error %v, want %v", name, err, ErrTooFew)
				}
				continue
			}
			d := e.Test(0.95)
			if err != nil || !(d.SE > 0) || !(d.Low < d.Estimate) || !(d.P > 0 && d.P <= 1) {
				t.Errorf("%s: got %+v, %v, want an answer", name, d, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		r.Frequentist.test(t, &w, name, e, want.Tolerance, test95)
		flat := Prior{SD: math.Inf(1)}
		r.Bayesian.Absolute.posterior(t, &w, name+" bayes", must[Posterior](t)(e.Posterior(flat, 0.95)), want.Tolerance, false)
		rel := must[Effect](t)(e.DeltaLift())
		r.Bayesian.Relative.posterior(t, &w, name+" bayes relative", must[Posterior](t)(rel.Posterior(flat, 0.95)), want.Tolerance, false)
	}
	w.Log(t)
}
