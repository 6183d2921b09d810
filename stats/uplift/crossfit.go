package uplift

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/classify"
)

// CrossFit predicts outcomes of 0 and 1 without and with treatment by ridge
// logistic regressions of each arm, each member's from those fitted to the
// members of other folds. Folds are numbers; give all rows of a member the
// same, and assign them at random otherwise. The propensity is for the caller
// to set: in an experiment it is the share by design.
//
// Two straight-line models are a modest guess of the effect of a member, but
// [Scores] are right in an experiment whatever is predicted; good predictions
// only make them less noisy.
func CrossFit(outcome []float64, treated []bool, x mat.Matrix, fold []int, ridge float64) (Nuisance, error) {
	n, p := x.Dims()
	if len(outcome) != n || len(treated) != n || len(fold) != n {
		panic("uplift: one outcome, treatment, fold and row of covariates a member is needed")
	}
	out := Nuisance{Control: make([]float64, n), Treated: make([]float64, n)}
	folds := slices.Compact(slices.Sorted(slices.Values(fold)))
	if len(folds) < 2 {
		return Nuisance{}, fmt.Errorf("uplift: %d folds; predictions for a fold come from another", len(folds))
	}
	rows := make([]float64, p)
	for _, f := range folds {
		for _, arm := range []bool{false, true} {
			var y, values []float64
			for i := range n {
				if fold[i] != f && treated[i] == arm {
					y = append(y, outcome[i])
					values = append(values, mat.Row(rows, i, x)...)
				}
			}
			if len(y) == 0 {
				return Nuisance{}, fmt.Errorf("uplift: outside of fold %d an arm is empty; assign folds at random", f)
			}
			m, err := classify.Fit(y, mat.NewDense(len(y), p, values), classify.FitOptions{Ridge: ridge})
			if err != nil {
				return Nuisance{}, fmt.Errorf("uplift: predict fold %d: %w", f, err)
			}
			to := out.Control
			if arm {
				to = out.Treated
			}
			for i := range n {
				if fold[i] == f {
					to[i] = m.Predict(mat.Row(rows, i, x)...)
				}
			}
		}
	}
	return out, nil
}
