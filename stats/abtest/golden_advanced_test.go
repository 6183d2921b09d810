package abtest

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/internal/golden"
)

func TestGoldenRegression(t *testing.T) {
	t.Parallel()
	type coef struct{ Est, SE, T, P float64 }
	type anytime struct {
		P float64 `json:"Pr_t_"`
	}
	var want struct {
		Tolerance golden.Tolerance
		OLS       map[string]coef `json:"ols_unadjusted_HC2"`
		Ancova    map[string]coef `json:"ancova_HC2"`
		LinHC2    map[string]coef `json:"lin_interacted_HC2"`
		LinHC3    map[string]coef `json:"lin_interacted_HC3"`
		HC1       map[string]coef `json:"ancova_HC1"`
		Classical map[string]coef `json:"ancova_classical"`
		Tier      struct {
			Effects map[string]struct{ Diff, Var float64 }
			Q       float64 `json:"heterogeneity_Q"`
			DF      int
			P       float64
			F       struct {
				F float64
				P float64 `json:"Pr(>F)"`
			} `json:"interaction_F_HC3"`
		} `json:"treatment_by_tier"`
		Anytime struct {
			Plain  map[string]anytime `json:"unadjusted_g1"`
			Ancova map[string]anytime `json:"ancova_g1"`
			Robust map[string]anytime `json:"ancova_g100_HC2"`
			Limits map[string]struct {
				Low  float64 `json:"2_5_"`
				High float64 `json:"97_5_"`
			} `json:"ancova_g1_confint_95"`
			Optimal float64 `json:"optimal_g_n_p4_alpha05"`
		} `json:"anytime_valid"`
	}
	golden.Load(t, &want, "experiments_advanced", "regression_adjustment_hte_anytime", "expected.json")
	var y, spend, visits []float64
	var treated []bool
	tiers := make(map[string]*[2][]float64)
	var tier []string
	for _, r := range readCSV(t, "experiments_advanced", "regression_adjustment_hte_anytime", "members.csv") {
		y = append(y, number(t, r, "y"))
		spend = append(spend, number(t, r, "pre_spend"))
		visits = append(visits, number(t, r, "pre_visits"))
		w := number(t, r, "w") == 1
		treated = append(treated, w)
		tier = append(tier, r["tier"])
		if tiers[r["tier"]] == nil {
			tiers[r["tier"]] = new([2][]float64)
		}
		a := &tiers[r["tier"]][indicator(w)]
		*a = append(*a, y[len(y)-1])
	}
	n := len(y)
	ms, mv := FromValues(spend).Mean, FromValues(visits).Mean
	fit := func(columns func(i int) []float64) *Regression {
		k := len(columns(0))
		x := mat.NewDense(n, k, nil)
		for i := range n {
			x.SetRow(i, columns(i))
		}
		return must[*Regression](t)(Regress(x, y))
	}
	plain := fit(func(i int) []float64 { return []float64{1, float64(indicator(treated[i]))} })
	ancova := fit(func(i int) []float64 {
		return []float64{1, float64(indicator(treated[i])), spend[i] - ms, visits[i] - mv}
	})
	lin := fit(func(i int) []float64 {
		w, p, v := float64(indicator(treated[i])), spend[i]-ms, visits[i]-mv
		return []float64{1, w, p, v, w * p, w * v}
	})
	names := []string{"(Intercept)", "w", "pc", "vc", "w:pc", "w:vc"}
	var w golden.Worst
	for _, c := range []struct {
		name string
		fit  *Regression
		kind Robust
		want map[string]coef
	}{
		{"unadjusted", plain, HC2, want.OLS}, {"ancova", ancova, HC2, want.Ancova}, {"lin", lin, HC2, want.LinHC2},
		{"lin", lin, HC3, want.LinHC3}, {"ancova", ancova, HC1, want.HC1}, {"ancova", ancova, Classical, want.Classical},
	} {
		for i := range c.fit.Coef {
			name := fmt.Sprint(c.name, c.kind, names[i])
			d := must[Effect](t)(c.fit.Coefficient(i, 0, c.kind)).Test(0.95)
			r := c.want[names[i]]
			w.Check(t, name+" estimate", d.Estimate, r.Est, want.Tolerance)
			w.Check(t, name+" se", d.SE, r.SE, want.Tolerance)
			w.Check(t, name+" t", d.T, r.T, want.Tolerance)
			w.Check(t, name+" p", d.P, r.P, golden.Tolerance{Rel: want.Tolerance.Rel})
		}
	}
	e := must[Effect](t)(Lin(y, treated, spend, visits))
	w.Check(t, "Lin", e.Difference, want.LinHC2["w"].Est, want.Tolerance)
	w.Check(t, "Lin se", math.Sqrt(e.Variance), want.LinHC2["w"].SE, want.Tolerance)
	w.Check(t, "Lin control", e.Control, want.LinHC2["(Intercept)"].Est, want.Tolerance)
	w.Check(t, "Lin control se", math.Sqrt(e.ControlVariance), want.LinHC2["(Intercept)"].SE, want.Tolerance)

	for _, c := range []struct {
		name string
		fit  *Regression
		kind Robust
		g    float64
		want map[string]anytime
	}{
		{"anytime", plain, Classical, 1, want.Anytime.Plain}, {"anytime ancova", ancova, Classical, 1, want.Anytime.Ancova},
		{"anytime HC2", ancova, HC2, 100, want.Anytime.Robust},
	} {
		for i := range c.fit.Coef {
			d := must[Effect](t)(c.fit.Coefficient(i, 0, c.kind)).TestAnytimeT(0.95, c.g)
			w.Check(t, c.name+" "+names[i], d.P, c.want[names[i]].P, golden.Tolerance{Rel: want.Tolerance.Rel})
			if c.name == "anytime ancova" {
				w.Check(t, c.name+" low "+names[i], d.Low, want.Anytime.Limits[names[i]].Low, want.Tolerance)
				w.Check(t, c.name+" high "+names[i], d.High, want.Anytime.Limits[names[i]].High, want.Tolerance)
			}
		}
	}
	// The reference searches for the shortest interval by its width, which at the
	// minimum tells g to 7 digits at most.
	g := AnytimeG(int64(n), 4, 0.95)
	w.Check(t, "optimal g", g, want.Anytime.Optimal, golden.Tolerance{Rel: 1e-6})
	if ours, theirs := anytimeT(0.05, g, float64(n), 1196), anytimeT(0.05, want.Anytime.Optimal, float64(n), 1196); ours > theirs {
		t.Errorf("width %v, reference %v", ours, theirs)
	}

	var studies []Study
	for name, a := range tiers {
		e := must[Effect](t)(Compare(FromValues(a[0]), FromValues(a[1])))
		w.Check(t, name+" difference", e.Difference, want.Tier.Effects[name].Diff, want.Tolerance)
		w.Check(t, name+" variance", e.Variance, want.Tier.Effects[name].Var, want.Tolerance)
		studies = append(studies, Study{e.Difference, math.Sqrt(e.Variance)})
	}
	h := must[Heterogeneity](t)(Heterogeneous(studies))
	w.Check(t, "Q", h.Q, want.Tier.Q, want.Tolerance)
	w.Check(t, "Q p", h.P, want.Tier.P, want.Tolerance)
	byTier := fit(func(i int) []float64 {
		w, s, g := float64(indicator(treated[i])), 0.0, 0.0
		switch tier[i] {
		case "silver":
			s = 1
		case "gold":
			g = 1
		}
		return []float64{1, w, s, g, w * s, w * g}
	})
	f := must[WaldF](t)(byTier.Wald([]int{4, 5}, HC3))
	w.Check(t, "interaction F", f.F, want.Tier.F.F, want.Tolerance)
	w.Check(t, "interaction p", f.P, want.Tier.F.P, want.Tolerance)
	w.Log(t)
}

func TestGoldenInteraction(t *testing.T) {
	t.Parallel()
	var want struct {
		Tolerance    golden.Tolerance
		Independence struct{ Stat, P float64 } `json:"independence_chisq"`
		Welch        struct {
			Interaction float64
			SE          float64 `json:"se_welch"`
			Z           float64
			P           float64 `json:"p_normal"`
		} `json:"interaction_welch"`
		OLS map[string]struct{ Est, SE, T, P float64 } `json:"ols_HC3"`
		F   struct {
			F float64
			P float64 `json:"Pr(>F)"`
		} `json:"anova_F"`
	}
	golden.Load(t, &want, "experiments_advanced", "interaction_of_two_experiments", "expected.json")
	var cells, white [2][2]Sample
	for _, r := range readCSV(t, "experiments_advanced", "interaction_of_two_experiments", "cells.csv") {
		s := must[Sample](t)(FromSums(int64(number(t, r, "n")), number(t, r, "sum"), number(t, r, "sumsq")))
		i, j := int(number(t, r, "e1")), int(number(t, r, "e2"))
		cells[i][j] = s
		s.M2 *= float64(s.N-1) / float64(s.N) // HC0 divides by n
		white[i][j] = s
	}
	var w golden.Worst
	in := must[Interaction](t)(Interact(cells))
	w.Check(t, "chi-square", in.Independence.ChiSquare, want.Independence.Stat, want.Tolerance)
	w.Check(t, "independence p", in.Independence.P, want.Independence.P, want.Tolerance)
	w.Check(t, "interaction", in.Difference, want.Welch.Interaction, want.Tolerance)
	d := in.TestLook(quantileZ)
	w.Check(t, "se", d.SE, want.Welch.SE, want.Tolerance)
	w.Check(t, "z", d.T, want.Welch.Z, want.Tolerance)
	w.Check(t, "p", d.P, want.Welch.P, want.Tolerance)

	flat := func(c [2][2]Sample) []Sample { return []Sample{c[0][0], c[0][1], c[1][0], c[1][1]} }
	signs := []float64{1, -1, -1, 1}
	robust := must[Effect](t)(Contrast(flat(white), signs))
	pooled := must[Effect](t)(PooledContrast(flat(cells), signs))
	robust.DF = pooled.DF
	ols := want.OLS["e1:e2"]
	d = robust.Test(0.95)
	w.Check(t, "HC0 se", d.SE, ols.SE, want.Tolerance)
	w.Check(t, "HC0 t", d.T, ols.T, want.Tolerance)
	w.Check(t, "HC0 p", d.P, ols.P, want.Tolerance)
	d = pooled.Test(0.95)
	w.Check(t, "F", d.T*d.T, want.F.F, want.Tolerance)
	w.Check(t, "F p", d.P, want.F.P, want.Tolerance)
	w.Log(t)
}

func TestGoldenMeta(t *testing.T) {
	t.Parallel()
	type result struct {
		Est, SE, Tau2, I2, Q, Qp float64
		CI                       [2]float64
	}
	var want struct {
		Tolerance golden.Tolerance
		Fixed     result
		DL        result    `json:"dersimonian_laird"`
		REML      result    `json:"reml"`
		KH        result    `json:"reml_knapp_hartung"`
		Shrunken  []float64 `json:"shrunken_lifts_reml"`
	}
	golden.Load(t, &want, "experiments_advanced", "meta_analysis_past_tests", "expected.json")
	var studies []Study
	for _, r := range readCSV(t, "experiments_advanced", "meta_analysis_past_tests", "tests.csv") {
		studies = append(studies, Study{number(t, r, "lift"), number(t, r, "se")})
	}
	var w golden.Worst
	for _, c := range []struct {
		name   string
		method MetaMethod
		kh     bool
		want   result
	}{{"fixed", Fixed, false, want.Fixed}, {"DL", DerSimonianLaird, false, want.DL}, {"REML", REML, false, want.REML}, {"KH", REML, true, want.KH}} {
		m := must[Meta](t)(MetaAnalysis(studies, c.method, c.kh, 0.95))
		for k, v := range map[string][2]float64{
			"mean": {m.Mean, c.want.Est}, "se": {m.SE, c.want.SE}, "low": {m.Low, c.want.CI[0]}, "high": {m.High, c.want.CI[1]},
			"tau2": {m.Tau2, c.want.Tau2}, "I2": {100 * m.I2, c.want.I2}, "Q": {m.Q, c.want.Q}, "Q p": {m.P, c.want.Qp},
		} {
			w.Check(t, c.name+" "+k, v[0], v[1], want.Tolerance)
		}
		if c.name == "REML" {
			for i, v := range m.Shrink(nil, studies) {
				w.Check(t, fmt.Sprint("shrunken ", i), v, want.Shrunken[i], want.Tolerance)
			}
		}
	}
	w.Log(t)
}
