package survival_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/internal/golden"
	"loyaltymcp/stats/survival"
)

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
