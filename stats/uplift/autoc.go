package uplift

import (
	"errors"
	"math"
	"math/rand/v2"
)

// AUTOC returns the area under the targeting operator characteristic: the mean
// over shares q of how much larger the effect is among the share q with the
// highest priority than among all, from doubly robust scores. It is 0 for a
// priority that says nothing of the effect; the standard error, from so many
// half-samples (200 say), tests that; with fewer than 2 it is NaN, and random may
// be nil. Members with equal priority count as their average.
//
// It returns an error for fewer than 4 members and for scores that are not finite
// or priorities that are NaN.
//
// Source: S. Yadlowsky, S. Fleming, N. Shah, E. Brunskill and S. Wager (2025),
// Evaluating treatment prioritization rules via rank-weighted average treatment
// effects, JASA 120, 38-51.
func AUTOC(scores, priority []float64, samples int, random *rand.Rand) (Effect, error) {
	if len(priority) != len(scores) {
		panic("uplift: one priority a score is needed")
	}
	if len(scores) < 4 {
		return Effect{}, errors.New("uplift: fewer than 4 members")
	}
	for i, v := range scores {
		if !(math.Abs(v) <= hugest) || math.IsNaN(priority[i]) {
			return Effect{}, errors.New("uplift: a score or priority is not a number; leave the member out")
		}
	}
	r := rank(priority)
	e := Effect{Value: autoc(scores, r, nil), SE: math.NaN()}
	if samples < 2 {
		return e, nil
	}
	// A half-sample varies as the whole does in resampling.
	half, values := make([]float64, len(scores)), make([]float64, 0, samples)
	places := make([]int, len(scores))
	for i := range places {
		places[i] = i
	}
	for range samples {
		clear(half)
		random.Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
		for _, i := range places[:len(places)/2] {
			half[i] = 1
		}
		values = append(values, autoc(scores, r, half))
	}
	e.SE = Average(values).SE * math.Sqrt(float64(samples))
	return e, nil
}

// autoc takes the members that count; nil is all.
func autoc(scores []float64, r ranking, count []float64) float64 {
	times := func(row int) float64 {
		if count == nil {
			return 1
		}
		return count[row]
	}
	total, all := 0.0, 0.0
	for _, row := range r.rows {
		total += times(row) * scores[row]
		all += times(row)
	}
	area, sum, n, first := 0.0, 0.0, 0.0, 0
	for _, end := range r.ends {
		tied, runs := 0.0, 0.0
		for _, row := range r.rows[first:end] {
			tied += times(row) * scores[row]
			runs += times(row)
		}
		first = end
		for k := 1.0; k <= runs; k++ {
			area += (sum + tied*k/runs) / (n + k)
		}
		sum, n = sum+tied, n+runs
	}
	return area/all - total/all
}
