package classify

import (
	"fmt"
	"math"
	"slices"
)

// Steps is a rising function by its corners, both ascending.
type Steps struct {
	Score, Probability []float64
}

// Isotonic fits the probability as a function of the score that never falls, by
// least squares (pool adjacent violators). It assumes nothing else, and needs
// about a thousand rows; at the ends it says 0 or 1 too readily. Scores are finite;
// others are an error.
//
// Source: M. Ayer, H. D. Brunk, G. M. Ewing, W. T. Reid and E. Silverman
// (1955), An empirical distribution function for sampling with incomplete
// information, Annals of Mathematical Statistics 26, 641-647; B. Zadrozny and
// C. Elkan (2002), Transforming classifier scores into accurate multiclass
// probability estimates, KDD.
func Isotonic(score, y []float64) (Steps, error) {
	if err := check(score, y); err != nil {
		return Steps{}, err
	}
	for i, s := range score {
		if math.IsInf(s, 0) {
			return Steps{}, fmt.Errorf("classify: score %d is %v; leave the row out", i, s)
		}
	}
	order := descending(score)
	slices.Reverse(order)
	type block struct{ low, high, sum, n float64 }
	var blocks []block
	for _, row := range order {
		s := score[row]
		if k := len(blocks) - 1; k >= 0 && blocks[k].high == s && blocks[k].low == s {
			blocks[k].sum += y[row]
			blocks[k].n++
			continue
		}
		blocks = append(blocks, block{s, s, y[row], 1})
	}
	var pooled []block
	for _, b := range blocks {
		for len(pooled) > 0 {
			last := pooled[len(pooled)-1]
			if last.sum*b.n < b.sum*last.n {
				break
			}
			b = block{last.low, b.high, last.sum + b.sum, last.n + b.n}
			pooled = pooled[:len(pooled)-1]
		}
		pooled = append(pooled, b)
	}
	var s Steps
	for _, b := range pooled {
		s.Score, s.Probability = append(s.Score, b.low), append(s.Probability, b.sum/b.n)
		if b.high > b.low {
			s.Score, s.Probability = append(s.Score, b.high), append(s.Probability, b.sum/b.n)
		}
	}
	return s, nil
}

// At returns the probability for a score, on the line between the corners
// around it, and that of the nearest corner outside of them.
func (s Steps) At(score float64) float64 {
	if math.IsNaN(score) {
		return score
	}
	i, found := slices.BinarySearch(s.Score, score)
	switch {
	case found:
		return s.Probability[i]
	case i == 0:
		return s.Probability[0]
	case i == len(s.Score):
		return s.Probability[i-1]
	}
	low, high := s.Score[i-1], s.Score[i]
	share := score/(high-low) - low/(high-low)
	return s.Probability[i-1] + share*(s.Probability[i]-s.Probability[i-1])
}
