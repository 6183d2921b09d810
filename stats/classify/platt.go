package classify

import (
	"errors"

	"gonum.org/v1/gonum/mat"
)

// Platt fits P(y = 1) = 1/(1 + exp(-(a + b score))) with outcomes drawn a
// little to the middle, (n₁+1)/(n₁+2) for 1 and 1/(n₀+2) for 0, so that a score
// that separates has an answer too. It suits few rows and scores that are
// about right but too bold or too shy.
//
// With the logit of a probability as score, b is the calibration slope: below 1
// the probabilities are too extreme, which is the mark of overfitting.
//
// Source: J. C. Platt (1999), Probabilistic outputs for support vector machines
// and comparisons to regularized likelihood methods.
func Platt(score, y []float64) (Model, error) {
	if err := check(score, y); err != nil {
		return Model{}, err
	}
	ones := 0.0
	for _, v := range y {
		ones += v
	}
	zeros := float64(len(y)) - ones
	if ones == 0 || zeros == 0 {
		return Model{}, errors.New("classify: all outcomes are alike; there is nothing to calibrate by")
	}
	target := make([]float64, len(y))
	for i, v := range y {
		target[i] = 1 / (zeros + 2)
		if v == 1 {
			target[i] = (ones + 1) / (ones + 2)
		}
	}
	return Fit(target, mat.NewDense(len(score), 1, score), FitOptions{})
}
