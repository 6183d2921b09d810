package abtest

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// Look is one planned look of a group-sequential test: at the fraction
// Information of the planned information the z statistic is compared with Z, and
// Spent of the level (of both sides in a two-sided test) is spent by then.
type Look struct {
	Information, Z, Spent float64
}

// farBound is the bound for a look that has nothing to spend: a z statistic
// beyond it does not happen.
const farBound = 8

// Bounds returns the looks of a group-sequential test with the level alpha, by
// the method of Lan and DeMets: the number and the times of the looks need not be
// planned, only the information at the end. For a two-sided test the bound applies
// to |z| and each side spends alpha/2.
//
// The probabilities are by recursive integration (P. Armitage, C. K. McPherson and
// B. C. Rowe, Journal of the Royal Statistical Society A 132, 1969) with
// Gauss-Legendre panels. See K. K. G. Lan and D. L. DeMets, "Discrete sequential
// boundaries for clinical trials", Biometrika 70, 1983.
//
// Use it when the number of members at the end is known; TestAnytime needs no
// plan, and pays for that with wider intervals.
//
// Bounds returns ErrInformation for fractions that do not rise within (0, 1].
func Bounds(information []float64, alpha float64, twoSided bool, spend Spending) ([]Look, error) {
	checkProbability(alpha, "alpha")
	before := 0.0
	for _, t := range information {
		if !(t > before && t <= 1) {
			return nil, ErrInformation
		}
		before = t
	}
	sides := 1.0
	if twoSided {
		sides = 2
	}
	looks := make([]Look, len(information))
	var w walk
	var spent float64
	for i, t := range information {
		total := spend(t, alpha/sides)
		z := w.bound(t, total-spent)
		spent = math.Max(spent, total)
		looks[i] = Look{Information: t, Z: z, Spent: sides * spent}
		if i+1 < len(information) {
			low := -float64(farBound)
			if twoSided {
				low = -z
			}
			w.advance(t, low, z, information[i+1])
		}
	}
	return looks, nil
}

// walk is the density of Brownian motion at time t on the paths that have
// crossed no bound, at the nodes x of a rule with the weights wt.
type walk struct {
	t              float64
	x, wt, density []float64
}

// exit returns the probability to be above z √t at time t.
func (w *walk) exit(t, z float64) float64 {
	if w.x == nil {
		return special.NormalSurvival(z)
	}
	s, b := math.Sqrt(t-w.t), z*math.Sqrt(t)
	var sum float64
	for i, x := range w.x {
		sum += w.wt[i] * w.density[i] * special.NormalSurvival((b-x)/s)
	}
	return sum
}

// bound returns the z with the exit probability p at time t.
func (w *walk) bound(t, p float64) float64 {
	lo, hi := -float64(farBound), float64(farBound)
	if !(w.exit(t, hi) < p) {
		return hi
	}
	if w.x == nil {
		return -special.NormalQuantile(p)
	}
	// The logarithm of the probability falls and is concave, so that Newton's steps
	// from the bound of a single look, which is above, come down to the root.
	z, target := math.Min(hi, -special.NormalQuantile(p)), math.Log(p)
	for range 50 {
		q, slope := w.exit(t, z), w.at(z*math.Sqrt(t), math.Sqrt(t-w.t))*math.Sqrt(t)
		step := (math.Log(q) - target) * q / slope
		if !(math.Abs(step) < 2*farBound) {
			break // the tail has underflowed
		}
		z = math.Max(lo, math.Min(hi, z+step))
		if math.Abs(step) <= 1e-13*farBound {
			return z
		}
	}
	for hi-lo > 1e-13*farBound {
		mid := lo + (hi-lo)/2
		if w.exit(t, mid) > p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// advance moves to the paths that are between the z values low and high at time
// t; next is the time of the look after.
func (w *walk) advance(t, low, high, next float64) {
	root := math.Sqrt(t)
	from, to := low*root, high*root
	// The next step smears with its own deviation: panels of that width with 16
	// nodes integrate it to all digits.
	width := math.Min(math.Sqrt(next-t), math.Sqrt(t))
	if w.x != nil {
		width = math.Min(width, math.Sqrt(t-w.t))
	}
	panels := int(math.Min(400, math.Max(1, math.Ceil((to-from)/(2*width)))))
	const nodes = 16
	var gx, gw [nodes]float64
	special.GaussLegendre(gx[:], gw[:])
	x, wt, density := make([]float64, 0, panels*nodes), make([]float64, 0, panels*nodes), make([]float64, 0, panels*nodes)
	half := (to - from) / float64(2*panels)
	s := math.Sqrt(t - w.t)
	for p := range panels {
		for k, g := range gx {
			at := from + half*(float64(2*p+1)+g)
			x, wt = append(x, at), append(wt, half*gw[k])
			density = append(density, w.at(at, s))
		}
	}
	*w = walk{t: t, x: x, wt: wt, density: density}
}

// at returns the density at y after a step with the deviation s.
func (w *walk) at(y, s float64) float64 {
	c := 1 / (s * math.Sqrt(2*math.Pi))
	if w.x == nil {
		return c * math.Exp(-0.5*y*y/(s*s))
	}
	var sum float64
	for i, x := range w.x {
		d := (y - x) / s
		sum += w.wt[i] * w.density[i] * math.Exp(-0.5*d*d)
	}
	return c * sum
}

// TestLook returns the difference with the interval of z standard errors, z being
// the bound of the current look: in a group-sequential test it excludes 0 exactly
// when the bound is crossed. P is that of a single look and no basis to stop.
func (e Effect) TestLook(z float64) Difference {
	d := e.statistic(0)
	d.P = special.NormalTwoSided(d.T)
	d.Low, d.High = d.Estimate-z*d.SE, d.Estimate+z*d.SE
	return d
}
