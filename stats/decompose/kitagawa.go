package decompose

import (
	"errors"
	"fmt"
	"math"
)

// Split is a change of a rate over segments, split into the change of the
// segments' shares and the change of their rates.
type Split struct {
	Before, After float64 // the overall rates: Σ share × rate
	Mix           float64 // of Delta, what the shifted shares explain
	Rate          float64 // of Delta, what the segments' own rates explain
	Segments      []SegmentEffect
}

// Delta returns the change, which Mix and Rate sum to.
func (s Split) Delta() float64 { return s.After - s.Before }

// SegmentEffect is one segment's part of a change.
type SegmentEffect struct {
	// Mix is (w1-w0)(r0+r1)/2. Its sign says little of one segment alone: a
	// growing segment always adds, however low its rate.
	Mix float64
	// MixCentered is (w1-w0)((r0+r1)/2-m), where m is the mean of the two
	// overall rates: positive where a segment better than average grew. It has
	// the same sum as Mix.
	MixCentered float64
	// Rate is (r1-r0)(w0+w1)/2.
	Rate float64
}

// Kitagawa splits the change of a rate over segments by Kitagawa's symmetric
// two-component method, in which shares are weighted by the mean rate and
// rates by the mean share, so that no interaction is left.
//
// The size of a segment (members, denominators; not negative) before and
// after are n0 and n1, its rates r0 and r1, all of one length. A segment that
// is empty on one side has no rate there: the argument is ignored, and the
// segment counts as pure mix. One that is empty on both sides adds nothing.
//
// Rates may be in any unit, and need not be shares: spend by member will do.
//
// It returns an error when a period has no units, a size is negative, a size or a
// rate that counts is not finite, or a sum or an effect overflows. It panics for
// slices of differing lengths.
//
// Source: E. M. Kitagawa (1955), Components of a difference between two rates,
// JASA 50, 1168-1194.
func Kitagawa(n0, r0, n1, r1 []float64) (Split, error) {
	if len(r0) != len(n0) || len(n1) != len(n0) || len(r1) != len(n0) {
		panic("decompose: lengths differ")
	}
	w0, err := shares(n0, "before")
	if err != nil {
		return Split{}, err
	}
	w1, err := shares(n1, "after")
	if err != nil {
		return Split{}, err
	}
	rates := make([][2]float64, len(n0))
	s := Split{Segments: make([]SegmentEffect, len(n0))}
	for i := range n0 {
		if rates[i], err = bothRates(i, w0[i], r0[i], w1[i], r1[i]); err != nil {
			return Split{}, err
		}
		s.Before += w0[i] * rates[i][0]
		s.After += w1[i] * rates[i][1]
	}
	centre := (s.Before + s.After) / 2
	for i, r := range rates {
		moved, mean := w1[i]-w0[i], (r[0]+r[1])/2
		e := SegmentEffect{Mix: moved * mean, MixCentered: moved * (mean - centre), Rate: (r[1] - r[0]) * (w0[i] + w1[i]) / 2}
		s.Segments[i] = e
		s.Mix += e.Mix
		s.Rate += e.Rate
		if err := computed(e.Mix, e.MixCentered, e.Rate); err != nil {
			return Split{}, err
		}
	}
	if err := computed(s.Before, s.After, s.Delta(), s.Mix, s.Rate); err != nil {
		return Split{}, err
	}
	return s, nil
}

// ThreeFold splits the change of a rate over segments into the effect of the
// rates at the old shares, that of the shares at the old rates, and their
// interaction, which sum to the change. Unlike [Kitagawa] it depends on which
// period is called before. Arguments and errors are those of Kitagawa.
func ThreeFold(n0, r0, n1, r1 []float64) (rate, mix, interaction float64, err error) {
	if len(r0) != len(n0) || len(n1) != len(n0) || len(r1) != len(n0) {
		panic("decompose: lengths differ")
	}
	w0, err := shares(n0, "before")
	if err != nil {
		return 0, 0, 0, err
	}
	w1, err := shares(n1, "after")
	if err != nil {
		return 0, 0, 0, err
	}
	for i := range n0 {
		r, err := bothRates(i, w0[i], r0[i], w1[i], r1[i])
		if err != nil {
			return 0, 0, 0, err
		}
		rate += w0[i] * (r[1] - r[0])
		mix += (w1[i] - w0[i]) * r[0]
		interaction += (w1[i] - w0[i]) * (r[1] - r[0])
	}
	if err := computed(rate, mix, interaction); err != nil {
		return 0, 0, 0, err
	}
	return rate, mix, interaction, nil
}

// shares divides sizes by their sum.
func shares(n []float64, when string) ([]float64, error) {
	total := 0.0
	for i, v := range n {
		if v < 0 || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("decompose: size of segment %d %s is %v; sizes are finite and not negative", i, when, v)
		}
		total += v
	}
	if total == 0 || math.IsInf(total, 0) {
		return nil, errors.New("decompose: no units " + when + ", or too many to be added")
	}
	w := make([]float64, len(n))
	for i, v := range n {
		w[i] = v / total
	}
	return w, nil
}

// bothRates returns a segment's rates, that of the other side where it has no
// units on one.
func bothRates(i int, w0, r0, w1, r1 float64) ([2]float64, error) {
	switch {
	case w0 == 0 && w1 == 0:
		return [2]float64{}, nil
	case w0 == 0:
		r0 = r1
	case w1 == 0:
		r1 = r0
	}
	for _, r := range []float64{r0, r1} {
		if math.IsNaN(r) || math.IsInf(r, 0) {
			return [2]float64{}, fmt.Errorf("decompose: rate of segment %d is %v, though it has units", i, r)
		}
	}
	return [2]float64{r0, r1}, nil
}
