package survival_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/internal/golden"
	"loyaltymcp/stats/survival"
)

func TestGoldenAML(t *testing.T) {
	var want struct {
		Tolerance golden.Tolerance
		KM        curves
		LogRank   logRank
		FH        curves `json:"fleming_harrington"`
	}
	golden.Load(t, &want, "survival", "aml_km", "expected.json")
	s := read(t, "survival", "aml_km", "aml.csv")
	d := survival.Data{Stop: s.column(t, "time"), Event: whole(s.column(t, "status"))}
	names := []string{"Maintained", "Nonmaintained"}
	var w golden.Worst
	checkCurves(t, &w, "KM", want.KM, by(t, d, s.text("x"), names, survival.KaplanMeier), greenwood, survival.Log, want.Tolerance)
	checkCurves(t, &w, "FH", want.FH, by(t, d, s.text("x"), names, survival.FlemingHarrington), greenwood, survival.Log, want.Tolerance)
	test, err := survival.LogRank(d, numbers(s.text("x"), names), 0)
	checkLogRank(t, &w, "log-rank", want.LogRank, test, err, want.Tolerance)
	w.Log(t)
}

func TestGoldenLung(t *testing.T) {
	var want struct {
		Tolerance golden.Tolerance
		KM        curves  `json:"km_log_ci"`
		BySex     curves  `json:"km_by_sex_loglog"`
		LogRank   logRank `json:"logrank_sex"`
		Peto      logRank `json:"peto_sex"`
		Efron     cox     `json:"cox_efron"`
		Breslow   cox     `json:"cox_breslow"`
		Weibull   struct {
			Coef   map[string]float64
			Scale  float64
			LogLik []float64
		}
	}
	golden.Load(t, &want, "survival", "lung_km_cox", "expected.json")
	s := read(t, "survival", "lung_km_cox", "lung.csv")
	d := survival.Data{Stop: s.column(t, "time"), Event: whole(s.column(t, "status"))}
	sex, names := s.text("sex"), []string{"1", "2"}
	var w golden.Worst
	tol := want.Tolerance
	all, err := survival.KaplanMeier(d)
	if err != nil {
		t.Fatal(err)
	}
	checkCurves(t, &w, "all", want.KM, []survival.Curve{all}, greenwood, survival.Log, tol)
	checkCurves(t, &w, "sex", want.BySex, by(t, d, sex, names, survival.KaplanMeier), greenwood, survival.LogLog, tol)
	test, err := survival.LogRank(d, numbers(sex, names), 0)
	checkLogRank(t, &w, "log-rank", want.LogRank, test, err, tol)
	test, err = survival.LogRank(d, numbers(sex, names), 1)
	checkLogRank(t, &w, "Peto", want.Peto, test, err, tol)

	x := mat.NewDense(len(d.Stop), 2, nil)
	x.SetCol(0, s.column(t, "age"))
	x.SetCol(1, s.column(t, "sex"))
	f, err := survival.Weibull(d, x)
	if err != nil {
		t.Fatal(err)
	}
	b, scale := f.Accelerated()
	for i, name := range []string{"(Intercept)", "age", "sex"} {
		w.Check(t, "Weibull "+name, b[i], want.Weibull.Coef[name], tol)
	}
	w.Check(t, "Weibull scale", scale, want.Weibull.Scale, tol)
	w.Check(t, "Weibull log-likelihood", f.LogLik, want.Weibull.LogLik[1], tol)
	if f, err = survival.Weibull(d, nil); err != nil {
		t.Fatal(err)
	}
	w.Check(t, "Weibull log-likelihood of nothing", f.LogLik, want.Weibull.LogLik[0], tol)

	columns := []string{"age", "sex", "ph.ecog"}
	ecog := s.column(t, "ph.ecog")
	known := func(i int) bool { return !math.IsNaN(ecog[i]) }
	var covariates [][]float64
	for _, c := range columns {
		var kept []float64
		for i, v := range s.column(t, c) {
			if known(i) {
				kept = append(kept, v)
			}
		}
		covariates = append(covariates, kept)
	}
	checkCox(t, &w, "Efron", want.Efron, cut(d, known), columns, covariates, survival.Efron, nil, nil, tol)
	checkCox(t, &w, "Breslow", want.Breslow, cut(d, known), columns, covariates, survival.Breslow, nil, nil, tol)
	w.Log(t)
}

func TestGoldenMembers(t *testing.T) {
	var want struct {
		Tolerance golden.Tolerance
		KM        curves
		ByTier    curves  `json:"km_by_tier"`
		Weighted  curves  `json:"km_weighted"`
		LogRank   logRank `json:"logrank_tier_right_censored_only"`
		Efron     cox     `json:"cox_efron"`
		Breslow   cox     `json:"cox_breslow"`
		Strata    cox     `json:"cox_strata"`
		Robust    cox     `json:"cox_weighted_robust"`
	}
	golden.Load(t, &want, "survival", "member_churn_truncated_ties", "expected.json")
	s := read(t, "survival", "member_churn_truncated_ties", "members.csv")
	d := survival.Data{Start: s.column(t, "start"), Stop: s.column(t, "stop"), Event: whole(s.column(t, "churned"))}
	tier, names := s.text("tier"), []string{"basic", "gold", "silver"}
	var w golden.Worst
	tol := want.Tolerance
	all, err := survival.KaplanMeier(d)
	if err != nil {
		t.Fatal(err)
	}
	checkCurves(t, &w, "all", want.KM, []survival.Curve{all}, greenwood, survival.Log, tol)
	checkCurves(t, &w, "tier", want.ByTier, by(t, d, tier, names, survival.KaplanMeier), greenwood, survival.Log, tol)
	weighted := d
	weighted.Weight = s.column(t, "weight")
	c, err := survival.KaplanMeier(weighted)
	if err != nil {
		t.Fatal(err)
	}
	checkCurves(t, &w, "weighted", want.Weighted, []survival.Curve{c}, survival.Curve.RobustAt, survival.Log, tol)
	right := d
	right.Start = nil
	test, err := survival.LogRank(right, numbers(tier, names), 0)
	checkLogRank(t, &w, "log-rank", want.LogRank, test, err, tol)

	var gold, silver []float64
	for _, v := range tier {
		gold, silver = append(gold, float64(strings.Count(v, "gold"))), append(silver, float64(strings.Count(v, "silver")))
	}
	app, age, spend := s.column(t, "app"), s.column(t, "age"), s.column(t, "spend")
	columns := []string{"tiergold", "tiersilver", "app", "age", "spend"}
	terms := [][]int{{0, 1}, {2}, {3}, {4}}
	checkCox(t, &w, "Efron", want.Efron, d, columns, [][]float64{gold, silver, app, age, spend}, survival.Efron, nil, terms, tol)
	checkCox(t, &w, "Breslow", want.Breslow, d, columns, [][]float64{gold, silver, app, age, spend}, survival.Breslow, nil, terms, tol)
	strata := d
	strata.Stratum = numbers(tier, names)
	checkCox(t, &w, "strata", want.Strata, strata, columns[2:], [][]float64{app, age, spend}, survival.Efron, names, nil, tol)
	checkCox(t, &w, "weighted", want.Robust, weighted, []string{"app", "age"}, [][]float64{app, age}, survival.Efron, nil, nil, tol)
	w.Log(t)
}

func TestGoldenTimeVarying(t *testing.T) {
	var want struct {
		Tolerance golden.Tolerance
		Plain     cox `json:"cox_tvc"`
		Cluster   cox `json:"cox_cluster"`
	}
	golden.Load(t, &want, "survival", "time_varying_discrete", "expected.json")
	s := read(t, "survival", "time_varying_discrete", "person_months.csv")
	d := survival.Data{Start: s.column(t, "start"), Stop: s.column(t, "stop"), Event: whole(s.column(t, "churned"))}
	x := [][]float64{s.column(t, "promo"), s.column(t, "gold")}
	var w golden.Worst
	checkCox(t, &w, "plain", want.Plain, d, []string{"promo", "gold"}, x, survival.Efron, nil, nil, want.Tolerance)
	d.Cluster = whole(s.column(t, "member"))
	checkCox(t, &w, "cluster", want.Cluster, d, []string{"promo", "gold"}, x, survival.Efron, nil, nil, want.Tolerance)
	w.Log(t)
}

func TestGoldenBreakage(t *testing.T) {
	type shares struct {
		Time, None, Redeemed, Expired float64
		SE                            golden.Number `json:"se_redeemed"`
	}
	var want struct {
		Tolerance golden.Tolerance
		RobustRel float64                            `json:"-"`
		Points    []shares                           `json:"cumulative_incidence_points_weighted"`
		Lots      []shares                           `json:"cumulative_incidence_lots"`
		KM        []struct{ Time, Surv, SE float64 } `json:"km_redemption_points_weighted_member_robust"`
	}
	golden.Load(t, &want, "breakage", "point_lots_competing_risks", "expected.json")
	s := read(t, "breakage", "point_lots_competing_risks", "lots.csv")
	d := survival.Data{Stop: s.column(t, "months"), Event: numbers(s.text("status"), []string{"open", "redeemed", "expired"})}
	var w golden.Worst
	check := func(name string, d survival.Data, want []shares, tol golden.Tolerance, withSE bool) {
		in, err := survival.AalenJohansen(d, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range want {
			what := fmt.Sprintf("%s at %v", name, row.Time)
			redeemed, expired := in.At(1, row.Time), in.At(2, row.Time)
			w.Check(t, what+" redeemed", redeemed.Value, row.Redeemed, tol)
			w.Check(t, what+" expired", expired.Value, row.Expired, tol)
			w.Check(t, what+" none", 1-redeemed.Value-expired.Value, row.None, tol)
			if withSE {
				w.Check(t, what+" se", redeemed.SE, float64(row.SE), tol)
			}
		}
	}
	check("lots", d, want.Lots, want.Tolerance, true)
	d.Weight, d.Cluster = s.column(t, "points"), whole(s.column(t, "member"))
	check("points", d, want.Points, want.Tolerance, false)
	redeemed := d
	redeemed.Event = nil
	for _, e := range d.Event {
		redeemed.Event = append(redeemed.Event, e%2)
	}
	c, err := survival.KaplanMeier(redeemed)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range want.KM {
		e := c.RobustAt(row.Time)
		w.Check(t, fmt.Sprintf("KM at %v", row.Time), e.Value, row.Surv, want.Tolerance)
		w.Check(t, fmt.Sprintf("se of KM at %v", row.Time), e.SE, row.SE, golden.Tolerance{Rel: 1e-6, Abs: 1e-10})
	}
	w.Log(t)
}
