package btyd

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"
	"time"

	"loyaltymcp/stats/internal/golden"
)

// readLog reads a CSV file of member, date and value.
func readLog(t *testing.T, elem ...string) []Purchase {
	t.Helper()
	f, err := os.Open(golden.Path(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var log []Purchase
	for _, r := range rows[1:] {
		v, err := strconv.ParseFloat(r[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, Purchase{Member: r[0], Day: day(t, r[1]), Value: v})
	}
	return log
}

// day returns the number of days from 1970 to a date.
func day(t *testing.T, date string) int {
	t.Helper()
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		t.Fatal(err)
	}
	return int(d.Unix() / 86400)
}

func TestGoldenLogToSummary(t *testing.T) {
	var want struct {
		Tolerance   tolerances
		End         string `json:"observation_end"`
		N           int
		TotalRepeat int     `json:"total_repeat"`
		SumTX       float64 `json:"sum_t_x"`
		SumT        float64 `json:"sum_T"`
		Rows        []struct {
			ID   int `json:"sample_id"`
			X    int
			TX   float64 `json:"t_x"`
			T    float64
			Zbar float64
		}
	}
	golden.Load(t, &want, "clv", "cdnow_log_to_summary", "expected.json")
	s := Summarize(readLog(t, "clv", "cdnow_log_to_summary", "transactions.csv"), day(t, want.End), 0, 7)
	by := make(map[string]Summary)
	var repeat int
	var sumTX, sumT float64
	for _, v := range s {
		by[v.Member] = v
		repeat += v.History.X
		sumTX += v.History.TX
		sumT += v.History.T
	}
	if len(s) != want.N || repeat != want.TotalRepeat {
		t.Errorf("got %d members and %d repeat days, want %d and %d", len(s), repeat, want.N, want.TotalRepeat)
	}
	tol := golden.Tolerance{Rel: want.Tolerance.Rel, Abs: want.Tolerance.Abs}
	var w golden.Worst
	w.Check(t, "sum of t_x", sumTX, want.SumTX, tol)
	w.Check(t, "sum of T", sumT, want.SumT, tol)
	for _, r := range want.Rows {
		got := by[strconv.Itoa(r.ID)]
		if got.History.X != r.X || got.Spend.X != r.X {
			t.Errorf("member %d: got x = %d, want %d", r.ID, got.History.X, r.X)
		}
		w.Check(t, "t_x", got.History.TX, r.TX, tol)
		w.Check(t, "T", got.History.T, r.T, tol)
		w.Check(t, "zbar", got.Spend.Mean, r.Zbar, tol)
	}
	w.Log(t)
}

func TestGoldenCLV(t *testing.T) {
	var want struct {
		Tolerance tolerances
		CLV       struct {
			Index []int
			CLV   []float64
			BGNBD map[string]float64 `json:"bgnbd_params"`
			GG    map[string]float64 `json:"gg_params"`
		} `json:"lifetimes_clv_12_months_1pct_monthly"`
	}
	golden.Load(t, &want, "clv", "cdnow_sample_gamma_gamma", "expected.json")
	h := histories(table(t, "clv", "cdnow_sample_bgnbd", "customers.csv"))
	c := table(t, "clv", "cdnow_sample_gamma_gamma", "customers.csv")
	m := build(BGNBD{}, want.CLV.BGNBD)
	gg := GammaGamma{want.CLV.GG["p"], want.CLV.GG["q"], want.CLV.GG["v"]}
	var w golden.Worst
	for i, id := range want.CLV.Index {
		row := id - 1
		spend := gg.Mean(Spend{X: int(c["x"][row]), Mean: c["zbar"][row]})
		got := CLV(m, h[row], spend, Valuation{Periods: 12, Length: 4.345, Discount: 0.01, Margin: 1})
		w.Check(t, "clv", got, want.CLV.CLV[i], golden.Tolerance{Rel: want.Tolerance.CLVRel})
	}
	w.Log(t)
}

func TestGoldenStaticCovariates(t *testing.T) {
	type prediction struct {
		ID     string  `json:"Id"`
		ActX   int     `json:"actual.x"`
		Length float64 `json:"period.length"`
		PAlive float64
		CET    float64
		DERT   float64
		Spend  float64 `json:"predicted.mean.spending"`
		CLV    float64 `json:"predicted.CLV"`
	}
	type fits struct {
		NoCov, Static struct {
			goldenFit
			AIC, BIC float64
		}
		Predict []prediction
	}
	var want struct {
		Tolerance   tolerances
		PNBD, BGNBD fits
		End         string `json:"estimation_end"`
		HoldoutEnd  string `json:"holdout_end"`
		Rows        []struct {
			ID string  `json:"Id"`
			X  int     `json:"x"`
			TX float64 `json:"t.x"`
			T  float64 `json:"T.cal"`
		} `json:"summary_rows"`
		N  int
		GG struct {
			LogLik float64
			Params map[string]float64
		}
	}
	golden.Load(t, &want, "clv", "sim_static_covariates", "expected.json")
	log := readLog(t, "clv", "sim_static_covariates", "transactions.csv")
	s := Summarize(log, day(t, want.End), day(t, want.HoldoutEnd), 7)
	if len(s) != want.N {
		t.Fatalf("got %d members, want %d", len(s), want.N)
	}
	tol := golden.Tolerance{Rel: want.Tolerance.Rel, Abs: want.Tolerance.Abs}
	var w golden.Worst
	by := make(map[string]Summary)
	h := make([]History, len(s))
	spend := make([]Spend, len(s))
	for i, v := range s {
		by[v.Member], h[i], spend[i] = v, v.History, v.Spend
	}
	for _, r := range want.Rows {
		got := by[r.ID].History
		if got.X != r.X {
			t.Errorf("%s: got x = %d, want %d", r.ID, got.X, r.X)
		}
		w.Check(t, "t_x", got.TX, r.TX, tol)
		w.Check(t, "T", got.T, r.T, tol)
	}
	// Covariates App and Gold, in the order of the summaries.
	f, err := os.Open(golden.Path(t, "clv", "sim_static_covariates", "covariates.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	zBy := make(map[string][]float64)
	for _, r := range rows[1:] {
		app, gold := 0.0, 0.0
		if r[1] == "1" {
			app = 1
		}
		if r[2] == "1" {
			gold = 1
		}
		zBy[r[0]] = []float64{app, gold}
	}
	z := make([][]float64, len(s))
	for i, v := range s {
		z[i] = zBy[v.Member]
	}

	gg, err := FitSpend(spend, nil)
	if err != nil {
		t.Fatal(err)
	}
	if gg.Boundary == "" {
		t.Error("Gamma-Gamma: the reference warns of parameters that are loosely identified, the fit does not")
	}
	w.Check(t, "Gamma-Gamma log-likelihood", gg.LogLik, want.GG.LogLik, golden.Tolerance{Abs: want.Tolerance.FitLogLik})

	run := func(name string, m Model, fit func() (nocov Fitted[Model], static Fitted[Static[Model]]), want fits, tolFit tolerances) {
		t.Run(name, func(t *testing.T) {
			nocov, static := fit()
			checkFit(t, &w, &nocov, want.NoCov.goldenFit, tolFit)
			checkFit(t, &w, &static, want.Static.goldenFit, tolFit)
			w.Check(t, "aic", static.AIC(), want.Static.AIC, tol)
			w.Check(t, "bic", static.BIC(), want.Static.BIC, tol)
			p := want.Static.Params
			at := Static[Model]{Base: build(m, p), Trans: []float64{p["trans.App"], p["trans.Gold"]}, Life: []float64{p["life.App"], p["life.Gold"]}}
			ref := GammaGamma{gg.Model.P, gg.Model.Q, gg.Model.Gamma}
			for _, r := range want.Predict {
				v := by[r.ID]
				own := at.For(zBy[r.ID], zBy[r.ID])
				if v.Later != r.ActX {
					t.Errorf("%s: got %d purchases in the holdout, want %d", r.ID, v.Later, r.ActX)
				}
				w.Check(t, r.ID+" p_alive", own.PAlive(v.History), r.PAlive, tol)
				w.Check(t, r.ID+" cet", own.Expected(v.History, r.Length), r.CET, tol)
				w.Check(t, r.ID+" spend", ref.Mean(v.Spend), r.Spend, tol)
				if r.DERT > 0 {
					dert := own.DERT(v.History, math.Log(1.1))
					w.Check(t, r.ID+" dert", dert, r.DERT, tol)
					w.Check(t, r.ID+" clv", dert*ref.Mean(v.Spend), r.CLV, golden.Tolerance{Rel: 2 * tol.Rel, Abs: tol.Abs})
				}
			}
		})
	}
	d := data(t, h, nil)
	run("pareto_nbd", ParetoNBD{}, func() (Fitted[Model], Fitted[Static[Model]]) {
		return fitBoth[Model](t, ParetoNBD{}, d, h, z)
	}, want.PNBD, want.Tolerance)
	run("bgnbd", BGNBD{}, func() (Fitted[Model], Fitted[Static[Model]]) {
		return fitBoth[Model](t, BGNBD{}, d, h, z)
	}, want.BGNBD, want.Tolerance)
	w.Log(t)
}

// fitBoth fits without and with covariates and names the latter as the
// reference does.
func fitBoth[M Model](t *testing.T, m M, d *Data, h []History, z [][]float64) (Fitted[M], Fitted[Static[M]]) {
	t.Helper()
	nocov, err := Fit(m, d)
	if err != nil {
		t.Fatal(err)
	}
	static, err := FitStatic(m, h, nil, z, z)
	if err != nil {
		t.Fatal(err)
	}
	copy(static.Names[dim:], []string{"trans.App", "trans.Gold", "life.App", "life.Gold"})
	return *nocov, *static
}
