package reserve

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// ErrHazard is the class of errors of a hazard that can't be fitted or
// projected; errors.Is finds it.
var ErrHazard = errors.New("reserve: hazard")

func hazardError(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrHazard, fmt.Sprintf(format, args...))
}

// Cell is points of one age in one month: those open at its start (or issued in
// it, at age 0), and how many of them were redeemed in it.
type Cell struct {
	Age   int // months since the month of issue
	Month int // calendar month, 12*year + month - 1
	Left  int // months to expiry, 1 if what is left expires at the end of this month; 0 for never
	Tier  int // tier, band of balance, or a crossing of both, numbered from 0
	// Cluster is whoever's redemptions hang together: the member, or the cohort
	// where cells are sums over members. Where all are equal every cell stands
	// for itself.
	Cluster          int
	AtRisk, Redeemed float64
}

// HazardOptions are the choices of FitHazard; the zero value is the one to start
// with.
type HazardOptions struct {
	Link Link
	// Start is the first age at which points can be redeemed; cells below it are
	// left out, and the hazard is 0 there.
	Start int
	// Knots are the ages at which the effect of age may bend, ascending. Beyond
	// the last one it is linear in ln(1 + age), as it is before the first. Nil is
	// 1, 2, 4, 8, ... up to three quarters of the oldest age.
	Knots []int
	// Rush is how many of the last months before expiry have a term of their
	// own: 0 is 2, negative none.
	Rush int
	// NoSeason leaves the calendar month out, for data of less than a year.
	NoSeason bool
}

// Hazard is a fitted discrete-time hazard of redemption: the part of the open
// points of an age that is redeemed within a month.
type Hazard struct {
	Names []string  // of the terms
	Coef  []float64 // on the scale of the link
	SE    []float64 // robust, from the clusters
	// Dispersion is the variance of the points redeemed over that of points
	// redeemed one by one, sum r² / sum atRisk h (1-h) over the cells (those of a
	// cluster with equal covariates taken together), r being
	// redeemed - fitted net of the month's shock, corrected for the degrees of
	// freedom.
	Dispersion float64
	// Shock is the standard deviation, on the scale of the link, of what hits all
	// points in a month beyond season and chance.
	Shock    float64
	Deviance float64
	Clusters int
	// Aliased are terms the data say nothing about apart from the others, taken
	// as 0: a projection that needs one is a guess (Projection.Unseen).
	Aliased []string

	design *design
	cov    *mat.SymDense
}

// FitHazard fits g(h) = intercept + first month + s(age) + last months before
// expiry + tier + calendar month by maximum quasi-likelihood for a binomial
// share of points, with Fisher scoring: every point counts, so that the hazard
// is that of points and not of members. The covariance of the coefficients is
// the sandwich
//
//	A⁻¹ (sum over clusters of s s') A⁻¹ G/(G-1),
//
// s being the score of a cluster and A the expected information: members do
// redeem in lumps, and their own months hang together. To it is added what
// shocks to everyone in a month, such as campaigns, did to the coefficients; the
// size of the shocks is found from how the months differ (Hazard.Shock), for
// which the season needs more than a year of data.
//
// The model is that of discrete-time survival with grouped data (Prentice and
// Gloeckler 1978; Allison 1982), s a natural cubic spline.
//
// A tier, a calendar month or one of the last months in which nothing at all, or
// everything, was redeemed has no finite effect, and is an error that names it.
func FitHazard(cells []Cell, o HazardOptions) (*Hazard, error) {
	d, err := newDesign(cells, o)
	if err != nil {
		return nil, err
	}
	patterns, of, err := d.collapse(cells)
	if err != nil {
		return nil, err
	}
	h := &Hazard{design: d}
	beta, bread, err := d.score(patterns)
	if err != nil {
		return nil, err
	}
	h.Coef = beta
	h.Names, h.Aliased = d.names()
	months := d.months(patterns)
	for _, p := range patterns {
		h.Deviance += p.deviance()
	}
	h.sandwich(gather(cells, of), patterns, months, bread)
	h.Shock = d.shock(months, h.Dispersion)
	h.shake(months, bread)
	h.SE = make([]float64, len(beta))
	for k := range h.SE {
		h.SE[k] = math.Sqrt(max(0, h.cov.At(k, k)))
	}
	return h, nil
}

// pattern is cells with equal covariates.
type pattern struct {
	age, month, left, tier int
	atRisk, redeemed       float64
	x                      []float64
	mu, slope              float64 // of the fit: the hazard and its derivative
}

// collapse sums cells by their covariates, and returns the pattern of each cell,
// -1 for those that do not count.
func (d *design) collapse(cells []Cell) ([]pattern, []int, error) {
	type key struct{ age, month, left, tier int }
	index := map[key]int{}
	var patterns []pattern
	of := make([]int, len(cells))
	for i, c := range cells {
		of[i] = -1
		if c.Age < d.o.Start || c.AtRisk == 0 {
			continue
		}
		k := key{c.Age, c.Month, c.Left, c.Tier}
		if k.left > d.rush {
			k.left = 0 // has no effect
		}
		p, ok := index[k]
		if !ok {
			p = len(patterns)
			index[k] = p
			patterns = append(patterns, pattern{age: k.age, month: k.month, left: k.left, tier: k.tier})
		}
		patterns[p].atRisk += c.AtRisk
		patterns[p].redeemed += c.Redeemed
		of[i] = p
	}
	if err := d.levels(patterns); err != nil {
		return nil, nil, err
	}
	full := make([]float64, len(patterns)*d.width)
	for i := range patterns {
		p := &patterns[i]
		p.x, full = full[:d.width:d.width], full[d.width:]
		d.row(p.x, p.age, p.month, p.left, p.tier)
	}
	return patterns, of, nil
}

// deviance returns the pattern's part of the deviance.
func (p pattern) deviance() float64 {
	term := func(o, e float64) float64 {
		if o <= 0 {
			return 0
		}
		return o * math.Log(o/e)
	}
	return 2 * (term(p.redeemed, p.atRisk*p.mu) + term(p.atRisk-p.redeemed, p.atRisk*(1-p.mu)))
}

// Rate returns the hazard of points of an age in a calendar month (12*year +
// month - 1), with left months to expiry (0 for never) and of a tier that was
// among those fitted; of another it panics, as there is nothing to say.
func (h *Hazard) Rate(age, month, left, tier int) float64 {
	if !h.hasTier(tier) {
		panic(fmt.Sprintf("reserve: rate of tier %d, of which the fit knows nothing", tier))
	}
	if age < h.design.o.Start {
		return 0
	}
	x := make([]float64, h.design.width)
	h.design.row(x, age, month, left, tier)
	mu, _ := h.design.o.Link.inverse(h.linear(x))
	return mu
}

// linear returns the linear predictor of a row.
func (h *Hazard) linear(x []float64) float64 {
	var eta float64
	for k, c := range h.design.kept {
		eta += h.Coef[k] * x[c]
	}
	return eta
}
