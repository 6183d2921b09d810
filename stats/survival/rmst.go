package survival

import (
	"fmt"
	"math"
)

// RMST returns the restricted mean survival time: the mean time without event
// within the horizon, the area under the curve up to it, with its standard
// error from Greenwood's variance,
//
//	Σ (area from t to the horizon)² d/(n(n-d)).
//
// Where all at risk had the event at the first time of one, within the horizon,
// no member tells of the error, and se is NaN; without an event within the horizon
// it is 0, which says nothing either. Time starts at 0. It returns an error for a
// horizon that is not positive, and for one past the last row while some are still
// without event.
//
// Source: P. Royston and M. K. B. Parmar (2013), Restricted mean survival time:
// an alternative to the hazard ratio for the design and analysis of randomized
// trials, BMC Medical Research Methodology 13, 152.
func (c Curve) RMST(horizon float64) (mean, se float64, err error) {
	if !(horizon > 0) || math.IsInf(horizon, 0) {
		return 0, 0, fmt.Errorf("survival: horizon is %v; it is a positive time", horizon)
	}
	k := through(c.Time, horizon)
	if horizon > c.end && c.At(c.end).Value > 0 {
		return 0, 0, fmt.Errorf("survival: horizon %v is past the last observation at %v, where some are still without event; shorten it", horizon, c.end)
	}
	right, variance := horizon, 0.0
	for i := k - 1; i >= 0 && c.Time[i] > 0; i-- {
		mean += (right - c.Time[i]) * c.Survival[i]
		right = c.Time[i]
		before := 0.0
		if i > 0 {
			before = c.variance[i-1]
		}
		variance += mean * mean * (c.variance[i] - before)
	}
	if variance == 0 && k > 0 && c.Survival[k-1] == 0 {
		variance = math.NaN()
	}
	return mean + right*c.At(0).Value, math.Sqrt(variance), nil
}

// RMSTDifference returns the difference a - b of the mean times within the
// horizon of two groups without members in common, with its normal test. It
// is in units of time and assumes nothing of the shape of the hazards, so it is
// the contrast to report when hazards cross. Standard errors are robust for
// data with weights or clusters, and Greenwood's otherwise.
//
// It returns an error where [Curve.RMST] does, and where the standard error
// can't be known: a curve falls to 0 at one stroke, all that tells of a group is
// one cluster, or the groups differ while neither varies. A group without an event
// adds nothing to it.
func RMSTDifference(a, b Curve, horizon float64) (Contrast, error) {
	ma, sa, err := a.rmst(horizon)
	if err != nil {
		return Contrast{}, fmt.Errorf("first group: %w", err)
	}
	mb, sb, err := b.rmst(horizon)
	if err != nil {
		return Contrast{}, fmt.Errorf("second group: %w", err)
	}
	if variance := sa*sa + sb*sb; math.IsNaN(variance) || variance == 0 && ma != mb {
		return Contrast{}, fmt.Errorf("survival: within the horizon %v all at risk in a group have the event at the same time, or belong to one cluster, or none has an event while the groups differ, so the difference %v has no standard error; observe more members, cluster by smaller units, or choose another horizon", horizon, ma-mb)
	}
	return contrast(ma-mb, sa*sa+sb*sb), nil
}

func (c Curve) rmst(horizon float64) (mean, se float64, err error) {
	if c.data.Weight != nil || c.data.Cluster != nil {
		return c.RobustRMST(horizon)
	}
	return c.RMST(horizon)
}
