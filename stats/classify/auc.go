package classify

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"loyaltymcp/stats/internal/special"
)

// Area is an area under the receiver operating characteristic.
type Area struct {
	Value, SE float64
	// placements: for each row, the share of the other outcome it is placed
	// rightly against.
	placement []float64
	y         []float64
}

// AUC returns the share of pairs of a row with outcome 1 and a row with outcome
// 0 in which the first has the higher score, ties counted half, with DeLong's
// standard error. 0.5 is chance. It does not change with any rising change of
// the scores.
//
// It returns an error unless both outcomes are there; with one row of an
// outcome the standard error is NaN.
//
// Source: E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson (1988), Comparing
// the areas under two or more correlated receiver operating characteristic
// curves, Biometrics 44, 837-845.
func AUC(score, y []float64) (Area, error) {
	if err := check(score, y); err != nil {
		return Area{}, err
	}
	var ones, zeros []float64
	for i, v := range y {
		if v == 1 {
			ones = append(ones, score[i])
		} else {
			zeros = append(zeros, score[i])
		}
	}
	if len(ones) == 0 || len(zeros) == 0 {
		return Area{}, errors.New("classify: all outcomes are alike; there is nothing to tell apart")
	}
	slices.Sort(ones)
	slices.Sort(zeros)
	a := Area{placement: make([]float64, len(y)), y: y}
	for i, v := range y {
		if v == 1 {
			a.placement[i] = below(zeros, score[i])
			a.Value += a.placement[i]
		} else {
			a.placement[i] = 1 - below(ones, score[i])
		}
	}
	a.Value /= float64(len(ones))
	a.SE = math.Sqrt(covariance(a, a))
	return a, nil
}

// below returns the share of sorted values below v, those equal counted half.
func below(sorted []float64, v float64) float64 {
	low, _ := slices.BinarySearch(sorted, v)
	high, _ := slices.BinarySearchFunc(sorted, v, func(e, t float64) int {
		if e > t {
			return 1
		}
		return -1
	})
	return (float64(low) + float64(high)) / 2 / float64(len(sorted))
}

// covariance is that of two areas of the same rows.
func covariance(a, b Area) float64 {
	total := 0.0
	for _, outcome := range []float64{0, 1} {
		n, products := 0.0, 0.0
		for i, v := range a.y {
			if v == outcome {
				n++
				products += (a.placement[i] - a.Value) * (b.placement[i] - b.Value)
			}
		}
		total += products / (n - 1) / n
	}
	return total
}

// Interval returns the limits at a level such as 0.95, symmetric in ln(A/(1-A))
// so that they stay within 0 and 1. Of an area of 0 or 1 nothing is known, and
// both limits are NaN.
func (a Area) Interval(level float64) (low, high float64) {
	if !(level > 0 && level < 1) {
		panic("classify: level must be between 0 and 1")
	}
	if a.Value <= 0 || a.Value >= 1 {
		return math.NaN(), math.NaN()
	}
	z := special.NormalQuantile((1+level)/2) * a.SE / (a.Value * (1 - a.Value))
	eta := linkOf(a.Value, Logit)
	return probability(eta-z, Logit), probability(eta+z, Logit)
}

// AUCDifference returns the difference a - b of the areas of two scores of the
// same rows, its standard error, which heeds that the rows are the same, and its
// two-sided P. Where both scores order all pairs alike, rightly or wrongly, so that
// neither varies but they differ, nothing is known of the error: se is 0 and P NaN.
// It returns an error where [AUC] does.
func AUCDifference(a, b, y []float64) (difference, se, p float64, err error) {
	first, err := AUC(a, y)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("first score: %w", err)
	}
	second, err := AUC(b, y)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("second score: %w", err)
	}
	difference = first.Value - second.Value
	se = math.Sqrt(math.Max(0, covariance(first, first)+covariance(second, second)-2*covariance(first, second)))
	if difference == 0 {
		return 0, se, 1, nil
	}
	if se == 0 {
		return difference, se, math.NaN(), nil
	}
	return difference, se, P(difference, se), nil
}

// AveragePrecision returns the mean, over rows with outcome 1, of the share of
// such rows among those with at least its score. For rare outcomes it says
// more of the top of the list than [AUC]; chance is the share of outcome 1.
func AveragePrecision(score, y []float64) (float64, error) {
	if err := check(score, y); err != nil {
		return 0, err
	}
	order := descending(score)
	total, hits, seen := 0.0, 0.0, 0.0
	for i := 0; i < len(order); {
		first, more := i, 0.0
		for ; i < len(order) && score[order[i]] == score[order[first]]; i++ {
			more += y[order[i]]
		}
		hits, seen = hits+more, seen+float64(i-first)
		total += more * hits / seen
	}
	if hits == 0 {
		return 0, errors.New("classify: no row has outcome 1; there is nothing to find")
	}
	return total / hits, nil
}

// descending returns the rows by score, the highest first.
func descending(score []float64) []int {
	order := make([]int, len(score))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case score[a] > score[b]:
			return -1
		case score[a] < score[b]:
			return 1
		}
		return 0
	})
	return order
}
