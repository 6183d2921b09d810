package reserve

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/internal/special"
)

// OpenLot is points that are open at the valuation, as of the first month to be
// projected: the age they will have in it, and the months they have left from it
// on (1 if they expire at its end, 0 for never).
type OpenLot struct {
	Age, Left, Tier int
	Points          float64
}

// Scenario changes a projection, to see what the liability is sensitive to. The
// zero value changes nothing.
type Scenario struct {
	// Rush multiplies the odds (Logit) or the rate (CLogLog) of redemption, 0
	// being 1, in the first Months months; Months 0 is all of them.
	Rush   float64
	Months int
}

// Projection is what open points are expected to come to.
type Projection struct {
	Points   float64 // open at the valuation
	Redeemed float64 // until their own expiry, or the horizon
	Expired  float64
	Open     float64 // at the horizon
	// Process is the standard error of what chance does to the redemptions,
	// Shock that of what hits all points of a month, Parameter that of the
	// coefficients, SE that of all three.
	Process, Shock, Parameter, SE float64
	ByMonth                       []float64 // redeemed, from the first month on
	Rates                         []float64 // of each lot, redeemed per point that is open
	// Unseen is the part of Redeemed in ages, calendar months or months before
	// expiry that the data do not have: it is extrapolated.
	Unseen float64
}

// Rate returns the redemption rate of the outstanding points, which is what a
// balance is to be multiplied by; that of issued points is another (see
// OutstandingRate).
func (p *Projection) Rate() float64 {
	if p.Points == 0 {
		return 0
	}
	return p.Redeemed / p.Points
}

// Interval returns the prediction interval of Redeemed at a level such as 0.95,
// Redeemed ± z SE, within 0 and Points. It knows of chance and of the
// coefficients, not of a future that differs from the past. It panics if level is not
// between 0 and 1.
func (p *Projection) Interval(level float64) (low, high float64) {
	if !(level > 0 && level < 1) {
		panic("reserve: level outside (0, 1)")
	}
	z := special.NormalQuantile((1 + level) / 2)
	return max(0, p.Redeemed-z*p.SE), min(p.Points, p.Redeemed+z*p.SE)
}

// Project projects every lot from the month given (12*year + month - 1) to its
// own expiry, but no further than horizon months:
//
//	P = 1 - prod (1 - h_t), Redeemed = sum points P,
//	Parameter² = grad' Cov grad, Process² = dispersion sum points P (1-P),
//	Shock² = shock² sum over months of (what a shift of the month changes)².
//
// A horizon of 0 is none, for lots that all expire; of 12, it tells the current
// part of a liability. Process takes the lumps in which points are redeemed to be those of the cells
// of the fit, and lots to be independent of each other.
func (h *Hazard) Project(lots []OpenLot, month, horizon int, s Scenario) (*Projection, error) {
	if s.Rush < 0 || math.IsNaN(s.Rush) || math.IsInf(s.Rush, 0) {
		return nil, hazardError("a scenario's rush must be finite and not negative")
	}
	shift := 0.0
	if s.Rush > 0 {
		shift = math.Log(s.Rush)
	}
	out := &Projection{Rates: make([]float64, len(lots))}
	type key struct{ age, left, tier int }
	groups := map[key]int{}
	var keys []key
	var points []float64
	of := make([]int, len(lots))
	for i, l := range lots {
		switch {
		case !(l.Points >= 0) || math.IsInf(l.Points, 1):
			return nil, hazardError("lot %d has %g points; they must be finite and not negative", i, l.Points)
		case l.Age < 0 || l.Left < 0:
			return nil, hazardError("lot %d has age %d and %d months left; neither may be negative", i, l.Age, l.Left)
		case l.Left == 0 && horizon <= 0:
			return nil, hazardError("lot %d never expires; a horizon is needed", i)
		}
		if !h.hasTier(l.Tier) {
			return nil, hazardError("lot %d is of tier %d, of which the fit knows nothing; map it to one of those fitted", i, l.Tier)
		}
		k := key{l.Age, l.Left, l.Tier}
		g, ok := groups[k]
		if !ok {
			g = len(keys)
			groups[k] = g
			keys, points = append(keys, k), append(points, 0)
		}
		points[g] += l.Points
		of[i] = g
	}
	p := len(h.design.kept)
	x, grad := make([]float64, h.design.width), mat.NewVecDense(p, nil)
	own := make([]float64, p)
	var pull []float64 // of a shift of each month
	rates := make([]float64, len(keys))
	var moved []float64
	var process float64
	for g, k := range keys {
		months := k.left
		if months == 0 || horizon > 0 && horizon < months {
			months = horizon
		}
		for len(out.ByMonth) < months {
			out.ByMonth, pull, moved = append(out.ByMonth, 0), append(pull, 0), append(moved, 0)
		}
		open := 1.0
		clear(own)
		clear(moved)
		for t := range months {
			age, left := k.age+t, 0
			if k.left > 0 {
				left = k.left - t
			}
			if age < h.design.o.Start {
				continue
			}
			h.design.row(x, age, month+t, left, k.tier)
			eta := h.linear(x)
			if s.Months == 0 || t < s.Months {
				eta += shift
			}
			mu, slope := h.design.o.Link.inverse(eta)
			moved[t] = slope / (1 - mu)
			for a, c := range h.design.kept {
				own[a] += moved[t] * x[c]
			}
			redeemed := points[g] * open * mu
			out.ByMonth[t] += redeemed
			if !h.design.seen(age, month+t, left) {
				out.Unseen += redeemed
			}
			open *= 1 - mu
		}
		rates[g] = 1 - open
		out.Points += points[g]
		out.Redeemed += points[g] * (1 - open)
		if months == k.left {
			out.Expired += points[g] * open
		} else {
			out.Open += points[g] * open
		}
		process += points[g] * open * (1 - open)
		for a := range own {
			grad.SetVec(a, grad.AtVec(a)+points[g]*open*own[a])
		}
		for t := range months {
			pull[t] += points[g] * open * moved[t]
		}
	}
	for i, g := range of {
		out.Rates[i] = rates[g]
	}
	process *= h.Dispersion
	parameter := max(0, mat.Inner(grad, h.cov, grad))
	var shock float64
	for _, v := range pull {
		shock += v * v
	}
	shock *= h.Shock * h.Shock
	out.Process, out.Shock, out.Parameter = math.Sqrt(process), math.Sqrt(shock), math.Sqrt(parameter)
	out.SE = math.Sqrt(process + shock + parameter)
	return out, nil
}

func (h *Hazard) hasTier(tier int) bool {
	for _, t := range h.design.tiers {
		if t == tier {
			return true
		}
	}
	return false
}

// OutstandingRate returns the redemption rate of the points that are open, from
// that of the points issued:
//
//	(rate issued - redeemed) / (issued - redeemed - expired).
//
// To apply the rate of issued points to the balance is the usual error: what is
// open is what has been left lying. It returns NaN when nothing is open, and an
// error when the figures contradict each other: fewer points issued than gone,
// or a rate that would take less than was redeemed already, or more than is
// still open.
func OutstandingRate(rate, issued, redeemed, expired float64) (float64, error) {
	open := issued - redeemed - expired
	if !(rate >= 0 && rate <= 1 && issued >= 0 && redeemed >= 0 && expired >= 0 && open >= 0) || math.IsInf(issued, 1) {
		return 0, hazardError("rate %g of %g points issued, %g redeemed and %g expired; a rate is between 0 and 1, points are finite, not negative, and no more are gone than were issued", rate, issued, redeemed, expired)
	}
	if open == 0 {
		return math.NaN(), nil
	}
	out := (rate*issued - redeemed) / open
	if rounding := 1e-12 * issued / open; out < -rounding || out > 1+rounding {
		return 0, hazardError("a rate of %g takes %g of %g points, but %g are redeemed and %g expired; estimate it anew from what has happened", rate, rate*issued, issued, redeemed, expired)
	}
	return min(1, max(0, out)), nil
}
