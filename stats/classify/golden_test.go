package classify_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/classify"
	"loyaltymcp/stats/internal/golden"
)

// columns reads the named columns of a file of reference data.
func columns(t *testing.T, names []string, elem ...string) [][]float64 {
	t.Helper()
	file, err := os.Open(golden.Path(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]float64
	for _, name := range names {
		at, column := slices.Index(rows[0], name), []float64{}
		for _, row := range rows[1:] {
			v, err := strconv.ParseFloat(row[at], 64)
			if err != nil {
				t.Fatal(err)
			}
			column = append(column, v)
		}
		out = append(out, column)
	}
	return out
}

func matrix(columns [][]float64) *mat.Dense {
	m := mat.NewDense(len(columns[0]), len(columns), nil)
	for j, c := range columns {
		m.SetCol(j, c)
	}
	return m
}

func TestGoldenChurn(t *testing.T) {
	var want struct {
		Tolerance struct {
			golden.Tolerance
			Ridge float64 `json:"ridge_rel"`
		}
		Logit struct {
			Names          []string
			Coef, SE, Z, P []float64
			LogLik, AIC    float64
			NullLogLik     float64 `json:"loglik_null"`
		}
		Ridge struct {
			Coef      []float64
			Intercept float64
		} `json:"ridge_C_0.5"`
		Metrics struct {
			AUC, Brier, LogLoss float64
			AveragePrecision    float64   `json:"average_precision"`
			Deciles             []float64 `json:"churn_rate_by_predicted_decile"`
		}
	}
	golden.Load(t, &want, "churn_model", "logistic_auc_calibration", "expected.json")
	data := columns(t, append(want.Logit.Names[1:len(want.Logit.Names):len(want.Logit.Names)], "churned"), "churn_model", "logistic_auc_calibration", "members.csv")
	x, y := matrix(data[:len(data)-1]), data[len(data)-1]
	m, err := classify.Fit(y, x, classify.FitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var w golden.Worst
	tol := want.Tolerance.Tolerance
	for j, name := range want.Logit.Names {
		se := m.SE()[j]
		w.Check(t, name, m.Coef[j], want.Logit.Coef[j], tol)
		w.Check(t, name+" se", se, want.Logit.SE[j], tol)
		w.Check(t, name+" z", m.Coef[j]/se, want.Logit.Z[j], tol)
		w.Check(t, name+" P", classify.P(m.Coef[j], se), want.Logit.P[j], tol)
	}
	w.Check(t, "log-likelihood", m.LogLik, want.Logit.LogLik, tol)
	w.Check(t, "log-likelihood of nothing", m.NullLogLik, want.Logit.NullLogLik, tol)
	w.Check(t, "AIC", m.AIC(), want.Logit.AIC, tol)
	r, err := classify.Fit(y, x, classify.FitOptions{Ridge: 1 / 0.5})
	if err != nil {
		t.Fatal(err)
	}
	for j, v := range append([]float64{want.Ridge.Intercept}, want.Ridge.Coef...) {
		w.Check(t, fmt.Sprintf("ridge %d", j), r.Coef[j], v, golden.Tolerance{Rel: want.Tolerance.Ridge})
	}
	p := make([]float64, len(y))
	for i := range p {
		p[i] = m.Predict(x.RawRowView(i)...)
	}
	auc, err := classify.AUC(p, y)
	if err != nil {
		t.Fatal(err)
	}
	precision, err := classify.AveragePrecision(p, y)
	if err != nil {
		t.Fatal(err)
	}
	brier, err := classify.Brier(p, y)
	if err != nil {
		t.Fatal(err)
	}
	loss, err := classify.LogLoss(p, y)
	if err != nil {
		t.Fatal(err)
	}
	bins, err := classify.Calibration(p, y, 10)
	if err != nil {
		t.Fatal(err)
	}
	w.Check(t, "AUC", auc.Value, want.Metrics.AUC, tol)
	w.Check(t, "average precision", precision, want.Metrics.AveragePrecision, tol)
	w.Check(t, "Brier", brier.Value, want.Metrics.Brier, tol)
	w.Check(t, "log loss", loss.Value, want.Metrics.LogLoss, tol)
	for i, v := range want.Metrics.Deciles {
		w.Check(t, fmt.Sprintf("decile %d", i), bins[i].Observed, v, tol)
	}
	w.Log(t)
}

// The discrete-time hazard with a level for each month.
func TestGoldenDiscreteHazard(t *testing.T) {
	var want struct {
		Tolerance golden.Tolerance
		Fit       struct {
			Coef, SE map[string]float64
			Deviance float64
		} `json:"discrete_cloglog"`
	}
	golden.Load(t, &want, "survival", "time_varying_discrete", "expected.json")
	data := columns(t, []string{"churned", "promo", "gold", "start"}, "survival", "time_varying_discrete", "person_months.csv")
	y, start := data[0], data[3]
	names, x := []string{"(Intercept)", "promo", "gold"}, data[1:3]
	for month := 1; month <= 11; month++ {
		level := make([]float64, len(y))
		for i, v := range start {
			if min(int(v), 11) == month {
				level[i] = 1
			}
		}
		names, x = append(names, fmt.Sprintf("factor(pmin(start, 11))%d", month)), append(x, level)
	}
	m, err := classify.Fit(y, matrix(x), classify.FitOptions{Link: classify.CLogLog})
	if err != nil {
		t.Fatal(err)
	}
	var w golden.Worst
	for j, name := range names {
		w.Check(t, name, m.Coef[j], want.Fit.Coef[name], want.Tolerance)
		w.Check(t, name+" se", m.SE()[j], want.Fit.SE[name], want.Tolerance)
	}
	w.Check(t, "deviance", -2*m.LogLik, want.Fit.Deviance, want.Tolerance)
	w.Log(t)
}
