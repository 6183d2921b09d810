package abtest

import (
	"errors"
	"math"
	"slices"

	"loyaltymcp/stats/internal/special"
)

// ErrInterims is returned for interim looks that do not have the same metrics.
var ErrInterims = errors.New("abtest: the looks of a sequential decision must have the same metrics, with the same margins, in the same order")

// Interim is one look of a sequential ship decision: the metrics with all data up to
// then, at the fraction Information of the planned number of members, with 1 for the
// last look.
type Interim struct {
	Information float64
	Metrics     []Metric
}

// ShipSequential is Ship for a test that is looked at several times, and may be
// shipped at any of the looks. interims are all looks so far, the current one last;
// their number and times need not be planned, as long as the data of the test do not
// choose them.
//
// Every test of Ship becomes a group-sequential one, with its level spent as spend says
// (see Bounds): superiority of a success metric, non-inferiority of a guardrail,
// deterioration. A test that has rejected at a look stays rejected. So the two risks of
// Ship hold over all looks together: the chance that any treatment is ever shipped
// though none improves anything, and for each treatment that it is ever shipped though
// it breaks a guardrail, are at most Alpha, for effects that are normal with variances
// that fall with the members.
//
// The p-values of the outcome are those of the group-sequential tests, the smallest
// level at which a look so far has crossed its bound, adjusted as in Ship; below 1e-15
// they are 1e-15. Such p-values can be adjusted by Holm (W. Maurer and F. Bretz,
// "Multiple testing in group sequential trials using graphical approaches", Statistics
// in Biopharmaceutical Research 5, 2013). One look at the information 1 is Ship.
//
// Each metric may fail by chance, as in Ship: for the power to ship a good treatment
// plan each of them with GuardedPower, and for the looks with LookDrift.
//
// See M. Schultzberg, S. Ankargren and M. Frånberg, "Risk-aware product decisions in
// A/B tests with multiple metrics", 2024 (arXiv 2402.11609).
//
// ShipSequential returns the errors of Ship, ErrInformation for fractions that do not
// rise within (0, 1] or no look at all, and ErrInterims. It panics as Ship does.
func ShipSequential(interims []Interim, rule Rule, spend Spending, sound bool) (Decision, error) {
	rule.check()
	if len(interims) == 0 {
		return Decision{}, ErrInformation
	}
	now := interims[len(interims)-1].Metrics
	information := make([]float64, len(interims))
	before := 0.0
	looks := make([]shipTests, len(interims))
	for k, look := range interims {
		information[k] = look.Information
		if !(look.Information > before && look.Information <= 1) {
			return Decision{}, ErrInformation
		}
		before = look.Information
		var err error
		if looks[k], err = rule.test(look.Metrics); err != nil {
			return Decision{}, err
		}
		if !alike(look.Metrics, now) {
			return Decision{}, ErrInterims
		}
	}
	all := shipTests{make([]float64, len(now)), make([]float64, len(now)), make([]float64, len(now))}
	p := make([]float64, len(interims))
	over := func(of func(t shipTests) []float64) {
		to := of(all)
		for i := range to {
			for k, t := range looks {
				p[k] = of(t)[i]
			}
			to[i] = sequentialP(p, information, spend)
		}
	}
	over(func(t shipTests) []float64 { return t.better })
	over(func(t shipTests) []float64 { return t.safe })
	over(func(t shipTests) []float64 { return t.worse })
	return rule.decide(now, all, sound), nil
}

// alike reports whether the metrics are the same but for their effects.
func alike(a, b []Metric) bool {
	if len(a) != len(b) {
		return false
	}
	for i, m := range a {
		o := b[i]
		m.Effect, o.Effect = Effect{}, Effect{}
		if m != o {
			return false
		}
	}
	return true
}

// sequentialP returns the smallest level at which one of the looks with the one-sided
// p-values p has crossed its bound.
func sequentialP(p, information []float64, spend Spending) float64 {
	if math.IsNaN(p[0]) || len(p) == 1 && information[0] == 1 {
		return p[0]
	}
	// By how much, on the log scale, the look that is farthest beyond its bound is. It
	// rises with the level, about as the logarithm does.
	beyond := func(u float64) float64 {
		looks, err := Bounds(information, math.Exp(u), false, spend)
		if err != nil {
			panic(err) // the fractions have been checked
		}
		most := math.Inf(-1)
		for k, l := range looks {
			most = math.Max(most, math.Log(special.NormalSurvival(l.Z))-math.Log(p[k]))
		}
		return most
	}
	// No look is beyond the bound of a level below its own p-value.
	const least, last = 1e-15, 1 - 1e-9
	low, high := math.Log(math.Max(least, math.Min(last, slices.Min(p)))), math.Log(last)
	fl, fh := beyond(low), beyond(high)
	switch {
	case fl >= 0:
		return math.Exp(low)
	case !(fh >= 0):
		return 1
	}
	// Regula falsi, with the Illinois rule.
	for side := 0; high-low > 1e-11; {
		mid := (low*fh - high*fl) / (fh - fl)
		if math.IsNaN(mid) || mid <= low || mid >= high {
			mid = (low + high) / 2
		}
		f := beyond(mid)
		if math.Abs(f) < 1e-11 {
			return math.Exp(mid)
		}
		if f > 0 {
			high, fh = mid, f
			if side > 0 {
				fl /= 2
			}
			side = 1
		} else {
			low, fl = mid, f
			if side < 0 {
				fh /= 2
			}
			side = -1
		}
	}
	return math.Exp(high)
}
