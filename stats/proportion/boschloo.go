package proportion

import "math"

// Boschloo returns the exact unconditional test of equal shares that orders the
// tables by Fisher's one-sided p-value: the largest probability, over the common
// share, of a table at least as extreme. TwoSided is twice the smaller one-sided
// p-value. It keeps its level for any numbers, and is never less powerful than
// Fisher's one-sided test.
//
// See R. D. Boschloo, "Raised conditional level of significance for the 2×2-table
// when testing the equality of two probabilities", Statistica Neerlandica 24, 1970.
//
// Boschloo returns ErrNoData or ErrCounts for counts that are not a sample, and
// ErrTooLarge when the product of the group sizes exceeds 4 million.
func Boschloo(control, treatment Count) (Exact, error) {
	if err := checkTables(control, treatment); err != nil {
		return Exact{}, err
	}
	e := Exact{
		Greater: boschlooGreater(control, treatment),
		Less:    boschlooGreater(treatment, control),
	}
	e.TwoSided = math.Min(1, 2*math.Min(e.Greater, e.Less))
	return e, nil
}

// boschlooGreater returns the p-value against a treatment share above control.
func boschlooGreater(control, treatment Count) float64 {
	limit := upperTail(control.Successes, treatment.Successes, control.N, treatment.N) * (1 + 1e-7)
	// The p-value falls as treatment gains successes and rises as control does:
	// the first treatment count in the region never moves back.
	first := make([]int64, control.N+1)
	var from int64
	for c := range first {
		for from <= treatment.N && upperTail(int64(c), from, control.N, treatment.N) > limit {
			from++
		}
		first[c] = from
	}
	return largest(control.N, treatment.N, first, nil)
}

// upperTail returns Fisher's p-value of t or more treatment successes.
func upperTail(c, t, nc, nt int64) float64 {
	total := c + t
	lo, hi := max(0, total-nc), min(total, nt)
	if t <= lo {
		return 1
	}
	if float64(t)*float64(nc+nt) <= float64(total)*float64(nt) {
		// Below the mean the terms rise first, from what may be below the smallest
		// number: the rest is treatment failures, that is control successes, enough.
		return math.Max(0, 1-upperTail(t-1, total-t+1, nt, nc))
	}
	p, sum := math.Exp(hypergeometric(t, nc, nt, total)), 0.0
	for x := t; x <= hi; x++ {
		sum += p
		if p < 1e-18*sum {
			break
		}
		p *= (float64(total-x) * float64(nt-x)) / (float64(x+1) * float64(nc-total+x+1))
	}
	return math.Min(1, sum)
}
