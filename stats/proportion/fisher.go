package proportion

import "math"

// Exact is the outcome of an exact test: the p-values against treatment shares
// above (Greater) and below (Less) the control share and against either.
type Exact struct {
	TwoSided, Greater, Less float64
}

// Fisher returns the exact conditional test of equal shares: given the total of
// successes the treatment successes are hypergeometric. TwoSided sums the
// probabilities of the outcomes not more probable than the observed one. It needs
// no large numbers, and is conservative: Boschloo is more powerful.
//
// See R. A. Fisher, Statistical Methods for Research Workers, 5th edition, 1934.
//
// Fisher returns ErrNoData or ErrCounts for counts that are not a sample.
func Fisher(control, treatment Count) (Exact, error) {
	if err := checkBoth(control, treatment); err != nil {
		return Exact{}, err
	}
	return fisher(control, treatment), nil
}

func fisher(control, treatment Count) Exact {
	total := control.Successes + treatment.Successes
	lo, hi := max(0, total-control.N), min(total, treatment.N)
	observed := treatment.Successes
	at := hypergeometric(lo, control.N, treatment.N, total)
	// Relative to the first term the products may leave the range: logs.
	limit := hypergeometric(observed, control.N, treatment.N, total) + 1e-7
	var e Exact
	for x := lo; x <= hi; x++ {
		p := math.Exp(at)
		if x <= observed {
			e.Less += p
		}
		if x >= observed {
			e.Greater += p
		}
		if at <= limit {
			e.TwoSided += p
		}
		// From x to x+1.
		at += math.Log(float64(total-x)*float64(treatment.N-x)) -
			math.Log(float64(x+1)*float64(control.N-total+x+1))
	}
	return Exact{TwoSided: math.Min(1, e.TwoSided), Greater: math.Min(1, e.Greater), Less: math.Min(1, e.Less)}
}

// hypergeometric returns the logarithm of the probability of x treatment
// successes among total.
func hypergeometric(x, nc, nt, total int64) float64 {
	return choose(nt, x) + choose(nc, total-x) - choose(nc+nt, total)
}

// choose returns the logarithm of the binomial coefficient.
func choose(n, k int64) float64 {
	return lfactorial(n) - lfactorial(k) - lfactorial(n-k)
}

func lfactorial(n int64) float64 {
	l, _ := math.Lgamma(float64(n) + 1)
	return l
}
