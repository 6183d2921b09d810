package survival

import (
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/internal/special"
)

// LogRankTest compares the events of groups with those expected if all had the
// same hazard.
type LogRankTest struct {
	Observed, Expected []float64 // by group, weighted when rho is not 0
	ChiSquare          float64
	DF                 int // groups that could have had events, less one
	P                  float64
}

// LogRank tests whether groups, numbered from 0, have the same hazard, within
// strata. Events are weighted by S(t-)^rho for the curve S of all groups of
// the stratum: rho = 0 is the log-rank test, best when hazards differ by a
// constant factor, and rho = 1 the Peto-Peto test, which heeds early events
// more. Hazards that cross can escape both: compare [Curve.RMST] then. Weights
// of rows count as repetitions.
//
// It returns an error without events, and when no two groups were at risk
// together.
//
// Source: N. Mantel (1966), Evaluation of survival data and two new rank order
// statistics, Cancer Chemotherapy Reports 50, 163-170; D. P. Harrington and
// T. R. Fleming (1982), A class of rank test procedures, Biometrika 69, 553-566.
func LogRank(d Data, group []int, rho float64) (LogRankTest, error) {
	if len(group) != len(d.Stop) {
		panic("survival: one group a row is needed")
	}
	if len(group) > 0 && slices.Min(group) < 0 {
		panic("survival: groups are numbered from 0")
	}
	if math.IsNaN(rho) || math.IsInf(rho, 0) {
		panic("survival: rho is not finite")
	}
	if err := d.check(1); err != nil {
		return LogRankTest{}, err
	}
	groups := slices.Max(group) + 1
	t := LogRankTest{Observed: make([]float64, groups), Expected: make([]float64, groups)}
	v := mat.NewSymDense(groups, nil)
	for _, rows := range d.strata() {
		t.add(d, rows, group, rho, v)
	}
	// One group too many: the differences sum to zero.
	var used []int
	for g := range groups {
		if v.At(g, g) > 0 {
			used = append(used, g)
		}
	}
	if len(used) < 2 {
		return LogRankTest{}, errors.New("survival: no two groups were at risk at the time of an event; there is nothing to compare")
	}
	t.DF = len(used) - 1
	cov, diff, solved := mat.NewSymDense(t.DF, nil), mat.NewVecDense(t.DF, nil), mat.NewVecDense(t.DF, nil)
	for i, g := range used[:t.DF] {
		diff.SetVec(i, t.Observed[g]-t.Expected[g])
		for j := i; j < t.DF; j++ {
			cov.SetSym(i, j, v.At(g, used[j]))
		}
	}
	var ch mat.Cholesky
	if !ch.Factorize(cov) || ch.SolveVecTo(solved, diff) != nil {
		return LogRankTest{}, errors.New("survival: the groups fall apart into sets that were never at risk together; compare those apart")
	}
	t.ChiSquare = mat.Dot(diff, solved)
	t.P = special.ChiSquareSurvival(t.ChiSquare, float64(t.DF))
	return t, nil
}

// add adds one stratum: the hypergeometric mean and variance at each time.
func (t *LogRankTest) add(d Data, rows, group []int, rho float64, v *mat.SymDense) {
	sorted := d.order(rows)
	all := sorted.count(1)
	before := make([]float64, len(all.time)) // S just before each time
	s := 1.0
	for i := range before {
		before[i] = s
		s *= remaining(all.atRisk[i], all.events[i]) / all.atRisk[i]
	}
	atRisk, events := make([]float64, len(t.Observed)), make([]float64, len(t.Observed))
	i := len(all.time)
	sorted.descend(func(now float64, stopped, left []int) {
		clear(events)
		for _, row := range stopped {
			atRisk[group[row]] += d.weight(row)
			if d.Event[row] > 0 {
				events[group[row]] += d.weight(row)
			}
		}
		for _, row := range left {
			atRisk[group[row]] -= d.weight(row)
		}
		if i == 0 || all.time[i-1] != now {
			return
		}
		i--
		n, dead := all.atRisk[i], all.events[i]
		w := math.Pow(before[i], rho)
		spread := 0.0
		if n > 1 {
			spread = w * w * dead * math.Max(0, n-dead) / (n * n * (n - 1))
		}
		for g, ng := range atRisk {
			t.Observed[g] += w * events[g]
			t.Expected[g] += w * dead * ng / n
			v.SetSym(g, g, v.At(g, g)+spread*ng*math.Max(0, n-ng))
			for h := range g {
				v.SetSym(g, h, v.At(g, h)-spread*ng*atRisk[h])
			}
		}
	})
}
