package abtest

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// MDE returns the smallest positive effect that the test finds with the given
// power with n members in all, the far tail of a two-sided test left out.
//
// MDE returns the errors of Power, and ErrNoMDE when the error of the effect grows
// with the effect so that none is found: then the lift can't be measured.
func (d Design) MDE(n int64, power float64) (float64, error) {
	checkProbability(power, "power")
	if err := d.checkSize(n); err != nil {
		return 0, err
	}
	need := d.critical(float64(n)) + special.NormalQuantile(power)
	if need <= 0 || d.variance(0) == 0 {
		return 0, nil
	}
	found := func(x float64) bool { return x > need*math.Sqrt(d.variance(x)/float64(n)) }
	hi := need * math.Sqrt(d.variance(0)/float64(n))
	limit := math.Inf(1)
	if d.Binary {
		limit = 1 - d.Mean
		if d.Relative {
			limit /= d.Mean
		}
		hi = math.Min(hi, limit)
	}
	for !found(hi) {
		if hi >= math.Min(limit, 1e12*need*math.Sqrt(d.variance(0)/float64(n))) {
			return 0, ErrNoMDE
		}
		hi = math.Min(limit, 2*hi)
	}
	lo := 0.0
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			break
		}
		if found(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi, nil
}

// RequiredN returns the number of members in all arms together with which the test
// finds the effect with the given power, the far tail of a two-sided test left
// out.
//
// RequiredN returns ErrDesign, ErrPlannedEffect for an effect that is not finite or leads
// to a share outside 0 to 1, and ErrZeroDelta when the effect is 0 or no number is
// enough.
func (d Design) RequiredN(effect, power float64) (int64, error) {
	checkProbability(power, "power")
	if err := d.check(); err != nil {
		return 0, err
	}
	if err := d.checkEffect(effect); err != nil {
		return 0, err
	}
	if effect == 0 || d.OneSided && effect < 0 {
		return 0, ErrZeroDelta
	}
	v := d.variance(effect) / (effect * effect)
	least := math.Ceil(2 / math.Min(d.Control, d.Treatment))
	enough := func(n float64) bool {
		need := math.Max(0, d.critical(n)+special.NormalQuantile(power))
		return n >= need*need*v
	}
	hi := least
	for !enough(hi) {
		if hi *= 2; hi > 1<<62 {
			return 0, ErrZeroDelta
		}
	}
	lo := math.Max(least, math.Floor(hi/2))
	if hi == least {
		return int64(least), nil
	}
	for hi-lo > 1 {
		mid := math.Floor(lo + (hi-lo)/2)
		if enough(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return int64(hi), nil
}

// Runtime returns the number of whole periods after which the test finds the
// effect with the given power when perPeriod new members join in each.
//
// Runtime returns the errors of RequiredN. It panics if perPeriod is not positive.
func (d Design) Runtime(effect, power float64, perPeriod int64) (int64, error) {
	if perPeriod < 1 {
		panic("abtest: no members per period")
	}
	n, err := d.RequiredN(effect, power)
	if err != nil {
		return 0, err
	}
	return (n-1)/perPeriod + 1, nil
}
