package proportion

import (
	"errors"
	"math"
)

// ErrNoEvents is returned for a ratio that has no estimate, because a group has
// no successes, or for an odds ratio no failures.
var ErrNoEvents = errors.New("proportion: a group without events leaves the ratio undefined; compare the difference")

// RatioMethod is a way to find the interval of a ratio of two shares or of two
// odds.
type RatioMethod int

const (
	// RatioLog is the normal interval of the logarithm (for shares D. Katz et al.,
	// "Obtaining confidence intervals for the risk ratio in cohort studies",
	// Biometrics 34, 1978; for odds B. Woolf, Annals of Human Genetics 19, 1955).
	RatioLog RatioMethod = iota
	// RatioLogAdjusted is RatioLog with half an event added to each group (S. D. Walter,
	// "The distribution of Levin's measure of attributable risk", Biometrika 62,
	// 1975) or to each cell (J. J. Gart, 1966). It is defined without events: where
	// the observed ratio is 0, Low is 0, and where it is infinite, High is; the
	// formula alone would leave it out. It is centred on the adjusted ratio, and
	// widened to hold the observed one where that is outside, as may happen with
	// very few events.
	RatioLogAdjusted
	// RatioScore inverts the score test of Miettinen and Nurminen (1985), with their
	// factor N/(N-1). It is defined without events: the interval is then
	// unbounded on one side.
	RatioScore
)

// Ratio returns the ratio of the shares of successes, treatment over control,
// with its interval.
//
// Ratio returns ErrNoData or ErrCounts for counts that are not a sample, and
// ErrNoEvents when the control group has no successes, or for RatioLog either group. With
// RatioLogAdjusted and RatioScore the interval is returned beside ErrNoEvents. It panics on
// an unknown method.
func Ratio(control, treatment Count, confidence float64, method RatioMethod) (Interval, error) {
	z := criticalValue(confidence)
	if err := checkBoth(control, treatment); err != nil {
		return Interval{}, err
	}
	iv := Interval{Estimate: treatment.share() / control.share()}
	var err error
	if control.Successes == 0 {
		iv.Estimate, err = math.NaN(), ErrNoEvents
	}
	xc, nc := float64(control.Successes), float64(control.N)
	xt, nt := float64(treatment.Successes), float64(treatment.N)
	switch method {
	case RatioLog:
		if control.Successes == 0 || treatment.Successes == 0 {
			return Interval{Estimate: iv.Estimate}, ErrNoEvents
		}
		iv.Low, iv.High = logInterval(iv.Estimate, 1/xt-1/nt+1/xc-1/nc, z)
	case RatioLogAdjusted:
		xc, nc, xt, nt = xc+0.5, nc+0.5, xt+0.5, nt+0.5
		iv.Low, iv.High = logInterval(xt/nt*nc/xc, 1/xt-1/nt+1/xc-1/nc, z)
		iv = iv.holdingRatio(treatment.Successes, control.Successes)
	case RatioScore:
		iv.Low, iv.High = invert(iv.Estimate, z, func(r float64) float64 { return ratioZ(control, treatment, r) })
		iv = iv.holdingRatio(treatment.Successes, control.Successes)
	default:
		panic("proportion: unknown method")
	}
	return iv, err
}

// holdingRatio is holding of the observed ratio, which is infinite where only its
// denominator is 0, and any where both are.
func (iv Interval) holdingRatio(numerator, denominator int64) Interval {
	switch {
	case denominator > 0:
		return iv.holding(iv.Estimate)
	case numerator > 0:
		return iv.holding(math.Inf(1))
	}
	return iv
}

func checkBoth(control, treatment Count) error {
	if err := control.check(); err != nil {
		return err
	}
	return treatment.check()
}

func logInterval(ratio, variance, z float64) (low, high float64) {
	half := math.Exp(z * math.Sqrt(variance))
	return ratio / half, ratio * half
}

// invert returns the ratios at which a score that falls with the ratio passes z
// and -z; a NaN estimate stands for one that no ratio is ruled out by.
func invert(estimate, z float64, score func(ratio float64) float64) (low, high float64) {
	if math.IsNaN(estimate) {
		// Where the estimate is 0/0 or x/0 the score tells on which side it is.
		estimate = math.Inf(1)
	}
	const reach = 700 // of the logarithm of a float64
	at := func(x float64) float64 { return score(math.Exp(x)) }
	mid := math.Max(-reach, math.Min(reach, math.Log(estimate)))
	low = math.Exp(crossing(func(x float64) bool { return at(x) > z }, -reach, mid))
	high = math.Exp(crossing(func(x float64) bool { return at(x) >= -z }, mid, reach))
	if low <= math.Exp(-reach) {
		low = 0
	}
	if high >= math.Exp(reach) {
		high = math.Inf(1)
	}
	return low, high
}

// ratioZ returns the score statistic of the ratio r of the shares.
func ratioZ(control, treatment Count, r float64) float64 {
	xc, nc := float64(control.Successes), float64(control.N)
	xt, nt := float64(treatment.Successes), float64(treatment.N)
	// The maximum likelihood estimate of the control share given the ratio is
	// the smaller root of (nc+nt) r q² - (r (nt+xc) + xt + nc) q + xc + xt.
	// For a large ratio it is divided by r, so that nothing overflows.
	if xc+xt == 0 {
		return 0
	}
	a, b, c := (nc+nt)*r, r*(nt+xc)+xt+nc, xc+xt
	if r > 1 {
		a, b, c = nc+nt, nt+xc+(xt+nc)/r, (xc+xt)/r
	}
	q := 2 * c / (b + math.Sqrt(math.Max(0, b*b-4*a*c)))
	q = math.Min(q, math.Min(1, 1/r))
	p := math.Min(1, r*q)
	v := p*(1-p)/nt + r*p*(1-q)/nc
	d := treatment.share() - r*control.share()
	if d == 0 {
		return 0
	}
	return d / math.Sqrt(v*(nc+nt)/(nc+nt-1))
}
