package uplift

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Trial holds members of an experiment: a score that ranks them by the effect
// expected, whether they were treated, and the outcome.
type Trial struct {
	Score   []float64
	Treated []bool
	Outcome []float64
}

// hugest is the largest amount whose squares can be summed.
const hugest = 1e140

func (t Trial) check() error {
	if len(t.Treated) != len(t.Score) || len(t.Outcome) != len(t.Score) {
		panic("uplift: one score, treatment and outcome a member is needed")
	}
	treated := 0
	for i, s := range t.Score {
		if math.IsNaN(s) {
			return fmt.Errorf("uplift: score %d is NaN; leave the member out", i)
		}
		if v := t.Outcome[i]; !(math.Abs(v) <= hugest) {
			return fmt.Errorf("uplift: outcome %d is %v, not a number to compute with; leave the member out", i, v)
		}
		if t.Treated[i] {
			treated++
		}
	}
	if treated == 0 || treated == len(t.Score) {
		return errors.New("uplift: all members are in one arm; an effect needs both")
	}
	return nil
}

// binary reports whether all outcomes are 0 or 1.
func (t Trial) binary() bool {
	return !slices.ContainsFunc(t.Outcome, func(v float64) bool { return v != 0 && v != 1 })
}

// ranking is members from the highest score to the lowest, with where each run
// of equal scores ends.
type ranking struct {
	rows []int
	ends []int
}

func rank(score []float64) ranking {
	r := ranking{rows: make([]int, len(score))}
	for i := range r.rows {
		r.rows[i] = i
	}
	slices.SortStableFunc(r.rows, func(a, b int) int {
		switch {
		case score[a] > score[b]:
			return -1
		case score[a] < score[b]:
			return 1
		}
		return 0
	})
	for k, row := range r.rows {
		if k+1 == len(r.rows) || score[r.rows[k+1]] != score[row] {
			r.ends = append(r.ends, k+1)
		}
	}
	return r
}

// arm holds moments of members of one arm, centred so that large amounts lose
// no digits.
type arm struct{ n, mean, squares float64 }

func (a *arm) add(v, count float64) {
	if count == 0 {
		return
	}
	a.n += count
	delta := v - a.mean
	a.mean += delta * count / a.n
	a.squares += count * delta * (v - a.mean)
}

// variance is that of the mean.
func (a arm) variance() float64 { return a.squares / a.n / a.n }

// arms sums the members of places from to to (not included) of a ranking.
// Members of a run of equal scores count as the average of the run, so that
// their order does not matter.
func (t Trial) arms(r ranking, from, to int) (treated, control arm) {
	first := 0
	for _, end := range r.ends {
		if low, high := max(from, first), min(to, end); low < high {
			share := float64(high-low) / float64(end-first)
			for _, row := range r.rows[first:end] {
				if t.Treated[row] {
					treated.add(t.Outcome[row], share)
				} else {
					control.add(t.Outcome[row], share)
				}
			}
		}
		first = end
	}
	return treated, control
}
