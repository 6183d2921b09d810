package uplift

import (
	"fmt"
	"math"

	"loyaltymcp/stats/internal/special"
)

// Group is what the arms did in a group of members with like scores. Shared
// ties make numbers that need not be whole. The standard error of a mean of n
// outcomes is √(Σ (y - mean)²)/n, NaN for a single one. Where all outcomes of an
// arm are alike it is 0, which says nothing: of few members look at the numbers.
type Group struct {
	Treated, Control         float64 // members
	TreatedMean, ControlMean float64 // of the outcome
	TreatedSE, ControlSE     float64
	Uplift, SE               float64
}

// Interval returns the normal limits of the group's effect at a level such as
// 0.95; a level that is not within 0 and 1 panics. They are NaN where the standard
// error is.
func (g Group) Interval(level float64) (low, high float64) {
	if !(level > 0 && level < 1) {
		panic("uplift: level must be between 0 and 1")
	}
	z := special.NormalQuantile((1 + level) / 2)
	return g.Uplift - z*g.SE, g.Uplift + z*g.SE
}

func group(treated, control arm) Group {
	g := Group{Treated: treated.n, Control: control.n, TreatedMean: math.NaN(), ControlMean: math.NaN(), TreatedSE: math.NaN(), ControlSE: math.NaN()}
	if treated.n > 0 {
		g.TreatedMean = treated.mean
	}
	if control.n > 0 {
		g.ControlMean = control.mean
	}
	if treated.n > 1 {
		g.TreatedSE = math.Sqrt(treated.variance())
	}
	if control.n > 1 {
		g.ControlSE = math.Sqrt(control.variance())
	}
	g.Uplift, g.SE = g.TreatedMean-g.ControlMean, math.Hypot(g.TreatedSE, g.ControlSE)
	return g
}

// Groups cuts the members, from the highest score to the lowest, into so many
// groups of about the same size, and gives the effect in each. Members with
// equal scores are shared out. In a group without an arm the effect is NaN.
//
// A good score has effects that fall from group to group. With ten groups one
// is outside its 95% limits by chance in four of ten cases.
func (t Trial) Groups(groups int) ([]Group, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	n := len(t.Score)
	if groups < 1 || groups > n {
		return nil, fmt.Errorf("uplift: %d groups of %d members; take 1 to as many as members", groups, n)
	}
	r := rank(t.Score)
	out := make([]Group, groups)
	for g := range out {
		out[g] = group(t.arms(r, g*n/groups, (g+1)*n/groups))
	}
	return out, nil
}

// WeightedUplift returns the mean of the groups' effects, weighted by their
// treated members. It is NaN when a group has no effect for want of an arm.
func WeightedUplift(groups []Group) float64 {
	sum, n := 0.0, 0.0
	for _, g := range groups {
		sum += g.Uplift * g.Treated
		n += g.Treated
	}
	return sum / n
}

// At returns the effect among the share of members with the highest scores, that
// many rounded down. Where an arm is empty among them the effect is NaN. It returns
// an error for a share that is not above 0 and at most 1.
func (t Trial) At(share float64) (Group, error) {
	if err := t.check(); err != nil {
		return Group{}, err
	}
	if err := checkShare(share); err != nil {
		return Group{}, err
	}
	return group(t.arms(rank(t.Score), 0, top(len(t.Score), share))), nil
}

// AtByArm returns the difference of the means of the share of each arm with the
// highest scores. Use it when the arms are of differing size, and scores are
// not comparable between them.
func (t Trial) AtByArm(share float64) (Group, error) {
	if err := t.check(); err != nil {
		return Group{}, err
	}
	if err := checkShare(share); err != nil {
		return Group{}, err
	}
	var tops [2]arm
	for k, wanted := range []bool{true, false} {
		var of Trial
		for i, s := range t.Score {
			if t.Treated[i] == wanted {
				of.Score, of.Treated, of.Outcome = append(of.Score, s), append(of.Treated, true), append(of.Outcome, t.Outcome[i])
			}
		}
		tops[k], _ = of.arms(rank(of.Score), 0, top(len(of.Score), share))
	}
	return group(tops[0], tops[1]), nil
}

// top returns how many of n a share is, rounded down, but not by the rounding of
// the product: 0.29 of 100 are 29.
func top(n int, share float64) int {
	return min(n, int(math.Floor(float64(n)*share*(1+1e-12))))
}

func checkShare(share float64) error {
	if !(share > 0 && share <= 1) {
		return fmt.Errorf("uplift: share is %v; it is above 0 and at most 1", share)
	}
	return nil
}
