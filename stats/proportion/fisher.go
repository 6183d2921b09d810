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
// Fisher returns ErrNoData or ErrCounts for counts that are not a sample, and
// ErrTooLarge when more than 20 million outcomes count.
func Fisher(control, treatment Count) (Exact, error) {
	if err := checkBoth(control, treatment); err != nil {
		return Exact{}, err
	}
	return fisher(control, treatment)
}

// maxOutcomes bounds the number of outcomes that Fisher looks at, below and above the
// observed one.
const maxOutcomes = 20_000_000

// fisher sums the probabilities as ratios to that of the observed outcome, outward
// from it, so that they are exact whatever the size of the groups, and divides by the
// sum over all. Outcomes of which nothing is left in a float64 are left out.
func fisher(control, treatment Count) (Exact, error) {
	total := control.Successes + treatment.Successes
	lo, hi := max(0, total-control.N), min(total, treatment.N)
	observed := treatment.Successes
	// ratio is the probability of x+1 over that of x.
	ratio := func(x int64) float64 {
		return float64(total-x) / float64(x+1) * (float64(treatment.N-x) / float64(control.N-total+x+1))
	}
	const rounding = 1 + 1e-7
	// Sums are kept relative to a term that may grow by scale, as the observed one may
	// be far below the largest.
	var up, down, equal tailSum
	steps := 0
	for x, p := observed, (term{v: 1}); x < hi; x++ {
		r := ratio(x)
		p = p.times(r)
		up.add(p)
		if p.atMost(rounding) {
			equal.add(p)
		}
		if r < 1 && p.negligible(up.total) {
			break
		}
		if steps++; steps > maxOutcomes {
			return Exact{}, ErrTooLarge
		}
	}
	for x, p := observed-1, (term{v: 1}); x >= lo; x-- {
		r := 1 / ratio(x)
		p = p.times(r)
		down.add(p)
		if p.atMost(rounding) {
			equal.add(p)
		}
		if r < 1 && p.negligible(down.total) {
			break
		}
		if steps++; steps > maxOutcomes {
			return Exact{}, ErrTooLarge
		}
	}
	one := term{v: 1}
	greater, less, two, all := up, down, equal, up
	greater.add(one)
	less.add(one)
	two.add(one)
	all.add(one)
	all.add(down.total)
	e := Exact{Greater: math.Min(1, greater.total.over(all.total)), Less: math.Min(1, less.total.over(all.total))}
	// What is not more probable than the observed outcome holds one of the tails.
	e.TwoSided = math.Min(1, math.Max(two.total.over(all.total), math.Min(e.Greater, e.Less)))
	return e, nil
}

// term is v times 2^e, for products that leave the range of a float64.
type term struct {
	v float64
	e int
}

func (t term) times(r float64) term {
	v := t.v * r
	if v > 1e200 || v < 1e-200 {
		f, e := math.Frexp(v)
		return term{f, t.e + e}
	}
	return term{v, t.e}
}

// over returns t/o.
func (t term) over(o term) float64 { return math.Ldexp(t.v/o.v, t.e-o.e) }

func (t term) atMost(limit float64) bool { return math.Ldexp(t.v, t.e) <= limit }

// negligible reports whether t and far smaller terms after it leave sum as it is and
// are not what is summed for the other side: they are below the observed one too.
func (t term) negligible(sum term) bool { return t.v == 0 || t.over(sum) < 1e-22 && t.atMost(1e-22) }

// tailSum is a sum of terms.
type tailSum struct{ total term }

func (s *tailSum) add(t term) {
	switch {
	case t.v == 0:
	case s.total.v == 0:
		s.total = t
	case t.e >= s.total.e:
		s.total = term{t.v + math.Ldexp(s.total.v, s.total.e-t.e), t.e}
	default:
		s.total.v += math.Ldexp(t.v, t.e-s.total.e)
	}
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
