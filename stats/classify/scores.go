package classify

import (
	"fmt"
	"math"
)

// Mean is a mean over rows with its standard error s/√n, which is NaN for one row.
type Mean struct {
	Value, SE float64
}

// Brier returns the mean squared difference of probability and outcome: 0 is
// perfect, and always saying the share r of ones gives r(1-r).
//
// Source: G. W. Brier (1950), Verification of forecasts expressed in terms of
// probability, Monthly Weather Review 78, 1-3.
func Brier(p, y []float64) (Mean, error) {
	return meanScore(p, y, func(p, y float64) float64 { return (p - y) * (p - y) })
}

// LogLoss returns the mean of -ln of the probability given to what happened. It
// is +Inf when something happened that was given none.
func LogLoss(p, y []float64) (Mean, error) {
	return meanScore(p, y, func(p, y float64) float64 {
		if y == 1 {
			return -math.Log(p)
		}
		return -math.Log1p(-p)
	})
}

func meanScore(p, y []float64, loss func(p, y float64) float64) (Mean, error) {
	if err := checkProbabilities(p, y); err != nil {
		return Mean{}, err
	}
	m, ss := 0.0, 0.0
	for i := range p {
		v := loss(p[i], y[i])
		if math.IsInf(v, 1) {
			return Mean{Value: v, SE: math.NaN()}, nil
		}
		delta := v - m
		m += delta / float64(i+1)
		ss += delta * (v - m)
	}
	n := float64(len(p))
	return Mean{Value: m, SE: math.Sqrt(ss / (n - 1) / n)}, nil
}

func checkProbabilities(p, y []float64) error {
	if err := check(p, y); err != nil {
		return err
	}
	for i, v := range p {
		if v < 0 || v > 1 {
			return fmt.Errorf("classify: probability %d is %v; turn scores into probabilities first", i, v)
		}
	}
	return nil
}
