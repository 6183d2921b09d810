package survival_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

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
