package survival_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/internal/golden"
	"loyaltymcp/stats/survival"
)

// curves are the reference's curves, a table row for each stratum and time.
type curves struct {
	Table []struct {
		Strata string
		Time   float64
		NRisk  float64 `json:"n_risk"`
		Surv   float64
		SE     golden.Number
		Lower  golden.Number
		Upper  golden.Number
		CumHaz float64
	}
	Median json.RawMessage
	RMST   struct {
		Tau  float64
		Rows []struct {
			Mean   float64       `json:"rmean"`
			SE     float64       `json:"se(rmean)"`
			Median golden.Number `json:"median"`
			Low    golden.Number `json:"0.95LCL"`
			High   golden.Number `json:"0.95UCL"`
			Row    string        `json:"_row"`
		}
	}
}

// quartiles reads the quartiles of one curve or of several.
func (c curves) quartiles(t *testing.T) [][]golden.Number {
	t.Helper()
	var many [][]golden.Number
	if json.Unmarshal(c.Median, &many) == nil {
		return many
	}
	var one []golden.Number
	if err := json.Unmarshal(c.Median, &one); err != nil {
		t.Fatal(err)
	}
	return [][]golden.Number{one}
}

// checkCurves compares the curves of the strata, in the reference's order.
func checkCurves(t *testing.T, w *golden.Worst, name string, want curves, got []survival.Curve, at func(survival.Curve, float64) survival.Estimate, scale survival.Scale, tol golden.Tolerance) {
	t.Helper()
	for i, row := range want.RMST.Rows {
		what := name + " " + row.Row
		mean, se, err := got[i].RMST(want.RMST.Tau)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		w.Check(t, what+" mean", mean, row.Mean, tol)
		if name == "FH" {
			se = mixedSE(got[i], want.RMST.Tau)
		}
		w.Check(t, what+" se of mean", se, row.SE, tol)
		for k, p := range []float64{0.25, 0.5, 0.75} {
			q, low, high := got[i].Quantile(p, 0.95, scale)
			w.Check(t, fmt.Sprintf("%s quantile %v", what, p), q, float64(want.quartiles(t)[i][k]), tol)
			if p == 0.5 {
				w.Check(t, what+" median low", low, float64(row.Low), tol)
				w.Check(t, what+" median high", high, float64(row.High), tol)
			}
		}
	}
	stratum := -1
	last := ""
	for _, row := range want.Table {
		if stratum < 0 || row.Strata != last {
			stratum, last = stratum+1, row.Strata
		}
		what := fmt.Sprintf("%s %s at %v", name, row.Strata, row.Time)
		e := at(got[stratum], row.Time)
		w.Check(t, what+" survival", e.Value, row.Surv, tol)
		w.Check(t, what+" se", e.SE, float64(row.SE), tol)
		low, high := e.Interval(0.95, scale)
		w.Check(t, what+" low", low, float64(row.Lower), tol)
		w.Check(t, what+" high", high, float64(row.Upper), tol)
		w.Check(t, what+" hazard", got[stratum].CumulativeHazard(row.Time), row.CumHaz, tol)
		w.Check(t, what+" at risk", got[stratum].Under(row.Time), row.NRisk, tol)
	}
}

// mixedSE is the reference's standard error of the mean under a
// Fleming-Harrington curve: the variance is that of Kaplan-Meier, d/(n(n-d)),
// though the reference's standard errors of the same curve are from d/n², as
// ours of both are.
func mixedSE(c survival.Curve, tau float64) float64 {
	area, right, variance := 0.0, tau, 0.0
	for i := len(c.Time) - 1; i >= 0; i-- {
		if c.Time[i] > tau {
			continue
		}
		area += (right - c.Time[i]) * c.Survival[i]
		right = c.Time[i]
		if left := c.AtRisk[i] - c.Events[i]; left > 0 {
			variance += area * area * c.Events[i] / (c.AtRisk[i] * left)
		}
	}
	return math.Sqrt(variance)
}

func greenwood(c survival.Curve, t float64) survival.Estimate { return c.At(t) }

// cut keeps the rows for which keep is true.
func cut(d survival.Data, keep func(int) bool) survival.Data {
	var out survival.Data
	for i := range d.Stop {
		if !keep(i) {
			continue
		}
		out.Stop, out.Event = append(out.Stop, d.Stop[i]), append(out.Event, d.Event[i])
		if d.Start != nil {
			out.Start = append(out.Start, d.Start[i])
		}
		if d.Weight != nil {
			out.Weight = append(out.Weight, d.Weight[i])
		}
		if d.Cluster != nil {
			out.Cluster = append(out.Cluster, d.Cluster[i])
		}
	}
	return out
}

// by fits a curve for each of the named groups.
func by(t *testing.T, d survival.Data, of, names []string, fit func(survival.Data) (survival.Curve, error)) []survival.Curve {
	t.Helper()
	var out []survival.Curve
	for _, name := range names {
		c, err := fit(cut(d, func(i int) bool { return of[i] == name }))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

// numbers gives each text its place among the names.
func numbers(of, names []string) []int {
	var out []int
	for _, v := range of {
		out = append(out, slices.Index(names, v))
	}
	return out
}

type logRank struct {
	ChiSq              float64
	DF                 int
	P                  float64
	Observed, Expected []float64
}

func checkLogRank(t *testing.T, w *golden.Worst, name string, want logRank, got survival.LogRankTest, err error, tol golden.Tolerance) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	w.Check(t, name+" chi2", got.ChiSquare, want.ChiSq, tol)
	w.Check(t, name+" P", got.P, want.P, tol)
	if got.DF != want.DF {
		t.Errorf("%s: %d degrees of freedom, want %d", name, got.DF, want.DF)
	}
	for g := range want.Observed {
		w.Check(t, name+" observed", got.Observed[g], want.Observed[g], tol)
		w.Check(t, name+" expected", got.Expected[g], want.Expected[g], tol)
	}
}

// cox is a reference fit.
type cox struct {
	Coef, SE      map[string]float64
	Robust        bool
	LogLik        []float64
	Wald, Score   float64
	Concordance   float64
	ConcordanceSE float64 `json:"concordance_se"`
	Baseline      []struct {
		Hazard, Time float64
		Strata       string
	} `json:"baseline_hazard"`
	Zph []struct {
		ChiSq float64
		DF    int
		P     float64
		Row   string `json:"_row"`
	}
}

// checkCox fits the named columns and compares everything.
func checkCox(t *testing.T, w *golden.Worst, name string, want cox, d survival.Data, columns []string, x [][]float64, ties survival.Ties, strata []string, terms [][]int, tol golden.Tolerance) {
	t.Helper()
	m := mat.NewDense(len(d.Stop), len(columns), nil)
	for j, c := range x {
		m.SetCol(j, c)
	}
	f, err := survival.Cox(d, m, ties)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	se, cov := f.SE(), f.Cov
	if want.Robust {
		se, cov = f.RobustSE(), f.Robust
	}
	for j, c := range columns {
		w.Check(t, name+" "+c, f.Coef[j], want.Coef[c], tol)
		w.Check(t, name+" se "+c, se[j], want.SE[c], tol)
	}
	w.Check(t, name+" log-likelihood of nothing", f.NullLogLik, want.LogLik[0], tol)
	w.Check(t, name+" log-likelihood", f.LogLik, want.LogLik[1], tol)
	w.Check(t, name+" score", f.Score, want.Score, tol)
	wald, _ := f.Wald(cov)
	w.Check(t, name+" Wald", wald, want.Wald, tol)
	c, err := f.Concordance()
	if err != nil {
		t.Fatal(err)
	}
	w.Check(t, name+" concordance", c.Value, want.Concordance, tol)
	w.Check(t, name+" se of concordance", c.SE, want.ConcordanceSE, tol)
	base := f.Baselines()
	for _, b := range want.Baseline {
		k := max(0, slices.Index(strata, b.Strata))
		got := -math.Log(base[k].Survival(b.Time, 1))
		w.Check(t, fmt.Sprintf("%s baseline %s %v", name, b.Strata, b.Time), got, b.Hazard, tol)
	}
	each, global, err := f.ProportionalHazards(terms...)
	if err != nil {
		t.Fatal(err)
	}
	each = append(each, global)
	for i, z := range want.Zph {
		what := name + " zph " + z.Row
		w.Check(t, what+" chi2", each[i].ChiSquare, z.ChiSq, tol)
		w.Check(t, what+" P", each[i].P, z.P, tol)
		if each[i].DF != z.DF {
			t.Errorf("%s: %d degrees of freedom, want %d", what, each[i].DF, z.DF)
		}
	}
}

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
