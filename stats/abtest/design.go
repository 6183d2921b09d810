package abtest

import (
	"errors"
	"math"

	"loyaltymcp/stats/internal/special"
)

var (
	// ErrDesign is returned for a design that is not one: arms without members, a
	// negative variance, a share outside (0, 1).
	ErrDesign = errors.New("abtest: a design needs a positive share of members for both arms, at most 1 together, a variance and, for a relative effect, a mean other than 0")
	// ErrPlannedEffect is returned for an effect to plan for that is not finite, or that
	// leads to a share outside 0 to 1.
	ErrPlannedEffect = errors.New("abtest: the effect to plan for is not finite or leads to a share below 0 or above 1")
	// ErrNoMDE is returned when no effect is large enough to be found.
	ErrNoMDE = errors.New("abtest: no effect can be found with this power; more members or fewer arms are needed")
)

// Design is a planned comparison of one treatment with control.
type Design struct {
	// Control and Treatment are the shares of all members that the two arms get:
	// 1/2 each, 1/3 each of three arms, 0.9 and 0.1.
	Control, Treatment float64
	// Mean and Variance are those of a member's value in control. Both arms have
	// this variance, unless TreatmentVariance is above 0 or Binary is set.
	Mean, Variance, TreatmentVariance float64
	// Binary says that the value is 0 or 1: the variance in treatment is that of
	// the share the effect leads to, and that in control Mean (1-Mean) where Variance
	// is 0.
	Binary bool
	// Relative says that effects are relative to Mean and that the lift with its
	// standard error of the delta method is tested. By default effects are
	// differences and the difference is tested, as decisions should be.
	Relative bool
	// Alpha is the level of the test, of both sides unless OneSided.
	Alpha    float64
	OneSided bool
	// Tuning above 0 plans for a test that is peeked at, TestAnytime with this
	// tuning, judged at the planned number of members.
	Tuning float64
}

func (d Design) check() error {
	checkProbability(d.Alpha, "alpha")
	ok := d.Control > 0 && d.Treatment > 0 && d.Control+d.Treatment <= 1+1e-9 &&
		d.Variance >= 0 && !math.IsInf(d.Variance, 1) && d.TreatmentVariance >= 0 && !math.IsInf(d.TreatmentVariance, 1) && d.Tuning >= 0 && !math.IsInf(d.Tuning, 1) &&
		!math.IsNaN(d.Mean) && !math.IsInf(d.Mean, 0) &&
		(!d.Relative || d.Mean != 0) && (!d.Binary || d.Mean > 0 && d.Mean < 1)
	if !ok {
		return ErrDesign
	}
	return nil
}

// controlVariance returns the variance of a member's value in control.
func (d Design) controlVariance() float64 {
	if d.Binary && d.Variance == 0 {
		return d.Mean * (1 - d.Mean)
	}
	return d.Variance
}

// checkEffect returns ErrPlannedEffect for an effect that can't be.
func (d Design) checkEffect(effect float64) error {
	if !finite(effect) {
		return ErrPlannedEffect
	}
	if d.Relative {
		effect *= math.Abs(d.Mean)
	}
	const rounding = 1e-12
	if share := d.Mean + effect; d.Binary && (share < -rounding || share > 1+rounding) {
		return ErrPlannedEffect
	}
	return nil
}

// variance returns the variance of the estimated effect times the number of all
// members.
func (d Design) variance(effect float64) float64 {
	diff := effect
	if d.Relative {
		diff = effect * math.Abs(d.Mean)
	}
	vc := d.controlVariance()
	vt := vc
	if d.TreatmentVariance > 0 {
		vt = d.TreatmentVariance
	}
	if d.Binary {
		p := math.Min(1, math.Max(0, d.Mean+diff))
		vt = p * (1 - p)
	}
	if !d.Relative {
		return vc/d.Control + vt/d.Treatment
	}
	ratio := (d.Mean + diff) / d.Mean
	return (vt/d.Treatment + ratio*ratio*vc/d.Control) / (d.Mean * d.Mean)
}

// critical returns the number of standard errors to exceed with n members in all.
func (d Design) critical(n float64) float64 {
	if d.Tuning > 0 {
		m := math.Max(1, n*(d.Control+d.Treatment))
		if d.OneSided {
			return multiplierSide(m, d.Alpha, d.Tuning)
		}
		return multiplier(m, d.Alpha, d.Tuning)
	}
	if d.OneSided {
		return -special.NormalQuantile(d.Alpha)
	}
	return -special.NormalQuantile(d.Alpha / 2)
}

// powerOf returns the probability that a normal estimate of effect with the
// standard error se is more than c of them from 0.
func powerOf(effect, se, c float64, oneSided bool) float64 {
	p := special.NormalSurvival(c - effect/se)
	if !oneSided {
		p += special.NormalSurvival(c + effect/se)
	}
	return p
}

// Power returns the probability that the test finds the effect with n members in
// all arms together. For a one-sided test an effect in the direction looked for is
// positive.
//
// Power returns ErrDesign for a design that is not one, ErrTooFew when an arm would
// have fewer than two members, ErrZeroVariance without variance, and ErrPlannedEffect
// for an effect that is not finite or leads to a share outside 0 to 1.
func (d Design) Power(effect float64, n int64) (float64, error) {
	if err := d.checkSize(n); err != nil {
		return 0, err
	}
	if err := d.checkEffect(effect); err != nil {
		return 0, err
	}
	v := d.variance(effect)
	if v == 0 {
		return 0, ErrZeroVariance
	}
	se := math.Sqrt(v / float64(n))
	return powerOf(effect, se, d.critical(float64(n)), d.OneSided), nil
}

func (d Design) checkSize(n int64) error {
	if err := d.check(); err != nil {
		return err
	}
	if float64(n)*math.Min(d.Control, d.Treatment) < 2 {
		return ErrTooFew
	}
	return nil
}
