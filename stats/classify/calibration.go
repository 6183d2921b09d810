package classify

import (
	"fmt"
	"math"

	"loyaltymcp/stats/proportion"
)

// Bin is a group of rows with like probabilities.
type Bin struct {
	N         int
	Predicted float64 // mean probability
	Observed  float64 // share of outcome 1
	Low, High float64 // 95% limits of Observed (Wilson)
}

// Calibration cuts the rows, from the highest probability to the lowest, into
// so many groups of about the same size, such as 10 for deciles, and compares
// what was predicted with what happened. Rows with equal probabilities share
// their outcomes, so that the order of rows does not matter.
//
// Observed outside of what the limits allow in the upper groups is where money
// is lost: the top decile is who gets the offer.
func Calibration(p, y []float64, groups int) ([]Bin, error) {
	if err := checkProbabilities(p, y); err != nil {
		return nil, err
	}
	if groups < 1 || groups > len(p) {
		return nil, fmt.Errorf("classify: %d groups of %d rows; take 1 to as many groups as rows", groups, len(p))
	}
	order := descending(p)
	outcome := make([]float64, len(p))
	for i := 0; i < len(order); {
		first, sum := i, 0.0
		for ; i < len(order) && p[order[i]] == p[order[first]]; i++ {
			sum += y[order[i]]
		}
		for k := first; k < i; k++ {
			outcome[k] = sum / float64(i-first)
		}
	}
	bins := make([]Bin, groups)
	for g := range bins {
		from, to := g*len(p)/groups, (g+1)*len(p)/groups
		n, predicted, observed := float64(to-from), 0.0, 0.0
		for k := from; k < to; k++ {
			predicted += p[order[k]]
			observed += outcome[k]
		}
		observed = math.Min(observed, n) // rounding of shared ties
		iv, err := proportion.WilsonWeighted(observed, n-observed, 0.95)
		if err != nil {
			return nil, fmt.Errorf("classify: limits of group %d: %w", g, err)
		}
		bins[g] = Bin{N: to - from, Predicted: predicted / n, Observed: iv.Estimate, Low: iv.Low, High: iv.High}
	}
	return bins, nil
}

// CalibrationError returns the mean absolute difference of predicted and
// observed over groups, weighted by their size (expected calibration error).
// Groups of few rows differ by chance alone, so it is above 0 for a perfect
// model too. Without groups it is NaN.
func CalibrationError(bins []Bin) float64 {
	sum, n := 0.0, 0
	for _, b := range bins {
		sum += float64(b.N) * math.Abs(b.Predicted-b.Observed)
		n += b.N
	}
	return sum / float64(n)
}
