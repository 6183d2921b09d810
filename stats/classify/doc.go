// Package classify is about outcomes that are yes or no, such as churn within
// the next 90 days: models of their probability, and how good given
// probabilities or scores are, whatever made them.
//
//   - [Fit] is logistic regression (or complementary log-log, for hazards by
//     period), with standard errors; [FitOptions].Ridge keeps many or related
//     covariates in hand.
//   - [AUC] says how well a score orders members, [AUCDifference] whether one
//     score does it better than another. Neither says that probabilities are
//     right.
//   - [Brier] and [LogLoss] judge probabilities; [Calibration] shows where they
//     are off. Always show it: decisions by a threshold and sums of expected
//     churn need probabilities, not ranks.
//   - [Platt] and [Isotonic] turn a score into probabilities. Fit them on
//     members the model has not seen.
//
// Measures on the members a model was fitted to flatter it. Split by time: fit
// on one window, judge on the next, for churn drifts.
//
// Who is likely to churn is not who can be kept: to choose whom to treat, use
// package uplift.
package classify

import (
	"fmt"
	"math"
)

// check returns an error for outcomes that are not within 0 and 1, or scores
// that are NaN, and panics for slices of differing lengths.
func check(score, y []float64) error {
	if len(score) != len(y) {
		panic(fmt.Sprintf("classify: %d scores for %d outcomes", len(score), len(y)))
	}
	if len(y) == 0 {
		return fmt.Errorf("classify: no rows")
	}
	for i, v := range y {
		if v != 0 && v != 1 {
			return fmt.Errorf("classify: outcome %d is %v; outcomes are 0 or 1", i, v)
		}
		if math.IsNaN(score[i]) {
			return fmt.Errorf("classify: score %d is NaN; leave the row out", i)
		}
	}
	return nil
}
